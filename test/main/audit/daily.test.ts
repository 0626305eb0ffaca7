import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { DAY_MS, openLedger } from '../../../main/audit/ledger.ts';
import { handClock } from '../../support/hand-clock.ts';
import { eventually, startMember } from '../../support/live-consortium.ts';
import { temporaryFolder } from '../../support/temporary.ts';

test('a running node puts the day that is over on record, and removes what was kept long enough, each day once', async () => {
  const clock = handClock();
  const member = await startMember('alpha', join(temporaryFolder(), 'home'), { clock });
  onTestFinished(() => member.stop());
  const { node } = member;
  const { journal } = node.store;
  const count = (kind: string) =>
    journal.read.get<{ n: number }>('select count(*) as n from record where kind = ?', kind)!.n;
  const ledger = openLedger({ journal, now: clock.now });
  const id = ledger.intend({ method: 'POST', url: 'https://coordinator.test/x', length: 3 }, { purpose: 'watch' });
  ledger.settle(id, { head: 1, body: 3, sha256: null, status: 200, error: null });
  node.wake();
  expect(count('ledger.summed')).toBe(0);
  clock.advance(DAY_MS);
  node.wake();
  await eventually(async () => count('ledger.summed') === 1);
  clock.advance(11 * 366 * DAY_MS);
  node.wake();
  await eventually(async () => count('retention.applied') === 1);
  clock.advance(DAY_MS);
  node.wake();
  await eventually(async () => node.now().training === null);
  expect([count('ledger.summed'), count('retention.applied')]).toEqual([1, 1]);
});

test('a node that starts after a crash settles what was under way, as interrupted', async () => {
  const member = await startMember('alpha', join(temporaryFolder(), 'home'));
  onTestFinished(() => member.stop());
  const ledger = openLedger({ journal: member.node.store.journal, now: Date.now });
  ledger.intend({ method: 'PATCH', url: 'https://coordinator.test/blobs/x', length: 500 }, { purpose: 'update' });
  await member.restart();
  const { read } = member.node.store.journal;
  expect(read.all('select head, body, error from outbound')).toEqual([{ head: null, body: 500, error: 'INTERRUPTED' }]);
});
