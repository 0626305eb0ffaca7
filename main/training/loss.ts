// Losses from logits, in float64 without TensorFlow: one code for training, evaluation and every backend to come.
export type Loss = 'sigmoidCrossEntropy' | 'softmaxCrossEntropy';

/** `values` is row-major, rows x outputs: logits, or what is derived from them. */
export type Logits = { values: Float32Array; outputs: number };

/**
 * Sum over rows of the cross entropy in nats, and its gradient by the logits times `scale`, row-major like them. A row's
 * label is its class; under sigmoidCrossEntropy there is one output, the logit of class 1. Stable for logits of any size.
 */
export function lossAndGradient(loss: Loss, logits: Logits, labels: ArrayLike<number>, scale: number): LossSum {
  const { values, outputs } = logits;
  const gradient = new Float32Array(values.length);
  let sum = 0;
  if (loss === 'sigmoidCrossEntropy') {
    for (let i = 0; i < values.length; i++) {
      const [z, y] = [values[i]!, labels[i]!];
      const small = Math.exp(-Math.abs(z));
      sum += Math.max(z, 0) - z * y + Math.log1p(small);
      gradient[i] = scale * ((z >= 0 ? 1 / (1 + small) : small / (1 + small)) - y);
    }
    return { sum, gradient };
  }
  for (let start = 0, row = 0; start < values.length; start += outputs, row++) {
    const label = labels[row]!;
    const total = logSumExp(values, start, outputs);
    sum += total - values[start + label]!;
    for (let k = 0; k < outputs; k++) {
      gradient[start + k] = scale * (Math.exp(values[start + k]! - total) - (k === label ? 1 : 0));
    }
  }
  return { sum, gradient };
}

export type LossSum = { sum: number; gradient: Float32Array<ArrayBuffer> };

/** Natural logarithms of the probabilities of every class, row-major, rows x classes (two under sigmoidCrossEntropy). */
export function logProbabilities(loss: Loss, { values, outputs }: Logits): { values: Float64Array; classes: number } {
  if (loss === 'sigmoidCrossEntropy') {
    const both = new Float64Array(values.length * 2);
    for (let i = 0; i < values.length; i++) {
      const z = values[i]!;
      const rest = Math.log1p(Math.exp(-Math.abs(z)));
      both[2 * i] = -Math.max(z, 0) - rest;
      both[2 * i + 1] = Math.min(z, 0) - rest;
    }
    return { values: both, classes: 2 };
  }
  const all = new Float64Array(values.length);
  for (let start = 0; start < values.length; start += outputs) {
    const total = logSumExp(values, start, outputs);
    for (let k = 0; k < outputs; k++) all[start + k] = values[start + k]! - total;
  }
  return { values: all, classes: outputs };
}

function logSumExp(values: Float32Array, start: number, count: number): number {
  let most = -Infinity;
  for (let k = 0; k < count; k++) most = Math.max(most, values[start + k]!);
  let sum = 0;
  for (let k = 0; k < count; k++) sum += Math.exp(values[start + k]! - most);
  return most + Math.log(sum);
}
