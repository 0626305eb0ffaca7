import { expect, test } from 'vitest';
import { scoresOf } from '../../../main/training/scores.ts';

const repeat = (times: number, ...values: number[]): number[] => Array(times).fill(values).flat() as number[];

test('binary: AUC, accuracy and log loss of rows that can be counted by hand', () => {
  // Five negatives at probability 1/4, five positives at 1/2 and one at 1/5.
  const third = Math.log(1 / 3);
  const values = Float32Array.from([...repeat(5, third), ...repeat(5, 0), Math.log(1 / 4)]);
  const labels = Float32Array.from([...repeat(5, 0), ...repeat(6, 1)]);
  const scores = scoresOf('sigmoidCrossEntropy', { values, outputs: 1 }, labels);
  const loss = (5 * Math.log(4 / 3) + 5 * Math.log(2) + Math.log(5)) / 11;
  // Probability one half is the first of two equals, the negative class.
  expect(scores).toEqual({
    rows: 11,
    loss: expect.closeTo(loss, 7),
    auc: 25 / 30,
    accuracy: 5 / 11,
    logLoss: expect.closeTo(loss, 7),
  });
});

test('rows are told apart where their probabilities are all rounded to 1', () => {
  const values = Float32Array.from([...repeat(5, 100), ...repeat(5, 200)]);
  const labels = Float32Array.from([...repeat(5, 0), ...repeat(5, 1)]);
  expect(scoresOf('sigmoidCrossEntropy', { values, outputs: 1 }, labels).auc).toBe(1);
  const twice = Float32Array.from([...repeat(5, 0, 100), ...repeat(5, 0, 200)]);
  expect(scoresOf('softmaxCrossEntropy', { values: twice, outputs: 2 }, labels).auc).toBe(1);
});

test('multi-class: AUC is the mean of each class against the rest', () => {
  // Classes 0 and 1 are told from the rest without fault; the five rows of class 2 look like class 1.
  const values = Float32Array.from([...repeat(5, 4, 0, 0), ...repeat(5, 0, 4, 0), ...repeat(5, 0, 4, 0)]);
  const labels = Float32Array.from([...repeat(5, 0), ...repeat(5, 1), ...repeat(5, 2)]);
  const scores = scoresOf('softmaxCrossEntropy', { values, outputs: 3 }, labels);
  // Class 0: 1. Class 1: above five rows, equal to five: 3/4. Class 2: its logits equal all others': 1/2.
  expect(scores.auc).toBeCloseTo((1 + 3 / 4 + 1 / 2) / 3, 12);
  expect(scores.accuracy).toBe(10 / 15);
});

test('too few cases of a class are said, not scored, and the loss is still a figure', () => {
  const values = Float32Array.from(repeat(9, 0));
  const labels = Float32Array.from([...repeat(5, 0), ...repeat(4, 1)]);
  const scores = scoresOf('sigmoidCrossEntropy', { values, outputs: 1 }, labels);
  expect(scores).toEqual({ rows: 9, loss: expect.closeTo(Math.LN2, 12), auc: null, accuracy: null, logLoss: null });
});

test('without rows there is no figure at all', () => {
  const none = { values: new Float32Array(0), outputs: 3 };
  expect(scoresOf('softmaxCrossEntropy', none, new Float32Array(0))).toEqual({
    rows: 0,
    loss: null,
    auc: null,
    accuracy: null,
    logLoss: null,
  });
});
