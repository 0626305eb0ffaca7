import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stream } from '../../../shared/math/random.ts';

const take = (n: number, ...[seed, ...labels]: [number, ...(string | number)[]]): number[] => {
  const random = stream(seed, ...labels);
  return Array.from({ length: n }, () => random.next());
};

describe('a random stream', () => {
  it('is the same on every platform and in every version', () => {
    expect(take(3, 0, 'shuffle', 'cleveland', 1)).toMatchInlineSnapshot(`
      [
        0.3573256130064061,
        0.30358942842102155,
        0.4443971429464193,
      ]
    `);
    const random = stream(42);
    expect([random.int(10), random.int(10), random.int(1000)]).toMatchInlineSnapshot(`
      [
        2,
        8,
        570,
      ]
    `);
  });

  it('differs by seed, by label, by where labels end and by their type', () => {
    const names: [number, ...(string | number)[]][] = [
      [0],
      [1],
      [0, 'a'],
      [0, 'ab', 'c'],
      [0, 'a', 'bc'],
      [0, 1],
      [0, '1'],
    ];
    const first = names.map((name) => take(1, ...name)[0]);
    expect(new Set(first).size).toBe(names.length);
  });

  it('is uniform: 16 bins of 32,000 numbers are filled alike, for neighbouring seeds too', () => {
    const chiSquare = (numbers: number[]): number => {
      const bins = new Array<number>(16).fill(0);
      for (const x of numbers) bins[Math.floor(x * 16)]!++;
      return bins.reduce((sum, n) => sum + (n - numbers.length / 16) ** 2 / (numbers.length / 16), 0);
    };
    // 15 degrees of freedom: above 37.7 once in a thousand. The streams are fixed, so this is no matter of luck.
    expect(chiSquare(take(32_000, 5, 'uniform'))).toBeLessThan(37.7);
    expect(chiSquare(Array.from({ length: 32_000 }, (_, seed) => take(1, seed)[0]!))).toBeLessThan(37.7);
    expect(chiSquare(Array.from({ length: 32_000 }, (_, i) => take(1, 0, 'row', i)[0]!))).toBeLessThan(37.7);
  });

  it('has normal numbers of mean 0 and variance 1', () => {
    const random = stream(3, 'normal');
    const numbers = Array.from({ length: 20_000 }, () => random.normal());
    const mean = numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
    const variance = numbers.reduce((sum, x) => sum + (x - mean) ** 2, 0) / numbers.length;
    expect(Math.abs(mean)).toBeLessThan(0.03);
    expect(Math.abs(variance - 1)).toBeLessThan(0.04);
  });

  it('shuffles without losing anything, each of six orders of three about equally often', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.nat(), (list, seed) => {
        const values = Int32Array.from(list);
        stream(seed).shuffle(values);
        expect(values.toSorted()).toEqual(Int32Array.from(list).toSorted());
      }),
    );
    const random = stream(9, 'orders');
    const seen = new Map<string, number>();
    for (let i = 0; i < 6000; i++) {
      const values = Int32Array.of(1, 2, 3);
      random.shuffle(values);
      seen.set(values.join(''), (seen.get(values.join('')) ?? 0) + 1);
    }
    expect(seen.size).toBe(6);
    for (const count of seen.values()) expect(Math.abs(count - 1000)).toBeLessThan(120);
  });
});
