import { expect, test } from 'vitest';
import { chunkRows, rowOutputs } from '../../../main/training/chunks.ts';
import { parameterLayout } from '../../../shared/model/layout.ts';
import { dense } from './reference.ts';

const chunkOf = (width: number, ...units: number[]): number =>
  chunkRows(
    parameterLayout(
      units.map((u) => dense(u)),
      width,
    ),
  );

test('small models go in chunks of 8,192 rows, larger ones in fewer, huge ones in 16', () => {
  expect(chunkOf(18, 1)).toBe(8192);
  // 2e9 operations at 6 for each of 101,770 parameters.
  expect(chunkOf(784, 128, 10)).toBe(3275);
  expect(chunkOf(4096, 12_000, 10)).toBe(16);
});

test('wide rows are limited by their memory', () => {
  expect(rowOutputs(parameterLayout([dense(3000), dense(1)], 4096))).toBe(4096 + 2 * 3000 + 2);
  expect(chunkOf(4096, 1)).toBeLessThan(8192);
});
