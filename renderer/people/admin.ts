// What a first admin types.
export type Admin = { name: string; login: string; password: string; repeated: string; steward: boolean };

export const emptyAdmin = (): Admin => ({ name: '', login: '', password: '', repeated: '', steward: false });
