// The institution's own floor: no update from too few rows, no metric from too few cases of a class.
import { AssentError } from '../shared/errors.ts';
import type { ReleasedMetrics } from '../shared/records/round.ts';
import type { StudyRows, TrainingRows } from './stages.ts';

/** Throws FLOOR_ROWS. `rows` are those that are trained on. */
export function needRows(rows: number, floor: number, study: string): void {
  if (rows >= floor) return;
  throw new AssentError(
    'FLOOR_ROWS',
    `${rows} rows would be trained on in ${study}; this institution lets no update be computed from fewer than ${floor}.`,
    { rows: String(rows), floor: String(floor) },
  );
}

/** The metrics with null in the place of what too few cases of a class gave, and the names of those. */
export function aboveFloor(
  metrics: ReleasedMetrics,
  rows: Pick<StudyRows, 'train' | 'test'>,
  perClass: number,
): { metrics: ReleasedMetrics; withheld: string[] } {
  const few = { train: hasFew(rows.train, perClass), test: hasFew(rows.test, perClass) };
  const withheld = (Object.keys(metrics) as (keyof ReleasedMetrics)[]).filter(
    (name) => few[name === 'loss' ? 'train' : 'test'],
  );
  const kept = Object.entries(metrics).map(([name, value]) => [
    name,
    withheld.includes(name as keyof ReleasedMetrics) ? null : value,
  ]);
  return { metrics: Object.fromEntries(kept) as ReleasedMetrics, withheld };
}

/** Of a class that occurs. */
function hasFew({ labels }: Pick<TrainingRows, 'labels'>, perClass: number): boolean {
  const cases = new Map<number, number>();
  for (const label of labels) cases.set(label, (cases.get(label) ?? 0) + 1);
  return [...cases.values()].some((count) => count < perClass);
}
