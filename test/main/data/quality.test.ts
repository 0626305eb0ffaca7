import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { deleteDataset, describeDataset } from '../../../main/data/datasets.ts';
import { importFile } from '../../../main/data/import.ts';
import { keptReport, measureQuality, qualityReport } from '../../../main/data/quality.ts';
import type { ColumnQuality } from '../../../main/data/quality-column.ts';
import { stream } from '../../../shared/math/random.ts';
import { dataHome, type DataHome } from '../../support/data-home.ts';

const bring = async (csv: string, home: DataHome = dataHome()) => {
  const { id, snapshot } = await importFile(home.deps, { path: home.file('rows.csv', csv), name: 'rows' });
  return { home, deps: home.deps, id, snapshot };
};
const csvOf = (names: string, rows: (string | number)[][]) => `${names}\n${rows.map((row) => row.join()).join('\n')}\n`;
const named = (columns: ColumnQuality[], name: string) => columns.find((column) => column.name === name)!;

test('the figures of a small column are those worked out by hand', async () => {
  const { deps, id, snapshot } = await bring('n,c,note\n1,a,\n2,b,\n3,a,\n4,a,\n,,\n10,b,\n');
  // Mean 20 / 5; squares away from it 9 + 4 + 1 + 0 + 36 = 50, over 5 rows. Fences 2 - 3 * 2 and 4 + 3 * 2.
  const histogram = new Array<number>(20).fill(0);
  for (const bin of [0, 2, 4, 6, 19]) histogram[bin] = 1; // a bin is 0.45 wide
  expect(await measureQuality(deps, id)).toEqual({
    snapshot,
    rows: 6,
    target: null,
    columns: [
      {
        name: 'n',
        type: 'number',
        missing: 1,
        distinct: 5,
        distinctExact: true,
        numbers: {
          min: 1,
          max: 10,
          mean: 4,
          sd: Math.sqrt(10),
          quantiles: [1, 1, 2, 3, 4, 10, 10],
          rankError: 0,
          histogram,
          outliers: { below: 0, above: 0 },
        },
        categories: [],
        suspicious: [],
        identifier: null,
        leakage: null,
      },
      {
        name: 'c',
        type: 'category',
        missing: 1,
        distinct: 2,
        distinctExact: true,
        numbers: null,
        categories: [
          { value: 'a', rows: 3 },
          { value: 'b', rows: 2 },
        ],
        suspicious: [],
        identifier: null,
        leakage: null,
      },
      {
        name: 'note',
        type: 'empty',
        missing: 6,
        distinct: 0,
        distinctExact: true,
        numbers: null,
        categories: [],
        suspicious: [],
        identifier: null,
        leakage: null,
      },
    ],
  });
});

test('values far out are counted on either side', async () => {
  // Quartiles 10 and 12, so that 4 and 18 are the last that are not far out.
  const { deps, id } = await bring(`n\n${[10, 10, 11, 11, 12, 12, 3, 4, 18, 19, 11, 11].join('\n')}\n`);
  const { outliers, quantiles } = (await measureQuality(deps, id)).columns[0]!.numbers!;
  expect(quantiles.slice(2, 5)).toEqual([10, 11, 12]);
  expect(outliers).toEqual({ below: 1, above: 1 });
});

describe('suspicious values', () => {
  const column = async (values: (number | string)[]) => {
    const { deps, id } = await bring(`n\n${values.join('\n')}\n`);
    return (await measureQuality(deps, id)).columns[0]!.suspicious;
  };
  const measured = Array.from({ length: 40 }, (_, i) => 180 + 3 * i);

  test('are codes that stand apart from what was measured', async () => {
    expect(await column([...measured, 0, 0, 999, -9])).toEqual([
      { value: -9, rows: 1 },
      { value: 0, rows: 2 },
      { value: 999, rows: 1 },
    ]);
  });

  test('are not codes that the measurements reach or surround', async () => {
    expect(await column([...measured.map((value) => value - 180), 99])).toEqual([]);
    expect(await column(Array.from({ length: 40 }, (_, i) => i - 20))).toEqual([]);
  });

  test('among few codes are those outside of their whole range, and 0 is one of them', async () => {
    expect(await column([1, 2, 3, 4, 1, 2, 3, 4, 9, 0])).toEqual([{ value: 9, rows: 1 }]);
    expect(await column([0, 1, 1, 0, 1])).toEqual([]);
  });

  test('are found in the heart-disease file: cholesterol 0, and one blood pressure 0', async () => {
    const file = fileURLToPath(new URL('../../../examples/heart-disease/heart_disease_uci.csv', import.meta.url));
    const { deps, id } = await bring(readFileSync(file, 'utf8'));
    const { columns } = await measureQuality(deps, id, 'num');
    const found = columns.filter(({ suspicious }) => suspicious.length > 0);
    expect(found.map(({ name, suspicious }) => [name, suspicious])).toEqual([
      ['trestbps', [{ value: 0, rows: 1 }]],
      ['chol', [{ value: 0, rows: 172 }]],
    ]);
    expect(columns.filter(({ identifier }) => identifier !== null).map(({ name }) => name)).toEqual(['id']);
    expect(columns.filter(({ leakage }) => leakage !== null)).toEqual([]);
  });
});

test('columns that identify rows are told from measurements', async () => {
  const random = stream(1, 'quality');
  const rows = Array.from({ length: 60 }, (_, i) => [1000 + i, `P-${i}`, 30_000_001 + i, random.next(), i % 50]);
  const { deps, id } = await bring(csvOf('number,code,long,measure,age', rows));
  const { columns } = await measureQuality(deps, id);
  expect(columns.map(({ name, identifier }) => [name, identifier])).toEqual([
    ['number', 'all-different-numbers'],
    ['code', 'all-different-texts'],
    ['long', 'numbers-too-large'],
    ['measure', null],
    ['age', null],
  ]);
});

describe('columns that tell the target alone', () => {
  // Of 100 rows the odd ones are ill; in `near` 15 of each overlap: 105 of 2,500 pairs are wrong, AUC .958.
  const rows = Array.from({ length: 100 }, (_, i) => {
    const ill = i % 2;
    return [
      ill,
      ill === 1 ? 1000 - i : i,
      i < 30 ? 50 + i : ill === 1 ? 900 - i : i - 900,
      ill === 1 ? 'discharged to hospice' : 'home',
      ill === 1 ? 3.5 : '',
      i % 7,
    ];
  });
  const csv = csvOf('ill,score,near,where,date,plain', rows);

  test('are named with how well they tell it', async () => {
    const { deps, id } = await bring(csv);
    const { columns, target } = await measureQuality(deps, id, 'ill');
    expect(target).toBe('ill');
    expect(columns.map(({ name, leakage }) => [name, leakage])).toEqual([
      ['ill', null],
      ['score', { measure: 'auc', score: 1 }],
      ['near', null],
      ['where', { measure: 'one-to-one', score: 1 }],
      ['date', { measure: 'missingness', score: 1 }],
      ['plain', null],
    ]);
  });

  test('are found for more than two classes', async () => {
    const many = Array.from({ length: 90 }, (_, i) => [i % 3, ['x', 'y', 'z'][i % 3]!, i]);
    const { deps, id } = await bring(csvOf('stage,copy,n', many));
    const { columns } = await measureQuality(deps, id, 'stage');
    expect(named(columns, 'copy').leakage).toEqual({ measure: 'one-to-one', score: 1 });
    expect((await measureQuality(deps, id, 'copy')).columns[0]!.leakage).toEqual({ measure: 'auc', score: 1 });
  });

  test('need a target that is a column with few values', async () => {
    const { deps, id } = await bring(csv);
    await expect(measureQuality(deps, id, 'death')).rejects.toThrow('keeps no column "death" to be a target');
    await expect(measureQuality(deps, id, 'score')).rejects.toThrow('has 100 different values; a target has 2 to 20');
  });
});

test('a large column is measured in flat memory, its quantiles within the rank error that is told', async () => {
  const rows = 60_000;
  const random = stream(3, 'large');
  const values = Array.from({ length: rows }, () => Math.fround(random.normal() * 10 + 100));
  const { deps, id } = await bring(`n\n${values.join('\n')}\n`);
  const { numbers, distinctExact, distinct } = (await measureQuality(deps, id)).columns[0]!;
  expect(numbers!.rankError).toBeGreaterThan(0);
  expect(numbers!.rankError).toBeLessThan(0.001);
  const sorted = values.toSorted((a, b) => a - b);
  [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99].forEach((p, at) => {
    const rank = sorted.findIndex((value) => value >= numbers!.quantiles[at]! - 1e-4) / rows;
    expect(Math.abs(rank - p)).toBeLessThan(numbers!.rankError + 1e-4);
  });
  expect(numbers!.histogram.reduce((sum, count) => sum + count, 0)).toBe(rows);
  expect(numbers!.mean).toBeCloseTo(values.reduce((sum, value) => sum + value, 0) / rows, 9);
  expect(distinctExact).toBe(false);
  expect(Math.abs(distinct / new Set(values).size - 1)).toBeLessThan(0.05);
});

test('progress is told of both passages, and a report that is cancelled in either is not kept', async () => {
  const { home, deps, id } = await bring(`n\n${Array.from({ length: 10_000 }, (_, i) => i).join('\n')}\n`);
  const before = home.counts();
  for (const phase of ['measuring', 'counting']) {
    const stop = new AbortController();
    const progress = (now: { phase: string }) => void (now.phase === phase && stop.abort());
    const cancelled = qualityReport(deps, id, undefined, { progress, signal: stop.signal });
    await expect(cancelled).rejects.toMatchObject({ code: 'CANCELED' });
  }
  expect([home.counts(), keptReport(deps, id)]).toEqual([before, undefined]);
  const told: unknown[] = [];
  await qualityReport(deps, id, undefined, { progress: (now) => told.push(now) });
  expect(told).toEqual([
    { phase: 'measuring', rows: 8192, totalRows: 10_000 },
    { phase: 'measuring', rows: 10_000, totalRows: 10_000 },
    { phase: 'counting', rows: 8192, totalRows: 10_000 },
    { phase: 'counting', rows: 10_000, totalRows: 10_000 },
  ]);
});

describe('a report that is kept', () => {
  const csv = csvOf(
    'hidden_column,kind',
    Array.from({ length: 60 }, (_, i) => [(12_345.678 + i * 3.3).toFixed(3), i % 2 ? 'Quetzalcoatl' : 'zygomorphic']),
  );

  test('is measured once a target, on record, and given again', async () => {
    const { home, deps, id, snapshot } = await bring(csv);
    expect(keptReport(deps, id)).toBeUndefined();
    const first = await qualityReport(deps, id);
    expect(await qualityReport(deps, id)).toEqual(first);
    expect(home.counts().records).toBe(2);
    const targeted = await qualityReport(deps, id, 'kind');
    expect(await qualityReport(deps, id)).toEqual(targeted);
    expect(home.counts().records).toBe(3);
    const { bytes } = deps.journal.read.get<{ bytes: Buffer }>("select bytes from record where kind = 'quality.kept'")!;
    expect(JSON.parse(Buffer.from(bytes).toString())).toMatchObject({ detail: { dataset: id, snapshot } });
  });

  test('can be read by nobody without the key of the data set', async () => {
    const { home, deps, id } = await bring(csv);
    const { columns } = await qualityReport(deps, id, 'kind');
    const { mean, sd, min, max, quantiles } = columns[0]!.numbers!;
    const bytes = home.bytesAtRest();
    expect(bytes.includes(id)).toBe(true);
    for (const secret of ['hidden_column', 'Quetzalcoatl', 'zygomorphic', 'histogram', 'quantiles'])
      expect(bytes.includes(secret), secret).toBe(false);
    for (const figure of [mean, sd, min, max, ...quantiles]) {
      expect(bytes.includes(String(figure)), String(figure)).toBe(false);
      expect(bytes.includes(Buffer.from(Float64Array.of(figure).buffer))).toBe(false);
      expect(bytes.includes(Buffer.from(Float32Array.of(figure).buffer))).toBe(false);
    }
  });

  test('goes with the data set', async () => {
    const { deps, id } = await bring(csv);
    await qualityReport(deps, id);
    deleteDataset(deps, id);
    expect(deps.journal.read.get('select 1 from quality')).toBeUndefined();
    expect(() => describeDataset(deps, id)).toThrow('There is no data set');
  });
});
