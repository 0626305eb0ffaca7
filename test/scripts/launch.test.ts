// The launcher of the commands, as a shell sees it: the machine's own Node starts it, the project's Node 24 does the work.
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, test } from 'vitest';

const folder = mkdtempSync(path.join(tmpdir(), 'assent-launch-'));
afterAll(() => rmSync(folder, { recursive: true }));

type Started = { launcher: ChildProcessByStdio<null, Readable, null>; output: () => string; ended: Promise<unknown[]> };

/** Launches a program of these lines; ends when the program and the launcher have closed their output. */
function start(name: string, lines: string[], args: string[] = []): Started {
  const program = path.join(folder, `${name}.ts`);
  const starter = path.join(folder, `${name}.mjs`);
  const launch = pathToFileURL(path.resolve(import.meta.dirname, '../../scripts/launch.mjs')).href;
  writeFileSync(program, lines.join('\n'));
  writeFileSync(
    starter,
    `import { launch } from '${launch}';\nlaunch(${JSON.stringify(program)}, process.argv.slice(2));`,
  );
  const launcher = spawn(process.execPath, [starter, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  launcher.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return { launcher, output: () => text, ended: once(launcher, 'close') };
}

const waiting = [
  "process.on('SIGTERM', () => { console.log('asked to end'); process.exit(7); });",
  "setInterval(() => {}, 1000); console.log('ready');",
];

async function ready(started: Started): Promise<void> {
  while (!started.output().includes('ready')) await once(started.launcher.stdout, 'data');
}

test('a program gets its arguments, runs under Node 24, and its exit code comes back', async () => {
  const lines = [
    'console.log(JSON.stringify([process.versions.node.split(".")[0], process.argv.slice(2), import.meta.main]));',
    'process.exitCode = 3;',
  ];
  const started = start('arguments', lines, ['a', 'b c']);
  expect(await started.ended).toEqual([3, null]);
  expect(JSON.parse(started.output())).toEqual(['24', ['a', 'b c'], true]);
});

test('a signal to the launcher reaches the program', async () => {
  const started = start('signal', waiting);
  await ready(started);
  started.launcher.kill('SIGTERM');
  expect(await started.ended).toEqual([7, null]);
  expect(started.output()).toContain('asked to end');
});

test('a program whose launcher is killed outright is asked to end', async () => {
  const started = start('orphan', waiting);
  await ready(started);
  started.launcher.kill('SIGKILL');
  // The output closes only when the program is gone too.
  expect(await started.ended).toEqual([null, 'SIGKILL']);
  expect(started.output()).toContain('asked to end');
});

test('a program that dies of a signal takes the launcher with it by the same signal', async () => {
  const started = start('killed', ["process.kill(process.pid, 'SIGKILL');"]);
  expect(await started.ended).toEqual([null, 'SIGKILL']);
});
