// Who gives a command: somebody signed in before (sign-in), or named for this one command (--as), with the password typed.
import type { Client, Interceptor } from '@connectrpc/connect';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AssentError } from '../../shared/errors.ts';
import type { NodeService } from '../../shared/gen/assent/v1/node_pb.ts';
import { text, type Io, type Values } from '../../platform/cli.ts';
import { SESSION_HEADER } from '../access.ts';

/** Common to all commands. */
export const SIGNING_IN = { as: { type: 'string' }, 'password-file': { type: 'string' } } as const;

/** An option and a variable of the environment that name a file with a password. */
type PasswordFile = readonly [option: string, variable: string];
export const OWN_PASSWORD: PasswordFile = ['password-file', 'ASSENT_PASSWORD_FILE'];
export const NEW_PASSWORD: PasswordFile = ['new-password-file', 'ASSENT_NEW_PASSWORD_FILE'];
export const SECOND_PASSWORD: PasswordFile = ['second-password-file', 'ASSENT_SECOND_PASSWORD_FILE'];

export type SignedIn = {
  /** Puts the session's token into every call. */
  interceptor: Interceptor;
  login(): string | undefined;
  /** The caller's password, asked for once a command. Throws PASSWORD_MISSING. */
  password(): Promise<string>;
  /** Signs in whoever `--as` or ASSENT_AS names. */
  begin(calls: Client<typeof NodeService>): Promise<void>;
  /** Signs out whom `begin` signed in. */
  end(calls: Client<typeof NodeService>): Promise<void>;
  /** Keeps the session for the commands that follow, in a file that its owner alone can read. */
  keep(token: string): void;
  forget(): void;
};

const fileOf = (home: string): string => join(home, 'session');

/** `home` undefined: the node is on another machine, and each command signs in anew. */
export function signingIn(home: string | undefined, values: Values, io: Io): SignedIn {
  const login = text(values, 'as') ?? io.env['ASSENT_AS'];
  const file = home === undefined ? undefined : fileOf(home);
  let token = login === undefined && file !== undefined && existsSync(file) ? readFileSync(file, 'utf8') : '';
  let typed: Promise<string> | undefined;
  const password = () => (typed ??= passwordOf(values, io, 'Your password: ', ...OWN_PASSWORD));
  return {
    interceptor: (next) => (request) => {
      if (token !== '') request.header.set(SESSION_HEADER, token);
      return next(request);
    },
    login: () => login,
    password,
    async begin(calls) {
      if (login !== undefined) ({ token } = await calls.signIn({ login, password: await password() }));
    },
    async end(calls) {
      if (login !== undefined && token !== '') await calls.signOut({});
      token = '';
    },
    keep(session) {
      token = session;
      if (file === undefined) return;
      rmSync(file, { force: true }); // the mode counts for a new file only
      writeFileSync(file, session, { mode: 0o600 });
    },
    forget() {
      token = '';
      if (file !== undefined) rmSync(file, { force: true });
    },
  };
}

/** Of commands that a second admin can sign too. */
export const SECOND = { second: { type: 'string' }, 'second-password-file': { type: 'string' } } as const;

/** Login and password of a second admin, where one signs too. Throws PASSWORD_MISSING. */
export async function secondOf(values: Values, io: Io): Promise<{ second?: { login: string; password: string } }> {
  const login = text(values, 'second');
  if (login === undefined) return {};
  const password = await passwordOf(values, io, `Password of ${login}: `, ...SECOND_PASSWORD);
  return { second: { login, password } };
}

/** From the file that the option or the variable names, or from the person at the terminal. Throws PASSWORD_MISSING. */
async function passwordOf(values: Values, io: Io, question: string, option: string, variable: string): Promise<string> {
  const file = text(values, option) ?? io.env[variable];
  if (file !== undefined) {
    try {
      return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
    } catch (cause) {
      throw new AssentError('PASSWORD_MISSING', `The password file ${file} cannot be read.`, {}, cause);
    }
  }
  if (!io.ask)
    throw new AssentError('PASSWORD_MISSING', `No password was given (--${option}) and nobody is at the terminal.`);
  return io.ask(question);
}

/** A password that did not exist before: what a person types is asked twice. Throws PASSWORD_MISSING, PASSWORD_WRONG. */
export async function newPasswordOf(
  values: Values,
  io: Io,
  whose: string,
  option: string,
  variable: string,
): Promise<string> {
  const first = await passwordOf(values, io, `New password ${whose}: `, option, variable);
  const typed = (text(values, option) ?? io.env[variable]) === undefined;
  if (typed && first !== (await passwordOf(values, io, 'Once more: ', option, variable)))
    throw new AssentError('PASSWORD_WRONG', 'The two passwords differ; nothing was changed.');
  return first;
}
