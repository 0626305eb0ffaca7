// The packaged programs, built for real and run: they start, and they cannot be told to kill themselves.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');
// Inside the checkout, where the packages with native parts are found.
const built = path.join(root, 'node_modules/.cache/assent/build-test');
const folder = mkdtempSync(path.join(tmpdir(), 'assent-build-'));
const passphrase = path.join(folder, 'passphrase');

let said = '';

beforeAll(() => {
  said = execFileSync(process.execPath, [path.join(root, 'scripts/build.ts'), built], { encoding: 'utf8' });
  writeFileSync(passphrase, 'correct horse battery');
});
afterAll(() => {
  rmSync(built, { recursive: true });
  rmSync(folder, { recursive: true });
});

const run = (program: string, args: string[], env: Record<string, string> = {}) =>
  spawnSync(process.execPath, [path.join(built, `${program}.js`), ...args], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });

test.each(['assent-node', 'assent-coordinator'])('%s starts from its bundle', (program) => {
  expect(run(program, ['help'])).toMatchObject({ status: 0, stderr: '' });
});

test('crash points are absent: a packaged node goes past every one of them', () => {
  const admin = ['--admin', 'ada', '--name', 'Ada', '--single-admin', '--password-file', passphrase];
  const args = ['--home', path.join(folder, 'node'), '--passphrase-file', passphrase, 'set-up', ...admin];
  const { status, signal, stdout } = run('assent-node', args, { ASSENT_CRASH_AT: 'store.create:before' });
  expect({ status, signal }).toEqual({ status: 0, signal: null });
  expect(stdout).toContain('Accounts were made for ada');
  // The same from source, to see that the name is one that kills.
  const source = spawnSync(
    process.execPath,
    [path.join(root, 'main/headless.ts'), ...args.with(1, path.join(folder, 'other'))],
    {
      env: { ...process.env, ASSENT_CRASH_AT: 'store.create:before' },
    },
  );
  expect(source.signal).toBe('SIGKILL');
});

test('a packaged node makes a PDF: its thread, its fonts and the packages beside it are found', () => {
  const file = path.join(folder, 'log.pdf');
  const ada = ['--as', 'ada', '--password-file', passphrase];
  const args = ['--home', path.join(folder, 'node'), '--passphrase-file', passphrase, ...ada];
  const made = run('assent-node', [...args, 'audit', 'export', '--format', 'pdf', '--out', file]);
  expect(made.stderr.replaceAll(/exporting: \d+ %\n/g, '')).toBe('');
  expect(made.status).toBe(0);
  expect(readFileSync(file, 'latin1')).toMatch(/^%PDF-1\.7/);
});

test.each(['assent-node', 'assent-coordinator', 'assent-verify', 'worker', 'pdf-worker'])(
  '%s does not know the crash switch',
  (program) => {
    expect(readFileSync(path.join(built, `${program}.js`), 'utf8')).not.toContain('ASSENT_CRASH');
  },
);

test('the desktop app’s own node finds beside it what exports are made with', () => {
  for (const name of ['worker.js', 'pdf-worker.js'])
    expect(readFileSync(path.join(built, 'desktop', name), 'utf8')).not.toContain('ASSENT_CRASH');
  for (const name of ['verify.mjs', 'verify.html'])
    expect(readFileSync(path.join(built, 'desktop', name))).toEqual(readFileSync(path.join(built, name)));
});

test('the verifiers for auditors come out alone, as they go into evidence, with their SHA-256', () => {
  for (const name of ['verify.mjs', 'verify.html']) {
    const bytes = readFileSync(path.join(built, name));
    expect(bytes).toEqual(readFileSync(path.join(root, 'platform/gen', name)));
    expect(said).toContain(`${name}  SHA-256 ${createHash('sha256').update(bytes).digest('hex')}`);
  }
  const alone = path.join(folder, 'verify.mjs');
  copyFileSync(path.join(built, 'verify.mjs'), alone);
  const { status, stdout } = spawnSync(process.execPath, [alone, '--help'], { cwd: folder, encoding: 'utf8', env: {} });
  expect([status, stdout]).toEqual([0, expect.stringContaining('usage: assent-verify') as string]);
});
