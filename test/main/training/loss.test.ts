import fc from 'fast-check';
import { expect, test } from 'vitest';
import { logProbabilities, lossAndGradient } from '../../../main/training/loss.ts';
import type { Loss } from '../../../main/training/loss.ts';

const logits = (outputs: number, ...values: number[]): { values: Float32Array; outputs: number } => ({
  values: Float32Array.from(values),
  outputs,
});

test('sigmoid cross entropy by hand: logit 0 is probability one half', () => {
  expect(lossAndGradient('sigmoidCrossEntropy', logits(1, 0, 0), [1, 0], 2)).toEqual({
    sum: 2 * Math.log1p(1),
    gradient: Float32Array.of(-1, 1),
  });
});

test('softmax cross entropy by hand: equal logits are equal probabilities', () => {
  const { sum, gradient } = lossAndGradient('softmaxCrossEntropy', logits(4, 3, 3, 3, 3), [2], 1);
  expect(sum).toBeCloseTo(Math.log(4), 12);
  expect(gradient).toEqual(Float32Array.of(0.25, 0.25, -0.75, 0.25));
});

test('both stay exact far from zero', () => {
  expect(lossAndGradient('sigmoidCrossEntropy', logits(1, 2000, -2000, 2000), [1, 1, 0], 1)).toEqual({
    sum: 4000,
    gradient: Float32Array.of(0, -1, 1),
  });
  expect(lossAndGradient('softmaxCrossEntropy', logits(2, 2000, 0, -2000, 0), [0, 0], 1)).toEqual({
    sum: 2000,
    gradient: Float32Array.of(0, 0, -1, 1),
  });
});

test('a logit that is infinite or no number is never a finite loss', () => {
  for (const value of [NaN, Infinity]) {
    for (const label of [0, 1]) {
      expect(lossAndGradient('softmaxCrossEntropy', logits(2, value, 0), [label], 1).sum).toBeNaN();
      expect(lossAndGradient('sigmoidCrossEntropy', logits(1, value), [label], 1).sum).not.toBeLessThan(Infinity);
    }
  }
});

const finite = fc.float({ min: -50, max: 50, noNaN: true });
const cases = fc.oneof(
  fc.record({ loss: fc.constant<Loss>('sigmoidCrossEntropy'), values: fc.tuple(finite), label: fc.nat(1) }),
  fc.record({
    loss: fc.constant<Loss>('softmaxCrossEntropy'),
    values: fc.tuple(finite, finite, finite),
    label: fc.nat(2),
  }),
);

test('probabilities add up to 1, and the loss is that of the right class', () => {
  fc.assert(
    fc.property(cases, ({ loss, values, label }) => {
      const all = logits(values.length, ...values);
      const { values: logs, classes } = logProbabilities(loss, all);
      expect(classes).toBe(Math.max(2, values.length));
      expect(logs.reduce((sum, value) => sum + Math.exp(value), 0)).toBeCloseTo(1, 12);
      expect(lossAndGradient(loss, all, [label], 1).sum).toBeCloseTo(-logs[label]!, 10);
    }),
  );
});

test('the gradient is the slope of the loss', () => {
  fc.assert(
    fc.property(cases, ({ loss, values, label }) => {
      const at = (moved: number[]): number => lossAndGradient(loss, logits(values.length, ...moved), [label], 1).sum;
      const { gradient } = lossAndGradient(loss, logits(values.length, ...values), [label], 1);
      const step = 1 / 64;
      values.forEach((_, k) => {
        const moved = (by: number): number[] => values.map((value, i) => (i === k ? value + by : value));
        expect(gradient[k]).toBeCloseTo((at(moved(step)) - at(moved(-step))) / (2 * step), 3);
      });
    }),
  );
});
