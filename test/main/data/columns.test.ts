import { expect, test } from 'vitest';
import { isMissing, numberOf } from '../../../main/data/columns.ts';
import { typedBy } from '../../../main/data/csv-fields.ts';
import { DEFAULTS } from '../../../main/data/settings.ts';

function columnOf(values: string[]) {
  const { sink, finish } = typedBy('patients.csv', DEFAULTS);
  sink.header(['x']);
  values.forEach((value, index) => {
    const bytes = Buffer.from(value);
    const [starts, ends, lines] = [0, bytes.length, index + 2].map((at) => Int32Array.of(at)) as [
      Int32Array,
      Int32Array,
      Int32Array,
    ];
    sink.row({ bytes, starts, ends, lines, doubled: Uint8Array.of(0), text: () => value });
  });
  return finish()[0]!;
}

test('a column of numbers, with every spelling of a missing value counted', () => {
  const missing = ['', ' ', '?', '-', '--', '.', 'NA', 'n/a', 'N/A', '#N/A', 'NaN', 'nan', 'null', 'NULL'];
  expect(columnOf(['1', ' 2.5 ', '-3e2', '+.5', ...missing])).toEqual({
    name: 'x',
    type: 'number',
    missing: missing.length,
    categories: [],
    lossy: false,
  });
});

test('a column of words is categories, sorted; a column of nothing is empty', () => {
  expect(columnOf(['b', 'a ', 'NA', 'b'])).toEqual({
    name: 'x',
    type: 'category',
    missing: 1,
    categories: ['a', 'b'],
    lossy: false,
  });
  expect(columnOf(['', '?'])).toEqual({ name: 'x', type: 'empty', missing: 2, categories: [], lossy: false });
});

test('few repeated codes, some of them numbers, are categories', () => {
  expect(columnOf(['0', '1', '3+', '0', '1', '3+'])).toMatchObject({ type: 'category', categories: ['0', '1', '3+'] });
});

test('a word among numbers is refused with its line and value', () => {
  const ages = Array.from({ length: 30 }, (_, row) => String(40 + row));
  expect(() => columnOf([...ages, 'old', ...ages])).toThrow(
    'patients.csv, line 32, column 1 "x": "old" is not a number, but 60 values of this column are.',
  );
  expect(() => columnOf(['1', 'a\nb'])).toThrow(
    'patients.csv, line 3, column 1 "x": "a b" is not a number, but 1 value of this column are.',
  );
});

test('many different words, or long ones, are free text', () => {
  expect(columnOf(Array.from({ length: 10_001 }, (_, row) => `name ${row}`)).type).toBe('text');
  expect(columnOf(['x'.repeat(201), 'x'.repeat(201)]).type).toBe('text');
  expect(columnOf(['Anna', 'Bert', '12', 'Carl']).type).toBe('text');
});

test('numbers that float32 cannot tell apart mark the column', () => {
  expect(columnOf(['16777216', '16777217'])).toMatchObject({ type: 'number', lossy: true });
  expect(columnOf(['16777216', '0.1'])).toMatchObject({ type: 'number', lossy: false });
});

test('only decimal numbers that float32 can hold are numbers', () => {
  expect(['0', '007', '1.', '.5', '-1.5E-3'].map(numberOf)).toEqual([0, 7, 1, 0.5, -0.0015]);
  for (const text of ['0x10', '0b1', '0o7', '1,5', '1 000', 'Infinity', '1e39', '1_0', '12a', '--1'])
    expect(numberOf(text), text).toBeNaN();
  expect(['-1', '0', 'nano', 'nil'].filter(isMissing)).toEqual([]);
});
