// Turns a local row into the study's model input: clipped and standardised numbers, one-hot categories, indicators; or says why not.
import { encodedWidth, spelling } from '../../shared/study/columns.ts';
import type { Choice, Feature, NumberFeature, Study } from '../../shared/study/study.ts';
import { choiceFinder, choicesOf, keptNumber } from './choices.ts';
import type { Column } from './columns.ts';
import { columnsFor, type Mapped, type Mapping } from './mapping.ts';
import { keptColumns } from './reading.ts';
import { bucketOf, codesOf, numberReader, unitGuess } from './transforms.ts';

/** Why a row cannot be used; `no-logarithm`: the mapping takes the logarithm of a number that is not above 0. */
export type Refusal = { name: string; reason: 'target-missing' | 'value-unmatched' | 'no-logarithm' };

/** What became of one column of the study in all rows seen so far, usable or not. */
export type ColumnReport = {
  name: string;
  /** The local column; null where the data set has none and every value is missing. */
  column: string | null;
  missing: number;
  /** Numbers outside the study's range, set to its end. */
  clipped: number;
  /** Local values that mean no category of the study: of texts the first 1,000, of numbers the first 20. */
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
  /** By name of feature, the unit that its values look like where the mapping says another one. */
  unitGuesses(): Map<string, string>;
};

const MISSING = -1;
const UNMATCHED = -2;
const MOST_UNMATCHED_TEXTS = 1000;
const MOST_UNMATCHED_NUMBERS = 20;
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
    return { found, entry, slot: found ? kept.indexOf(found.column) : -1 };
  };
  const guesses = new Map<string, () => string | undefined>();
  let width = 0;
  const writers = features.map((feature) => {
    const { found, entry, slot } = source(feature);
    const at = width;
    width += encodedWidth(feature);
    const place = feature.kind === 'number' ? undefined : placeFinder(choicesOf(feature), found, entry);
    const unmatched: Refusal = { name: feature.name, reason: 'value-unmatched' };
    const noLogarithm: Refusal = { name: feature.name, reason: 'no-logarithm' };
    const number = feature.kind === 'number' ? numberFinder(feature, found, entry) : undefined;
    if (number) guesses.set(feature.name, number.likely);
    const indicator = feature.missing.indicator ? at + encodedWidth(feature) - 1 : -1;
    return (row: Float32Array, from: number, out: Float32Array, to: number): Refusal | undefined => {
      const raw = slot < 0 ? NaN : row[from + slot]!;
      let missing: boolean;
      if (number) {
        const value = number.read(raw);
        if (!value) return noLogarithm;
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
  const { found, entry, slot } = source(target);
  const classOf = placeFinder(target.classes, found, entry);
  const targetMissing: Refusal = { name: target.name, reason: 'target-missing' };
  const targetUnmatched: Refusal = { name: target.name, reason: 'value-unmatched' };
  return {
    width,
    inputWidth: kept.length,
    report,
    unitGuesses: () =>
      new Map(
        [...guesses].flatMap(([name, likely]): [string, string][] => {
          const unit = likely();
          return unit === undefined ? [] : [[name, unit]];
        }),
      ),
    encode(row, from, out, to) {
      const label = classOf(slot < 0 ? NaN : row[from + slot]!);
      if (label === MISSING) entry.missing += 1;
      let refusal = label === MISSING ? targetMissing : label === UNMATCHED ? targetUnmatched : undefined;
      out.fill(0, to, to + width);
      // A row that is refused is looked at to its end: the report names all that does not fit, not the first of it.
      for (const write of writers) {
        const found = write(row, from, out, to);
        refusal ??= found;
      }
      return refusal ?? label;
    },
  };
}

function numberFinder(feature: NumberFeature, found: Mapped | undefined, entry: ColumnReport) {
  const { mean, sd, missing } = feature;
  const [low, high] = feature.range.map(Math.fround) as [number, number]; // rows hold float32, so "at the end" is too
  const toStudy = numberReader(feature, found?.rules);
  const guess = unitGuess(feature, found?.rules);
  const result = { missing: false, encoded: 0 };
  return {
    likely: guess.likely,
    read(raw: number): typeof result | undefined {
      const given = toStudy(raw);
      if (given === undefined) return undefined;
      result.missing = Number.isNaN(given);
      if (!result.missing) guess.see(raw);
      const value = result.missing ? missing.value : given;
      const clipped = Math.min(Math.max(value, low), high);
      if (!result.missing && clipped !== given) entry.clipped += 1;
      result.encoded = (clipped - mean) / sd;
      return result;
    },
  };
}

/** The place of a kept value among the study's choices, MISSING or UNMATCHED; tells `entry` what is unmatched. */
export function placeFinder(
  choices: readonly Choice[],
  found: Mapped | undefined,
  entry: Pick<ColumnReport, 'unmatched'>,
): (raw: number) => number {
  const { column, values = new Map<string, string | null>(), rules } = found ?? {};
  const bySpelling = choiceFinder(choices);
  const byNumber = new Map([...values].map(([local, value]) => [keptNumber(local), value]));
  const noValue = new Set(rules?.missing?.map((marker) => spelling(String(marker))));
  const noNumber = new Set(codesOf(rules));
  const placeNamed = (value: string | null) =>
    value === null ? MISSING : choices.findIndex((choice) => choice.value === value);
  const placeOf = (local: string, mapped: string | null | undefined): number => {
    if (mapped !== undefined) return placeNamed(mapped);
    return noValue.has(spelling(local)) ? MISSING : (bySpelling(local) ?? UNMATCHED);
  };
  const placeOfNumber = (raw: number): number => {
    if (noNumber.has(raw)) return MISSING;
    if (rules?.bucket) return placeNamed(rules.bucket.values[bucketOf(rules.bucket.edges, raw)]!);
    return placeOf(String(raw), byNumber.get(raw));
  };
  const categories = column?.type === 'category' ? column.categories : undefined;
  const most = categories ? MOST_UNMATCHED_TEXTS : MOST_UNMATCHED_NUMBERS;
  const told = new Set<string>();
  const unmatched = (local: string) => {
    if (told.size < most && !told.has(local)) entry.unmatched.push(local);
    if (told.size < most) told.add(local);
    return UNMATCHED;
  };
  const places = new Map(categories?.map((local, raw) => [raw, placeOf(local, values.get(local))]));
  return (raw) => {
    if (Number.isNaN(raw)) return MISSING;
    let place = places.get(raw);
    if (place === undefined) {
      place = placeOfNumber(raw);
      if (places.size < MOST_REMEMBERED) places.set(raw, place);
    }
    return place === UNMATCHED ? unmatched(categories?.[raw] ?? String(raw)) : place;
  };
}
