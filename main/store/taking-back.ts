// An approval that was announced is taken back: the coordinator is told, so that nobody waits for an update that will not come.
import { decisionRecord } from '../../shared/records/round.ts';
import { signRecord } from '../../shared/records/signed.ts';
import type { Tx } from '../../platform/journal.ts';
import type { Store } from './open.ts';
import { intend } from './outbox.ts';
import { needCoordinator, type RoundRow } from './rounds.ts';

/** Tells it through the outbox, unless the coordinator was never told of an approval or has ended the round itself. */
export function takeBack(tx: Tx, store: Store, row: RoundRow, at: number): void {
  if (row.approval === null || row.outcome !== null) return;
  const { study, round, attempt, plan, approval } = row;
  const { member } = needCoordinator(tx);
  const told = { v: 1 as const, study, round, attempt, plan, member, approval, at: new Date(at).toISOString() };
  const signed = signRecord(decisionRecord, { ...told, decision: 'decline' }, store.keys.member.sign);
  intend(tx, at, 'decision', signed, { key: row });
}

/** Ends an open round here because its approval was taken back: nothing more is trained or sent for it. */
export function endRevoked(tx: Tx, row: RoundRow, code: 'APPROVAL_REVOKED' | 'STUDY_LEFT'): void {
  const { study, round, attempt } = row;
  const where = 'where study = ? and round = ? and attempt = ?';
  tx.run(`update round set stage = 'revoked', code = ? ${where}`, code, study, round, attempt);
  tx.run(`update approval set state = 'revoked' ${where}`, study, round, attempt);
  const waiting = tx.get<{ id: number; record: string }>(
    `select id, record from outbox ${where} and purpose = 'update' and state = 'intended'`,
    study,
    round,
    attempt,
  );
  if (!waiting) return;
  tx.run("update outbox set state = 'refused', code = ? where id = ?", code, waiting.id);
  tx.append({
    kind: 'update.unconfirmed',
    study,
    round,
    attempt,
    detail: { plan: row.plan, approval: row.approval!, statement: waiting.record, code },
  });
}
