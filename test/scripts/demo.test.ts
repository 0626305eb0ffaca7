// The demo as a user runs it: five real processes, real HTTP, real TensorFlow, and what it leaves behind.
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { verifyCommand } from '../../platform/assent-verify.ts';
import type { Summary } from '../../scripts/demo/summary.ts';
import { demo, type Ended } from '../support/demo-process.ts';

const MEMBERS = ['cleveland', 'hungary', 'switzerland', 'va-long-beach'];
const PATIENCE = 240_000;

const folder = mkdtempSync(path.join(tmpdir(), 'assent-demo-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const out = path.join(folder, 'default');
let ended: Ended;
let summary: Summary;

// The default run: what README and summary.json promise is promised of this one.
beforeAll(async () => {
  ended = await demo('--out', out, '--json').ended;
  if (ended.code !== 0) throw new Error(ended.stderr);
  summary = JSON.parse(ended.stdout) as Summary;
}, PATIENCE);

test('the summary on standard output is that of summary.json, and progress goes to standard error', () => {
  expect(JSON.parse(readFileSync(path.join(out, 'summary.json'), 'utf8'))).toEqual(summary);
  expect(ended.stderr.split('\n')[0]).toContain('with fedavg');
});

test('the last line is the next command worth trying', () => {
  expect(ended.stderr.trimEnd().split('\n').at(-1)).toBe(
    `  npx --no-install assent-verify ${out}/va-long-beach/audit --policy ${out}/keys/va-long-beach.policy`,
  );
});

test('every hospital takes part in every round, and the loss falls', () => {
  expect(summary.rounds.map(({ round }) => round)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  for (const round of summary.rounds) {
    expect(round.participants).toEqual(MEMBERS);
    expect(round.bytesUp).toBeGreaterThan(4 * 19 * 4);
    expect(round.bytesDown).toBeGreaterThan(4 * 19 * 4);
    expect(round.seconds).toBeGreaterThan(0);
  }
  const losses = summary.rounds.map(({ loss }) => loss!);
  expect(losses).toEqual(losses.toSorted((a, b) => b - a));
  expect(summary.rounds.at(-1)!.auc).toBe(summary.consortiumAuc);
});

test('the consortium is above every single hospital and within .02 of pooled training', () => {
  expect(summary.consortiumAuc).toBeGreaterThanOrEqual(0.86);
  expect(Math.abs(summary.consortiumAuc! - summary.pooledAuc!)).toBeLessThanOrEqual(0.02);
  for (const { localAuc } of summary.institutions) expect(summary.consortiumAuc).toBeGreaterThan(localAuc.everyone!);
});

test('each hospital holds its own patients; where own test cases are too few there is no figure', () => {
  expect(summary.institutions.map(({ name, rows }) => [name, rows])).toEqual([
    ['cleveland', 304],
    ['hungary', 293],
    ['switzerland', 123],
    ['va-long-beach', 200],
  ]);
  expect(summary.institutions.reduce((sum, { testRows }) => sum + testRows, 0)).toBe(summary.testRows);
  for (const { name, localAuc, consortiumAuc } of summary.institutions) {
    const own = name === 'switzerland' ? null : (expect.any(Number) as unknown);
    expect(localAuc).toEqual({ everyone: expect.any(Number) as unknown, own });
    expect(consortiumAuc).toEqual({ everyone: summary.consortiumAuc, own });
  }
});

test('the five logs verify under the keys that the consortium knows', async () => {
  expect(summary.logs.map(({ name, verified }) => [name, verified])).toEqual(
    ['coordinator', ...MEMBERS].map((name) => [name, true]),
  );
  // Each by the coordinator and all other institutions, at exactly the size that was exported.
  expect(summary.logs.map(({ anchoredBy }) => anchoredBy)).toEqual(
    ['coordinator', ...MEMBERS].map((name) => ['coordinator', ...MEMBERS].filter((other) => other !== name)),
  );
  for (const { name, size, root } of summary.logs) {
    const { code, out: said } = await verify(name);
    expect({ code, ...(JSON.parse(said) as object) }).toMatchObject({
      code: 0,
      ok: true,
      authenticated: true,
      size,
      root,
    });
  }
});

test('one flipped byte in an export is found, and the record is named', async () => {
  for (const [at, name] of ['coordinator', ...MEMBERS].entries()) {
    const file = path.join(out, name, 'audit/entries.jsonl');
    const whole = readFileSync(file);
    const index = 5 + at;
    const lines = whole.toString('utf8').split('\n');
    const start = Buffer.byteLength(`${lines.slice(0, index).join('\n')}\n`);
    const changed = Buffer.from(whole);
    changed[start + 40]! ^= 1;
    writeFileSync(file, changed);
    try {
      const { code, out: said } = await verify(name);
      expect({ code, ...(JSON.parse(said) as object) }).toMatchObject({ code: 1, ok: false, index });
    } finally {
      writeFileSync(file, whole);
    }
  }
});

const verify = (name: string) =>
  verifyCommand([path.join(out, name, 'audit'), '--policy', path.join(out, `keys/${name}.policy`), '--json']);

test('the report is one page that loads nothing and says what only public data allows', () => {
  const page = readFileSync(path.join(out, 'report.html'), 'utf8');
  expect(page).not.toMatch(/<script|<link|src=|href=|url\(|@import/);
  expect(page).toContain('possible only because this data is public');
  for (const { root } of summary.logs) expect(page).toContain(root);
});

test('no process of the demo is left when it was interrupted', { timeout: PATIENCE }, async () => {
  const stopped = path.join(folder, 'stopped');
  const running = demo('--out', stopped, '--algorithm', 'fedsgd', '--rounds', '500');
  while (!/^ +2 /m.test(running.said.stdout)) await once(running.process.stdout, 'data');
  const urls = MEMBERS.map((name) => {
    const address = readFileSync(path.join(stopped, name, 'home/node.json'), 'utf8');
    return (JSON.parse(address) as { url: string }).url;
  });
  running.process.kill('SIGINT');
  const { code, stdout, stderr } = await running.ended;
  expect(code).toBe(130);
  expect(stdout.split('\n')[0]).toContain('with fedsgd (learning rate 1), 500 rounds');
  expect(stderr).toContain('Ended by SIGINT');
  expect(existsSync(path.join(stopped, 'summary.json'))).toBe(false);
  for (const url of urls) await expect(fetch(url)).rejects.toThrow('fetch failed');
});

test('a folder that holds files is refused, and nothing in it is touched', async () => {
  const full = path.join(folder, 'full');
  mkdirSync(full);
  writeFileSync(path.join(full, 'thesis.txt'), 'important');
  const { code, stdout, stderr } = await demo('--out', full).ended;
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain('holds files already');
  expect(readdirSync(full)).toEqual(['thesis.txt']);
});
