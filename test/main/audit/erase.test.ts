import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eraseOpenings } from '../../../main/audit/erase.ts';
import { setRetention } from '../../../main/audit/retention.ts';
import { deleteDataset, listDatasets } from '../../../main/data/datasets.ts';
import { importFile } from '../../../main/data/import.ts';
import { deactivate } from '../../../main/people/accounts.ts';
import { listPeople } from '../../../main/people/people.ts';
import { verifyCommand } from '../../../platform/assent-verify.ts';
import { exportAuditLog } from '../../../platform/export-log.ts';
import { NO_COSIGNERS } from '../../../platform/own-logs.ts';
import { sha256 } from '../../../platform/crypto.ts';
import { encodeUtf8, toHex } from '../../../shared/wire/canonical.ts';
import { rowsCsv } from '../../support/institution.ts';
import { signerOf } from '../../support/people.ts';
import { peopleNode, type PeopleNode } from '../../support/people-node.ts';
import { temporaryFolder } from '../../support/temporary.ts';

/** Every byte of every file of the store. */
const atRest = (home: string) =>
  Buffer.concat(
    readdirSync(home)
      .filter((name) => name.startsWith('assent.db'))
      .map((name) => readFileSync(join(home, name))),
  );
const openings = ({ node }: PeopleNode) =>
  node.store.journal.read.all<{ commitment: string; value: string }>('select commitment, value from opening');
const valueOf = (here: PeopleNode, commitment: unknown) =>
  openings(here).find((opening) => opening.commitment === commitment)?.value;

async function withDataset(here: PeopleNode, name: string): Promise<string> {
  const file = join(temporaryFolder(), `${name}.csv`);
  writeFileSync(file, rowsCsv(41));
  return (await importFile(here.node.data, { path: file, name })).id;
}
const keyOf = ({ node }: PeopleNode, dataset: string): Buffer =>
  node.store.journal.read.get<{ sealed_key: Buffer }>('select sealed_key from dataset where id = ?', dataset)!
    .sealed_key;
async function verified({ node }: PeopleNode): Promise<number> {
  const folder = join(temporaryFolder(), 'log');
  const { journal, keys } = node.store;
  const source = { journal, logPublicKey: keys.log.publicKey, cosigners: NO_COSIGNERS };
  await exportAuditLog(source, folder, []);
  return (await verifyCommand([folder])).code;
}

test('what is erased is in no file of the store any more, is on record, and the log still verifies', async () => {
  const here = await peopleNode();
  await withDataset(here, 'Zebra ward of Dr Distinctive');
  const found = openings(here).filter(({ value }) => value.includes('Distinctive'));
  expect(found).toHaveLength(2); // the name of the data set, and of its file
  expect(atRest(here.home).includes('Distinctive')).toBe(true);
  const commitments = found.map(({ commitment }) => commitment).toSorted();
  const request = { what: { commitments }, reason: 'Asked for by letter', by: here.idOf('ada') };
  expect(eraseOpenings(here.node.store, request)).toEqual({ erased: 2 });
  expect(atRest(here.home).includes('Distinctive')).toBe(false);
  const { reason, ...rest } = here.details('opening.erased')[0]!;
  expect(rest).toEqual({
    of: 'commitments',
    subject: null,
    commitments: 2,
    named: commitments,
    sha256: toHex(sha256(encodeUtf8(commitments.map((commitment) => `${commitment}\n`).join('')))),
    person: here.idOf('ada'),
  });
  expect(valueOf(here, reason)).toBe('"Asked for by letter"');
  expect(await verified(here)).toBe(0);
  expect(() => eraseOpenings(here.node.store, request)).toThrow('nothing to erase');
});

test('what a person is called and wrote is erased with the login once the account has ended; what others wrote stays', async () => {
  const here = await peopleNode(['ada', 'sam', 'ann']);
  const [ada, sam] = [here.idOf('ada'), here.idOf('sam')];
  const { store, clock } = here.node;
  setRetention(store, { years: 11, reason: 'Distinctive', by: sam });
  setRetention(store, { years: 12, reason: 'The admin’s reason', by: ada });
  const request = { what: { person: sam }, reason: 'left', by: ada };
  expect(() => eraseOpenings(store, request)).toThrow('Deactivate it first');
  deactivate({ store, now: clock.now }, 'sam', await signerOf(here.node, 'ada'));
  const personal = ['Sam Steward', 'Distinctive'];
  const kept = () => personal.filter((text) => atRest(here.home).includes(text));
  expect(kept()).toEqual(personal);
  expect(eraseOpenings(store, request)).toEqual({ erased: 2 });
  expect(openings(here).map(({ value }) => value)).toEqual(
    expect.arrayContaining(['"Ada Admin"', '"Ann Approver"', '"The admin’s reason"', '"left"']),
  );
  expect(kept()).toEqual([]);
  expect(listPeople(store.journal.read).map(({ login, name }) => [login, name])).toEqual([
    ['ada', 'Ada Admin'],
    [sam, ''],
    ['ann', 'Ann Approver'],
  ]);
  expect(here.details('opening.erased')[0]).toMatchObject({ of: 'person', subject: sam, commitments: 2 });
  expect(await verified(here)).toBe(0);
});

test('many commitments are named by one hash over all of them', async () => {
  const here = await peopleNode();
  const nobody = 'p-00112233445566bb';
  for (let i = 0; i < 21; i++) setRetention(here.node.store, { years: 10, reason: `reason ${i}`, by: nobody });
  const request = { what: { person: nobody }, reason: 'left', by: here.idOf('ada') };
  expect(eraseOpenings(here.node.store, request)).toEqual({ erased: 21 });
  expect(here.details('opening.erased')[0]).toMatchObject({ commitments: 21, named: [] });
});

test('with a data set goes what it was called, and its key, from the files too', async () => {
  const here = await peopleNode();
  const dataset = await withDataset(here, 'Zebra ward of Dr Distinctive');
  const key = keyOf(here, dataset);
  expect(atRest(here.home).includes(key)).toBe(true);
  const others = openings(here).length - 2;
  deleteDataset(here.node.data, dataset, here.idOf('sam'));
  for (const secret of ['Distinctive', key]) expect(atRest(here.home).includes(secret)).toBe(false);
  expect(openings(here)).toHaveLength(others);
  expect(listDatasets(here.node.data)).toEqual([]);
  expect(here.kinds().slice(-2)).toEqual(['dataset.deleted', 'opening.erased']);
  const erased = { of: 'dataset', subject: dataset, reason: null, person: here.idOf('sam') };
  expect(here.details('opening.erased')[0]).toMatchObject(erased);
  expect(await verified(here)).toBe(0);
});

test('what people wrote when they joined a study with a data set is not about the data set alone, and stays', async () => {
  const here = await peopleNode();
  const dataset = await withDataset(here, 'Rows');
  const hash = '00'.repeat(32);
  here.node.store.journal.transact('study.join', (tx) => {
    tx.commit('ethics-approval.pdf');
    const signed = { signer: hash, signature: '00'.repeat(64), person: here.idOf('sam') };
    const data = { dataset, snapshot: hash, mapping: hash, rows: 41, documents: 1 };
    const detail = { definition: hash, record: hash, decision: hash, ...data, ...signed };
    tx.append({ kind: 'study.joined', study: 'small', detail });
  });
  deleteDataset(here.node.data, dataset);
  const values = openings(here).map(({ value }) => value);
  expect(values).toContain('"ethics-approval.pdf"');
  expect(values).not.toContain('"Rows"');
});

test('under a legal hold nothing is erased; a data set can be deleted, and what it was called is erased later', async () => {
  const here = await peopleNode();
  const { store } = here.node;
  const by = here.idOf('ada');
  const dataset = await withDataset(here, 'Distinctive');
  setRetention(store, { hold: true, reason: 'court', by });
  const request = { what: { dataset }, reason: 'asked for', by };
  expect(() => eraseOpenings(store, request)).toThrow(expect.objectContaining({ code: 'LEGAL_HOLD' }));
  const key = keyOf(here, dataset);
  deleteDataset(here.node.data, dataset);
  expect(atRest(here.home).includes(key)).toBe(false);
  expect(openings(here).some(({ value }) => value === '"Distinctive"')).toBe(true);
  expect(here.kinds().at(-1)).toBe('dataset.deleted');
  setRetention(store, { hold: false, reason: 'over', by });
  expect(eraseOpenings(store, request)).toEqual({ erased: 2 });
});
