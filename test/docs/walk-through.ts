// Runs the commands of a document line by line, as a reader at a shell would: real programs, real TensorFlow, loopback.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { temporaryFolder } from '../support/temporary.ts';
import { commandsOf, readDocument, root } from './markdown.ts';

type Env = Record<string, string | undefined>;
export type Note = [variable: string, said: RegExp, by: RegExp];
type Run = { line: string; code: number; output: string };

/** Refusals that mean "not yet": a reader is slower than the messages on their way. */
const NOT_YET = /\[(STUDY_UNKNOWN|ROUND_UNKNOWN|NOT_ADMITTED|REQUEST_INVALID)\]|not there yet/;
const TRIES = 30;

function start(line: string, env: Env) {
  const child = spawn('sh', ['-c', line], { cwd: root, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'close') as Promise<[number]>;
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  /** Resolves when the program has said it; rejects when it ends without. */
  const says = (pattern: RegExp) =>
    new Promise<void>((resolve, reject) => {
      const look = () => pattern.test(output) && resolve();
      child.stdout.on('data', look);
      void ended.then(() => reject(new Error(`${line}\nended before it said ${pattern}:\n${output}`)));
    });
  return { child, ended, says, output: () => output };
}

const stop = (child: ChildProcess): void => {
  // All that the shell started; gone already when it has ended by itself.
  if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid!, 'SIGTERM');
};

/** Runs a command to its end, again while the answer is "not yet". */
async function untilDone(line: string, env: Env): Promise<Run> {
  for (let tries = 1; ; tries++) {
    const { ended, output } = start(line, env);
    const [code] = await ended;
    const run = { line, code, output: output() };
    if (!NOT_YET.test(run.output) || tries === TRIES) return run;
  }
}

/** What a line of `export` makes of the environment. */
function exporting(line: string, env: Env): Env {
  const text = execFileSync('sh', ['-c', `${line}\nenv -0`], { cwd: root, env, encoding: 'utf8' });
  const entries = text.split('\0').filter((entry) => entry !== '');
  return Object.fromEntries(
    entries.map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
  );
}

/**
 * Runs the `sh` blocks of a document in order. `notes` are what a reader notes down for a later command: the variable, what
 * an output says, and of which command. Returns the environment at the end and what each command said.
 */
export async function walkThrough(document: string, notes: readonly Note[]): Promise<{ env: Env; runs: Run[] }> {
  const folder = temporaryFolder();
  const passphrase = path.join(folder, 'passphrase');
  writeFileSync(passphrase, 'a passphrase of the test\n');
  const password = path.join(folder, 'password');
  writeFileSync(password, 'a password of the test\n');
  const passwords = Object.fromEntries(
    ['', 'NEW_', 'SECOND_'].map((whose) => [`ASSENT_${whose}PASSWORD_FILE`, password]),
  );
  let env: Env = { ...process.env, TMPDIR: folder, PORT: '0', ASSENT_PASSPHRASE_FILE: passphrase, ...passwords };
  const runs: Run[] = [];

  for (const line of commandsOf(readDocument(document), 'sh')) {
    if (line.startsWith('export ')) {
      env = exporting(line, env);
    } else if (/ run( |$)/.test(line)) {
      const server = start(line, env);
      onTestFinished(async () => {
        stop(server.child);
        await server.ended;
      });
      await server.says(/listening on/);
    } else if (line.endsWith(' --watch')) {
      const watching = start(line, env);
      await watching.says(/: finished/);
      stop(watching.child);
      await watching.ended;
    } else {
      const run = await untilDone(line, env);
      expect(run).toEqual({ line, code: 0, output: run.output });
      runs.push(run);
      for (const [variable, said, by] of notes) if (by.test(line)) env[variable] = said.exec(run.output)![0];
    }
  }
  return { env, runs };
}
