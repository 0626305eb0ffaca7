// The demo with the bank study, as a user runs it: the same five processes, other words, other rows.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Summary } from '../../../scripts/demo/summary.ts';
import { demo, type Ended } from '../../support/demo-process.ts';

const LENDERS = ['cars', 'education-business', 'furniture', 'television'];

const folder = mkdtempSync(path.join(tmpdir(), 'assent-credit-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const read = (name: string) => readFileSync(path.join(folder, name), 'utf8');
let ended: Ended;
let summary: Summary;

beforeAll(async () => {
  ended = await demo('--study', 'german-credit', '--rounds', '3', '--out', folder).ended;
  if (ended.code !== 0) throw new Error(ended.stderr);
  summary = JSON.parse(read('summary.json')) as Summary;
}, 240_000);

test('four lenders train together on their own customers, and every log verifies', () => {
  expect(summary.rounds.map(({ round, participants }) => [round, participants])).toEqual(
    [1, 2, 3].map((round) => [round, LENDERS]),
  );
  expect(summary.institutions.map(({ name, rows }) => [name, rows])).toEqual([
    ['cars', 337],
    ['education-business', 168],
    ['furniture', 203],
    ['television', 292],
  ]);
  expect(summary.logs.map(({ name, verified }) => [name, verified])).toEqual(
    ['coordinator', ...LENDERS].map((name) => [name, true]),
  );
});

test('the loss falls, and the consortium keeps up with training on all rows in one place', () => {
  const losses = summary.rounds.map(({ loss }) => loss!);
  expect(losses).toEqual(losses.toSorted((a, b) => b - a));
  expect(summary.consortiumAuc).toBe(summary.rounds.at(-1)!.auc);
  expect(Math.abs(summary.consortiumAuc! - summary.pooledAuc!)).toBeLessThanOrEqual(0.02);
});

test('terminal and report speak of lenders and customers, and say that the lenders are simulated', () => {
  const page = read('report.html');
  for (const text of [ended.stdout, page]) {
    expect(text).toContain('four lenders');
    expect(text).toContain('customers');
    expect(text).toContain('the four lenders are simulated');
    expect(text).not.toMatch(/hospital|patient/i);
  }
  expect(page).toContain('npm run bench -- credit');
});
