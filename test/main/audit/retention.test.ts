import { expect, test } from 'vitest';
import { checkedDays, sumDays } from '../../../main/audit/ledger-days.ts';
import { DAY_MS, openLedger, outboundRows } from '../../../main/audit/ledger.ts';
import { applyRetention, retentionOf, setRetention } from '../../../main/audit/retention.ts';
import { deactivate } from '../../../main/people/accounts.ts';
import { keepSigned } from '../../../main/store/signed.ts';
import { intend } from '../../../main/store/outbox.ts';
import { encodeCanonical } from '../../../shared/wire/canonical.ts';
import { signerOf } from '../../support/people.ts';
import { peopleNode, type PeopleNode } from '../../support/people-node.ts';

const ADMIN = 'p-00112233445566aa';
const YEAR = 365.25 * DAY_MS;

const apply = ({ node, clock }: PeopleNode) =>
  applyRetention({ journal: node.store.journal, blobs: node.store.blobs, now: clock.now });
const count = ({ node }: PeopleNode, table: string, where = 'true') =>
  node.store.journal.read.get<{ n: number }>(`select count(*) as n from ${table} where ${where}`)!.n;

/** A node whose study ended years ago, with what people had signed for it, what was sent, and its model. */
async function history() {
  const here = await peopleNode();
  const { store } = here.node;
  const { clock } = here;
  const at = new Date(clock.now()).toISOString();
  const model = await store.blobs.put(new Uint8Array(100));
  const signed = { bytes: encodeCanonical({ at }), signature: new Uint8Array(64) };
  store.journal.transact('study.report', (tx) => {
    const bytes = encodeCanonical({ openedAt: at });
    tx.run(
      "insert into study (id, hash, bytes, signature, stage, phase, model) values ('small', '', ?, x'', 'joined', 'finished', ?)",
      signed.bytes,
      model,
    );
    tx.run(
      "insert into round (study, round, attempt, plan, bytes, signature, stage) values ('small', 1, 1, '', ?, x'', 'sent')",
      bytes,
    );
    tx.run("insert into model (study, sha256, metrics) values ('small', ?, '{}')", model);
    const [approval, policy, participation] = ['approval', 'policy', 'participation'].map((kind) =>
      keepSigned(tx, kind, encodeCanonical({ at, kind })),
    );
    tx.run("insert into approval values (?, 'small', 1, 1, 'train', 'approve', null, x'', x'', 'used')", approval!);
    tx.run("insert into policy values (?, 'small', 'active')", policy!);
    tx.run('insert into policy_signature values (?, ?, ?, ?)', policy!, here.idOf('sam'), '', signed.signature);
    tx.run("insert into participation values (?, 'small', 'join', ?)", participation!, here.idOf('sam'));
    for (let i = 0; i < 2; i++) intend(tx, clock.now(), 'join', signed, { study: 'small' });
    tx.run("update outbox set state = 'delivered'");
    tx.commit('why it was joined');
    tx.append({ kind: 'study.reported', study: 'small', detail: { state: 'finished', model } });
  });
  const ledger = openLedger({ journal: store.journal, now: clock.now });
  const leave = () => {
    const id = ledger.intend({ method: 'POST', url: 'https://x.test/', length: 3 }, { purpose: 'watch' });
    ledger.settle(id, { head: 1, body: 3, sha256: null, status: 200, error: null });
  };
  leave();
  const forward = async (time: number) => {
    clock.advance(time);
    await sumDays({ journal: store.journal, now: clock.now });
  };
  await forward(DAY_MS);
  return { ...here, model, leave, forward };
}

test('what was kept for ten years goes, on record; what is younger stays, and so does the log', async () => {
  const here = await history();
  const { node, model, leave, forward } = here;
  const { read } = node.store.journal;
  const records = count(here, 'record');
  const accounts = count(here, 'signed_record', "kind in ('account', 'rules')");
  const left = () =>
    ['opening', 'outbox', 'approval', 'policy', 'policy_signature', 'participation', 'model'].map((table) =>
      count(here, table),
    );
  expect(left()).toEqual([3, 2, 1, 1, 1, 1, 1]); // two people are called by their names
  await forward(9.9 * YEAR);
  await apply(here);
  expect(count(here, 'record')).toBe(records);
  setRetention(node.store, { reason: 'looked at', by: ADMIN });
  leave();
  await forward(0.2 * YEAR);
  await apply(here);
  const gone = { openings: 1, signed: 8, models: 2, outbound: 1 };
  expect(here.details('retention.applied')).toEqual([{ before: expect.any(String) as string, ...gone }]);
  expect(left()).toEqual([3, 1, 0, 0, 0, 0, 0]); // and the last message keeps its number
  expect(read.all('select name from person where name not in (select commitment from opening)')).toEqual([]);
  expect(count(here, 'signed_record')).toBe(accounts); // old signatures are checked against them
  expect(await node.store.blobs.size(model)).toBeUndefined();
  expect(count(here, 'record')).toBe(records + 3); // the change, the day, and this
  expect(outboundRows(read, { after: 0, limit: 9 })).toHaveLength(1);
  expect((await checkedDays(read, 0, 1e6)).map(({ state }) => state)).toEqual(['removed', 'summed']);
  expect(count(here, 'endpoint')).toBe(1);
  await apply(here);
  expect(here.details('retention.applied')).toHaveLength(1);
});

test('the name of somebody whose account has ended goes with what that person did', async () => {
  const here = await peopleNode();
  here.clock.advance(11 * YEAR);
  await apply(here);
  expect(count(here, 'opening')).toBe(2);
  deactivate({ store: here.node.store, now: here.clock.now }, 'sam', await signerOf(here.node, 'ada'));
  await apply(here);
  expect(count(here, 'opening')).toBe(1);
});

test('a legal hold keeps everything until it is ended', async () => {
  const here = await history();
  setRetention(here.node.store, { hold: true, reason: 'court', by: ADMIN });
  await here.forward(20 * YEAR);
  await apply(here);
  expect(here.kinds()).not.toContain('retention.applied');
  expect(count(here, 'approval')).toBe(1);
  setRetention(here.node.store, { hold: false, reason: 'over', by: ADMIN });
  await apply(here);
  expect(count(here, 'approval')).toBe(0);
});

test('what is still to be sent stays, however old it is', async () => {
  const here = await peopleNode();
  here.node.store.journal.transact('study.report', (tx) => {
    const signed = { bytes: new Uint8Array(3), signature: new Uint8Array(64) };
    intend(tx, here.clock.now(), 'join', signed, { study: 'small' });
    tx.append({ kind: 'study.reported', study: 'small', detail: { state: 'running', model: null } });
  });
  here.clock.advance(20 * YEAR);
  await apply(here);
  expect(count(here, 'outbox')).toBe(1);
});

test('the time is ten years until it is changed, on record, and never less than six', async () => {
  const here = await peopleNode();
  const { store } = here.node;
  expect(retentionOf(store.journal.read)).toEqual({ years: 10, hold: false });
  for (const years of [5, 0, -10, 6.5, NaN, 101])
    expect(() => setRetention(store, { years, reason: 'space', by: ADMIN })).toThrow('6 to 100 whole years');
  expect(setRetention(store, { years: 6, reason: 'space', by: ADMIN })).toEqual({ years: 6, hold: false });
  expect(setRetention(store, { hold: true, reason: 'court', by: ADMIN })).toEqual({ years: 6, hold: true });
  expect(here.details('retention.changed')).toMatchObject([
    { years: 6, hold: false, person: ADMIN },
    { years: 6, hold: true, person: ADMIN },
  ]);
});

test('that a study was joined is known as long as the study lasts', async () => {
  const here = await history();
  here.node.store.journal.transact('study.report', (tx) => {
    tx.run("update study set phase = 'running'");
    tx.append({ kind: 'study.reported', study: 'small', detail: { state: 'running', model: null } });
  });
  here.clock.advance(20 * YEAR);
  await apply(here);
  expect(['approval', 'participation', 'model'].map((table) => count(here, table))).toEqual([0, 1, 1]);
  expect(count(here, 'signed_record', "kind = 'participation'")).toBe(1);
});
