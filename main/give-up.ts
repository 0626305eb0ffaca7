// What a successor log ends: everything that was under way. What the lost records said of it is not known any more: an update may
// have been sent, an approval used, a policy revoked.
import { decisionRecord, updateRecord } from '../shared/records/round.ts';
import { endPolicies } from './consent/policy.ts';
import { signRecord } from '../shared/records/signed.ts';
import type { Tx } from '../platform/journal.ts';
import type { Store } from './store/open.ts';
import { intend, type OutboxRow } from './store/outbox.ts';
import { openRounds } from './store/rounds.ts';

const CODE = 'LOG_BEHIND';

/** `decision` is the hash of what people signed, `person` the first of them. */
type About = { at: number; member: string; decision: string; person: string };

export function giveUp(tx: Tx, store: Pick<Store, 'keys'>, about: About): void {
  for (const row of tx.all<OutboxRow>("select * from outbox where state = 'intended' order by id"))
    giveUpMessage(tx, row);
  giveUpRounds(tx, store, about);
  for (const { study } of tx.all<{ study: string }>('select distinct study from policy order by study'))
    endPolicies(tx, study, about.person);
}

/** It may have arrived or not, and does not leave any more. */
function giveUpMessage(tx: Tx, { id, purpose, record, bytes, study, round, attempt }: OutboxRow): void {
  tx.run("update outbox set state = 'refused', code = ? where id = ?", CODE, id);
  if (purpose === 'join')
    tx.run(
      "update study set stage = 'offered', dataset = null, snapshot = null, mapping = null, rows = null where id = ?",
      study,
    );
  if (purpose === 'update') {
    const { study: of, round: which, attempt: tried, plan, approval } = updateRecord.decode(bytes);
    const detail = { plan, approval, statement: record, code: CODE };
    tx.append({ kind: 'update.unconfirmed', study: of, round: which, attempt: tried, detail });
    return;
  }
  const where = { ...(study !== null && { study }), ...(round !== null && { round, attempt: attempt! }) };
  tx.append({ kind: 'message.refused', ...where, detail: { purpose, record, outbox: id, code: CODE } });
}

function giveUpRounds(tx: Tx, { keys }: Pick<Store, 'keys'>, { at, member, decision }: About): void {
  for (const row of openRounds(tx)) {
    const { study, round, attempt, plan, approval } = row;
    tx.run(
      "update round set stage = 'failed', code = ? where study = ? and round = ? and attempt = ?",
      `${CODE}: the log of then was put back from a backup`,
      study,
      round,
      attempt,
    );
    tx.append({ kind: 'round.failed', study, round, attempt, detail: { plan, code: CODE } });
    // Or everybody would wait for this institution until the deadline.
    const decided = { approval: approval ?? decision, decision: 'decline' as const, at: new Date(at).toISOString() };
    const withdrawal = { v: 1 as const, study, round, attempt, plan, member, ...decided };
    intend(tx, at, 'decision', signRecord(decisionRecord, withdrawal, keys.member.sign), { key: row });
  }
}
