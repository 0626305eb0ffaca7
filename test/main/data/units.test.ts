import { expect, test } from 'vitest';
import { converter, unitName, unitsFor } from '../../../main/data/units.ts';
import { CONCEPTS, plainName } from '../../../main/data/synonyms.ts';
import { SUBSTANCES } from '../../../shared/study/schema.ts';

// By the SI conversion table of the AMA Manual of Style, 11th edition, 17.5, which rounds to three digits or so.
test.each([
  ['glucose', 'mg/dl', 'mmol/l', 0.0555],
  ['cholesterol', 'mg/dl', 'mmol/l', 0.0259],
  ['triglycerides', 'mg/dl', 'mmol/l', 0.0113],
  ['creatinine', 'mg/dl', 'µmol/l', 88.4],
  ['uric-acid', 'mg/dl', 'µmol/l', 59.48],
  ['bilirubin', 'mg/dl', 'µmol/l', 17.104],
  ['calcium', 'mg/dl', 'mmol/l', 0.25],
  ['urea', 'mg/dl', 'mmol/l', 0.1665],
  ['thyroxine', 'µg/dl', 'nmol/l', 12.871],
  ['triiodothyronine', 'ng/dl', 'nmol/l', 0.0154],
] as const)('%s from %s to %s is times %d', (substance, from, to, factor) => {
  expect(converter(from, to, substance)!(1) / factor).toBeCloseTo(1, 2);
  expect(converter(to, from, substance)!(converter(from, to, substance)!(123))).toBeCloseTo(123, 9);
  expect(converter(from, to)).toBeUndefined();
});

test.each([
  ['lb', 'kg', 150, 68.0388555],
  ['in', 'cm', 70, 177.8],
  ['°F', '°C', 98.6, 37],
  ['°C', '°F', 100, 212],
  ['K', '°C', 310.15, 37],
  ['months', 'years', 30, 2.5],
  ['kPa', 'mm Hg', 16, 120.0099],
  ['fraction', '%', 0.4, 40],
  ['µIU/ml', 'mIU/l', 2.5, 2.5],
  ['g/dl', 'g/l', 14, 140],
])('%s to %s: %d is %d', (from, to, value, expected) => {
  expect(converter(from, to)!(value)).toBeCloseTo(expected, 3);
});

test('units are known however they are spelled, and only those that convert are offered', () => {
  expect([' MG / dL ', 'umol/L', 'μmol/l', 'F', '岁', 'stone'].map(unitName)).toEqual([
    'mg/dl',
    'µmol/l',
    'µmol/l',
    '°F',
    'years',
    undefined,
  ]);
  expect(converter('stone', 'stone')!(3)).toBe(3); // the same is the same, known or not
  expect(converter('kg', 'cm')).toBeUndefined();
  expect(unitsFor('kg')).toEqual(['kg', 'g', 'lb']);
  expect(unitsFor('mmol/l')).not.toContain('mg/dl');
  expect(unitsFor('mmol/l', 'glucose')).toContain('mg/dl');
});

test('a name belongs to one concept only', () => {
  const names = CONCEPTS.flatMap((concept) => concept.names.map(plainName));
  expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
  const substances = CONCEPTS.flatMap(({ substance }) => substance ?? []);
  expect(SUBSTANCES.filter((substance) => !substances.includes(substance))).toEqual([]);
});
