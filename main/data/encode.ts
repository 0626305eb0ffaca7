// Turns a local row into the study's model input: clipped and standardised numbers, one-hot categories, indicators; or says why not.
import { encodedWidth } from '../../shared/study/columns.ts';
import type { Choice, Feature, NumberFeature, Study } from '../../shared/study/study.ts';
import type { Column } from './columns.ts';
import { choiceFinder, choicesOf, columnsFor, keptNumber, type Mapping } from './mapping.ts';
import { keptColumns } from './reading.ts';

/** Why a row cannot be used. */
export type Refusal = { name: string; reason: 'target-missing' | 'value-unmatched' };

/** What became of one column of the study; counts are rows seen so far. */
export type ColumnReport = {
  name: string;
  /** The local column; null where the data set has none and every value is missing. */
  column: string | null;
  missing: number;
  /** Numbers outside the study's range, set to its end. */
  clipped: number;
  /** Local values that mean no category of the study; of numbers the first 20. */
  unmatched: string[];
};

export type RowEncoder = {
  /** Model inputs a row. */
  width: number;
  /** Kept local values a row. */
  inputWidth: number;
  /** Writes the row that starts at `source[from]` to `target[to..to+width)`; returns its class, or why it is not usable. */
  encode(source: Float32Array, from: number, target: Float32Array, to: number): number | Refusal;
  /** One entry a feature, then the target. */
  report: ColumnReport[];
};

const MISSING = -1;
const UNMATCHED = -2;
const MOST_UNMATCHED = 20;
const MOST_REMEMBERED = 20_000;

/** Throws MAPPING_INVALID where the mapping does not fit the study or the columns. */
export function rowEncoder(study: Study, columns: readonly Column[], mapping: Mapping): RowEncoder {
  const columnFor = columnsFor(study, columns, mapping);
  const kept = keptColumns(columns);
  const { features, target } = study.schema;
  const report: ColumnReport[] = [];
  const source = (each: Feature | Study['schema']['target']) => {
    const found = columnFor(each);
    const entry: ColumnReport = {
      name: each.name,
      column: found?.column.name ?? null,
      missing: 0,
      clipped: 0,
      unmatched: [],
    };
    report.push(entry);
    return { ...found, entry, slot: found ? kept.indexOf(found.column) : -1 };
  };
  let width = 0;
  const writers = features.map((feature) => {
    const { column, values, entry, slot } = source(feature);
    const at = width;
    width += encodedWidth(feature);
    const place = feature.kind === 'number' ? undefined : placeFinder(choicesOf(feature), column, values, entry);
    const unmatched: Refusal = { name: feature.name, reason: 'value-unmatched' };
    const number = feature.kind === 'number' ? numberFinder(feature, entry) : undefined;
    const indicator = feature.missing.indicator ? at + encodedWidth(feature) - 1 : -1;
    return (row: Float32Array, from: number, out: Float32Array, to: number): Refusal | undefined => {
      const raw = slot < 0 ? NaN : row[from + slot]!;
      let missing: boolean;
      if (number) {
        const value = number(raw);
        missing = value.missing;
        out[to + at] = value.encoded;
      } else {
        const choice = place!(raw);
        if (choice === UNMATCHED) return unmatched;
        missing = choice === MISSING;
        if (!missing) out[to + at + choice] = 1;
      }
      if (missing) entry.missing += 1;
      if (missing && indicator >= 0) out[to + indicator] = 1;
      return undefined;
    };
  });
  const { column, values, entry, slot } = source(target);
  const classOf = placeFinder(target.classes, column, values, entry);
  const targetMissing: Refusal = { name: target.name, reason: 'target-missing' };
  const targetUnmatched: Refusal = { name: target.name, reason: 'value-unmatched' };
  return {
    width,
    inputWidth: kept.length,
    report,
    encode(row, from, out, to) {
      const label = classOf(slot < 0 ? NaN : row[from + slot]!);
      if (label === MISSING) {
        entry.missing += 1;
        return targetMissing;
      }
      if (label === UNMATCHED) return targetUnmatched;
      out.fill(0, to, to + width);
      for (const write of writers) {
        const refusal = write(row, from, out, to);
        if (refusal) return refusal;
      }
      return label;
    },
  };
}

function numberFinder(feature: NumberFeature, entry: ColumnReport) {
  const { mean, sd, missing } = feature;
  const [low, high] = feature.range.map(Math.fround) as [number, number]; // rows hold float32, so "at the end" is too
  const codes = new Set(feature.treatAsMissing?.map(Math.fround));
  const result = { missing: false, encoded: 0 };
  return (raw: number) => {
    result.missing = Number.isNaN(raw) || codes.has(raw);
    const value = result.missing ? missing.value : raw;
    const clipped = Math.min(Math.max(value, low), high);
    if (!result.missing && clipped !== raw) entry.clipped += 1;
    result.encoded = (clipped - mean) / sd;
    return result;
  };
}

/** The place of a kept value among the study's choices, MISSING or UNMATCHED. */
function placeFinder(
  choices: readonly Choice[],
  column: Column | undefined,
  values: ReadonlyMap<string, string | null> = new Map(),
  entry: ColumnReport,
): (raw: number) => number {
  const bySpelling = choiceFinder(choices);
  const byNumber = new Map([...values].map(([local, value]) => [keptNumber(local), value]));
  const placeOf = (local: string, mapped: string | null | undefined): number => {
    if (mapped === null) return MISSING;
    if (mapped !== undefined) return choices.findIndex(({ value }) => value === mapped);
    return bySpelling(local) ?? UNMATCHED;
  };
  const unmatched = (local: string) => {
    if (!entry.unmatched.includes(local) && entry.unmatched.length < MOST_UNMATCHED) entry.unmatched.push(local);
    return UNMATCHED;
  };
  const categories = column?.type === 'category' ? column.categories : undefined;
  const places = new Map(categories?.map((local, raw) => [raw, placeOf(local, values.get(local))]));
  return (raw) => {
    if (Number.isNaN(raw)) return MISSING;
    let place = places.get(raw);
    if (place === undefined) {
      place = placeOf(String(raw), byNumber.get(raw));
      if (places.size < MOST_REMEMBERED) places.set(raw, place);
    }
    return place === UNMATCHED ? unmatched(categories?.[raw] ?? String(raw)) : place;
  };
}
