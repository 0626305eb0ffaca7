import { afterAll, expect, test } from 'vitest';
import { createTrainer } from '../../../main/training/trainer.ts';
import type { TrainedStudy } from '../../../main/training/trainer.ts';
import type { TrainingRows } from '../../../main/stages.ts';
import type { Descent } from '../../../shared/algorithms/algorithm.ts';
import { stream } from '../../../shared/math/random.ts';
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

const shuffle = { seed: 7, labels: ['shuffle', 'member-1', 3] };
const mlp = study([dense(8, 'relu'), dense(3)], 3);
const rows = randomRows(101, 5, 3);
const start = randomWeights(75);

/** Stochastic gradient descent in float64, from the definition. */
function plainSgd(model: TrainedStudy, data: TrainingRows, o: Descent): { weights: number[]; losses: number[] } {
  let weights = Array.from(o.start);
  const losses: number[] = [];
  const size = o.batchSize === 'full' ? data.rows : o.batchSize;
  for (let epoch = 1; epoch <= o.epochs; epoch++) {
    const order = Int32Array.from({ length: data.rows }, (_, i) => i);
    if (o.batchSize !== 'full') stream(o.shuffle.seed, ...o.shuffle.labels, epoch).shuffle(order);
    let sum = 0;
    for (let from = 0; from < data.rows; from += size) {
      const batch = order.subarray(from, from + size);
      const { loss, gradient } = meanGradient(model, data, weights, batch);
      sum += loss * batch.length;
      weights = weights.map((w, i) => {
        const pull = (o.proximal ?? 0) * (w - o.start[i]!) + (o.correction?.[i] ?? 0);
        return w - o.learningRate * (gradient[i]! + pull);
      });
    }
    losses.push(sum / data.rows);
  }
  return { weights, losses };
}

test('one step can be done by hand', async () => {
  const problem = await trainer.open(study([dense(1)]), studyRows(rowsOf([[2], [4]], [1, 0])));
  const options = { start: new Float32Array(2), epochs: 1, batchSize: 'full', learningRate: 1, shuffle } as const;
  // The mean gradient at 0 is ((-1/2) * 2 + (1/2) * 4) / 2 = 1/2 for the kernel and 0 for the bias.
  expect((await problem.descend(options)).weights).toEqual(Float32Array.of(-0.5, 0));
});

test('full batches equal repeated steps along the gradient', async () => {
  const problem = await trainer.open(mlp, studyRows(rows));
  const { weights, losses } = await problem.descend({
    start,
    epochs: 20,
    batchSize: 'full',
    learningRate: 0.3,
    shuffle,
  });
  let expected = start;
  const steps: number[] = [];
  for (let i = 0; i < 20; i++) {
    const { gradient, loss } = await problem.gradient(expected);
    expected = expected.map((w, k) => w - 0.3 * gradient[k]!);
    steps.push(loss);
  }
  expect(relativeDistance(weights, expected)).toBeLessThan(1e-6);
  expect(relativeDistance(losses, steps)).toBeLessThan(1e-6);
});

test.each([
  ['small batches, the last one smaller', { batchSize: 16 }],
  ['batches of one row', { batchSize: 1 }],
  ['a batch larger than the rows', { batchSize: 1000 }],
  ['a pull towards the start', { batchSize: 16, proximal: 0.7 }],
  ['a correction of every gradient', { batchSize: 16, correction: randomWeights(75, 9) }],
  ['both on full batches', { batchSize: 'full', proximal: 0.7, correction: randomWeights(75, 9) }],
] as const)('%s: the weights and losses of plain SGD with the same shuffle', async (_, options) => {
  const descent: Descent = { start, epochs: 3, learningRate: 0.1, shuffle, ...options };
  const problem = await trainer.open(mlp, studyRows(rows));
  const found = await problem.descend(descent);
  const expected = plainSgd(mlp, rows, descent);
  expect(relativeDistance(found.weights, expected.weights)).toBeLessThan(1e-6);
  expect(relativeDistance(found.losses, expected.losses)).toBeLessThan(1e-6);
  expect(found.losses).toHaveLength(3);
});

test('a batch of several chunks is one step along its mean gradient', async () => {
  const model = study([dense(1)]);
  const many = randomRows(20_000, 3);
  const descent: Descent = { start: randomWeights(4), epochs: 2, batchSize: 9000, learningRate: 0.5, shuffle };
  const problem = await trainer.open(model, studyRows(many));
  const found = await problem.descend(descent);
  const expected = plainSgd(model, many, descent);
  expect(relativeDistance(found.weights, expected.weights)).toBeLessThan(1e-6);
  expect(relativeDistance(found.losses, expected.losses)).toBeLessThan(1e-6);
});

test('the same seed gives the same bits, another seed or label other ones', async () => {
  const descend = async (seed: number, label: string): Promise<Float32Array> => {
    const problem = await trainer.open(mlp, studyRows(rows));
    const named = { seed, labels: [label] };
    return (await problem.descend({ start, epochs: 5, batchSize: 10, learningRate: 0.1, shuffle: named })).weights;
  };
  const first = await descend(1, 'a');
  expect(await descend(1, 'a')).toEqual(first);
  expect(await descend(2, 'a')).not.toEqual(first);
  expect(await descend(1, 'b')).not.toEqual(first);
});

test('leaves the start and the rows as they were', async () => {
  const mine = randomRows(101, 5, 3);
  const kept = start.slice();
  const problem = await trainer.open(mlp, studyRows(mine));
  await problem.descend({ start, epochs: 2, batchSize: 10, learningRate: 0.1, shuffle });
  expect(start).toEqual(kept);
  expect(mine).toEqual(rows);
});

test('progress counts epochs and batches from 1, and reports the first at once', async () => {
  const seen: object[] = [];
  const problem = await trainer.open(mlp, studyRows(rows), { progress: (progress) => seen.push(progress) });
  await problem.descend({ start, epochs: 2, batchSize: 25, learningRate: 0.1, shuffle });
  expect(seen[0]).toEqual({
    epoch: 1,
    epochs: 2,
    batch: 1,
    batches: 5,
    loss: expect.any(Number),
    rowsPerSecond: expect.any(Number),
    secondsLeft: expect.any(Number),
  });
});
