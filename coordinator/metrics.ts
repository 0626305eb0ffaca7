// What a round says of itself in figures: which metrics a study lets leave, and what the consortium makes of them.
import { decimalOf } from '../shared/records/fields.ts';
import type { ReleasedMetrics } from '../shared/records/round.ts';
import type { Study } from '../shared/study/study.ts';

type Released = { weight: number; metrics: ReleasedMetrics };

/**
 * What the consortium says of a round. Loss: the mean of the released losses, each weighted by its examples. The others:
 * the plain mean of the institutions' own values. Institutions with too few cases (null) are left out; null when all are.
 * Running means: no sum leaves the range of numbers.
 */
export function roundMetrics(
  released: readonly Released[],
  declared: readonly (keyof ReleasedMetrics)[],
): ReleasedMetrics {
  const metrics: ReleasedMetrics = {};
  for (const name of declared) {
    let mean = 0;
    let total = 0;
    for (const { weight, metrics: own } of released) {
      const value = own[name];
      if (value === undefined || value === null) continue;
      const share = name === 'loss' ? weight : 1;
      total += share;
      mean += (Number(value) - mean) * (share / total);
    }
    metrics[name] = total === 0 ? null : decimalOf(mean);
  }
  return metrics;
}

/** The metrics that a study lets leave. */
export const declaredMetrics = (study: Study): (keyof ReleasedMetrics)[] =>
  study.releases.filter((release) => release !== 'update' && release !== 'examples');
