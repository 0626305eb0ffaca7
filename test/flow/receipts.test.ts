// Receipts in both states: a real coordinator and three real nodes, over real HTTP.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { verifyCommand } from '../../platform/assent-verify.ts';
import { outcomeRecord } from '../../shared/records/round.ts';
import { rowsCsv, smallStudy } from '../support/institution.ts';
import { eventually, startConsortium, type Consortium, type Member } from '../support/live-consortium.ts';
import { detailsOf } from '../support/receipt-coordinator.ts';

const ROWS = { alpha: rowsCsv(40), beta: rowsCsv(31), gamma: rowsCsv(25) };
const THREE: [string, unknown] = ['cohort', { least: 3, quorum: 3 }];

async function finished(consortium: Consortium): Promise<void> {
  await consortium.until(({ state }) => state === 'finished');
  for (const { calls } of consortium.members)
    await eventually(async () => {
      const { rounds } = await calls.listRounds({});
      return rounds.length === 3 && rounds.every(({ receipt }) => receipt !== 'due' && receipt !== '');
    });
}

type Verified = { state: string; index: number | null; outcomeIndex: number | null; weight: number; model: string };
const verifiedBy = (member: Member) => detailsOf(member, 'receipt.verified') as unknown as Verified[];

test(
  'each of three institutions ends with a receipt of every round: where the log counts its update, and the round computed again',
  { timeout: 120_000 },
  async () => {
    const consortium = await startConsortium({ study: smallStudy(THREE, ['publication', 'members']), rows: ROWS });
    await finished(consortium);
    const { admin, folder, members, coordinator } = consortium;
    const audit = join(folder, 'audit');
    await admin.exportLog({ folder: audit });
    const log = readFileSync(join(audit, 'entries.jsonl'), 'utf8').split('\n').filter(Boolean);
    const entry = (index: number) =>
      JSON.parse(log[index]!) as { kind: string; round: number; detail: Record<string, unknown> };
    const { logVkey } = await members[0]!.calls.getReceipt({ name: { study: 'small', round: 1 } });

    for (const member of members) {
      expect(detailsOf(member, 'receipt.refused')).toEqual([]);
      const verified = verifiedBy(member);
      expect(verified.map(({ state }) => state).toSorted()).toEqual([
        ...Array.from({ length: 3 }, () => 'logged'),
        ...Array.from({ length: 3 }, () => 'recomputed'),
      ]);
      // What the institution has on record is what an outsider finds in the coordinator's exported log.
      for (const [round, { index, outcomeIndex, weight, model }] of verified
        .filter(({ state }) => state === 'logged')
        .entries()) {
        const detail = { member: member.id, weight };
        expect(entry(index!)).toMatchObject({ kind: 'update.accepted', round: round + 1, detail });
        expect(entry(outcomeIndex!)).toMatchObject({ kind: 'round.aggregated', round: round + 1, detail: { model } });
      }
      // And what it hands on can be checked with the key of that log alone.
      for (const round of [1, 2, 3]) {
        const receipt = await member.calls.getReceipt({ name: { study: 'small', round } });
        expect(receipt.states.map(({ state, result }) => [state, result])).toEqual([
          ['logged', 'verified'],
          ['recomputed', 'verified'],
        ]);
        const file = join(folder, `${member.id}-${round}.json`);
        writeFileSync(file, receipt.file);
        expect(await verifyCommand([file, '--key', logVkey])).toMatchObject({ code: 0 });
      }
      expect(await member.node.store.published.list()).toEqual([]);
      const { receiptsDue, receiptsRefused } = await member.calls.getStatus({});
      expect([receiptsDue, receiptsRefused]).toEqual([0, 0]);
    }
    expect(coordinator.store.journal.read.all('select distinct blob from published')).toHaveLength(9);
  },
);

test(
  'without publication a receipt says what the log says, and no institution can fetch what another one sent',
  { timeout: 120_000 },
  async () => {
    const consortium = await startConsortium({ study: smallStudy(THREE), rows: ROWS });
    await finished(consortium);
    const { read } = consortium.coordinator.store.journal;
    const { outcome } = read.get<{ outcome: Buffer }>('select outcome from round where round = 3')!;
    const { participants } = outcomeRecord.decode(outcome);
    for (const member of consortium.members) {
      expect(verifiedBy(member).map(({ state }) => state)).toEqual(['logged', 'logged', 'logged']);
      for (const { blob, member: sender } of participants) {
        const fetched = member.node.rounds.model(blob, 1_000_000, new AbortController().signal, {});
        // Its own it may still have here; from the coordinator it gets none.
        if (sender !== member.id) await expect(fetched).rejects.toMatchObject({ code: 'BLOB_UNKNOWN' });
        else await fetched.catch(() => {});
      }
    }
    expect(read.all('select * from published')).toEqual([]);
  },
);

test(
  'receipts that are owed while the coordinator is down come once it is back, and the node that was restarted asks for them',
  { timeout: 120_000 },
  async () => {
    const consortium = await startConsortium({ study: smallStudy(THREE, ['publication', 'members']), rows: ROWS });
    await finished(consortium);
    const [alpha] = consortium.members;
    // As if no answer had come before the coordinator went down.
    alpha!.node.store.journal.transact('receipt.refuse', (tx) => {
      tx.run("update receipt set result = 'due', at = null, evidence = null where round > 1");
      tx.append({ kind: 'study.resumed', detail: {} });
    });
    await consortium.restartCoordinator(async () => {
      await alpha!.restart();
      expect((await alpha!.calls.getStatus({})).receiptsDue).toBe(4);
    });
    await eventually(async () => (await alpha!.calls.getStatus({})).receiptsDue === 0);
    expect(verifiedBy(alpha!).map(({ state }) => state)).toHaveLength(10);
    expect(detailsOf(alpha!, 'receipt.refused')).toEqual([]);
  },
);
