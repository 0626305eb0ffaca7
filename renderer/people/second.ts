// A second admin, where one was typed.
export type Second = { login: string; password: string };

export const secondOf = ({ login, password }: Second): { second?: Second } =>
  login.trim() === '' ? {} : { second: { login: login.trim(), password } };
