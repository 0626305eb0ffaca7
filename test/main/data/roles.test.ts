import { describe, expect, test } from 'vitest';
import { describeDataset, openGroups } from '../../../main/data/datasets.ts';
import { importFile } from '../../../main/data/import.ts';
import { parquetTyping } from '../../../main/data/parquet-typing.ts';
import { inspectFile } from '../../../main/data/source.ts';
import { withdrawRows } from '../../../main/data/withdraw.ts';
import { DEFAULTS } from '../../../main/data/settings.ts';
import { textReader } from '../../../main/data/values.ts';
import type { Roles } from '../../../main/data/columns.ts';
import { dataHome } from '../../support/data-home.ts';
import { writeParquet, type ParquetColumn, type ParquetValue } from '../../support/parquet.ts';

const NOTHING = { datasets: 0, groups: 0, records: 0 };

function bringing() {
  const home = dataHome();
  const load = (path: string, roles: Roles) => importFile(home.deps, { path, name: 'ours', roles });
  return {
    home,
    csv: (text: string, roles: Roles) => load(home.file('rows.csv', text), roles),
    parquet(columns: ParquetColumn[], groups: ParquetValue[][][], roles: Roles) {
      const path = home.file('rows.parquet', '');
      writeParquet(path, columns, groups);
      return load(path, roles);
    },
    rows(id: string) {
      const values: number[] = [];
      for (const group of openGroups(home.deps, id)) values.push(...group.values);
      return values;
    },
    withdraw: (id: string, column: string, ids: string[]) => withdrawRows(home.deps, id, { column, ids }, () => {}),
    kept: (id: string, name: string) => describeDataset(home.deps, id).schema.find((column) => column.name === name)!,
  };
}

describe('a column of identifiers in a Parquet file', () => {
  const ID_AND_N: ParquetColumn[] = [
    { name: 'patient', type: 'string' },
    { name: 'n', type: 'int32' },
  ];

  test('is kept as salted hashes, by which rows are withdrawn, over row groups of other sizes than ours', async () => {
    const { home, parquet, rows, withdraw, kept } = bringing();
    const groups = [5000, 5000, 1].map((count, group) => {
      const numbers = Array.from({ length: count }, (_, row) => group * 5000 + row);
      return [numbers.map((number) => `Quetzal-${number}`), numbers];
    });
    const { id } = await parquet(ID_AND_N, groups, { identifier: 'patient' });
    expect(kept(id, 'patient')).toEqual({ name: 'patient', type: 'text', missing: 0, categories: [], lossy: false });
    expect(home.bytesAtRest().includes('Quetzal')).toBe(false);
    const opted = ['Quetzal-0', ' Quetzal-8192', 'Quetzal-10000', 'Quetzal-10001'];
    expect(await withdraw(id, 'patient', opted)).toMatchObject({ withdrawn: 3, found: 3, rows: 9998 });
    const left = new Set(rows(id));
    expect([0, 1, 8191, 8192, 8193, 9999, 10_000].filter((number) => !left.has(number))).toEqual([0, 8192, 10_000]);
  });

  test('may hold whole numbers of any size, days, or nothing in some rows', async () => {
    for (const [type, values, ids] of [
      ['int32', [7, null, 9], ['7', '9', '']],
      ['int64', [9_007_199_254_740_993n, null, 9_007_199_254_740_992n], ['9007199254740993']],
      ['double', [7, null, 1.5], ['7', '1.5']],
      ['date', [0, null, 19_782], ['1970-01-01']],
    ] as [ParquetColumn['type'], ParquetValue[], string[]][]) {
      const { parquet, rows, withdraw, kept } = bringing();
      const columns: ParquetColumn[] = [{ name: 'number', type }, ID_AND_N[1]!];
      const { id } = await parquet(columns, [[values, [1, 2, 3]]], { identifier: 'number' });
      expect([type, kept(id, 'number').missing]).toEqual([type, 1]);
      await withdraw(id, 'number', [ids[0]!]);
      expect([type, rows(id)]).toEqual([type, [2, 3]]);
    }
  });

  test('is refused where two identifiers could be taken for one', async () => {
    const { home, parquet } = bringing();
    const columns: ParquetColumn[] = [{ name: 'id', type: 'double' }, ID_AND_N[1]!];
    await expect(
      parquet(
        columns,
        [
          [
            [1, 2 ** 53],
            [1, 2],
          ],
        ],
        { identifier: 'id' },
      ),
    ).rejects.toMatchObject({
      code: 'PARQUET_INVALID',
      message: expect.stringContaining('rows.parquet, row 2, column 1 "id": 9007199254740992 is not exact') as string,
    });
    const nested = parquetTyping('rows.parquet', { names: ['id'], days: [false] }, textReader(DEFAULTS), {
      identifier: 'id',
    });
    expect(() => nested.nested(0)).toThrow('column 1 "id": the column holds lists, records or bytes');
    expect(home.counts()).toEqual(NOTHING);
  });
});

describe('identifiers of which the first are numbers and others are not', () => {
  const csv = 'case,age\n1001,40\n1002,50\n1002A,60\n';

  test('are read where the column is named', async () => {
    const { csv: bring, rows, withdraw, kept } = bringing();
    const { id } = await bring(csv, { identifier: 'case' });
    expect(kept(id, 'case').type).toBe('text');
    await withdraw(id, 'case', ['1002A']);
    expect(rows(id)).toEqual([40, 50]);
    const other = bringing();
    const columns: ParquetColumn[] = [
      { name: 'case', type: 'string' },
      { name: 'age', type: 'int32' },
    ];
    const groups = [
      [
        ['1001', '1002', '1002A'],
        [40, 50, 60],
      ],
    ];
    const { id: again } = await other.parquet(columns, groups, { identifier: 'case' });
    await other.withdraw(again, 'case', ['1002A', '1001']);
    expect(other.rows(again)).toEqual([50]);
  });

  test('are refused where it is not, with what can be said', async () => {
    const { home, csv: bring } = bringing();
    await expect(bring(csv, {})).rejects.toMatchObject({
      code: 'CSV_INVALID',
      message:
        'rows.csv, line 4, column 1 "case": "1002A" is not a number, but 2 values of this column are. If the value is right: --id-column "case" where the column identifies rows, or --text-column "case" to read all of it as text.',
    });
    await expect(bring('born,n\n1960-01-02,1\n1960-01-03,2\nspring,3\n', {})).rejects.toThrow(
      '"spring" is not a date, but 2 values of this column are. Its order of day, month and year can be said (--date-format). If the value is right: --id-column "born"',
    );
    expect(home.counts()).toEqual(NOTHING);
  });

  test('do not keep a person from looking at the file', async () => {
    const { home } = bringing();
    const { columns } = await inspectFile(home.file('rows.csv', csv));
    expect(columns.map(({ name, type, problem }) => [name, type, problem?.includes('--id-column "case"')])).toEqual([
      ['case', 'text', true],
      ['age', 'number', undefined],
    ]);
  });
});

describe('a column that a person calls text', () => {
  test('becomes categories to the letter, leading zeros and all', async () => {
    const { csv, rows, kept } = bringing();
    const { id } = await csv('code,n\n0250,1\n250,2\nV58.1,3\nNA,4\n 250 ,5\n', { texts: ['code'] });
    expect(kept(id, 'code')).toMatchObject({ type: 'category', missing: 1, categories: ['0250', '250', 'V58.1'] });
    expect(rows(id)).toEqual([0, 1, 1, 2, 2, 3, NaN, 4, 1, 5]);
  });

  test('does so in a Parquet file too, whatever its values are there', async () => {
    const { parquet, rows, kept } = bringing();
    const columns: ParquetColumn[] = [
      { name: 'icd', type: 'string' },
      { name: 'ward', type: 'int64' },
      { name: 'grade', type: 'double' },
      { name: 'day', type: 'date' },
    ];
    const groups = [
      [
        ['250', 'V58', null],
        [12n, 7n, 12n],
        [2.5, NaN, 1],
        [0, 0, 1],
      ],
      [['250'], [null], [2.5], [null]],
    ];
    const { id } = await parquet(columns, groups, { texts: ['icd', 'ward', 'grade', 'day'] });
    expect(columns.map(({ name }) => kept(id, name).categories)).toEqual([
      ['250', 'V58'],
      ['12', '7'],
      ['1', '2.5'],
      ['1970-01-01', '1970-01-02'],
    ]);
    const byRow = [0, 1, 2, 3].map((row) => rows(id).slice(row * 4, row * 4 + 4));
    expect(byRow).toEqual([
      [0, 0, 1, 0],
      [1, 1, NaN, 0],
      [NaN, 0, 0, 1],
      [0, NaN, 1, NaN],
    ]);
  });

  test('is left out, as any free text is, where too many values are different', async () => {
    const { csv, kept } = bringing();
    const { id } = await csv(`code,n\n${Array.from({ length: 10_001 }, (_, i) => `${i},1`).join('\n')}\n`, {
      texts: ['code'],
    });
    expect(kept(id, 'code').type).toBe('text');
  });
});

test('a column that is not there is named, before the file is read, and nothing of it stays', async () => {
  const { home, csv, parquet } = bringing();
  const columns: ParquetColumn[] = [{ name: 'patient', type: 'string' }];
  await expect(csv('patient,age\nP-1,old\nP-2,3\n', { identifier: 'Patient' })).rejects.toThrow(
    'rows.csv has no column "Patient" to identify rows by.',
  );
  await expect(parquet(columns, [[['P-1']]], { texts: ['age', 'patient'] })).rejects.toThrow(
    'rows.parquet has no column "age" to read as text.',
  );
  expect(home.counts()).toEqual(NOTHING);
});
