import { expect, test } from 'vitest';
import { sumDays } from '../../../main/audit/ledger-days.ts';
import { DAY_MS, openLedger } from '../../../main/audit/ledger.ts';
import { openStore } from '../../../main/store/open.ts';
import { sha256 } from '../../../platform/crypto.ts';
import { encodeUtf8, toHex } from '../../../shared/wire/canonical.ts';
import { terminal } from '../../support/terminal.ts';

const DAY = '2026-01-02';

/** A node from which 600 requests left on one day and one on the next. */
async function busyNode() {
  const { run, setUp, home } = terminal();
  await setUp();
  let now = Date.parse(`${DAY}T12:00:00.000Z`);
  const store = await openStore(home, 'a passphrase for this test', () => now);
  const ledger = openLedger({ journal: store.journal, now: () => now });
  const about = { study: 'small', round: 1, attempt: 2, message: 5 };
  for (let i = 0; i < 601; i++) {
    if (i === 600) now += DAY_MS;
    const update = i % 100 === 0;
    const request = { method: 'POST', url: `https://coordinator.test/${update ? 'Update' : 'Watch'}`, length: 10 };
    const id = ledger.intend(request, update ? { purpose: 'update', ...about } : { purpose: 'watch' });
    const answer = update ? { status: 200, error: null } : { status: null, error: 'CANCELED' };
    ledger.settle(id, { head: 100, body: 10, sha256: new Uint8Array(32), ...answer });
  }
  await sumDays({ journal: store.journal, now: () => now });
  store.close();
  return (...args: string[]) => run(['--as', 'ada', 'audit', 'outbound', ...args]);
}

test('what left is listed whole, or by day, purpose and study, and summed by day', async () => {
  const run = await busyNode();
  const lines = async (...args: string[]) => (await run(...args)).out.trimEnd().split('\n').slice(1);
  expect(await lines()).toHaveLength(601); // more than a page
  expect(await lines('--from', '2026-01-03')).toHaveLength(1);
  expect(await lines('--to', DAY)).toHaveLength(600);
  expect(await lines('--purpose', 'watch', '--study', 'small')).toEqual([]);
  const updates = await lines('--study', 'small', '--to', DAY);
  expect(updates).toHaveLength(6);
  expect(updates[1]!.split(/ {2,}/)).toEqual([
    `${DAY}T12:00:00.000Z`,
    'update',
    'small 1/2',
    '110',
    '200',
    'POST https://coordinator.test/Update (try 2)',
  ]);
  const days = await lines('--days', '--from', DAY, '--to', '2026-01-03');
  expect(days.map((line) => line.split(/ {2,}/).slice(0, 5))).toEqual([
    [DAY, '600', '66000', 'watch 65340, update 660', 'on record, agrees'],
    ['2026-01-03', '1', '110', 'update 110', 'not on record yet'],
  ]);
});

test('the lines of a day have the hash that is on record', async () => {
  const run = await busyNode();
  const { out } = await run('--lines', '--from', DAY, '--to', DAY);
  const { out: days } = await run('--days', '--from', DAY, '--to', DAY);
  expect(days).toContain(toHex(sha256(encodeUtf8(out))));
});

test('days and purposes that are none are refused', async () => {
  const run = await busyNode();
  expect((await run('--from', 'yesterday')).err).toContain('A day is given as 2026-01-31');
  expect((await run('--purpose', 'telemetry')).err).toContain('"telemetry" is no purpose: tunnel, greeting, watch');
  expect((await run('--days', '--from', '2020-01-01', '--to', '2026-01-01')).err).toContain('400 days at most');
});
