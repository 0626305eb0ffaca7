import { describe, expect, test } from 'vitest';
import type { Column } from '../../../main/data/columns.ts';
import { rowEncoder } from '../../../main/data/encode.ts';
import { suggestMapping, type Mapping } from '../../../main/data/mapping.ts';
import type { NumberFeature, Study } from '../../../shared/study/study.ts';
import { exampleStudy } from '../../support/example-study.ts';

const label = { en: 'a label', zh: '标签' };
/** Mean 0, deviation 1: what is encoded is the study's raw value. */
const measured = (name: string, unit: string, range: [number, number], more: Partial<NumberFeature> = {}) => ({
  name,
  label,
  kind: 'number' as const,
  unit,
  range,
  mean: 0,
  sd: 1,
  missing: { value: 0, indicator: false },
  ...more,
});
const group = {
  name: 'group',
  label: { en: 'Age group', zh: '年龄' },
  kind: 'category' as const,
  categories: ['young', 'middle', 'old'].map((value) => ({ value, label })),
  missing: { indicator: true },
};
const study: Study = {
  ...exampleStudy(),
  id: 'small',
  schema: {
    features: [
      measured('chol', 'mmol/l', [0, 20], { treatAsMissing: [0] }),
      measured('weight', 'kg', [0, 300]),
      measured('crp', 'mg/l', [-10, 10]),
      group,
    ],
    target: {
      name: 'ill',
      label,
      kind: 'class',
      classes: [
        { value: 'no', label },
        { value: 'yes', label, accepts: ['1'] },
      ],
    },
  },
};
const column = (name: string, type: Column['type'] = 'number', ...categories: string[]): Column => ({
  name,
  type,
  missing: 0,
  categories,
  lossy: false,
});
const columns = [column('c'), column('w'), column('p'), column('a'), column('ill', 'category', 'no', 'yes', 'unsure')];
const mapped = (entries: Mapping['columns']): Mapping => ({
  version: 1,
  study: 'small',
  columns: { ill: { column: 'ill' }, ...entries },
});

function encoded(mapping: Mapping, ...row: number[]) {
  const encoder = rowEncoder(study, columns, mapping);
  const out = new Float32Array(encoder.width);
  const label = encoder.encode(Float32Array.from(row), 0, out, 0);
  return typeof label === 'number' ? [...out].map((value) => Number(value.toPrecision(6))) : label;
}

describe('a mapping may', () => {
  test('convert units, with the codes for missing being those of the file', () => {
    const mapping = mapped({ chol: { column: 'c', unit: 'mg/dl' }, weight: { column: 'w', unit: 'lb' } });
    // 200 mg/dl of cholesterol are 5.17264 mmol/l; 100 lb are 45.3592 kg.
    expect(encoded(mapping, 200, 100, 1, 40, 0)).toEqual([5.17264, 45.3592, 0, 0, 0, 0, 1]);
    expect(encoded(mapping, 0, 100, 1, 40, 0)).toEqual([0, 45.3592, 0, 0, 0, 0, 1]);
  });

  test('name further codes for missing, of numbers and of categories', () => {
    const mapping = mapped({ weight: { column: 'w', missing: [999, '-9'] } });
    expect([999, -9, 70].map((w) => encoded(mapping, 1, w, 1, 1, 0))).toEqual([
      [0, 0, 0, 0, 0, 0, 1],
      [0, 0, 0, 0, 0, 0, 1],
      [0, 70, 0, 0, 0, 0, 1],
    ]);
    const unsure = mapped({ ill: { column: 'ill', missing: ['UNSURE'] } });
    expect(encoded(unsure, 1, 1, 1, 1, 2)).toEqual({ name: 'ill', reason: 'target-missing' });
    expect(encoded(mapping, 1, 1, 1, 1, 2)).toEqual({ name: 'ill', reason: 'value-unmatched' });
  });

  test('clip and take the logarithm; what has none refuses its row with the reason', () => {
    const mapping = mapped({ crp: { column: 'p', clip: [-1, 100], log: 'log10' } });
    expect(encoded(mapping, 1, 1, 5000, 1, 0)).toEqual([0, 0, 2, 0, 0, 0, 1]);
    expect(encoded(mapping, 1, 1, NaN, 1, 0)).toEqual([0, 0, 0, 0, 0, 0, 1]);
    expect(encoded(mapping, 1, 1, 0, 1, 0)).toEqual({ name: 'crp', reason: 'no-logarithm' });
  });

  test('put numbers into buckets', () => {
    const mapping = mapped({
      group: { column: 'a', missing: [0], bucket: { edges: [40, 60, 120], values: ['young', 'middle', 'old', null] } },
    });
    expect([39, 40, 59.5, 60, 130, 0].map((a) => (encoded(mapping, 1, 1, 1, a, 0) as number[]).slice(3))).toEqual([
      [1, 0, 0, 0],
      [0, 1, 0, 0],
      [0, 1, 0, 0],
      [0, 0, 1, 0],
      [0, 0, 0, 1],
      [0, 0, 0, 1],
    ]);
  });
});

test('rules that do not fit are refused with the path of the field', () => {
  const refuse = (entries: Mapping['columns']) => () => rowEncoder(study, columns, mapped(entries));
  expect(refuse({ weight: { column: 'w', unit: 'stone' } })).toThrow(
    'columns.weight.unit: "stone" does not convert into the study\'s "kg"; known: kg, g, lb.',
  );
  expect(refuse({ crp: { column: 'p', unit: 'mmol/l' } })).toThrow(
    '"mmol/l" does not convert into the study\'s "mg/l"',
  );
  expect(refuse({ weight: { column: 'w', clip: [2, 1] } })).toThrow('columns.weight.clip: the first number must be');
  expect(refuse({ weight: { column: 'w', missing: ['none'] } })).toThrow('columns.weight.missing: a number column');
  expect(refuse({ weight: { column: 'w', bucket: { edges: [1], values: ['a', 'b'] } } })).toThrow('weight.bucket: the');
  expect(refuse({ group: { column: 'a', unit: 'kg' } })).toThrow('columns.group.unit: the study wants a category');
  const bucket = (edges: number[], ...values: string[]) =>
    refuse({ group: { column: 'a', bucket: { edges, values } } });
  expect(bucket([2, 1], 'young', 'old', 'old')).toThrow('columns.group.bucket.edges: each must be above');
  expect(bucket([1], 'young')).toThrow('1 edges make 2 buckets, but there are 1 values');
  expect(bucket([1], 'young', 'ancient')).toThrow('"ancient" is no category');
});

test('values that look like another unit are noticed, and nothing is converted unasked', () => {
  const encoder = rowEncoder(study, columns, mapped({ chol: { column: 'c' } }));
  const out = new Float32Array(encoder.width);
  for (let i = 0; i < 30; i++) encoder.encode(Float32Array.of(180 + i, 1, 1, 1, 0), 0, out, 0);
  expect(encoder.unitGuesses()).toEqual(new Map([['chol', 'mg/dl']]));
  expect(out[0]).toBe(20); // the end of the range
  const said = rowEncoder(study, columns, mapped({ chol: { column: 'c', unit: 'mg/dl' } }));
  for (let i = 0; i < 30; i++) said.encode(Float32Array.of(180 + i, 1, 1, 1, 0), 0, out, 0);
  expect(said.unitGuesses()).toEqual(new Map());
});

describe('columns are suggested', () => {
  const suggested = (local: Column[], identifiers?: string[]) =>
    suggestMapping(local, study, new Set(identifiers)).columns;

  test('by synonym in either language, with the unit that a name ends with', () => {
    expect(suggested([column('Cholesterol_mg_dl'), column('体重 (lb)')])).toEqual({
      chol: { column: 'Cholesterol_mg_dl', unit: 'mg/dl' },
      weight: { column: '体重 (lb)', unit: 'lb' },
    });
    expect(suggested([column('总胆固醇'), column('body-weight')])).toEqual({
      chol: { column: '总胆固醇' },
      weight: { column: 'body-weight' },
    });
  });

  test('by the study’s own labels, and by nearly all of their values', () => {
    expect(suggested([column('Age Group', 'category', 'young', 'old')]).group).toMatchObject({ column: 'Age Group' });
    expect(suggested([column('x', 'category', 'Young', 'OLD', 'middle')]).group).toEqual({
      column: 'x',
      values: { Young: 'young', OLD: 'old', middle: 'middle' },
    });
    expect(suggested([column('x', 'category', 'Young', 'OLD', 'dog', 'cat')])).toEqual({});
  });

  test('only where there is one candidate, and a name before a synonym', () => {
    expect(suggested([column('wt'), column('body weight')])).toEqual({});
    expect(suggested([column('wt'), column('Weight')])).toEqual({ weight: { column: 'Weight' } });
  });

  test('not where they look like identifiers, unless the study asks for that very name', () => {
    expect(suggested([column('wt')], ['wt'])).toEqual({});
    expect(suggested([column('weight')], ['weight'])).toEqual({ weight: { column: 'weight' } });
  });
});
