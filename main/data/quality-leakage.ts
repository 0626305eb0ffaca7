// Whether a column alone tells the target: then it is likely written after the fact, and a model would learn nothing else.
import { AssentError } from '../../shared/errors.ts';
import type { ColumnMeter, ColumnQuality } from './quality-column.ts';

const MOST_CLASSES = 20;
const MOST_BINS = 4096;
const LEAST_CASES = 5;
const SUSPECT = 0.98;
/** A one-to-one category must also explain most of what guessing the largest class leaves open. */
const LIFT = 0.9;

export type ClassOf = (value: number) => number;

/** The target's values as classes 0, 1, ...; throws REQUEST_INVALID where it has none, one, or too many. */
export function targetClasses({ column, values }: ColumnMeter): { classOf: ClassOf; classes: number } {
  const found =
    column.type === 'category'
      ? column.categories.map((_, place) => place)
      : [...(values() ?? [])].toSorted((a, b) => a - b);
  if (found.length < 2 || found.length > MOST_CLASSES)
    throw new AssentError(
      'REQUEST_INVALID',
      `Column "${column.name}" has ${found.length === 0 ? 'too many' : found.length} different values; a target has 2 to ${MOST_CLASSES}.`,
    );
  const places = new Map(found.map((value, place) => [value, place]));
  return { classOf: (value) => places.get(value) ?? -1, classes: found.length };
}

/** Counts, value by value, how the rows with a target are spread over its classes. */
export function leakageMeter(meter: ColumnMeter, classes: number) {
  const categorical = meter.column.type === 'category';
  const cuts = categorical ? undefined : binsOf(meter.cuts());
  const bins = cuts?.length ?? meter.column.categories.length;
  const counts = new Float64Array((bins + 1) * classes); // the last bin holds rows without a value
  return {
    add(value: number, label: number): void {
      const bin = Number.isNaN(value) ? bins : cuts ? binOf(cuts, value) : value;
      counts[bin * classes + label]! += 1;
    },
    finish(): ColumnQuality['leakage'] {
      const ordered = Array.from({ length: bins }, (_, bin) => [
        ...counts.subarray(bin * classes, (bin + 1) * classes),
      ]);
      const none = [...counts.subarray(bins * classes)];
      const some = none.map((_, label) => ordered.reduce((sum, bin) => sum + bin[label]!, 0));
      const missingness = bestAuc([some, none], classes);
      if (missingness >= SUSPECT) return { measure: 'missingness', score: missingness };
      if (!categorical) {
        const score = bestAuc(ordered, classes);
        return score >= SUSPECT ? { measure: 'auc', score } : null;
      }
      const score = oneToOne(ordered, some);
      return score >= SUSPECT ? { measure: 'one-to-one', score } : null;
    },
    erase: () => void counts.fill(0),
  };
}

/** Upper ends of the bins: every value kept, or evenly chosen ones where there are too many. */
function binsOf(values: Float32Array): Float32Array {
  const different = values.filter((value, at) => at === 0 || value !== values[at - 1]);
  const step = Math.max(1, Math.ceil(different.length / MOST_BINS));
  return different.filter((_, at) => (different.length - 1 - at) % step === 0);
}

/** The first bin whose end is not below the value; the last one where all are. */
function binOf(ends: Float32Array, value: number): number {
  let low = 0;
  let high = ends.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ends[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The best AUC of one class against the others, whichever way it points; ties (rows of one bin) count half. */
function bestAuc(bins: readonly number[][], classes: number): number {
  let best = 0;
  for (let label = classes === 2 ? 1 : 0; label < classes; label++) {
    let positives = 0;
    let negatives = 0;
    let pairs = 0;
    for (const bin of bins) {
      const own = bin[label]!;
      const others = bin.reduce((sum, count) => sum + count, 0) - own;
      pairs += own * (negatives + others / 2);
      positives += own;
      negatives += others;
    }
    if (positives < LEAST_CASES || negatives < LEAST_CASES) continue;
    const area = pairs / (positives * negatives);
    best = Math.max(best, area, 1 - area);
  }
  return best;
}

/** The share of rows whose class the value's own majority tells; 0 where that is no better than guessing, or by chance. */
function oneToOne(bins: readonly number[][], classes: readonly number[]): number {
  const rows = classes.reduce((sum, count) => sum + count, 0);
  const used = bins.filter((bin) => bin.some((count) => count > 0));
  const guessed = Math.max(...classes) / rows;
  const right = used.reduce((sum, bin) => sum + Math.max(...bin), 0) / rows;
  if (rows < LEAST_CASES * used.length || right - guessed < LIFT * (1 - guessed)) return 0;
  return guessed === 1 ? 0 : right;
}
