// What a mapping may do to local values before the study's own rules: unit, clip, logarithm, buckets, missing codes.
import type { NumberFeature } from '../../shared/study/study.ts';
import { keptNumber } from './choices.ts';
import type { Column } from './columns.ts';
import { conceptOf } from './synonyms.ts';
import { converter, unitsFor, type Substance } from './units.ts';

/** The part of a mapping's entry that changes values. */
type Rules = {
  missing?: (string | number)[];
  unit?: string;
  clip?: [number, number];
  log?: 'ln' | 'log10' | 'log2';
  bucket?: { edges: number[]; values: (string | null)[] };
};
type Refuse = (field: string, problem: string) => void;

const LOGARITHMS = { ln: Math.log, log10: Math.log10, log2: Math.log2 } as const;

/** What the study says is measured, or else what its column's name or label commonly stands for. */
const substanceOf = ({ substance, name, label }: NumberFeature): Substance | undefined =>
  substance ?? [name, label.en, label.zh].map((each) => conceptOf(each)?.substance).find((each) => each !== undefined);

/** From values in a local unit to values in the study's; undefined where the table of units has no way. */
export const unitConverter = (feature: NumberFeature, local: string) =>
  feature.unit === undefined ? undefined : converter(local, feature.unit, substanceOf(feature));

export function checkNumberRules(feature: NumberFeature, { missing, unit, clip, bucket }: Rules, refuse: Refuse): void {
  if (bucket) refuse('bucket', 'the study wants a number here, not a category.');
  if (clip && clip[0] >= clip[1]) refuse('clip', 'the first number must be below the second.');
  if (missing?.some((code) => Number.isNaN(numberFrom(code))))
    refuse('missing', 'a number column holds numbers only; which number means "missing"?');
  if (unit === undefined || unitConverter(feature, unit)) return;
  if (feature.unit === undefined) refuse('unit', 'the study says no unit for this column, so none can be converted.');
  const known = unitsFor(feature.unit!, substanceOf(feature));
  const list = known.length === 0 ? 'its unit is not in the table of units.' : `known: ${known.join(', ')}.`;
  refuse('unit', `"${unit}" does not convert into the study's "${feature.unit}"; ${list}`);
}

export function checkChoiceRules(column: Column, { unit, clip, log, bucket }: Rules, refuse: Refuse): void {
  for (const [field, rule] of Object.entries({ unit, clip, log }))
    if (rule !== undefined) refuse(field, 'the study wants a category here, not a number.');
  if (!bucket) return;
  if (column.type === 'category') refuse('bucket', 'the local column holds categories, not numbers.');
  const { edges, values } = bucket;
  if (edges.some((edge, at) => at > 0 && edge <= edges[at - 1]!))
    refuse('bucket.edges', 'each must be above the one before.');
  if (values.length !== edges.length + 1)
    refuse(
      'bucket.values',
      `${edges.length} edges make ${edges.length + 1} buckets, but there are ${values.length} values.`,
    );
}

/** A local number as a raw number of the study: NaN where it is missing, undefined where it has no logarithm. */
export type NumberReader = (raw: number) => number | undefined;

export function numberReader(feature: NumberFeature, rules: Rules | undefined): NumberReader {
  const codes = new Set([...(feature.treatAsMissing ?? []).map(Math.fround), ...codesOf(rules)]);
  if (!rules?.unit && !rules?.clip && !rules?.log) return (raw) => (codes.has(raw) ? NaN : raw);
  const [low, high] = rules.clip ?? [-Infinity, Infinity];
  const convert = rules.unit === undefined ? undefined : unitConverter(feature, rules.unit);
  const log = rules.log && LOGARITHMS[rules.log];
  return (raw) => {
    if (Number.isNaN(raw) || codes.has(raw)) return NaN;
    let value = Math.min(Math.max(raw, low), high);
    if (convert) value = convert(value);
    if (!log) return Math.fround(value);
    return value > 0 ? Math.fround(log(value)) : undefined;
  };
}

/** The numbers that a mapping calls missing, as rows keep them. */
export const codesOf = (rules: Rules | undefined): number[] => (rules?.missing ?? []).map(numberFrom);

const numberFrom = (code: string | number): number => (typeof code === 'number' ? Math.fround(code) : keptNumber(code));

/** Which bucket a number is in: the first whose edge is above it, or the last. */
export function bucketOf(edges: readonly number[], value: number): number {
  const at = edges.findIndex((edge) => value < Math.fround(edge));
  return at < 0 ? edges.length : at;
}

export type UnitGuess = { see(raw: number): void; likely(): string | undefined };

const LOOKED_AT = 1000;
const LEAST = 20;

/**
 * Whether the first values of a column look as if they were in another unit than the mapping says: at most half lie in
 * the study's range as they are, and at least nine in ten once converted. A hint to a person, never applied.
 */
export function unitGuess(feature: NumberFeature, rules: Rules | undefined): UnitGuess {
  const [low, high] = feature.range;
  const current = rules?.unit ?? feature.unit ?? '';
  const candidates = [current, ...unitsFor(feature.unit ?? '', substanceOf(feature))].map((unit) => ({
    unit,
    convert: unitConverter(feature, unit) ?? ((value: number) => value),
    inside: 0,
  }));
  let seen = 0;
  return {
    see(raw) {
      if (seen === LOOKED_AT || candidates.length === 1) return;
      seen += 1;
      for (const candidate of candidates) {
        const value = candidate.convert(raw);
        if (value >= low && value <= high) candidate.inside += 1;
      }
    },
    likely() {
      const [now, ...others] = candidates;
      if (rules?.log !== undefined || seen < LEAST || now!.inside > seen / 2) return undefined;
      const [best] = others.toSorted((a, b) => b.inside - a.inside);
      return best && best.inside >= 0.9 * seen ? best.unit : undefined;
    },
  };
}
