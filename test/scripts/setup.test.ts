// What set-up and the commands say on a machine that lacks something: one line, with the way to get it.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { buildFromWheel } from '../../scripts/setup/tensorflow-wheel.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(path.join(tmpdir(), 'assent-setup-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

test('a command of a checkout that was never set up says how to set it up', () => {
  cpSync(path.join(root, 'scripts'), path.join(folder, 'checkout/scripts'), { recursive: true });
  const command = path.join(folder, 'checkout/scripts/bin/assent-verify.mjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, 'some-folder'], { encoding: 'utf8' });
  expect([status, stdout, stderr]).toEqual([
    1,
    '',
    'assent is not set up yet: run `node scripts/setup.mjs` in its folder\n',
  ]);
});

test('without pip, set-up names Python 3 with pip and how to get it', ({ skip }) => {
  if (process.platform !== 'linux') skip('the wheel is used on Linux only');
  const nothing = path.join(folder, 'empty');
  mkdirSync(nothing);
  vi.stubEnv('PATH', nothing);
  expect(() => buildFromWheel(folder, folder, 'refused')).toThrow(
    /^Python 3 with pip is missing, .* \(Debian, Ubuntu: apt-get install python3-pip\) and run this again$/,
  );
});

test('npx finds the commands of the checkout by their names', () => {
  const { status, stderr } = spawnSync(path.join(root, 'node_modules/.bin/assent-verify'), [], {
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  expect([status, stderr.split(' ')[0]]).toEqual([2, 'usage:']);
});

test('the lock file names no host to download from and pins every package by its content', () => {
  type Locked = { packages: Record<string, { resolved?: string; integrity?: string }> };
  const { packages } = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')) as Locked;
  const loose = Object.entries(packages).filter(([name, locked]) => name && (locked.resolved || !locked.integrity));
  expect(loose).toEqual([]);
});

test('the lock file has the native parts of every platform, or npm refuses it on a fresh checkout', () => {
  type Locked = { packages: Record<string, { optionalDependencies?: Record<string, string> }> };
  const { packages } = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')) as Locked;
  const known = new Set(Object.keys(packages).map((name) => name.slice(name.lastIndexOf('node_modules/') + 13)));
  const wanted = Object.values(packages).flatMap(({ optionalDependencies }) => Object.keys(optionalDependencies ?? {}));
  expect(wanted.length).toBeGreaterThan(50);
  expect(wanted.filter((name) => !known.has(name))).toEqual([]);
});
