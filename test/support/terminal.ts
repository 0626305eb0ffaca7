// assent-node as a person at a terminal uses it, one command after another on one folder.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { main, type Overrides } from '../../main/headless.ts';
import { leastSquares } from './least-squares-trainer.ts';
import { PASSWORD } from './people.ts';
import { temporaryFolder } from './temporary.ts';

export type Said = { code: number; out: string; err: string };

/** On a new folder, or on the home of a node that has been closed. */
export function terminal(
  overrides: Overrides = { openProblem: leastSquares },
  at: { home?: string; passphrase?: string } = {},
) {
  const folder = temporaryFolder();
  const path = (name: string) => join(folder, name);
  const file = (name: string, content: string) => {
    writeFileSync(path(name), content);
    return path(name);
  };
  const env: Record<string, string> = {
    ASSENT_PASSPHRASE_FILE: file('passphrase', `${at.passphrase ?? 'a passphrase for this test'}\n`),
    ASSENT_PASSWORD_FILE: file('password', `${PASSWORD}\n`),
    ASSENT_NEW_PASSWORD_FILE: file('new-password', `${PASSWORD}\n`),
  };
  const home = at.home ?? path('home');
  async function run(
    argv: readonly string[],
    told: (line: string) => void = () => {},
    signal = new AbortController().signal,
  ): Promise<Said> {
    let [out, err] = ['', ''];
    const io = {
      out: (line: string) => {
        out += line;
        told(line);
      },
      err: (line: string) => {
        err += line;
        told(line);
      },
      env,
      ask: undefined,
      signal,
    };
    return { code: await main(['--home', home, ...argv], io, overrides), out, err };
  }
  /** A single admin who is steward too, for commands that bring data. */
  const setUp = () =>
    run(['set-up', '--admin', 'ada', '--name', 'Ada Admin', '--single-admin', '--steward', '--approvals', '1']);
  return { run, file, path, folder, home, setUp };
}

/** Commands of Ada, who made the accounts and brings the data. */
export async function stewardTerminal() {
  const { run, file, path, folder, setUp } = terminal();
  const done = await setUp();
  if (done.code !== 0) throw new Error(done.err);
  const asAda = (argv: readonly string[], told?: (line: string) => void, signal?: AbortSignal) =>
    run(['--as', 'ada', ...argv], told, signal);
  return { run: asAda, file, path, folder };
}
