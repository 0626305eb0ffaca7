import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { deleteDataset, describeDataset, listDatasets, openGroups } from '../../../main/data/datasets.ts';
import { discardUnfinished, importFile } from '../../../main/data/import.ts';
import { dataHome, type DataHome } from '../../support/data-home.ts';

const NOTHING = { datasets: 0, groups: 0, records: 0 };
const CSV = 'age,sex,note\n63,Male,\n67,Female,\n?,Male,\n';
const importText = (home: DataHome, content: string | Uint8Array = CSV, name = 'ours') =>
  importFile(home.deps, { path: home.file('patients.csv', content), name });

/** The values of all groups, copied before they are zeroed. */
function rowsOf(home: DataHome, id: string): number[] {
  const values: number[] = [];
  for (const group of openGroups(home.deps, id)) values.push(...group.values);
  return values;
}

describe('an import', () => {
  test('keeps numbers, categories and missing values, with where they came from', async () => {
    const home = dataHome();
    const summary = await importText(home);
    expect(summary).toEqual({
      id: expect.stringMatching(/^ds-[0-9a-f]{16}$/),
      name: 'ours',
      file: 'patients.csv',
      importedAt: '2026-01-02T03:04:05.678Z',
      sha256: createHash('sha256').update(CSV).digest('hex'),
      bytes: CSV.length,
      rows: 3,
      columns: 3,
      snapshot: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(listDatasets(home.deps)).toEqual([summary]);
    expect(describeDataset(home.deps, summary.id)).toEqual({
      ...summary,
      idColumn: null,
      schemaHash: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      schema: [
        { name: 'age', type: 'number', missing: 1, categories: [], lossy: false },
        { name: 'sex', type: 'category', missing: 0, categories: ['Female', 'Male'], lossy: false },
        { name: 'note', type: 'empty', missing: 3, categories: [], lossy: false },
      ],
    });
    expect(rowsOf(home, summary.id)).toEqual([63, 1, 67, 0, NaN, 1]);
    expect(home.counts()).toEqual({ datasets: 1, groups: 1, records: 1 });
  });

  test('is recorded with sizes and hashes; names stand there only as commitments', async () => {
    const home = dataHome();
    const { id, sha256, snapshot } = await importText(home);
    const row = home.deps.journal.read.get<{ kind: string; bytes: Uint8Array }>('select kind, bytes from record')!;
    const record = Buffer.from(row.bytes).toString();
    expect(row.kind).toBe('dataset.imported');
    for (const told of [id, sha256, snapshot, '"rows":3', '"columns":3', '"format":"csv"'])
      expect(record).toContain(told);
    for (const untold of ['ours', 'patients.csv', 'Male']) expect(record).not.toContain(untold);
  });

  test('makes the same snapshot of the same rows, and another of others', async () => {
    const home = dataHome();
    const first = await importText(home, CSV, 'first');
    const again = await importText(home, `\uFEFF${CSV.replaceAll('\n', '\r\n')}`, 'again');
    const other = await importText(home, CSV.replace('67', '68'), 'other');
    expect(again.snapshot).toBe(first.snapshot);
    expect(again.sha256).not.toBe(first.sha256);
    expect(other.snapshot).not.toBe(first.snapshot);
  });

  test('of many rows makes groups of 8,192 that come back in order, with progress of both readings', async () => {
    const home = dataHome();
    const rows = Array.from({ length: 20_000 }, (_, row) => `${row},${row % 3 === 0 ? 'red' : 'blue'}`);
    const progress: string[] = [];
    const path = home.file('many.csv', `n,colour\n${rows.join('\n')}`);
    const { id } = await importFile(home.deps, { path, name: 'many' }, ({ pass, bytes, totalBytes, rows: seen }) =>
      progress.push(`${pass} ${bytes === totalBytes} ${seen}`),
    );
    const groups = [...openGroups(home.deps, id)].map(({ rows: count }) => count);
    expect(groups).toEqual([8192, 8192, 3616]);
    const values = rowsOf(home, id);
    expect(values.filter((_, at) => at % 2 === 0)).toEqual(rows.map((_, row) => row));
    expect(values.slice(0, 8)).toEqual([0, 1, 1, 0, 2, 0, 3, 1]);
    expect(progress.at(-1)).toBe('2 true 19999'); // the last row has no line end and comes after the last chunk
    expect(new Set(progress.map((line) => line[0]))).toEqual(new Set(['1', '2']));
  });

  test('under a name that is taken, or none, is refused', async () => {
    const home = dataHome();
    await importText(home);
    await expect(importText(home)).rejects.toMatchObject({
      code: 'DATASET_EXISTS',
      message: 'There is a data set "ours"; choose another name, or delete it first.',
    });
    await expect(importText(home, CSV, ' ')).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
    expect(home.counts()).toEqual({ datasets: 1, groups: 1, records: 1 });
  });
});

test('the same file twice is recognised by its bytes, whatever its name, and allowed when it is asked for', async () => {
  const home = dataHome();
  const { id } = await importText(home);
  const path = home.file('copy of patients.csv', CSV);
  await expect(importFile(home.deps, { path, name: 'copy' })).rejects.toMatchObject({
    code: 'FILE_IMPORTED',
    message: `copy of patients.csv is already here: data set ${id} "ours" was imported from the same bytes at 2026-01-02T03:04:05.678Z. Use that one, or import it once more with --again.`,
  });
  expect(home.counts()).toEqual({ datasets: 1, groups: 1, records: 1 });
  const copy = await importFile(home.deps, { path, name: 'copy', again: true });
  expect(copy.sha256).toBe(listDatasets(home.deps)[0]!.sha256);
  deleteDataset(home.deps, id);
  deleteDataset(home.deps, copy.id);
  await importText(home); // what was deleted does not count
});

test('numbers of any spelling and dates become numbers, and dates say what they are', async () => {
  const home = dataHome();
  const csv = 'betrag;datum;ort\n1.234,5;31.12.1969;Köln\n-0,25;01.01.1970;Köln\n12.345.678,9;29.02.2024;Aachen\n';
  const { id } = await importFile(home.deps, { path: home.file('de.csv', Buffer.from(csv, 'latin1')), name: 'de' });
  expect(rowsOf(home, id)).toEqual([1234.5, -1, 1, -0.25, 0, 1, 12_345_679, 19_782, 0]);
  expect(describeDataset(home.deps, id).schema).toEqual([
    { name: 'betrag', type: 'number', missing: 0, categories: [], lossy: false },
    { name: 'datum', type: 'number', missing: 0, categories: [], lossy: false, encoding: 'days-since-1970-01-01' },
    { name: 'ort', type: 'category', missing: 0, categories: ['Aachen', 'Köln'], lossy: false },
  ]);
});

test('a file that is no table is refused with what to do', async () => {
  const home = dataHome();
  const refusal = (name: string, bytes: number[] | string) => {
    const path = home.file(name, typeof bytes === 'string' ? bytes : Uint8Array.from(bytes));
    return importFile(home.deps, { path, name: 'ours' }).catch((error: Error) => error.message);
  };
  const excel =
    'is an Excel workbook, which is not read here. In Excel choose File, Save As, "CSV UTF-8 (Comma delimited) (*.csv)"';
  expect(await refusal('a.xlsx', 'PK\u0003\u0004....[Content_Types].xml')).toContain(`a.xlsx ${excel}`);
  expect(await refusal('a.csv', 'PK\u0003\u0004....xl/workbook.xml')).toContain(`a.csv ${excel}`);
  expect(await refusal('a.xls', [0xd0, 0xcf, 0x11, 0xe0])).toContain(`a.xls ${excel}`);
  expect(await refusal('a.gz', [0x1f, 0x8b, 8])).toBe(
    'a.gz is packed by gzip. Unpack it, and import the file that is in it.',
  );
  expect(await refusal('a.zip', 'PK\u0003\u0004a.csv')).toBe(
    'a.zip is a ZIP archive. Unpack it, and import the file that is in it.',
  );
  expect(home.counts()).toEqual(NOTHING);
});

describe('a refused import says file, line and column and leaves nothing', () => {
  const refuse = async (content: string | Uint8Array, message: string) => {
    const home = dataHome();
    await expect(importText(home, content)).rejects.toMatchObject({ code: 'CSV_INVALID', message });
    expect(home.counts()).toEqual(NOTHING);
  };

  test('a wrong type far down, after whole groups were fine', async () => {
    const rows = Array.from({ length: 20_000 }, (_, row) => `${row},1\n`).join('');
    await refuse(
      `n,x\n${rows}n/k,1\n`,
      'patients.csv, line 20002, column 1 "n": "n/k" is not a number, but 20000 values of this column are. If the value is right: --id-column "n" where the column identifies rows, or --text-column "n" to read all of it as text.',
    );
  });

  test('a wrong column: a name twice in the header', () =>
    refuse('age,sex,age\n1,2,3\n', 'patients.csv, line 1, column 3 "age": column 1 has the same name.'));

  test('ragged rows', () =>
    refuse(
      'age,sex\n63,Male\n67\n',
      'patients.csv, line 3, column 2 "sex": the row has 1 field where the header has 2; this is the first one missing.',
    ));

  test('broken UTF-8', () =>
    refuse(
      Buffer.concat([Buffer.from('age,name\n63,Zoë\n63,Jos'), Buffer.from([0xe9, 10])]),
      'patients.csv, line 3, column 2 "name": byte 0xE9 is not UTF-8 text; say which encoding the file has, or save it as "CSV UTF-8", and import it again.',
    ));

  test('an empty file', () => refuse('', 'patients.csv: the file is empty; its first line must name the columns.'));

  test('a header without rows', () => refuse('age,sex\n', 'patients.csv: the file has a header but no rows.'));

  test('a field of 10 million characters', () =>
    refuse(
      `age,note\n63,"${'x'.repeat(10_000_000)}"\n`,
      'patients.csv, line 2, column 2 "note": the field is longer than 65536 bytes; is the quote that opens it never closed?',
    ));

  test('a file that is not there, or is a folder', async () => {
    const home = dataHome();
    const path = home.file('x', '').replace(/x$/, 'missing.csv');
    await expect(importFile(home.deps, { path, name: 'ours' })).rejects.toMatchObject({
      code: 'FILE_UNREADABLE',
      message: `${path} cannot be read (ENOENT).`,
    });
    await expect(importFile(home.deps, { path: path.replace('/missing.csv', ''), name: 'ours' })).rejects.toMatchObject(
      {
        detail: { reason: 'EISDIR' },
      },
    );
  });
});

describe('an import that does not end', () => {
  const many = `n\n${Array.from({ length: 200_000 }, (_, row) => row).join('\n')}\n`;

  test('because it is cancelled leaves nothing, in either reading', async () => {
    for (const cancelIn of [1, 2]) {
      const home = dataHome();
      const cancel = new AbortController();
      const groups: number[] = [];
      const run = importFile(
        home.deps,
        { path: home.file('many.csv', many), name: 'ours' },
        ({ pass }) => {
          groups.push(home.counts().groups);
          if (pass === cancelIn) cancel.abort();
        },
        cancel.signal,
      );
      await expect(run).rejects.toMatchObject({ code: 'CANCELED', message: 'The import of many.csv was cancelled.' });
      if (cancelIn === 2) expect(groups.at(-1)).toBeGreaterThan(0); // something had been staged
      expect(home.counts()).toEqual(NOTHING);
    }
  });

  test('because the file changes meanwhile leaves nothing', async () => {
    const home = dataHome();
    const path = home.file('many.csv', many);
    let changed = false;
    const run = importFile(home.deps, { path, name: 'ours' }, ({ pass, bytes, totalBytes }) => {
      if (pass === 1 && bytes === totalBytes && !changed) writeFileSync(path, many.replace('\n7\n', '\n8\n'));
      changed ||= bytes === totalBytes;
    });
    await expect(run).rejects.toMatchObject({
      code: 'FILE_CHANGED',
      message: 'many.csv changed while it was being imported; import it again.',
    });
    expect(home.counts()).toEqual(NOTHING);
  });

  test('because the process dies leaves rows that no key opens, and the next start removes them', async () => {
    const home = dataHome();
    await importText(home);
    home.deps.journal.transact('dataset.stage', (tx) => {
      tx.run("insert into dataset (id, state) values ('ds-dead', 'staged')");
      tx.run("insert into row_group (dataset, number, rows, body) values ('ds-dead', 0, 1, x'00')");
    });
    expect(listDatasets(home.deps)).toHaveLength(1);
    expect(() => describeDataset(home.deps, 'ds-dead')).toThrow('There is no data set ds-dead');
    expect(discardUnfinished(home.deps)).toBe(1);
    expect(discardUnfinished(home.deps)).toBe(0);
    expect(home.counts()).toEqual({ datasets: 1, groups: 1, records: 1 });
  });
});

describe('at rest', () => {
  const secrets = [
    'Quetzalcoatl',
    'zygomorphic',
    'hidden_column',
    'Xylophonist',
    '1987-06-05',
    'days-since-1970-01-01',
  ];
  const numbers = [12345.678, 98765.4321];
  const csv = `hidden_column,kind,level,born\n${numbers[0]},Quetzalcoatl,1,1987-06-05\n${numbers[1]},zygomorphic,2,1907-06-05\n${numbers[0]},Xylophonist,3,1987-06-05\n`;

  test('no value, column name or category can be read from the store’s files', async () => {
    const home = dataHome();
    const { id } = await importText(home, csv);
    const bytes = home.bytesAtRest();
    expect(bytes.includes('ds-')).toBe(true); // the search does find what is there
    expect(bytes.includes(id)).toBe(true);
    for (const secret of secrets) {
      expect(bytes.includes(secret, 0, 'utf8'), secret).toBe(false);
      expect(bytes.includes(secret, 0, 'utf16le'), secret).toBe(false);
    }
    const mean = (2 * numbers[0]! + numbers[1]!) / 3;
    const days = [Date.UTC(1987, 5, 5) / 86_400_000, Date.UTC(1907, 5, 5) / 86_400_000];
    for (const number of [...numbers, mean, ...days]) {
      if (Math.abs(number) > 10_000) expect(bytes.includes(String(number))).toBe(false); // few digits are anywhere
      expect(bytes.includes(Buffer.from(Float32Array.of(number).buffer))).toBe(false);
      expect(bytes.includes(Buffer.from(Float64Array.of(number).buffer))).toBe(false);
    }
  });

  test('deleting destroys the key and the rows, on record, and a new import may take the name', async () => {
    const home = dataHome();
    const { read } = home.deps.journal;
    const { id, snapshot } = await importText(home, csv);
    const { key } = read.get<{ key: Buffer }>('select sealed_key as key from dataset')!;
    const { body } = read.get<{ body: Buffer }>('select body from row_group')!;
    expect(home.bytesAtRest().includes(key)).toBe(true);
    deleteDataset(home.deps, id);
    expect(listDatasets(home.deps)).toEqual([]);
    expect(() => deleteDataset(home.deps, id)).toThrow(`There is no data set ${id}`);
    const { bytes } = read.get<{ bytes: Buffer }>("select bytes from record where kind = 'dataset.deleted'")!;
    for (const told of [id, snapshot, '"rows":3']) expect(Buffer.from(bytes).toString()).toContain(told);
    await importText(home, csv);
    home.deps.journal.close(); // folds the write-ahead log in
    expect(home.bytesAtRest().includes(key)).toBe(false);
    expect(home.bytesAtRest().includes(body)).toBe(false);
  });

  test('a group that was changed, moved or lost is noticed', async () => {
    const home = dataHome();
    const { id } = await importText(home, csv);
    const path = home.file('patients.csv', csv);
    const other = await importFile(home.deps, { path, name: 'other', again: true });
    const damage = (sql: string) =>
      home.deps.journal.transact('dataset.stage', (tx) => tx.run(`update row_group set ${sql} where dataset = ?`, id));
    damage(`body = (select body from row_group where dataset = '${other.id}')`);
    expect(() => rowsOf(home, id)).toThrow(`Data set ${id}: a sealed part does not open. Restore the last backup.`);
    const two = await importText(home, `n\n${'1\n'.repeat(8193)}`, 'two groups of the same values');
    for (const [from, to] of [
      [0, 2],
      [1, 0],
      [2, 1],
    ])
      home.deps.journal.transact('dataset.stage', (tx) =>
        tx.run('update row_group set number = ? where dataset = ? and number = ?', to!, two.id, from!),
      );
    expect(() => rowsOf(home, two.id)).toThrow(`Data set ${two.id}: a sealed part does not open.`);
    damage('body = zeroblob(length(body))');
    expect(() => rowsOf(home, id)).toThrow(`Data set ${id}: a sealed part does not open. Restore the last backup.`);
    damage('number = 1');
    expect(() => rowsOf(home, id)).toThrow(`Data set ${id}: row group 0 is missing. Restore the last backup.`);
    expect(rowsOf(home, other.id)).toHaveLength(12);
  });
});

test('a group’s values are zeroed when the next one is asked for', async () => {
  const home = dataHome();
  const { id } = await importText(home);
  const [group] = [...openGroups(home.deps, id)];
  expect([...group!.values]).toEqual([0, 0, 0, 0, 0, 0]);
});
