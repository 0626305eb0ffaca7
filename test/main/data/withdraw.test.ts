import { describe, expect, test } from 'vitest';
import { describeDataset, listDatasets, openGroups } from '../../../main/data/datasets.ts';
import { importFile } from '../../../main/data/import.ts';
import { keptReport, qualityReport } from '../../../main/data/quality.ts';
import { listSnapshots } from '../../../main/data/snapshots.ts';
import { withdrawRows } from '../../../main/data/withdraw.ts';
import { dataHome } from '../../support/data-home.ts';

const CSV = 'patient,age,sex\nP-1,40,m\nP-2,50,f\n00-7,60,m\nP-2,70,f\n';

async function bring(csv = CSV, idColumn: string | null = 'patient') {
  const home = dataHome();
  const path = home.file('rows.csv', csv);
  const roles = { identifier: idColumn ?? undefined };
  const { id, snapshot } = await importFile(home.deps, { path, name: 'ours', roles });
  const rows = () => {
    const values: number[] = [];
    for (const group of openGroups(home.deps, id)) values.push(...group.values); // zeroed when the next one is asked for
    return values;
  };
  const withdraw = (column: string, ...ids: string[]) => withdrawRows(home.deps, id, { column, ids }, () => {});
  return { home, deps: home.deps, id, snapshot, rows, withdraw };
}

test('rows of the given ids are gone from the new snapshot, and the record tells how many', async () => {
  const { deps, id, snapshot, rows, withdraw } = await bring();
  const told: unknown[] = [];
  const done = await withdrawRows(deps, id, { column: 'patient', ids: ['P-2', ' 00-7 ', 'P-9', 'P-2'] }, (_tx, now) =>
    told.push(now),
  );
  const now = describeDataset(deps, id);
  expect(done).toEqual({ withdrawn: 3, found: 2, rows: 1, snapshot: now.snapshot });
  expect(told).toEqual([{ rows: 1, snapshot: now.snapshot }]);
  expect(now.snapshot).not.toBe(snapshot);
  expect(rows()).toEqual([40, 1]);
  const at = '2026-01-02T03:04:05.678Z';
  expect(listSnapshots(deps, id)).toEqual([
    { number: 1, hash: snapshot, at, rows: 4, withdrawn: 0 },
    { number: 2, hash: now.snapshot, at, rows: 1, withdrawn: 3 },
  ]);
  const { bytes } = deps.journal.read.get<{ bytes: Buffer }>(
    "select bytes from record where kind = 'dataset.withdrawn'",
  )!;
  expect(JSON.parse(Buffer.from(bytes).toString())).toMatchObject({
    detail: { dataset: id, snapshot: now.snapshot, rows: 3 },
  });
  expect(listDatasets(deps)).toMatchObject([{ id, rows: 1, snapshot: now.snapshot }]);
  await expect(withdraw('patient', 'P-2')).rejects.toThrow('no row of data set');
});

test('a snapshot is the same as that of a file without these rows', async () => {
  const { id, deps, withdraw } = await bring('x,y\n1,2\n3,4\n5,6\n', null);
  await withdraw('x', '3');
  const { snapshot } = describeDataset(deps, id);
  const other = await bring('x,y\n1,2\n5,6\n', null);
  expect(snapshot).toBe(other.snapshot);
});

test('rows are found again after a withdrawal, over many row groups', async () => {
  const csv = `n,id\n${Array.from({ length: 20_000 }, (_, i) => `${i % 10},K${i}`).join('\n')}\n`;
  const { deps, id, rows, withdraw } = await bring(csv, 'id');
  const first = Array.from({ length: 8192 }, (_, i) => `K${i}`); // the whole first group
  expect(await withdraw('id', ...first, 'K19999')).toMatchObject({ withdrawn: 8193, found: 8193, rows: 11_807 });
  expect(await withdraw('id', 'K8192', 'K0')).toMatchObject({ withdrawn: 1, found: 1, rows: 11_806 });
  expect(rows().slice(0, 3)).toEqual([3, 4, 5]);
  expect(rows()).toHaveLength(11_806);
  expect(listSnapshots(deps, id).map(({ rows: n }) => n)).toEqual([20_000, 11_807, 11_806]);
});

describe('without a column named at the import', () => {
  test('values kept exactly find rows, to the letter', async () => {
    const { rows, withdraw } = await bring('id,code,n\n7,a,1\n8,B,2\n9,c,3\n', null);
    await withdraw('id', '07');
    await expect(withdraw('code', 'b')).rejects.toThrow('no row of data set');
    await withdraw('code', 'B');
    expect(rows().filter((_, at) => at % 3 !== 1)).toEqual([9, 3]);
  });

  test('numbers too large to be exact, free text and unknown columns find none', async () => {
    const { withdraw } = await bring('id,n\n123456789,1\n123456791,2\n', null);
    for (const column of ['id', 'no such'])
      await expect(withdraw(column, '123456789')).rejects.toThrow('Import the file with --id-column');
    const named = await bring();
    await expect(named.withdraw('name', 'P-1')).rejects.toThrow('It was imported with --id-column patient');
  });
});

test('a data set is not emptied, and nothing of a refused withdrawal stays', async () => {
  const { home, id, deps, snapshot, withdraw } = await bring();
  const before = home.counts();
  await expect(withdraw('patient', 'P-1', 'P-2', '00-7')).rejects.toThrow('delete the data set instead');
  await expect(withdraw('patient', 'P-3')).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
  expect(home.counts()).toEqual(before);
  expect(describeDataset(deps, id).snapshot).toBe(snapshot);
});

test('progress is told, and a withdrawal that is cancelled at any time leaves all as it was', async () => {
  const csv = `id\n${Array.from({ length: 20_000 }, (_, i) => i).join('\n')}\n`;
  const { home, deps, id, snapshot, rows } = await bring(csv, null);
  const before = home.counts();
  const request = { column: 'id', ids: ['7'] };
  for (const at of [8192, 20_000]) {
    const stop = new AbortController();
    const staged: number[] = [];
    const progress = (now: { rows: number }) => {
      staged.push(home.counts().groups - before.groups);
      if (now.rows === at) stop.abort();
    };
    const cancelled = withdrawRows(deps, id, request, () => {}, { progress, signal: stop.signal });
    await expect(cancelled).rejects.toMatchObject({
      code: 'CANCELED',
      message: `The withdrawal from data set ${id} was cancelled; nothing of it is kept.`,
    });
    expect(staged[0]).toBe(1);
    expect([home.counts(), describeDataset(deps, id).snapshot, rows().length]).toEqual([before, snapshot, 20_000]);
  }
  const told: unknown[] = [];
  await withdrawRows(deps, id, request, () => {}, { progress: (now) => told.push(now) });
  expect(told.at(-1)).toEqual({ phase: 'copying', rows: 20_000, totalRows: 20_000 });
  expect(told).toHaveLength(3);
});

test('reading that began before a withdrawal ends with it', async () => {
  const csv = `id\n${Array.from({ length: 20_000 }, (_, i) => i).join('\n')}\n`;
  const { deps, id, withdraw } = await bring(csv, null);
  const reading = openGroups(deps, id);
  reading.next();
  await withdraw('id', '19999');
  expect(() => reading.next()).toThrow(expect.objectContaining({ code: 'SNAPSHOT_CHANGED' }));
});

describe('at rest', () => {
  test('ids cannot be read, and what was withdrawn opens with no key that is left', async () => {
    const { home, deps, id, withdraw } = await bring();
    await qualityReport(deps, id);
    const { read } = deps.journal;
    const { key } = read.get<{ key: Buffer }>('select sealed_key as key from dataset')!;
    const { body } = read.get<{ body: Buffer }>('select body from row_group')!;
    expect(home.bytesAtRest().includes('00-7')).toBe(false);
    expect(home.bytesAtRest().includes(key)).toBe(true);
    await withdraw('patient', '00-7');
    expect(keptReport(deps, id)).toBeUndefined();
    deps.journal.close(); // folds the write-ahead log in
    expect(home.bytesAtRest().includes(key)).toBe(false);
    expect(home.bytesAtRest().includes(body)).toBe(false);
    for (const secret of ['00-7', 'patient', 'P-1']) expect(home.bytesAtRest().includes(secret), secret).toBe(false);
  });
});
