// What one column of a data set looks like: figures, histogram, outliers, suspicious values, and whether it identifies rows.
import type { Column } from './columns.ts';
import { distinctCounter } from './distinct.ts';
import { quantileOf, quantileSketch } from './quantiles.ts';

export type SuspiciousValue = { value: number; rows: number };
export type NumberFigures = {
  min: number;
  max: number;
  mean: number;
  /** Of the rows themselves: divided by their number. */
  sd: number;
  /** p01, p05, p25, p50, p75, p95, p99 by nearest rank. */
  quantiles: number[];
  /** The most by which the rank of a quantile is wrong, as a share of the values; 0: exact. */
  rankError: number;
  /** Twenty bins of equal width from min to max; the last one includes max. */
  histogram: number[];
  /** Values further than 3 interquartile ranges from the quartiles (Tukey 1977, "far out"); none where that range is 0. */
  outliers: { below: number; above: number };
};
export type ColumnQuality = {
  name: string;
  type: Column['type'];
  missing: number;
  /** Different values; estimated (1.6 % standard error) where `distinctExact` is false. */
  distinct: number;
  distinctExact: boolean;
  numbers: NumberFigures | null;
  /** The most frequent values of a category column, at most ten. */
  categories: { value: string; rows: number }[];
  /** Codes that look like "missing" and stand apart from all other values, such as 0 or 999. */
  suspicious: SuspiciousValue[];
  /** Why the column looks like an identifier; null: it does not. */
  identifier: 'all-different-numbers' | 'all-different-texts' | 'numbers-too-large' | null;
  /** How well this column alone tells the target; null where no target was named or it tells little. */
  leakage: { measure: 'auc' | 'one-to-one' | 'missingness'; score: number } | null;
};

export const QUANTILES = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99] as const;
const BINS = 20;
const MOST_DISTINCT = 16_384;
const MOST_SHOWN = 10;
/** With fewer rows, measurements are all different by chance. */
const LEAST_FOR_IDENTIFIER = 50;
/** What people write for "no value" where only a number fits. */
const CODES: ReadonlySet<number> = new Set([0, -1, -9, -99, -999, -9999, 9, 99, 999, 9999, 99_999]);
const FENCE = 3;

export type ColumnMeter = ReturnType<typeof columnMeter>;

/** Sees every value of a kept column twice: `add` in the first pass over the rows, `place` in the second, then `finish`. */
export function columnMeter(column: Column, keep: number) {
  const categorical = column.type === 'category';
  const sketch = quantileSketch(keep);
  const different = distinctCounter(MOST_DISTINCT);
  const counts = new Float64Array(categorical ? column.categories.length : 0);
  const codes = new Map<number, number>();
  const histogram = new Array<number>(BINS).fill(0);
  const outliers = { below: 0, above: 0 };
  let missing = 0;
  let present = 0;
  let min = Infinity;
  let max = -Infinity;
  let mean = 0;
  let squares = 0;
  let whole = true;
  let fences: [number, number] | undefined;
  let items: ReturnType<typeof sketch.items> | undefined;
  const kept = () => (items ??= sketch.items());

  return {
    column,
    values: () => different.values(),
    /** Values kept of the first pass, ascending: where a column can be cut into bins. */
    cuts: () => kept().values,
    add(value: number): void {
      if (Number.isNaN(value)) {
        missing += 1;
        return;
      }
      present += 1;
      if (categorical) {
        counts[value]! += 1;
        return;
      }
      sketch.add(value);
      different.add(value);
      if (value < min) min = value;
      if (value > max) max = value;
      const away = value - mean; // Welford 1962: no cancellation
      mean += away / present;
      squares += away * (value - mean);
      if (value !== Math.trunc(value)) whole = false;
      else if (CODES.has(value)) codes.set(value, (codes.get(value) ?? 0) + 1);
    },
    place(value: number): void {
      if (categorical || Number.isNaN(value)) return;
      if (!fences) {
        const [low, high] = [quantileOf(kept(), 0.25), quantileOf(kept(), 0.75)];
        const reach = FENCE * (high - low);
        fences = reach === 0 ? [-Infinity, Infinity] : [low - reach, high + reach];
      }
      const bin = max === min ? 0 : Math.floor(((value - min) / (max - min)) * BINS);
      histogram[Math.min(bin, BINS - 1)]! += 1;
      if (value < fences[0]) outliers.below += 1;
      if (value > fences[1]) outliers.above += 1;
    },
    finish(): ColumnQuality {
      const distinct = categorical ? counts.filter((count) => count > 0).length : different.count();
      return {
        name: column.name,
        type: column.type,
        missing,
        distinct,
        distinctExact: categorical || different.exact(),
        numbers: categorical || present === 0 ? null : figures(),
        categories: column.categories
          .map((value, place) => ({ value, rows: counts[place]! }))
          .filter(({ rows }) => rows > 0)
          .toSorted((a, b) => b.rows - a.rows)
          .slice(0, MOST_SHOWN),
        suspicious: suspicious(),
        identifier: identifier(distinct),
        leakage: null,
      };
    },
    erase(): void {
      sketch.erase();
      different.erase();
      items?.values.fill(0);
      counts.fill(0);
    },
  };

  function figures(): NumberFigures {
    return {
      min: told(min),
      max: told(max),
      mean,
      sd: Math.sqrt(squares / present),
      quantiles: QUANTILES.map((p) => told(quantileOf(kept(), p))),
      rankError: sketch.rankError(),
      histogram,
      outliers,
    };
  }

  /** A code stands apart when the next other value is further away than the others' middle half is wide. */
  function suspicious(): SuspiciousValue[] {
    if (codes.size === 0) return [];
    const { values, weights } = kept();
    const others = [...values.keys()].filter((at) => !CODES.has(values[at]!));
    const rest = {
      values: Float32Array.from(others, (at) => values[at]!),
      weights: Float64Array.from(others, (at) => weights[at]!),
    };
    const few = new Set(rest.values).size;
    if (few === 0) return [];
    const low = rest.values[0]!;
    const high = rest.values.at(-1)!;
    // Few values are codes themselves (1 to 4, say): then it is their whole range, and 0 may be one of them.
    const coded = few < 10;
    const width = coded ? high - low : quantileOf(rest, 0.75) - quantileOf(rest, 0.25);
    return [...codes]
      .filter(([value]) => !(coded && value === 0) && (value < low ? low - value : value - high) > Math.max(width, 1))
      .map(([value, rows]) => ({ value, rows }))
      .toSorted((a, b) => a.value - b.value);
  }

  function identifier(distinct: number): ColumnQuality['identifier'] {
    if (!categorical && whole && column.lossy) return 'numbers-too-large';
    if (present < LEAST_FOR_IDENTIFIER) return null;
    if (categorical) return distinct === present ? 'all-different-texts' : null;
    const all = different.exact() ? distinct === present : distinct > 0.9 * present;
    return whole && all ? 'all-different-numbers' : null;
  }
}

/** A float32 as people write it: 2.3, not 2.299999952316284. */
export const told = (value: number): number => Number(value.toPrecision(7));
