import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { readOptions } from '../../../scripts/demo/options.ts';
import { GERMAN_CREDIT, HEART_DISEASE, studyOf } from '../../../scripts/demo/examples.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const example = HEART_DISEASE;
const study = studyOf(example);

test('without options the study is that of the hospitals as it is', () => {
  const folder = temporaryFolder();
  expect(readOptions(['--out', folder])).toEqual({ folder, example, study, json: false });
});

test('rounds, split seed and algorithm change the study and nothing else of it', () => {
  const folder = path.join(temporaryFolder(), 'new');
  const args = ['--out', folder, '--rounds', '3', '--seed', '7', '--algorithm', 'fedsgd', '--json'];
  const changed = { rounds: 3, split: { ...study.split, seed: 7 }, algorithm: { name: 'fedsgd', learningRate: 1 } };
  expect(readOptions(args)).toEqual({ folder, example, study: { ...study, ...changed }, json: true });
  expect(readdirSync(folder)).toEqual([]);
});

test('another example brings its own study', () => {
  const folder = temporaryFolder();
  const options = readOptions(['--study', 'german-credit', '--out', folder]);
  expect(options).toEqual({ folder, example: GERMAN_CREDIT, study: studyOf(GERMAN_CREDIT), json: false });
});

test.each([
  [['--study', 'iris'], '--study is heart-disease or german-credit, not "iris".'],
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
