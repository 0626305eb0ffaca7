import { afterAll, describe, expect, test } from 'vitest';
import { createTrainer } from '../../../main/training/trainer.ts';
import { parameterCount, parameterLayout } from '../../../shared/model/layout.ts';
import {
  dense,
  meanGradient,
  randomRows,
  randomWeights,
  relativeDistance,
  rowsOf,
  study,
  studyRows,
} from './reference.ts';

const trainer = createTrainer({ device: 'cpu', threads: 1, memoryLimitMb: 'none' });
afterAll(() => trainer.close());

describe('the reference itself', () => {
  test('has the gradient that finite differences of its loss have', () => {
    const model = study(
      [dense(4, 'tanh'), { class_name: 'Activation', config: { activation: 'sigmoid' } }, dense(3)],
      3,
    );
    const rows = randomRows(7, 5, 3);
    const weights = Array.from(randomWeights(39));
    const step = 1e-5;
    const slopes = weights.map((_, at) => {
      const moved = (by: number): number[] => weights.map((value, i) => (i === at ? value + by : value));
      return (meanGradient(model, rows, moved(step)).loss - meanGradient(model, rows, moved(-step)).loss) / (2 * step);
    });
    expect(relativeDistance(meanGradient(model, rows, weights).gradient, slopes)).toBeLessThan(1e-8);
  });
});

describe('the gradient of logistic regression', () => {
  test('can be done by hand: at weights 0 every row has probability one half', async () => {
    const rows = rowsOf(
      [
        [2, 0],
        [0, 4],
        [2, 2],
      ],
      [1, 0, 1],
    );
    const problem = await trainer.open(study([dense(1)]), studyRows(rows));
    const { gradient, loss } = await problem.gradient(new Float32Array(3));
    // Means of (1/2 - label) * column: (-1 + 0 - 1) / 3, (0 + 2 - 1) / 3, (-1/2 + 1/2 - 1/2) / 3.
    expect(gradient).toEqual(Float32Array.of(-2 / 3, 1 / 3, -1 / 6));
    expect(loss).toBeCloseTo(Math.LN2, 15);
    expect(problem.examples).toBe(3);
  });
});

describe.each([
  ['logistic regression', study([dense(1)]), 18],
  ['an MLP', study([dense(32, 'relu'), dense(1)]), 18],
  [
    'three layers without biases',
    study([dense(7, 'tanh', false), dense(5, 'sigmoid', false), dense(1, 'linear', false)]),
    6,
  ],
  ['softmax regression', study([dense(4)], 4), 9],
  ['a multi-class MLP', study([dense(16, 'sigmoid'), dense(8, 'relu'), dense(5)], 5), 9],
  [
    'activation layers, one before any dense layer',
    study(
      [
        { class_name: 'Activation', config: { activation: 'tanh' } },
        dense(6),
        { class_name: 'Activation', config: { activation: 'relu' } },
        { class_name: 'Activation', config: { activation: 'linear' } },
        dense(3),
      ],
      3,
    ),
    4,
  ],
] as const)('%s', (_, model, width) => {
  const rows = randomRows(300, width, model.schema.target.classes.length);
  const weights = randomWeights(parameterCount(parameterLayout(model.model.layers, width)));

  test('has the gradient and loss of the plain float64 computation', async () => {
    const problem = await trainer.open(model, studyRows(rows));
    const found = await problem.gradient(weights);
    const expected = meanGradient(model, rows, weights);
    expect(relativeDistance(found.gradient, expected.gradient)).toBeLessThan(1e-6);
    expect(Math.abs(found.loss / expected.loss - 1)).toBeLessThan(1e-6);
    await problem.close();
  });
});

test('rows of several chunks add up to the mean over all of them', async () => {
  const model = study([dense(1)]);
  const rows = randomRows(20_001, 3);
  const weights = randomWeights(4);
  const seen: number[] = [];
  const problem = await trainer.open(model, studyRows(rows), { progress: ({ batches }) => seen.push(batches) });
  const found = await problem.gradient(weights);
  const expected = meanGradient(model, rows, weights);
  expect(relativeDistance(found.gradient, expected.gradient)).toBeLessThan(1e-6);
  expect(Math.abs(found.loss / expected.loss - 1)).toBeLessThan(1e-6);
  expect(seen[0]).toBe(3);
});

test('the loss stays exact where probabilities round to 0 and 1', async () => {
  const problem = await trainer.open(study([dense(1)]), studyRows(rowsOf([[1], [1]], [1, 0])));
  const { gradient, loss } = await problem.gradient(Float32Array.of(1000, 0));
  expect(loss).toBe(500);
  expect(gradient).toEqual(Float32Array.of(0.5, 0.5));
});
