import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memberOrder, startMean } from '../../../shared/aggregators/mean.ts';

const code = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    return (error as { code: string }).code;
  }
  return 'nothing thrown';
};

type Update = { member: string; values: number[]; weight: number };

const updates = fc.uniqueArray(
  fc.record({
    member: fc.string({ minLength: 1, maxLength: 8 }),
    values: fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 5, maxLength: 5 }),
    weight: fc.integer({ min: 1, max: 1_000_000 }),
  }),
  { selector: ({ member }) => member, minLength: 2, maxLength: 8 },
);

const aggregate = (received: readonly Update[], from = 0, to = 5): Float32Array => {
  const mean = startMean(to - from);
  for (const { values, weight } of received.toSorted((a, b) => memberOrder(a.member, b.member))) {
    mean.add(Float32Array.from(values).subarray(from, to), weight);
  }
  return mean.finish();
};

const bits = (values: Float32Array): number[] => [...new Uint32Array(values.slice().buffer)];

describe('the weighted mean', () => {
  it('weighs each update by its examples', () => {
    const mean = startMean(3);
    mean.add(Float32Array.of(1, 2, 0), 1);
    mean.add(Float32Array.of(5, -2, 0), 3);
    expect(mean.finish()).toEqual(Float32Array.of(4, -1, 0));
  });

  it('sums in float64 and rounds once', () => {
    const mean = startMean(1);
    for (const value of [2 ** 24, 1, 1, -(2 ** 24)]) mean.add(Float32Array.of(value), 1);
    // In float32 the ones would be lost beside 2^24.
    expect(mean.finish()).toEqual(Float32Array.of(0.5));
  });

  it('has the same bits whatever the order of arrival', () => {
    fc.assert(
      fc.property(
        updates.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }))),
        ([list, arrived]) => {
          expect(bits(aggregate(arrived))).toEqual(bits(aggregate(list)));
        },
      ),
    );
  });

  it('has the same bits where the order of a sum matters most', () => {
    const [a, b, c] = [2 ** 100, 3, -(2 ** 100)].map((value, i) => ({
      member: ['Basel', 'Jena', 'aachen'][i]!,
      values: new Array<number>(5).fill(value),
      weight: 1,
    })) as [Update, Update, Update];
    // In member order the 3 is lost beside 2^100; were the sums in the order of arrival, b would survive in some.
    for (const arrived of [
      [a, b, c],
      [a, c, b],
      [b, a, c],
      [b, c, a],
      [c, a, b],
      [c, b, a],
    ]) {
      expect(aggregate(arrived)).toEqual(new Float32Array(5));
    }
  });

  it('has the same bits block by block as whole', () => {
    fc.assert(
      fc.property(updates, fc.integer({ min: 1, max: 4 }), (list, cut) => {
        const blocks = [...bits(aggregate(list, 0, cut)), ...bits(aggregate(list, cut, 5))];
        expect(blocks).toEqual(bits(aggregate(list)));
      }),
    );
  });

  it('refuses weights that are zero, negative or no number, and leaves the sum as it was', () => {
    const mean = startMean(1);
    mean.add(Float32Array.of(3), 2);
    for (const weight of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(code(() => mean.add(Float32Array.of(100), weight))).toBe('UPDATE_WEIGHT');
    }
    expect(mean.finish()).toEqual(Float32Array.of(3));
  });

  it('refuses another length, and a mean of nothing', () => {
    expect(code(() => startMean(2).add(Float32Array.of(1), 1))).toBe('UPDATE_SHAPE');
    expect(code(() => startMean(2).finish())).toBe('UPDATE_WEIGHT');
  });
});
