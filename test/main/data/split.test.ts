import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { splitter } from '../../../main/data/split.ts';

const shares = { seed: 7, train: 0.6, validation: 0.1, test: 0.3 };

test('a row’s split is the share of the hash of seed, row and class', () => {
  const row = Float32Array.of(1.5, -2);
  const hash = createHash('sha256')
    .update('assent/split/v1\n7\n')
    .update(new Uint8Array(Float32Array.of(1.5, -2, 1).buffer))
    .digest();
  const share = hash.readUIntBE(0, 6) / 2 ** 48;
  const { splitOf } = splitter(shares, 2);
  expect(splitOf(row, 0, 1)).toBe(share < 0.6 ? 0 : share < 0.7 ? 1 : 2);
  // Just above and just below this row's own share.
  expect(splitter({ ...shares, train: share, validation: 0, test: 1 - share }, 2).splitOf(row, 0, 1)).toBe(2);
  expect(splitter({ ...shares, train: share + 1e-12, validation: 0, test: 1 - share }, 2).splitOf(row, 0, 1)).toBe(0);
});

test('splits have the study’s shares, to four standard deviations', () => {
  const { splitOf } = splitter(shares, 1);
  const counts = [0, 0, 0];
  for (let row = 0; row < 10_000; row++) counts[splitOf(Float32Array.of(row), 0, row % 2)]! += 1;
  [0.6, 0.1, 0.3].forEach((share, split) => {
    expect(Math.abs(counts[split]! / 10_000 - share)).toBeLessThan(4 * Math.sqrt((share * (1 - share)) / 10_000));
  });
});

test('another seed deals the rows otherwise; a share of 0 gets none', () => {
  const deal = (split: typeof shares) => {
    const { splitOf } = splitter(split, 1);
    return Array.from({ length: 200 }, (_, row) => splitOf(Float32Array.of(row), 0, 0));
  };
  expect(deal(shares)).toEqual(deal(shares));
  expect(deal({ ...shares, seed: 8 })).not.toEqual(deal(shares));
  expect(deal({ seed: 7, train: 0.7, validation: 0, test: 0.3 })).not.toContain(1);
  expect(deal({ seed: 7, train: 0.7, validation: 0.3, test: 0 })).not.toContain(2);
  expect(deal({ seed: 7, train: 1, validation: 0, test: 0 })).toEqual(Array(200).fill(0));
});
