// Runs the walk-through of README.md line by line, as a reader at a shell would: real programs, real TensorFlow, loopback.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../support/temporary.ts';
import { commandsOf, readDocument, root } from './markdown.ts';

type Env = Record<string, string | undefined>;
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

/** What a reader notes down for a later command: fingerprints that are read aloud, and ids of data sets. */
const NOTES: [variable: string, said: RegExp, by: RegExp][] = [
  ['COORDINATOR', /\d{5}(?: \d{5}){7}/, / invite north /],
  ['NORTH', /\d{5}(?: \d{5}){7}/, /north" enrol /],
  ['SOUTH', /\d{5}(?: \d{5}){7}/, /south" enrol /],
  ['NORTH_ROWS', /ds-[0-9a-f]{16}/, /north" import /],
  ['SOUTH_ROWS', /ds-[0-9a-f]{16}/, /south" import /],
];

test('the walk-through of the README runs as it is written', { timeout: 300_000 }, async ({ skip }) => {
  if (process.platform === 'win32') skip('needs a POSIX shell');
  const folder = temporaryFolder();
  const passphrase = path.join(folder, 'passphrase');
  writeFileSync(passphrase, 'a passphrase of the test\n');
  let env: Env = { ...process.env, TMPDIR: folder, PORT: '0', ASSENT_PASSPHRASE_FILE: passphrase };
  const outputs: string[] = [];

  for (const line of commandsOf(readDocument('README.md'), 'sh')) {
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
      const { code, output } = await untilDone(line, env);
      expect({ line, code, output }).toEqual({ line, code: 0, output });
      outputs.push(output);
      for (const [variable, said, by] of NOTES) if (by.test(line)) env[variable] = said.exec(output)![0];
    }
  }

  const [unknown, known] = outputs.slice(-2);
  expect(unknown).toMatch(/^OK: \d+ records of assent\/\S+, root \w{64}: consistent, signer not authenticated/m);
  expect(known).toMatch(/^OK: \d+ records of (assent\/\S+), root \w{64}, signed by \1$/m);

  const at = (...parts: string[]) => path.join(env['TRY']!, ...parts);
  const metrics = readFileSync(at('results', 'metrics.csv'), 'utf8').trim().split('\r\n');
  expect(metrics.slice(1).map((row) => row.split(',').slice(0, 4))).toEqual([
    ['1', '1', 'aggregated', '2'],
    ['2', '1', 'aggregated', '2'],
  ]);

  const entries = readFileSync(at('north-log', 'entries.jsonl'), 'utf8').trim().split('\n');
  const approvals = entries
    .map((entry) => JSON.parse(entry) as { kind: string; round: number; detail: { automatic: boolean } })
    .filter(({ kind }) => kind === 'approval.granted')
    .map(({ round, detail }) => ({ round, automatic: detail.automatic }));
  expect(approvals).toEqual([
    { round: 1, automatic: false },
    { round: 2, automatic: true },
  ]);
  // What a person typed is in the log as a commitment only.
  expect(entries.join()).not.toMatch(/data board|Rows of North|north\.csv/);
});

test('the commands that the README begins with are those of package.json', () => {
  const { scripts } = JSON.parse(readDocument('package.json')) as { scripts: Record<string, string> };
  const named = commandsOf(readDocument('README.md'), '').map((line) => line.replace(/^npm (run )?/, ''));
  expect(named).toEqual(['demo', 'test']);
  expect(Object.keys(scripts)).toEqual(expect.arrayContaining(named));
});
