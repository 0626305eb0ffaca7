import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { describeDataset } from '../../../main/data/datasets.ts';
import { importFile } from '../../../main/data/import.ts';
import { suggestMapping } from '../../../main/data/mapping.ts';
import { checkMapping, loadRows } from '../../../main/data/rows.ts';
import { encodeTable, readTable, type Table } from '../../../main/data/table.ts';
import type { TrainingRows } from '../../../main/stages.ts';
import { encodedColumns } from '../../../shared/study/columns.ts';
import { dataHome } from '../../support/data-home.ts';
import { exampleStudy } from '../../support/example-study.ts';

const study = exampleStudy();
const columns = encodedColumns(study).map(({ column }) => column);
const example = fileURLToPath(new URL('../../../examples/heart-disease/heart_disease_uci.csv', import.meta.url));
const text = readFileSync(example, 'utf8');
const [header, ...lines] = text.trim().split('\n') as [string, ...string[]];
const hospital = (name: string) => [header, ...lines.filter((line) => line.split(',')[3] === name), ''].join('\n');

async function imported(content: string) {
  const home = dataHome();
  const { id, snapshot } = await importFile(home.deps, { path: home.file('heart.csv', content), name: 'heart' });
  const mapping = suggestMapping(describeDataset(home.deps, id).schema, study);
  return { deps: home.deps, id, snapshot, mapping };
}

const rowTexts = ({ features, labels, rows, width }: TrainingRows) =>
  Array.from(
    { length: rows },
    (_, row) => `${features.subarray(row * width, (row + 1) * width).join()} ${labels[row]}`,
  );

describe('the heart-disease file', () => {
  test('is the published one', () => {
    expect(createHash('sha256').update(text).digest('hex')).toBe(
      '574f2fa2b43012fa25fca4fcdb36bd7c6bccdd0af4242f6c0e4c8633c5a072ae',
    );
  });

  test.each([
    ['Cleveland', 304],
    ['Hungary', 293],
    ['Switzerland', 123],
    ['VA Long Beach', 200],
  ])('of %s maps by itself and gives %i usable rows', async (name, rows) => {
    const { deps, id, mapping, snapshot } = await imported(hospital(name));
    const report = await checkMapping(deps, id, study, mapping);
    expect({ rows: report.rows, usable: report.usable, refused: report.refused }).toEqual({
      rows,
      usable: rows,
      refused: [],
    });
    expect(report.columns.map((column) => column.column)).toEqual(
      [...study.schema.features, study.schema.target].map((column) => column.name),
    );
    expect(report.columns.flatMap((column) => column.unmatched)).toEqual([]);
    const loaded = await loadRows(deps, id, study, mapping);
    expect(loaded.train.rows + loaded.validation.rows + loaded.test.rows).toBe(rows);
    expect(loaded.train.width).toBe(columns.length);
    expect(loaded.snapshot).toBe(snapshot);
  });

  test('has cholesterol 0 read as missing: all of Switzerland’s', async () => {
    const { deps, id, mapping } = await imported(hospital('Switzerland'));
    const report = await checkMapping(deps, id, study, mapping);
    expect(report.columns.find(({ name }) => name === 'chol')).toMatchObject({ missing: 123, clipped: 0 });
    const { train } = await loadRows(deps, id, study, mapping);
    const chol = columns.indexOf('chol');
    const feature = study.schema.features.find(({ name }) => name === 'chol')!;
    const filled = feature.kind === 'number' ? (feature.missing.value - feature.mean) / feature.sd : NaN;
    expect(new Set(Array.from({ length: train.rows }, (_, row) => train.features[row * train.width + chol]))).toEqual(
      new Set([filled]),
    );
  });

  test('encodes its first row as worked out by hand', async () => {
    // 63, Male, typical angina, 145, 233, TRUE, lv hypertrophy, 150, FALSE, 2.3, downsloping; num 0.
    const table = await readTable(example);
    const one = { ...table, rows: 1 };
    const mapping = suggestMapping(table.columns, study);
    const {
      train,
      test: tested,
      validation,
    } = encodeTable({ ...study, split: { ...study.split, train: 1, test: 0 } }, mapping, one);
    expect([train.rows, validation.rows, tested.rows, train.labels[0]]).toEqual([1, 0, 0, 0]);
    const constants = Object.fromEntries(study.schema.features.map((each) => [each.name, each]));
    const scaled = (name: string, raw: number) => {
      const feature = constants[name]!;
      return feature.kind === 'number' ? Math.fround((Math.fround(raw) - feature.mean) / feature.sd) : NaN;
    };
    const ones = [
      'sex=Male',
      'cp=typical angina',
      'fbs=TRUE',
      'restecg=lv hypertrophy',
      'exang=FALSE',
      'slope=downsloping',
    ];
    const numbers: Record<string, number> = { age: 63, trestbps: 145, chol: 233, thalch: 150, oldpeak: 2.3 };
    expect([...train.features]).toEqual(
      columns.map((column) => (column in numbers ? scaled(column, numbers[column]!) : ones.includes(column) ? 1 : 0)),
    );
  });
});

describe('rows that a study sees', () => {
  let table: Table;
  beforeAll(async () => {
    table = await readTable(example);
  });

  test('are the same from the store as from the public file', async () => {
    const { deps, id, mapping } = await imported(text);
    const { snapshot: _, erase: __, ...stored } = await loadRows(deps, id, study, mapping);
    const { erase: ___, ...read } = encodeTable(study, mapping, table);
    expect(stored).toEqual(read);
    expect(stored.train.features.buffer).toBeInstanceOf(SharedArrayBuffer);
  });

  test('are dealt to the same splits whatever their order in the file', async () => {
    const { deps, id, mapping } = await imported([header, ...lines.toReversed(), ''].join('\n'));
    const reversed = await loadRows(deps, id, study, mapping);
    const forward = encodeTable(study, mapping, table);
    expect(rowTexts(reversed.train)).toEqual(rowTexts(forward.train).toReversed());
    expect(rowTexts(reversed.test)).toEqual(rowTexts(forward.test).toReversed());
  });

  test('are zeros once erased', async () => {
    const { deps, id, mapping } = await imported(hospital('Hungary'));
    const { train, test: tested, erase } = await loadRows(deps, id, study, mapping);
    expect(train.features.some((value) => value !== 0) && tested.labels.some((value) => value !== 0)).toBe(true);
    erase();
    for (const part of [train, tested])
      expect([...part.features, ...part.labels].every((value) => value === 0)).toBe(true);
  });

  test('leave out those that cannot be used, and the check says how many and why', async () => {
    const csv = 'num,cp,age\n0,asymptomatic,50\n,odd,51\n1,tight,52\n7,non-anginal,53\n?,non-anginal,54\n1,tight,200\n';
    const { deps, id, mapping } = await imported(csv);
    const report = await checkMapping(deps, id, study, mapping);
    expect({ rows: report.rows, usable: report.usable, refused: report.refused }).toEqual({
      rows: 6,
      usable: 1,
      refused: [
        { name: 'num', reason: 'target-missing', rows: 2 },
        { name: 'cp', reason: 'value-unmatched', rows: 2 },
        { name: 'num', reason: 'value-unmatched', rows: 1 },
      ],
    });
    const column = (name: string) => report.columns.find((each) => each.name === name);
    expect(column('cp')).toMatchObject({ column: 'cp', unmatched: ['odd', 'tight'] }); // in rows without a target too
    expect(column('num')).toMatchObject({ column: 'num', unmatched: ['7'], missing: 2 });
    expect(column('chol')).toMatchObject({ column: null });
    const { train, test: tested } = await loadRows(deps, id, study, mapping);
    expect(train.rows + tested.rows).toBe(1);
  });

  test('of an unknown data set are refused', async () => {
    const { deps, mapping } = await imported(hospital('Cleveland'));
    await expect(loadRows(deps, 'ds-0', study, mapping)).rejects.toMatchObject({ code: 'DATASET_UNKNOWN' });
  });
});
