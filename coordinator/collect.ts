// An update is checked from the signature to the last value before it counts, and whatever is refused is on record.
import { AssentError } from '../shared/errors.ts';
import { decimalOf } from '../shared/records/fields.ts';
import { updateRecord, type UpdateStatement } from '../shared/records/round.ts';
import { openSigned, type Signed } from '../shared/records/signed.ts';
import type { Study } from '../shared/study/study.ts';
import { toHex } from '../shared/wire/canonical.ts';
import { checkUpdate } from '../platform/check-update.ts';
import { primitives, sha256 } from '../platform/crypto.ts';
import { memberRef } from './caller.ts';
import { keysOf, type MemberRow } from './members.ts';
import { declaredMetrics } from './metrics.ts';
import { checkRefusals, isNewRefusal, keepRefusal, subjectOf } from './refusals.ts';
import type { StudyDeps } from './studies.ts';
import type { StudyEvent } from './study-state.ts';

/** No institution has more examples, and no sum of so many members' examples, or of metrics weighted by them, loses its size. */
const MOST = 1e12;

/**
 * Counts an update, once: the same statement again is answered the same. Refusals are thrown under the code that the audit
 * record update.rejected names; a corrected update is possible while the round is open. In the member's turn, so that no
 * upload beside it can remove the blob between its check and its acceptance.
 */
export const submitUpdate = (deps: StudyDeps, caller: MemberRow, signed: Signed): Promise<void> =>
  deps.store.uploads.inTurn(caller.id, () => judge(deps, caller, signed));

async function judge(deps: StudyDeps, caller: MemberRow, signed: Signed): Promise<void> {
  const hash = toHex(sha256(signed.bytes));
  let statement: UpdateStatement | undefined;
  try {
    statement = openSigned(primitives, updateRecord, signed, keysOf(caller).member);
    memberRef(caller, statement.member);
    if (isCounted(deps, hash)) return;
    await count(deps, statement, signed, hash);
  } catch (error) {
    if (!(error instanceof AssentError) || error.code === 'INTERNAL') throw error;
    refuse(deps, caller.id, statement, hash, error);
    throw error;
  }
}

const isCounted = ({ store }: StudyDeps, hash: string): boolean =>
  store.journal.read.get('select 1 from statement where hash = ?', hash) !== undefined;

async function count(deps: StudyDeps, statement: UpdateStatement, signed: Signed, hash: string): Promise<void> {
  const { store, conductor, clock } = deps;
  const { study: id, round, attempt, plan, member, approval, blob, bytes, examples, metrics } = statement;
  const { study } = conductor.get(id);
  const update = { statement: hash, blob, bytes, weight: examples, metrics };
  const event = (): StudyEvent => ({
    kind: 'submitted',
    member,
    round,
    attempt,
    plan,
    approval,
    update,
    at: clock.now(),
  });
  // First what costs nothing: the round, the cohort, the approval. Once more below, since others go on meanwhile.
  conductor.prepare([{ id, event: event() }]);
  checkRefusals(store.journal.read, subjectOf(store.journal.read, member, statement, clock.now()), hash);
  checkMetrics(study, statement);
  const norm = await checkUpdate(study, store.updates(member), blob, bytes);
  if (isCounted(deps, hash)) return;
  conductor.apply('update.accept', [{ id, event: event() }], (tx) => {
    const detail = { member, statement: hash, approval, blob, bytes, weight: examples, norm: decimalOf(norm) };
    const { position } = tx.append({ kind: 'update.accepted', study: id, round, attempt, detail });
    tx.run(
      `insert into statement (hash, study, round, attempt, member, blob, size, bytes, signature, position)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      hash,
      id,
      round,
      attempt,
      member,
      blob,
      bytes,
      signed.bytes,
      signed.signature,
      position,
    );
  });
  store.uploads.keep(member, blob);
}

/** Exactly the declared metrics, each null or a number of a size that means of them can be taken; examples likewise. */
function checkMetrics(study: Study, { metrics, member, examples }: UpdateStatement): void {
  if (examples > MOST)
    throw new AssentError(
      'RECORD_INVALID',
      `${member} says that it trained on ${examples} examples; ${MOST} is the most that can be weighed.`,
    );
  const declared = declaredMetrics(study);
  const given = Object.entries(metrics);
  if (
    given
      .map(([name]) => name)
      .sort()
      .join() !== declared.toSorted().join()
  )
    throw new AssentError(
      'RECORD_INVALID',
      `${member} released ${given.map(([name]) => name).join(', ') || 'nothing'}; the study declares ${declared.join(', ') || 'no metrics'}.`,
    );
  for (const [name, value] of given)
    if (value !== null && !(Math.abs(Number(value)) <= MOST))
      throw new AssentError(
        'RECORD_INVALID',
        `${member} released ${name} ${value}; it must be a number between ${-MOST} and ${MOST}.`,
      );
}

function refuse(
  { store, conductor, clock }: StudyDeps,
  member: string,
  statement: UpdateStatement | undefined,
  hash: string,
  { code }: AssentError,
): void {
  const subject = subjectOf(store.journal.read, member, statement, clock.now());
  if (!isNewRefusal(store.journal.read, subject, hash, code)) return;
  // Only what we know to be a study of ours names one in the record.
  const known = statement !== undefined && conductor.all().some(({ id }) => id === statement.study);
  const about = known ? { study: statement.study, round: statement.round, attempt: statement.attempt } : {};
  store.journal.transact('update.refuse', (tx) => {
    keepRefusal(tx, subject, hash, code);
    tx.append({ kind: 'update.rejected', ...about, detail: { member, code, statement: statement ? hash : null } });
  });
}
