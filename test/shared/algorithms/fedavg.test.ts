import { describe, expect, it } from 'vitest';
import { algorithmOf } from '../../../shared/algorithms/catalog.ts';
import { fedavg } from '../../../shared/algorithms/fedavg.ts';
import { stream } from '../../../shared/math/random.ts';
import { runRounds } from '../../support/consortium.ts';
import { leastSquaresProblem } from '../../support/least-squares.ts';

const shuffle = { seed: 0, labels: [] };

function members(sizes: readonly number[]) {
  const random = stream(2, 'members');
  return sizes.map((rows) =>
    leastSquaresProblem({
      rows,
      width: 2,
      features: Float32Array.from({ length: rows * 2 }, () => random.normal()),
      labels: Float32Array.from({ length: rows }, () => random.normal()),
    }),
  );
}

describe('FedAvg', () => {
  it('sends how far two epochs moved the weights, and the loss before them', async () => {
    // One row, feature 1, label 4, rate 1/4: the error goes -4, -2, -1, so both weights move 1, then 1/2.
    const problem = leastSquaresProblem({
      rows: 1,
      width: 1,
      features: Float32Array.of(1),
      labels: Float32Array.of(4),
    });
    const hyper = { epochs: 2, batchSize: 'full', learningRate: 0.25 } as const;
    const result = await fedavg.clientUpdate(
      { weights: Float32Array.of(0, 0), round: 1 },
      problem,
      null,
      hyper,
      shuffle,
    );
    expect(result).toEqual({
      message: { delta: Float32Array.of(1.5, 1.5) },
      weight: 1,
      clientState: null,
      metrics: { loss: 8 },
    });
  });

  it('adds the mean delta to the weights', () => {
    const state = { weights: Float32Array.of(1, 2, 3) };
    const hyper = { epochs: 1, batchSize: 'full', learningRate: 1 } as const;
    expect(fedavg.serverUpdate(state, { delta: Float32Array.of(0.5, -2, 0) }, hyper)).toEqual({
      weights: Float32Array.of(1.5, 0, 3),
    });
  });

  it('with one epoch of one full batch is FedSGD', async () => {
    const run = { members: members([3, 10, 7]), start: Float32Array.of(0.5, -1, 0), rounds: 10 };
    const averaged = await runRounds({
      ...run,
      algorithm: algorithmOf({ name: 'fedavg', epochs: 1, batchSize: 'full', learningRate: 0.1 }),
    });
    const stepped = await runRounds({ ...run, algorithm: algorithmOf({ name: 'fedsgd', learningRate: 0.1 }) });
    expect(averaged).not.toEqual(run.start);
    averaged.forEach((value, i) => expect(value).toBeCloseTo(stepped[i]!, 6));
  });

  it('gives the same result for the same shuffles, and another for others', async () => {
    const [problem] = members([9]);
    const hyper = { epochs: 3, batchSize: 2, learningRate: 0.1 };
    const once = async (label: string) => {
      const broadcast = { weights: new Float32Array(3), round: 1 };
      const named = { seed: 7, labels: [label] };
      return (await fedavg.clientUpdate(broadcast, problem!, null, hyper, named)).message;
    };
    expect(await once('a')).toEqual(await once('a'));
    expect(await once('a')).not.toEqual(await once('b'));
  });
});
