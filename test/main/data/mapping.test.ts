import { expect, test } from 'vitest';
import type { Column } from '../../../main/data/columns.ts';
import { rowEncoder } from '../../../main/data/encode.ts';
import { parseMapping, suggestMapping, type Mapping } from '../../../main/data/mapping.ts';
import type { Study } from '../../../shared/study/study.ts';
import { exampleStudy } from '../../support/example-study.ts';

const label = { en: 'x', zh: 'x' };
const study: Study = {
  ...exampleStudy(),
  id: 'small',
  schema: {
    features: [
      {
        name: 'age',
        label,
        kind: 'number',
        range: [0, 100],
        mean: 50,
        sd: 10,
        missing: { value: 60, indicator: true },
        treatAsMissing: [0],
      },
      {
        name: 'pain',
        label,
        kind: 'category',
        categories: [
          { value: 'none', label, accepts: ['0', 'no'] },
          { value: 'some', label, accepts: ['1'] },
        ],
        missing: { indicator: true },
      },
    ],
    target: {
      name: 'ill',
      label,
      kind: 'class',
      classes: [
        { value: 'no', label, accepts: ['0', 'FALSE'] },
        { value: 'yes', label, accepts: ['1', '2', 'TRUE'] },
      ],
    },
  },
};
const number = (name: string): Column => ({ name, type: 'number', missing: 0, categories: [], lossy: false });
const category = (name: string, ...categories: string[]): Column => ({
  name,
  type: 'category',
  missing: 0,
  categories,
  lossy: false,
});

test('names and spellings suggest a mapping; what is not found is left out', () => {
  const columns = [category('PAIN', 'NO', 'odd', 'some'), category('ill', 'FALSE', 'TRUE'), number('years')];
  expect(suggestMapping(columns, study)).toEqual({
    version: 1,
    study: 'small',
    columns: {
      pain: { column: 'PAIN', values: { NO: 'none', some: 'some' } },
      ill: { column: 'ill', values: { FALSE: 'no', TRUE: 'yes' } },
    },
  });
  expect(suggestMapping([number('age'), number('pain'), number('ill')], study).columns).toEqual({
    age: { column: 'age' },
    pain: { column: 'pain' },
    ill: { column: 'ill' },
  });
});

test('rows become clipped, standardised numbers, one-hot categories and indicators, and a class', () => {
  const columns = [number('age'), category('pain', 'no', 'some'), number('ill')];
  const encoder = rowEncoder(study, columns, suggestMapping(columns, study));
  const encode = (...row: number[]) => {
    const out = new Float32Array(encoder.width).fill(9);
    const label = encoder.encode(Float32Array.from(row), 0, out, 0);
    return { label, out: [...out] };
  };
  expect(encoder.width).toBe(5);
  expect(encode(70, 1, 2)).toEqual({ label: 1, out: [2, 0, 0, 1, 0] });
  expect(encode(300, 0, 0)).toEqual({ label: 0, out: [5, 0, 1, 0, 0] });
  expect(encode(0, NaN, 1)).toEqual({ label: 1, out: [1, 1, 0, 0, 1] });
  expect(encode(70, 1, NaN).label).toEqual({ name: 'ill', reason: 'target-missing' });
  expect(encode(70, 1, 7).label).toEqual({ name: 'ill', reason: 'value-unmatched' });
  expect(encoder.report).toEqual([
    { name: 'age', column: 'age', missing: 1, clipped: 1, unmatched: [] },
    { name: 'pain', column: 'pain', missing: 1, clipped: 0, unmatched: [] },
    { name: 'ill', column: 'ill', missing: 1, clipped: 0, unmatched: ['7'] },
  ]);
});

test('a feature without a local column is missing in every row', () => {
  const columns = [number('ill')];
  const encoder = rowEncoder(study, columns, suggestMapping(columns, study));
  const out = new Float32Array(5);
  expect(encoder.encode(Float32Array.of(0), 0, out, 0)).toBe(0);
  expect([...out]).toEqual([1, 1, 0, 0, 1]);
});

test('local values may be given a category or none; others are matched by spelling or refuse their row', () => {
  const columns = [category('p', 'SOME', 'none at all', 'stray', 'unsaid'), number('code')];
  const mapping: Mapping = {
    version: 1,
    study: 'small',
    columns: {
      pain: { column: 'p', values: { 'none at all': 'none', unsaid: null } },
      ill: { column: 'code', values: { '9.0': 'yes' } },
    },
  };
  const encoder = rowEncoder(study, columns, mapping);
  const encode = (...row: number[]) => {
    const out = new Float32Array(5);
    const label = encoder.encode(Float32Array.from(row), 0, out, 0);
    return typeof label === 'number' ? [label, ...out.slice(2)] : label;
  };
  expect(encode(0, 9)).toEqual([1, 0, 1, 0]);
  expect(encode(1, 0)).toEqual([0, 1, 0, 0]);
  expect(encode(2, 0)).toEqual({ name: 'pain', reason: 'value-unmatched' });
  expect(encode(3, 0)).toEqual([0, 0, 0, 1]);
  expect(encoder.report[1]).toEqual({ name: 'pain', column: 'p', missing: 1, clipped: 0, unmatched: ['stray'] });
});

test('a mapping that fits neither study nor data set is refused with the path of the field', () => {
  const columns = [number('age'), category('pain', 'no'), number('ill'), { ...number('notes'), type: 'text' as const }];
  const good: Mapping = { version: 1, study: 'small', columns: { ill: { column: 'ill' } } };
  const refuse = (change: Partial<Mapping>) => () => rowEncoder(study, columns, { ...good, ...change });
  const mapped = (more: Mapping['columns']) => refuse({ columns: { ...good.columns, ...more } });
  expect(refuse({ study: 'other' })).toThrow('study: the mapping is for "other", not "small".');
  expect(refuse({ columns: {} })).toThrow('columns.ill: the target must be mapped to a local column.');
  expect(mapped({ weight: { column: 'age' } })).toThrow('columns.weight: the study has no column "weight".');
  expect(mapped({ age: { column: 'years' } })).toThrow('columns.age.column: the data set has no column "years".');
  expect(mapped({ age: { column: 'pain' } })).toThrow(
    'columns.age.column: column "pain" holds categories such as "no", but the study wants a number.',
  );
  expect(mapped({ age: { column: 'notes' } })).toThrow(
    'columns.age.column: column "notes" is free text, which is not kept.',
  );
  expect(mapped({ age: { column: 'age', values: { '1': 'x' } } })).toThrow(
    'columns.age.values: the study wants a number here, not categories.',
  );
  expect(mapped({ pain: { column: 'pain', values: { no: 'little' } } })).toThrow(
    'columns.pain.values: "little" is no category of the study\'s column.',
  );
});

test('a mapping is parsed strictly', () => {
  const good = { version: 1, study: 'small', columns: { ill: { column: 'ill', values: { a: 'no', b: null } } } };
  expect(parseMapping(good)).toEqual(good);
  const refused = (value: unknown) => {
    try {
      parseMapping(value);
    } catch (error) {
      return error;
    }
    return undefined;
  };
  for (const [value, path] of [
    [{ ...good, version: 2 }, 'version'],
    [{ ...good, extra: 1 }, 'extra'],
    [{ ...good, columns: { ill: {} } }, 'columns.ill.column'],
    [{ ...good, columns: { ill: { column: 'ill', one: 'kg' } } }, 'columns.ill.one'],
    [{ ...good, columns: { ill: { column: 'ill', values: { a: 1 } } } }, 'columns.ill.values.a'],
    ['text', 'mapping'],
  ] as const)
    expect(refused(value), path).toMatchObject({ code: 'MAPPING_INVALID', detail: { path } });
});
