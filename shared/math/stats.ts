// How well scores tell classes apart: exact figures, or null where too few cases make a figure mean nothing.

/**
 * Cases that each class needs before a metric is computed. With fewer, one case moves an AUC by a fifth or more, and the
 * figure could tell who that case was.
 */
export const LEAST_CASES = 5;

/**
 * Area under the ROC curve: the chance that a positive scores above a negative, ties counting half (Mann and Whitney 1947).
 * Exact for any number of ties. `labels` are 0 or 1; null when either class has fewer than LEAST_CASES rows. Throws
 * RangeError on a score that is NaN, which has no place in any order.
 */
export function auc(scores: ArrayLike<number>, labels: ArrayLike<number>): number | null {
  const order = sortedOrder(scores);
  let positives = 0;
  // Twice the number of (negative, positive) pairs in the right order; whole numbers, so nothing is rounded.
  let pairs = 0;
  let negativesBelow = 0;
  for (let start = 0; start < order.length;) {
    let end = start;
    let tiedPositives = 0;
    while (end < order.length && scores[order[end]!] === scores[order[start]!]) {
      if (labels[order[end]!] === 1) tiedPositives++;
      end++;
    }
    const tiedNegatives = end - start - tiedPositives;
    pairs += tiedPositives * (2 * negativesBelow + tiedNegatives);
    negativesBelow += tiedNegatives;
    positives += tiedPositives;
    start = end;
  }
  if (positives < LEAST_CASES || negativesBelow < LEAST_CASES) return null;
  return pairs / (2 * positives * negativesBelow);
}

/** Share of rows whose predicted class is the right one; null as `enoughCases` says. */
export function accuracy(predicted: ArrayLike<number>, labels: ArrayLike<number>): number | null {
  if (!enoughCases(labels)) return null;
  let right = 0;
  for (let i = 0; i < labels.length; i++) if (predicted[i] === labels[i]) right++;
  return right / labels.length;
}

/**
 * Mean of -ln(probability given to the right class), in nats; null as `enoughCases` says. Probabilities are kept at or
 * above 1e-7, float32's resolution near 1, so that one sure mistake does not make the mean infinite.
 */
export function logLoss(probabilityOfRight: ArrayLike<number>, labels: ArrayLike<number>): number | null {
  if (!enoughCases(labels)) return null;
  let sum = 0;
  for (let i = 0; i < labels.length; i++) sum -= Math.log(Math.max(probabilityOfRight[i]!, 1e-7));
  return sum / labels.length;
}

/** Whether at least two classes occur and each that occurs has LEAST_CASES rows or more. */
export function enoughCases(labels: ArrayLike<number>): boolean {
  const cases = new Map<number, number>();
  for (let i = 0; i < labels.length; i++) cases.set(labels[i]!, (cases.get(labels[i]!) ?? 0) + 1);
  return cases.size >= 2 && [...cases.values()].every((count) => count >= LEAST_CASES);
}

function sortedOrder(scores: ArrayLike<number>): Uint32Array {
  for (let i = 0; i < scores.length; i++) {
    if (Number.isNaN(scores[i])) throw new RangeError(`the score of row ${i} is not a number`);
  }
  const order = Uint32Array.from({ length: scores.length }, (_, i) => i);
  return order.sort((a, b) => scores[a]! - scores[b]!);
}
