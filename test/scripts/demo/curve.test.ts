import { expect, test } from 'vitest';
import { curveSvg } from '../../../scripts/demo/curve.ts';

const curve = (values: (number | null)[]) => curveSvg({ title: 'AUC', values, digits: 2, series: 1 });
const texts = (svg: string) =>
  [...svg.matchAll(/<text class="(\w+)"[^>]*>([^<]*)</g)].map(([, kind, text]) => `${kind} ${text}`);

test('round numbers enclose the values, and the last value is written at the line', () => {
  expect(texts(curve([0.79, 0.85, 0.89]))).toEqual([
    'tick 0.75',
    'tick 0.8',
    'tick 0.85',
    'tick 0.9',
    'tick round 1',
    'tick 2',
    'tick 3',
    'value 0.89',
  ]);
});

test('a missing value leaves a gap in the line', () => {
  const path = /<path[^>]* d="([^"]*)"/.exec(curve([0.5, 0.6, null, 0.7]))![1]!;
  expect(path.replaceAll(/[\d. ]/g, '')).toBe('MLM');
});

test('one round, or rounds that are all alike, still make a picture', () => {
  for (const values of [[0.5], [0.5, 0.5]]) expect(curve(values)).not.toMatch(/NaN|Infinity/);
});

test('without any value there is no picture', () => {
  expect(curve([null, null])).toBe('');
});
