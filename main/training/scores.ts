// Metrics of a model on one institution's rows, from logits; null where too few cases would make a figure mean nothing.
import { accuracy, auc, logLoss } from '../../shared/math/stats.ts';
import { logProbabilities } from './loss.ts';
import type { Logits, Loss } from './loss.ts';
import type { Scores } from './protocol.ts';

/**
 * `loss` is the exact mean cross entropy (null without rows), `logLoss` the metric with its bounded probabilities. AUC of
 * two classes is that of the second; of more, the plain mean of each class against the rest (macro average), null as soon
 * as one class or its rest has too few cases. The predicted class is the likeliest, the first of equals.
 */
export function scoresOf(loss: Loss, logits: Logits, labels: Float32Array): Scores {
  const rows = labels.length;
  const { values, classes } = logProbabilities(loss, logits);
  const ofRight = new Float64Array(rows);
  const predicted = new Int32Array(rows);
  let sum = 0;
  for (let row = 0; row < rows; row++) {
    const start = row * classes;
    const logOfRight = values[start + labels[row]!]!;
    sum -= logOfRight;
    ofRight[row] = Math.exp(logOfRight);
    for (let k = 1; k < classes; k++) {
      if (values[start + k]! > values[start + predicted[row]!]!) predicted[row] = k;
    }
  }
  return {
    rows,
    loss: rows === 0 ? null : sum / rows,
    auc: classAuc(values, classes, labels, logits),
    accuracy: accuracy(predicted, labels),
    logLoss: logLoss(ofRight, labels),
  };
}

function classAuc(values: Float64Array, classes: number, labels: Float32Array, logits: Logits): number | null {
  // Logits order rows as their probabilities do, but never tie where a probability is rounded to 0 or 1.
  if (logits.outputs === 1) return auc(logits.values, labels);
  // A logarithm of a probability rounds to 0 near certainty: the margin to the other classes' sum does not.
  if (classes === 2) return auc(margins(logits.values), labels);
  let sum = 0;
  for (let k = 0; k < classes; k++) {
    const scores = Float64Array.from(labels, (_, row) => values[row * classes + k]!);
    const ofClass = auc(
      scores,
      labels.map((label) => (label === k ? 1 : 0)),
    );
    if (ofClass === null) return null;
    sum += ofClass;
  }
  return sum / classes;
}

const margins = (logits: Float32Array): Float64Array =>
  Float64Array.from({ length: logits.length / 2 }, (_, row) => logits[2 * row + 1]! - logits[2 * row]!);
