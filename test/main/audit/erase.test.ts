import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eraseOpenings } from '../../../main/audit/erase.ts';
import { setRetention } from '../../../main/audit/retention.ts';
import { deleteDataset, listDatasets } from '../../../main/data/datasets.ts';
import { importFile } from '../../../main/data/import.ts';
import { verifyCommand } from '../../../platform/assent-verify.ts';
import { exportAuditLog } from '../../../platform/export-log.ts';
import { sha256 } from '../../../platform/crypto.ts';
import type { AuditEntry } from '../../../shared/records/audit.ts';
import { encodeUtf8, toHex } from '../../../shared/wire/canonical.ts';
import { institution, rowsCsv, type Institution } from '../../support/institution.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const ADMIN = 'p-00112233445566aa';
const NURSE = 'p-00112233445566bb';

/** Every byte of every file of the store. */
const atRest = (home: string) =>
  Buffer.concat(
    readdirSync(home)
      .filter((name) => name.startsWith('assent.db'))
      .map((name) => readFileSync(join(home, name))),
  );
const openings = ({ node }: Institution) =>
  node.store.journal.read.all<{ commitment: string; value: string }>('select commitment, value from opening');
const lastRecord = ({ node }: Institution) =>
  JSON.parse(
    node.store.journal.read
      .get<{ bytes: Buffer }>('select bytes from record order by position desc limit 1')!
      .bytes.toString('utf8'),
  ) as { kind: string; detail: Record<string, unknown> };

async function withDataset(here: Institution, name: string): Promise<string> {
  const file = join(temporaryFolder(), `${name}.csv`);
  writeFileSync(file, rowsCsv(41));
  return (await importFile(here.node.data, { path: file, name })).id;
}
const keyOf = ({ node }: Institution, dataset: string): Buffer =>
  node.store.journal.read.get<{ sealed_key: Buffer }>('select sealed_key from dataset where id = ?', dataset)!
    .sealed_key;
function joinedDetail({ node }: Institution) {
  const { bytes } = node.store.journal.read.get<{ bytes: Buffer }>(
    "select bytes from record where kind = 'study.joined'",
  )!;
  return (JSON.parse(bytes.toString('utf8')) as Extract<AuditEntry, { kind: 'study.joined' }>).detail;
}
async function verified({ node }: Institution): Promise<number> {
  const folder = join(temporaryFolder(), 'log');
  await exportAuditLog(node.store.journal, node.store.keys.log, folder, []);
  return (await verifyCommand([folder])).code;
}

test('what is erased is in no file of the store any more, is on record, and the log still verifies', async () => {
  const here = await institution();
  await withDataset(here, 'Zebra ward of Dr Distinctive');
  const found = openings(here).filter(({ value }) => value.includes('Distinctive'));
  expect(found).toHaveLength(2); // the name of the data set, and of its file
  expect(atRest(here.home).includes('Distinctive')).toBe(true);
  const commitments = found.map(({ commitment }) => commitment).toSorted();
  const request = { what: { commitments }, reason: 'Asked for by letter', by: ADMIN };
  expect(eraseOpenings(here.node.store, request)).toEqual({ erased: 2 });
  expect(atRest(here.home).includes('Distinctive')).toBe(false);
  const { kind, detail } = lastRecord(here);
  const { reason, ...rest } = detail;
  expect({ kind, ...rest }).toEqual({
    kind: 'opening.erased',
    of: 'commitments',
    subject: null,
    commitments: 2,
    named: commitments,
    sha256: toHex(sha256(encodeUtf8(commitments.map((commitment) => `${commitment}\n`).join('')))),
    person: ADMIN,
  });
  expect(openings(here).find(({ commitment }) => commitment === reason)!.value).toBe('"Asked for by letter"');
  expect(await verified(here)).toBe(0);
  expect(() => eraseOpenings(here.node.store, request)).toThrow('nothing to erase');
});

test('what a person is called and wrote is erased together, and what others wrote stays', async () => {
  const here = await institution();
  setRetention(here.node.store, { years: 11, reason: 'The nurse’s reason', by: NURSE });
  setRetention(here.node.store, { years: 12, reason: 'The admin’s reason', by: ADMIN });
  const before = openings(here).length;
  const erased = eraseOpenings(here.node.store, { what: { person: NURSE }, reason: 'left', by: ADMIN });
  expect(erased).toEqual({ erased: 1 });
  const values = openings(here).map(({ value }) => value);
  expect(values).toHaveLength(before); // one less, and the reason of the erasure
  expect(values).toContain('"The admin’s reason"');
  expect(values).not.toContain('"The nurse’s reason"');
  expect(lastRecord(here).detail).toMatchObject({ of: 'person', subject: NURSE, commitments: 1 });
});

test('many commitments are named by one hash over all of them', async () => {
  const here = await institution();
  for (let i = 0; i < 21; i++) setRetention(here.node.store, { years: 10, reason: `reason ${i}`, by: NURSE });
  expect(eraseOpenings(here.node.store, { what: { person: NURSE }, reason: 'left', by: ADMIN })).toEqual({
    erased: 21,
  });
  expect(lastRecord(here).detail).toMatchObject({ commitments: 21, named: [] });
});

test('with a data set goes what it was called, and its key, from the files too', async () => {
  const here = await institution();
  const dataset = await withDataset(here, 'Zebra ward of Dr Distinctive');
  const key = keyOf(here, dataset);
  expect(atRest(here.home).includes(key)).toBe(true);
  // What was written when a study was joined with it is not about the data set alone.
  here.node.store.journal.transact('study.join', (tx) => {
    tx.commit('ethics-approval.pdf');
    tx.append({ kind: 'study.joined', study: 'small', detail: { ...joinedDetail(here), dataset } });
  });
  const others = openings(here).length - 2;
  deleteDataset(here.node.data, dataset, ADMIN);
  for (const secret of ['Distinctive', key]) expect(atRest(here.home).includes(secret)).toBe(false);
  expect(openings(here)).toHaveLength(others);
  expect(listDatasets(here.node.data)).toHaveLength(1);
  expect(here.kinds().slice(-2)).toEqual(['dataset.deleted', 'opening.erased']);
  expect(lastRecord(here).detail).toMatchObject({ of: 'dataset', subject: dataset, reason: null, person: ADMIN });
  expect(await verified(here)).toBe(0);
});

test('under a legal hold nothing is erased; a data set can be deleted, and what it was called is erased later', async () => {
  const here = await institution();
  const dataset = await withDataset(here, 'Distinctive');
  setRetention(here.node.store, { hold: true, reason: 'court', by: ADMIN });
  const request = { what: { dataset }, reason: 'asked for', by: ADMIN };
  expect(() => eraseOpenings(here.node.store, request)).toThrow(expect.objectContaining({ code: 'LEGAL_HOLD' }));
  const key = keyOf(here, dataset);
  deleteDataset(here.node.data, dataset);
  expect(atRest(here.home).includes(key)).toBe(false);
  expect(openings(here).some(({ value }) => value === '"Distinctive"')).toBe(true);
  expect(here.kinds().at(-1)).toBe('dataset.deleted');
  setRetention(here.node.store, { hold: false, reason: 'over', by: ADMIN });
  expect(eraseOpenings(here.node.store, request)).toEqual({ erased: 2 });
});
