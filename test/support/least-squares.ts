// A LocalProblem in plain TypeScript that can be done by hand: least squares on a linear model, quick and deterministic.
import type { Descent, LocalProblem } from '../../shared/algorithms/algorithm.ts';
import { stream } from '../../shared/math/random.ts';
import type { Vector } from '../../shared/math/vector.ts';

/** `features` are row-major, `rows` x `width`. */
export type LeastSquaresRows = { features: Float32Array; labels: Float32Array; rows: number; width: number };

/**
 * Loss of a row: half the square of (kernel · features + bias - label). Weights are [kernel (width), bias], as in a model
 * of one dense unit. Sums run in float64 in row order; every step rounds the weights to float32.
 */
export function leastSquaresProblem({ features, labels, rows, width }: LeastSquaresRows): LocalProblem {
  const everyRow = Int32Array.from({ length: rows }, (_, row) => row);

  const over = (weights: Vector, chosen: Int32Array): { gradient: Float64Array; loss: number } => {
    const gradient = new Float64Array(width + 1);
    let loss = 0;
    for (const row of chosen) {
      let error = weights[width]! - labels[row]!;
      for (let i = 0; i < width; i++) error += weights[i]! * features[row * width + i]!;
      for (let i = 0; i < width; i++) gradient[i] = gradient[i]! + (error * features[row * width + i]!) / chosen.length;
      gradient[width] = gradient[width]! + error / chosen.length;
      loss += (error * error) / 2 / chosen.length;
    }
    return { gradient, loss };
  };

  const descend = (options: Descent): { weights: Vector; losses: number[] } => {
    const { start, epochs, learningRate, shuffle, proximal = 0, correction } = options;
    const batch = options.batchSize === 'full' ? rows : options.batchSize;
    const random = stream(shuffle.seed, ...shuffle.labels);
    const weights = start.slice();
    const losses: number[] = [];
    for (let epoch = 0; epoch < epochs; epoch++) {
      const order = everyRow.slice();
      if (batch < rows) random.shuffle(order);
      let sum = 0;
      for (let at = 0; at < rows; at += batch) {
        const chosen = order.subarray(at, at + batch);
        const { gradient, loss } = over(weights, chosen);
        sum += loss * chosen.length;
        for (let i = 0; i <= width; i++) {
          const pull = proximal * (weights[i]! - start[i]!) + (correction?.[i] ?? 0);
          weights[i] = weights[i]! - learningRate * (gradient[i]! + pull);
        }
      }
      losses.push(sum / rows);
    }
    return { weights, losses };
  };

  return {
    examples: rows,
    gradient: async (weights) => {
      const { gradient, loss } = over(weights, everyRow);
      return { gradient: Float32Array.from(gradient), loss };
    },
    evaluate: async (weights) => ({
      loss: over(weights, everyRow).loss,
      test: { rows: 0, auc: null, accuracy: null, logLoss: null },
    }),
    descend: async (options) => descend(options),
  };
}
