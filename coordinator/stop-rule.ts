// Until convergence: a study ends when its metric has not improved enough for some rounds.
import type { ReleasedMetrics } from '../shared/records/round.ts';
import type { Rules } from './study-state.ts';

const LOWER_IS_BETTER: ReadonlySet<string> = new Set(['loss', 'logLoss']);

/** Of a metric's series: the best value, and the rounds since it was reached. */
export type Convergence = { best: number | null; stale: number };

/** One more round. A round whose metric is null (too few cases) says nothing and does not count. */
export function converge(stop: Rules['stop'], before: Convergence, metrics: ReleasedMetrics): Convergence {
  const text = stop ? metrics[stop.metric] : undefined;
  if (!stop || text === undefined || text === null) return before;
  const value = Number(text);
  if (before.best === null) return { best: value, stale: 0 };
  const gain = LOWER_IS_BETTER.has(stop.metric) ? before.best - value : value - before.best;
  return gain > 0 && gain >= stop.leastImprovement ? { best: value, stale: 0 } : { ...before, stale: before.stale + 1 };
}

export const hasConverged = (stop: Rules['stop'], { stale }: Convergence): boolean =>
  stop !== undefined && stale >= stop.patience;
