import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { algorithmOf } from '../../../shared/algorithms/catalog.ts';
import { fedsgd } from '../../../shared/algorithms/fedsgd.ts';
import { norm } from '../../../shared/math/vector.ts';
import { stream } from '../../../shared/math/random.ts';
import { runRounds } from '../../support/consortium.ts';
import { leastSquaresProblem } from '../../support/least-squares.ts';
import type { LeastSquaresRows } from '../../support/least-squares.ts';

const shuffle = { seed: 0, labels: [] };

function randomRows(rows: number, width: number, seed: number): LeastSquaresRows {
  const random = stream(seed, 'rows');
  return {
    rows,
    width,
    features: Float32Array.from({ length: rows * width }, () => random.normal()),
    labels: Float32Array.from({ length: rows }, () => random.normal()),
  };
}

function part({ features, labels, width }: LeastSquaresRows, from: number, to: number): LeastSquaresRows {
  return {
    rows: to - from,
    width,
    features: features.slice(from * width, to * width),
    labels: labels.slice(from, to),
  };
}

describe('FedSGD', () => {
  it('sends the mean gradient over its rows and weighs its examples', async () => {
    // Errors at weights 0 are -2 and -4: gradient of the kernel (-2*1 + -4*3) / 2, of the bias (-2 - 4) / 2.
    const rows = { rows: 2, width: 1, features: Float32Array.of(1, 3), labels: Float32Array.of(2, 4) };
    const broadcast = { weights: new Float32Array(2), round: 1 };
    const result = await fedsgd.clientUpdate(broadcast, leastSquaresProblem(rows), null, { learningRate: 1 }, shuffle);
    expect(result).toEqual({
      message: { gradient: Float32Array.of(-7, -3) },
      weight: 2,
      clientState: null,
      metrics: { loss: 5 },
    });
  });

  it('steps against the gradient by the learning rate', () => {
    const state = { weights: Float32Array.of(1, 2, 3) };
    const next = fedsgd.serverUpdate(state, { gradient: Float32Array.of(2, -4, 0) }, { learningRate: 0.25 });
    expect(next).toEqual({ weights: Float32Array.of(0.5, 3, 3) });
    expect(state.weights).toEqual(Float32Array.of(1, 2, 3));
  });

  it('refuses an aggregate without its vector or of another length', () => {
    const state = { weights: Float32Array.of(1, 2) };
    expect(() => fedsgd.serverUpdate(state, {}, { learningRate: 1 })).toThrow('A vector of the message is missing');
    expect(() => fedsgd.serverUpdate(state, { gradient: Float32Array.of(1) }, { learningRate: 1 })).toThrow(
      'A vector of the message has 1 values; the model has 2 values.',
    );
  });

  it('is gradient descent on all rows together, however they are divided', async () => {
    const whole = randomRows(40, 3, 1);
    const start = Float32Array.of(0.5, -0.5, 0.25, 0);
    const learningRate = 0.1;
    const central = await leastSquaresProblem(whole).descend({
      start,
      epochs: 20,
      batchSize: 'full',
      learningRate,
      shuffle,
    });
    const cuts = fc.uniqueArray(fc.integer({ min: 1, max: 39 }), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(cuts, async (points) => {
        const edges = [0, ...points.toSorted((a, b) => a - b), 40];
        const members = edges.slice(1).map((to, i) => leastSquaresProblem(part(whole, edges[i]!, to)));
        const algorithm = algorithmOf({ name: 'fedsgd', learningRate });
        const federated = await runRounds({ algorithm, members, start, rounds: 20 });
        const apart = federated.map((value, i) => value - central.weights[i]!);
        expect(norm(apart) / norm(central.weights)).toBeLessThanOrEqual(1e-6);
      }),
    );
  });
});
