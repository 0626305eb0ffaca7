// How the demo minds its processes.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { openPrograms } from '../../../scripts/demo/programs.ts';
import { temporaryFolder } from '../../support/temporary.ts';

function program(...lines: string[]) {
  const folder = temporaryFolder();
  const script = path.join(folder, 'program.ts');
  writeFileSync(script, lines.join('\n'));
  return { name: 'the node of Hungary', script, args: [], log: path.join(folder, 'output.log') };
}

const listens = "console.log('listening on http://127.0.0.1:1');";
const stays = 'setInterval(() => {}, 1000);';

test('a server that ends on its own is named, with its last lines', async () => {
  const programs = openPrograms();
  const dying = program(listens, "console.error('no space left on device');", 'process.exitCode = 3;');
  await programs.start(dying).catch(() => {});
  await expect(programs.failed).rejects.toThrow(
    'the node of Hungary ended with code 3. Its last lines:\n  listening on http://127.0.0.1:1\n  no space left on device',
  );
  await programs.stop();
  expect(readFileSync(dying.log, 'utf8')).toContain('no space left on device');
});

test('starting rejects when the server ends before it listens', async () => {
  const programs = openPrograms();
  await expect(programs.start(program('process.exitCode = 1;'))).rejects.toThrow('ended with code 1. It said nothing.');
  await programs.stop();
});

test('a command that fails is reported with what it said', async () => {
  const programs = openPrograms();
  await programs.run(program("console.log('fine');"));
  const failing = program("console.log('the passphrase is wrong');", 'process.exitCode = 1;');
  await expect(programs.run(failing)).rejects.toThrow('the passphrase is wrong');
  await programs.stop();
});

test('stopping ends servers in their own way, is not taken for a failure, and lets nothing start afterwards', async () => {
  const programs = openPrograms();
  const server = program("process.on('SIGTERM', () => { console.log('closed'); process.exit(0); });", listens, stays);
  await programs.start(server);
  await programs.stop();
  expect(readFileSync(server.log, 'utf8')).toContain('closed');
  await expect(programs.start(program(listens))).rejects.toThrow('The demo is ending.');
  expect(await Promise.race([programs.failed, Promise.resolve('no failure')])).toBe('no failure');
});
