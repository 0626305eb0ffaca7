// The declared table of units: what converts into what. Nothing else in Assent multiplies a measurement.

import type { SUBSTANCES } from '../../shared/study/schema.ts';

export type Substance = (typeof SUBSTANCES)[number];

/** Substances whose mass and amount convert: grams a mole, from the atomic weights of IUPAC 2021 (as in PubChem). */
const GRAMS_PER_MOLE: Readonly<Record<Substance, number>> = {
  glucose: 180.156,
  cholesterol: 386.65,
  triglycerides: 885.4, // as triolein, the convention of clinical chemistry
  creatinine: 113.12,
  urea: 60.056,
  'uric-acid': 168.11,
  bilirubin: 584.7,
  calcium: 40.078,
  thyroxine: 776.87,
  triiodothyronine: 650.98,
};

/** `factor` and `offset` lead to the base unit of the kind: base = value * factor + offset. */
type Unit = { kind: string; factor: number; offset?: number; names: readonly string[] };

const unit = (kind: string, factor: number, ...names: string[]): Unit => ({ kind, factor, names });

// Pound and inch are exact by definition (1959); mm Hg is the conventional one, 133.322387415 Pa; a year has 365.25 days.
const UNITS: readonly Unit[] = [
  unit('mass', 1, 'kg', '公斤', '千克'),
  unit('mass', 0.001, 'g', '克'),
  unit('mass', 0.45359237, 'lb', 'lbs', 'pound', 'pounds', '磅'),
  unit('length', 1, 'cm', '厘米'),
  unit('length', 100, 'm', '米'),
  unit('length', 0.1, 'mm', '毫米'),
  unit('length', 2.54, 'in', 'inch', 'inches', '英寸'),
  unit('length', 30.48, 'ft', 'feet', '英尺'),
  unit('temperature', 1, '°C', 'celsius', '摄氏度'),
  { kind: 'temperature', factor: 5 / 9, offset: -160 / 9, names: ['°F', 'fahrenheit', '华氏度'] },
  { kind: 'temperature', factor: 1, offset: -273.15, names: ['K', 'kelvin'] },
  unit('time', 1, 'years', 'year', 'yr', 'yrs', '岁', '年'),
  unit('time', 1 / 12, 'months', 'month', '月'),
  unit('time', 7 / 365.25, 'weeks', 'week', '周'),
  unit('time', 1 / 365.25, 'days', 'day', '天'),
  unit('pressure', 1, 'mm Hg', '毫米汞柱'),
  unit('pressure', 1 / 0.133322387415, 'kPa', '千帕'),
  unit('share', 1, '%', 'percent', '百分比'),
  unit('share', 100, 'fraction', '比例'),
  unit('mass concentration', 1, 'g/l', 'mg/ml'),
  unit('mass concentration', 10, 'g/dl'),
  unit('mass concentration', 0.01, 'mg/dl'),
  unit('mass concentration', 0.001, 'mg/l', 'µg/ml'),
  unit('mass concentration', 1e-5, 'µg/dl'),
  unit('mass concentration', 1e-6, 'µg/l', 'ng/ml'),
  unit('mass concentration', 1e-8, 'ng/dl'),
  unit('mass concentration', 1e-9, 'ng/l', 'pg/ml'),
  unit('amount concentration', 1, 'mol/l'),
  unit('amount concentration', 1e-3, 'mmol/l'),
  unit('amount concentration', 1e-6, 'µmol/l'),
  unit('amount concentration', 1e-9, 'nmol/l'),
  unit('amount concentration', 1e-12, 'pmol/l'),
  unit('activity concentration', 1, 'U/l', 'IU/l'),
  unit('activity concentration', 1e-3, 'mU/l', 'mIU/l', 'µU/ml', 'µIU/ml'),
  unit('cell concentration', 1, '10^9/l', '10^3/µl', 'K/µl'),
  unit('cell concentration', 1e-3, '10^6/l', '/µl'),
];

/** Units are compared without case and spaces; µ may be written u, and ° left out before C and F. */
const plain = (text: string): string =>
  text.normalize('NFKC').toLowerCase().replaceAll(/\s/g, '').replaceAll('μ', 'u').replace(/^°/, '');

// Case tells nothing apart here: the table leaves out G/l (giga), which would be g/l (gram).
const BY_NAME = new Map(UNITS.flatMap((each) => each.names.map((name) => [plain(name), each] as const)));

/** The name under which the table lists a unit; undefined where it does not. */
export const unitName = (name: string): string | undefined => BY_NAME.get(plain(name))?.names[0];

/**
 * A function from values in `from` to values in `to`, or undefined where the table has none. Mass and amount of a
 * substance convert only where it is said which substance.
 */
export function converter(from: string, to: string, substance?: Substance): ((value: number) => number) | undefined {
  if (plain(from) === plain(to)) return (value) => value;
  const [source, target] = [BY_NAME.get(plain(from)), BY_NAME.get(plain(to))];
  if (!source || !target) return undefined;
  const between = bridge(source.kind, target.kind, substance);
  if (between === undefined) return undefined;
  const factor = (source.factor * between) / target.factor;
  const offset = ((source.offset ?? 0) * between - (target.offset ?? 0)) / target.factor;
  return (value) => value * factor + offset;
}

/** What one base unit of a kind is in another kind's base unit. */
function bridge(from: string, to: string, substance: Substance | undefined): number | undefined {
  if (from === to) return 1;
  const grams = substance && GRAMS_PER_MOLE[substance];
  if (grams === undefined) return undefined;
  if (from === 'mass concentration' && to === 'amount concentration') return 1 / grams;
  if (from === 'amount concentration' && to === 'mass concentration') return grams;
  return undefined;
}

/** Every unit that converts into `to`, by the name the table lists it under. */
export const unitsFor = (to: string, substance?: Substance): string[] =>
  UNITS.map(({ names }) => names[0]!).filter((name) => converter(name, to, substance) !== undefined);
