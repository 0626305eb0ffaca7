import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parameterLayout } from '../../../shared/model/layout.ts';
import { BINS, distanceOf, partFigures } from '../../../shared/wire/figures.ts';
import { encodeMessage, messageNorm } from '../../../shared/wire/update.ts';

const layout = parameterLayout([{ class_name: 'Dense', config: { units: 1 } }], 4);
const bytesOf = (...delta: number[]) => encodeMessage({ delta: Float32Array.from(delta) }, layout);

test('each part of an update has its norm, its range and a histogram of equal bins', () => {
  const bytes = bytesOf(0, 1, 2, 4, -3);
  const none = new Array<number>(BINS).fill(0);
  const kernel = none
    .with(0, 1)
    .with(5, 1)
    .with(10, 1)
    .with(BINS - 1, 1);
  expect(partFigures(bytes)).toEqual([
    { name: 'delta/dense_1/kernel', shape: [4, 1], bytes: 16, norm: Math.sqrt(21), min: 0, max: 4, histogram: kernel },
    { name: 'delta/dense_1/bias', shape: [1], bytes: 4, norm: 3, min: -3, max: -3, histogram: none.with(0, 1) },
  ]);
});

test('no value is left out of the figures, whatever an update holds', () => {
  const values = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), {
    minLength: 5,
    maxLength: 5,
  });
  fc.assert(
    fc.property(values, (delta) => {
      const parts = partFigures(bytesOf(...delta));
      expect(parts.flatMap(({ histogram }) => histogram).reduce((sum, count) => sum + count)).toBe(5);
      const norm = Math.hypot(...parts.map((part) => part.norm));
      const whole = messageNorm({ delta: Float32Array.from(delta) });
      expect(Math.abs(norm - whole)).toBeLessThanOrEqual(1e-9 * whole);
    }),
  );
});

test('the distance of two updates is that of their values; updates of another form have none', () => {
  expect(distanceOf(bytesOf(0, 0, 0, 0, 0), bytesOf(1, 2, 2, 4, 0))).toBe(5);
  expect(distanceOf(bytesOf(1, 2, 3, 4, 5), bytesOf(1, 2, 3, 4, 5))).toBe(0);
  const other = parameterLayout([{ class_name: 'Dense', config: { units: 1 } }], 3);
  expect(distanceOf(bytesOf(1, 2, 3, 4, 5), encodeMessage({ delta: new Float32Array(4) }, other))).toBeUndefined();
});
