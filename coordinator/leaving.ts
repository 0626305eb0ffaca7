// A member leaves a study: it is asked for no further round, and what of the open one does not count yet is given up.
import { AssentError } from '../shared/errors.ts';
import { leaveRecord } from '../shared/records/membership.ts';
import { openSigned, type Signed } from '../shared/records/signed.ts';
import { toHex } from '../shared/wire/canonical.ts';
import { primitives, sha256 } from '../platform/crypto.ts';
import { memberRef } from './caller.ts';
import { keysOf, type MemberRow } from './members.ts';
import type { StudyDeps } from './studies.ts';

/**
 * Idempotent, and also for a member that has joined again since: a record counts once. Throws SIGNATURE_INVALID,
 * RECORD_INVALID, STUDY_UNKNOWN.
 */
export function leaveStudy({ store, conductor, clock }: StudyDeps, caller: MemberRow, signed: Signed): void {
  const leave = openSigned(primitives, leaveRecord, signed, keysOf(caller).member);
  const { study: id, member } = leave;
  memberRef(caller, member);
  if (leave.studyHash !== conductor.get(id).hash)
    throw new AssentError('RECORD_INVALID', `${member} leaves another version of study ${id} than the one announced.`, {
      study: id,
    });
  const record = toHex(sha256(signed.bytes));
  if (store.journal.read.get('select 1 from departure where record = ?', record)) return;
  conductor.apply('study.leave', [{ id, event: { kind: 'left', member, at: clock.now() } }], (tx) => {
    const at = new Date(clock.now()).toISOString();
    tx.run('update participant set left_at = ? where study = ? and member = ?', at, id, member);
    tx.run(
      'insert into departure (record, study, member, bytes, signature) values (?, ?, ?, ?, ?)',
      record,
      id,
      member,
      signed.bytes,
      signed.signature,
    );
    tx.append({ kind: 'member.left', study: id, detail: { member, record } });
  });
}
