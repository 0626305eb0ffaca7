import { expect, test } from 'vitest';
import { checkedDays, sumDays } from '../../../main/audit/ledger-days.ts';
import { DAY_MS, openLedger, outboundRows } from '../../../main/audit/ledger.ts';
import { applyRetention, retentionOf, setRetention } from '../../../main/audit/retention.ts';
import { decide } from '../../../main/consent/approval.ts';
import { signPolicy } from '../../../main/consent/policy.ts';
import { offeredOf, roundOf } from '../../../main/store/rounds.ts';
import { institution, PASSPHRASE, type Institution } from '../../support/institution.ts';

const ADMIN = 'p-00112233445566aa';
const YEAR = 365.25 * DAY_MS;
const KEY = { study: 'small', round: 1, attempt: 1 };

const apply = ({ node, clock }: Institution) =>
  applyRetention({ journal: node.store.journal, blobs: node.store.blobs, now: clock.now });
const count = ({ node }: Institution, table: string, where = 'true') =>
  node.store.journal.read.get<{ n: number }>(`select count(*) as n from ${table} where ${where}`)!.n;
const details = ({ node }: Institution, kind: string) =>
  node.store.journal.read
    .all<{ bytes: Buffer }>('select bytes from record where kind = ? order by position', kind)
    .map(({ bytes }) => (JSON.parse(bytes.toString('utf8')) as { detail: Record<string, unknown> }).detail);

/** An institution that has decided, sent something, and whose study ended with a model, years ago. */
async function history() {
  const here = await institution();
  const { node, clock, coordinator, study, take } = here;
  const { store } = node;
  const consent = { store, now: clock.now };
  const plan = coordinator.plan(study, ['alpha', 'beta']);
  take(plan);
  const bounds = { rounds: 1, attempts: 1, bytes: 1, norm: 1, cohort: 2, days: 1 };
  await signPolicy(consent, { study: study.id, passphrase: PASSPHRASE, locale: 'en', bounds });
  const { planHash } = offeredOf(roundOf(store.journal.read, KEY));
  await decide(consent, KEY, {
    planHash,
    decision: 'approve',
    reason: 'fine',
    passphrase: PASSPHRASE,
    locale: 'en',
  });
  const model = await store.blobs.put(plan.model);
  const none = { participants: [], aggregate: null, metrics: {}, reason: '' };
  take(coordinator.outcome({ ...KEY, plan: plan.hash, result: 'aborted', model: null, ...none }));
  store.journal.transact('outbox.settle', (tx) => {
    tx.run("update study set phase = 'finished', model = ?", model);
    tx.run("insert into model (study, sha256, metrics) values ('small', ?, '{}')", model);
    tx.run("update outbox set state = 'delivered'");
    tx.append({ kind: 'message.delivered', detail: { purpose: 'join', record: '00'.repeat(32), outbox: 1 } });
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
  const records = count(here, 'record');
  const [openings, outbox] = [count(here, 'opening'), count(here, 'outbox')];
  expect([openings, outbox, count(here, 'approval'), count(here, 'policy')]).toEqual([3, 3, 1, 1]);
  await forward(9.9 * YEAR);
  await apply(here);
  expect(count(here, 'record')).toBe(records);
  setRetention(node.store, { reason: 'looked at', by: ADMIN });
  leave();
  await forward(0.2 * YEAR);
  await apply(here);
  const gone = { openings, signed: outbox + 2, models: 2, outbound: 1 };
  expect(details(here, 'retention.applied')).toEqual([{ before: expect.any(String) as string, ...gone }]);
  expect([count(here, 'opening'), count(here, 'outbox'), count(here, 'approval'), count(here, 'policy')]).toEqual([
    1, 0, 0, 0,
  ]);
  expect(await node.store.blobs.size(model)).toBeUndefined();
  expect(count(here, 'record')).toBe(records + 3); // the change, the day, and this
  expect(outboundRows(node.store.journal.read, { after: 0, limit: 9 })).toHaveLength(1);
  expect((await checkedDays(node.store.journal.read, 0, 1e6)).map(({ state }) => state)).toEqual(['removed', 'summed']);
  expect(count(here, 'endpoint')).toBe(1);
  await apply(here);
  expect(details(here, 'retention.applied')).toHaveLength(1);
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
  const here = await institution();
  const waiting = count(here, 'outbox', "state = 'intended'");
  expect(waiting).toBe(2);
  here.clock.advance(20 * YEAR);
  await apply(here);
  expect(count(here, 'outbox')).toBe(waiting);
});

test('the time is ten years until it is changed, on record, and never less than six', async () => {
  const here = await institution();
  const { store } = here.node;
  expect(retentionOf(store.journal.read)).toEqual({ years: 10, hold: false });
  for (const years of [5, 0, -10, 6.5, NaN, 101])
    expect(() => setRetention(store, { years, reason: 'space', by: ADMIN })).toThrow('6 to 100 whole years');
  expect(setRetention(store, { years: 6, reason: 'space', by: ADMIN })).toEqual({ years: 6, hold: false });
  expect(setRetention(store, { hold: true, reason: 'court', by: ADMIN })).toEqual({ years: 6, hold: true });
  expect(details(here, 'retention.changed')).toMatchObject([
    { years: 6, hold: false, person: ADMIN },
    { years: 6, hold: true, person: ADMIN },
  ]);
});
