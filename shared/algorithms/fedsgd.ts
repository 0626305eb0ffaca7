// Federated SGD: one step of gradient descent a round, on the mean of the institutions' gradients.
//
// H. B. McMahan, E. Moore, D. Ramage, S. Hampson, B. Agüera y Arcas: Communication-Efficient Learning of Deep Networks
// from Decentralized Data. AISTATS 2017, section 2: FedSGD with C = 1.
//
//   client k   g_k = ∇F_k(w_t), the mean gradient over its n_k training rows
//   server     w_{t+1} = w_t − η Σ_k (n_k / n) g_k, n = Σ n_k
//
// With every member in every round this is gradient descent on all rows together, however they are divided.
// Deviations: the sums run over the members whose update arrived in time, which may be fewer than all (the quorum).
import type { Algorithm } from './algorithm.ts';
import { stepBy } from './step.ts';

/** `learningRate` is η. */
export type FedSgdHyper = { learningRate: number };

export const fedsgd: Algorithm<FedSgdHyper> = {
  name: 'fedsgd',
  vectors: ['gradient'],

  async clientUpdate({ weights }, problem, clientState) {
    const { gradient, loss } = await problem.gradient(weights);
    return { message: { gradient }, weight: problem.examples, clientState, metrics: { loss } };
  },

  serverUpdate({ weights }, aggregate, { learningRate }) {
    return { weights: stepBy(weights, -learningRate, aggregate['gradient']) };
  },
};
