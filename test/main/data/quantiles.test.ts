import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { distinctCounter } from '../../../main/data/distinct.ts';
import { quantileOf, quantileSketch } from '../../../main/data/quantiles.ts';
import { stream } from '../../../shared/math/random.ts';

function sketchOf(values: Iterable<number>, size: number) {
  const sketch = quantileSketch(size);
  for (const value of values) sketch.add(value);
  return sketch;
}

test('few values have exact quantiles by nearest rank', () => {
  const sketch = sketchOf([40, 10, 30, 20], 4);
  expect(sketch.rankError()).toBe(0);
  expect([0, 0.25, 0.26, 0.5, 0.75, 1].map((p) => quantileOf(sketch.items(), p))).toEqual([10, 10, 20, 20, 30, 40]);
  expect(quantileOf(sketchOf([], 4).items(), 0.5)).toBeNaN();
});

test('five values in levels of four keep every second one, with twice the weight', () => {
  const { values, weights } = sketchOf([4, 2, 3, 1, 5], 4).items();
  expect([[...values], [...weights]]).toEqual([
    [1, 3, 5],
    [2, 2, 1],
  ]);
});

describe('the rank of every quantile of many values is wrong by no more than the sketch says', () => {
  const count = 200_000;
  const random = stream(7, 'quantiles');
  test.each([
    ['rising', (i: number) => i],
    ['falling', (i: number) => count - i],
    ['in waves', (i: number) => (i % 1000) * 200 + Math.floor(i / 1000)],
    ['in random order', () => Math.floor(random.next() * 2 ** 20)],
  ])('%s', (_, value) => {
    const all = Float32Array.from({ length: count }, (__, i) => value(i));
    const sketch = sketchOf(all, 1024);
    const sorted = all.toSorted();
    const error = sketch.rankError();
    expect(error).toBeGreaterThan(0);
    expect(error).toBeLessThan(0.01);
    const items = sketch.items();
    expect(items.weights.reduce((sum, weight) => sum + weight, 0)).toBe(count);
    for (let p = 0; p <= 1; p += 0.01) {
      const found = quantileOf(items, p);
      const below = sorted.findIndex((each) => each >= found) / count;
      const upTo = (sorted.findLastIndex((each) => each <= found) + 1) / count;
      expect(below).toBeLessThanOrEqual(p + error);
      expect(upTo).toBeGreaterThanOrEqual(p - error);
    }
  });

  test('whatever they are', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 400 }), (values) => {
        const sketch = sketchOf(values, 8);
        const items = sketch.items();
        const error = sketch.rankError() * values.length;
        const sorted = values.toSorted((a, b) => a - b);
        for (const p of [0.1, 0.5, 0.9]) {
          const found = quantileOf(items, p);
          expect(sorted.filter((each) => each < found).length).toBeLessThanOrEqual(p * values.length + error);
          expect(sorted.filter((each) => each <= found).length).toBeGreaterThanOrEqual(p * values.length - error);
        }
      }),
    );
  });
});

test('different values are counted exactly up to the limit, and within five percent above it', () => {
  const few = distinctCounter(3);
  for (const value of [1, 2, 2, 3]) few.add(value);
  expect([few.count(), few.exact(), [...few.values()!]]).toEqual([3, true, [1, 2, 3]]);
  const many = distinctCounter(1000);
  for (let i = 0; i < 300_000; i++) many.add(i % 100_000);
  expect([many.exact(), many.values()]).toEqual([false, undefined]);
  expect(Math.abs(many.count() - 100_000)).toBeLessThan(5000);
  const justOver = distinctCounter(3);
  for (const value of [1, 2, 3, 4, 4, 5]) justOver.add(value);
  expect([justOver.count(), justOver.exact()]).toEqual([5, false]);
});
