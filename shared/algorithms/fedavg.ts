// Federated averaging: every institution trains for some epochs, the coordinator averages what they moved.
//
// H. B. McMahan, E. Moore, D. Ramage, S. Hampson, B. Agüera y Arcas: Communication-Efficient Learning of Deep Networks
// from Decentralized Data. AISTATS 2017, algorithm 1.
//
//   client k   w_k = E epochs of mini-batch SGD from w_t with batch size B and rate η;  Δ_k = w_k − w_t
//   server     w_{t+1} = w_t + Σ_k (n_k / n) Δ_k, n = Σ n_k rows of the members that took part
//
// Deviations: members send Δ_k instead of w_k, which is the same average (the weights n_k / n add up to 1) and the form
// that clipping and noise need; all members are asked in every round (C = 1) and those that answered in time count.
import type { Algorithm } from './algorithm.ts';
import { stepBy } from './step.ts';

/** `epochs` is E, `batchSize` is B ('full': all rows), `learningRate` is η. */
export type FedAvgHyper = { epochs: number; batchSize: number | 'full'; learningRate: number };

export const fedavg: Algorithm<FedAvgHyper> = {
  name: 'fedavg',
  vectors: ['delta'],

  async clientUpdate({ weights: start }, problem, clientState, { epochs, batchSize, learningRate }, shuffle) {
    const { loss } = await problem.evaluate(start);
    const trained = await problem.descend({ start, epochs, batchSize, learningRate, shuffle });
    const delta = stepBy(trained.weights, -1, start);
    return { message: { delta }, weight: problem.examples, clientState, metrics: { loss } };
  },

  serverUpdate({ weights }, aggregate) {
    return { weights: stepBy(weights, 1, aggregate['delta']) };
  },
};
