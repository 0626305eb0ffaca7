import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { readOptions } from '../../../scripts/demo/options.ts';
import { exampleStudy } from '../../../scripts/demo/hospitals.ts';
import { temporaryFolder } from '../../support/temporary.ts';

test('without options the study is the example as it is', () => {
  const folder = temporaryFolder();
  expect(readOptions(['--out', folder])).toEqual({ folder, study: exampleStudy(), json: false });
});

test('rounds, split seed and algorithm change the study and nothing else of it', () => {
  const folder = path.join(temporaryFolder(), 'new');
  const args = ['--out', folder, '--rounds', '3', '--seed', '7', '--algorithm', 'fedsgd', '--json'];
  const study = exampleStudy();
  const changed = { rounds: 3, split: { ...study.split, seed: 7 }, algorithm: { name: 'fedsgd', learningRate: 1 } };
  expect(readOptions(args)).toEqual({ folder, study: { ...study, ...changed }, json: true });
  expect(readdirSync(folder)).toEqual([]);
});

test.each([
  [['--algorithm', 'fedprox'], '--algorithm is fedavg or fedsgd, not "fedprox".'],
  [['--algorithm'], "Option '--algorithm <value>' argument missing"],
  [['--rounds', '0'], '--rounds is a whole number from 1 to 500, not "0".'],
  [['--rounds', '1.5'], '--rounds is a whole number from 1 to 500, not "1.5".'],
  [['--seed', 'one'], '--seed is a whole number from 0'],
  [['--folds', '3'], "Unknown option '--folds'"],
  [['rounds'], '"rounds" is no option.'],
])('%j is refused before a folder is made', (args, message) => {
  const folder = path.join(temporaryFolder(), 'new');
  expect(() => readOptions(['--out', folder, ...args])).toThrow(message);
  expect(existsSync(folder)).toBe(false);
});
