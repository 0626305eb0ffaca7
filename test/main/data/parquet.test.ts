import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { describeDataset, openGroups } from '../../../main/data/datasets.ts';
import { importFile } from '../../../main/data/import.ts';
import { inspectFile } from '../../../main/data/source.ts';
import { pagesOf } from '../../../main/data/parquet-pages.ts';
import { readRuns } from '../../../main/data/parquet-runs.ts';
import { AssentError } from '../../../shared/errors.ts';
import { dataHome, type DataHome } from '../../support/data-home.ts';
import { writeParquet, type ParquetColumn, type ParquetValue } from '../../support/parquet.ts';

const COLUMNS: ParquetColumn[] = [
  { name: 'weight', type: 'double' },
  { name: 'visits', type: 'int32' },
  { name: 'number', type: 'int64' },
  { name: 'smoker', type: 'boolean' },
  { name: 'ward', type: 'string' },
  { name: 'born', type: 'date' },
  { name: 'seen', type: 'timestamp' },
  { name: 'amount', type: 'string' },
];
const GROUPS: ParquetValue[][][] = [
  [
    [70.5, null],
    [1, 2],
    [16_777_217n, 2n],
    [true, null],
    ['surgery', ' ? '],
    [-1, 0],
    [86_400_000, 0],
    ['1.5', 'NA'],
  ],
  [[-0.25], [null], [null], [false], ['Ärzte'], [null], [null], ['2']],
];

function written(home: DataHome, groups = GROUPS, columns = COLUMNS): string {
  const path = home.file('rows.parquet', '');
  writeParquet(path, columns, groups);
  return path;
}

test('a Parquet file becomes the same kinds of columns as a CSV file', async () => {
  const home = dataHome();
  const { id, rows, bytes } = await importFile(home.deps, { path: written(home), name: 'ours' });
  expect([rows, bytes]).toEqual([3, readFileSync(home.file('x', '').replace(/x$/, 'rows.parquet')).length]);
  const column = (name: string, missing: number, more = {}) => ({
    name,
    type: 'number',
    missing,
    categories: [],
    lossy: false,
    ...more,
  });
  const days = { encoding: 'days-since-1970-01-01' };
  expect(describeDataset(home.deps, id).schema).toEqual([
    column('weight', 1),
    column('visits', 1),
    column('number', 1, { lossy: true, encoding: 'nearest-float32' }),
    column('smoker', 1, { type: 'category', categories: ['false', 'true'] }),
    column('ward', 1, { type: 'category', categories: ['surgery', 'Ärzte'] }),
    column('born', 1, days),
    column('seen', 1, days),
    column('amount', 1),
  ]);
  const values: number[] = [];
  for (const group of openGroups(home.deps, id)) values.push(...group.values);
  const byRow = [0, 1, 2].map((row) => values.slice(row * 8, row * 8 + 8));
  expect(byRow).toEqual([
    [70.5, 1, 16_777_216, 1, 0, -1, 1, 1.5],
    [NaN, 2, 2, NaN, NaN, 0, 0, NaN],
    [-0.25, NaN, NaN, 0, 1, NaN, NaN, 2],
  ]);
  const { bytes: record } = home.deps.journal.read.get<{ bytes: Uint8Array }>('select bytes from record')!;
  expect(Buffer.from(record).toString()).toContain('"format":"parquet"');
});

test('a time of day is not kept, and a number that float32 cannot hold is refused with its row', async () => {
  const home = dataHome();
  const look = await inspectFile(written(home, [[[1, 86_400_000]]], [{ name: 'at', type: 'timestamp' }]));
  expect(look).toMatchObject({ format: 'parquet', rows: 2, whole: true, columns: [{ name: 'at', type: 'text' }] });
  const large = written(home, [[[1]], [[2, 1e39]]], [{ name: 'x', type: 'double' }]);
  await expect(importFile(home.deps, { path: large, name: 'large' })).rejects.toMatchObject({
    code: 'PARQUET_INVALID',
    message: 'rows.parquet, row 3, column 1 "x": 1e+39 is too large for a number that is kept here.',
  });
  const mixed = written(home, [[['1', '2', '3', 'old', '5']]], [{ name: 'age', type: 'string' }]);
  await expect(importFile(home.deps, { path: mixed, name: 'mixed' })).rejects.toThrow(
    'rows.parquet, row 4, column 1 "age": "old" is not a number, but 4 values of this column are.',
  );
  expect(home.counts()).toEqual({ datasets: 0, groups: 0, records: 0 });
});

test('row groups of other sizes than ours come out in order, and cancelling leaves nothing', async () => {
  const home = dataHome();
  const groups = Array.from({ length: 5 }, (_, group) => [
    Array.from({ length: 3000 }, (__, row) => group * 3000 + row),
  ]);
  const path = written(home, groups, [{ name: 'n', type: 'int32' }]);
  const cancel = new AbortController();
  const run = importFile(home.deps, { path, name: 'n' }, ({ pass }) => pass === 2 && cancel.abort(), cancel.signal);
  await expect(run).rejects.toMatchObject({ code: 'CANCELED' });
  expect(home.counts()).toEqual({ datasets: 0, groups: 0, records: 0 });
  const { id } = await importFile(home.deps, { path, name: 'n' });
  const values: number[] = [];
  for (const group of openGroups(home.deps, id)) values.push(...group.values);
  expect(values).toEqual(Array.from({ length: 15_000 }, (_, row) => row));
});

test('runs and packed bits of any width come back, and never more than was asked for', () => {
  const packed = (values: readonly number[], width: number): number[] => {
    const bits = values.flatMap((value) => Array.from({ length: width }, (_, bit) => Math.floor(value / 2 ** bit) % 2));
    return Array.from({ length: Math.ceil(bits.length / 8) }, (_, byte) =>
      bits.slice(byte * 8, byte * 8 + 8).reduce((sum, bit, at) => sum + bit * 2 ** at, 0),
    );
  };
  const width = fc.integer({ min: 1, max: 32 });
  const cases = width.chain((bits) =>
    fc.tuple(fc.constant(bits), fc.array(fc.integer({ min: 0, max: 2 ** bits - 1 }), { minLength: 8, maxLength: 8 })),
  );
  fc.assert(
    fc.property(cases, fc.integer({ min: 1, max: 9 }), ([bits, values], again) => {
      const run = Array.from(
        { length: Math.ceil(bits / 8) },
        (_, byte) => Math.floor(values[0]! / 2 ** (8 * byte)) % 256,
      );
      const out = new Uint32Array(8 + again);
      readRuns(Uint8Array.from([3, ...packed(values, bits), again * 2, ...run]), bits, out);
      expect([...out]).toEqual([...values, ...Array.from({ length: again }, () => values[0]!)]);
    }),
  );
  const out = new Uint8Array(4);
  readRuns(Uint8Array.from([0xfe, 0xff, 0xff, 0xff, 0x0f, 1]), 1, out); // claims two thousand million values
  expect([...out]).toEqual([1, 1, 1, 1]);
  expect(() => readRuns(Uint8Array.from([0, 1]), 1, out)).toThrow('a run has no length');
});

test('a page that claims more than its row group has is refused before anything is made for it', () => {
  const home = dataHome();
  const file = readFileSync(written(home, [[[1, 2, 3]]], [{ name: 'x', type: 'double' }]));
  const chunk = Uint8Array.from(file.subarray(4)).buffer;
  const element = { name: 'x', repetition_type: 'OPTIONAL', type: 'DOUBLE' } as const;
  const leaf = { element, children: [], count: 1, path: ['x'] };
  const schemaPath = [{ element: { name: 'schema' }, children: [leaf], count: 2, path: [] }, leaf];
  const column = { name: 'x', type: 'DOUBLE', codec: 'UNCOMPRESSED', element, schemaPath } as const;
  const pages = (rows: number) => [...pagesOf(chunk, { ...column, schemaPath }, rows)];
  expect(pages(3)).toEqual([{ rows: 3, values: Float64Array.of(1, 2, 3), present: undefined }]);
  expect(() => pages(2)).toThrow('a page claims 3 values in a row group of 2 rows');
});

test('a damaged file is refused as such, or read, and leaves nothing', async () => {
  const home = dataHome();
  const whole = readFileSync(written(home));
  const damage = fc.array(fc.tuple(fc.integer({ min: 4, max: whole.length - 1 }), fc.integer({ min: 0, max: 255 })), {
    minLength: 1,
    maxLength: 4,
  });
  await fc.assert(
    fc.asyncProperty(damage, fc.boolean(), fc.integer({ min: 4, max: whole.length }), async (bytes, cut, length) => {
      const content = Buffer.from(cut ? whole.subarray(0, length) : whole);
      for (const [at, value] of bytes) if (at < content.length) content[at] = value;
      try {
        await inspectFile(home.file('damaged.parquet', content));
        const cancel = new AbortController();
        const path = home.file('damaged.parquet', content);
        await importFile(home.deps, { path, name: 'd' }, ({ pass }) => pass === 2 && cancel.abort(), cancel.signal);
      } catch (error) {
        expect(error).toBeInstanceOf(AssentError);
        expect(['PARQUET_INVALID', 'CANCELED']).toContain((error as AssentError).code);
        if ((error as AssentError).code === 'PARQUET_INVALID')
          expect((error as AssentError).message).toMatch(/^damaged\.parquet[,:]/);
      }
      expect(home.counts()).toEqual({ datasets: 0, groups: 0, records: 0 });
    }),
    { numRuns: 1500 },
  );
});
