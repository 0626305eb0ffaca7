// Leaving a study: signed by a steward. From then on nothing is trained or sent for it; what left before cannot be taken back.
import { AssentError } from '../shared/errors.ts';
import { leaveRecord } from '../shared/records/membership.ts';
import { signRecord } from '../shared/records/signed.ts';
import type { Study } from '../shared/study/study.ts';
import { toHex } from '../shared/wire/canonical.ts';
import { randomBytes, sha256 } from '../platform/crypto.ts';
import type { Reader } from '../platform/journal.ts';
import { needReason } from './consent/approval.ts';
import { endPolicies } from './consent/policy.ts';
import { STATEMENTS, type Locale } from './consent/screen.ts';
import { needSteward, stewardOf, type JoinDeps } from './joining.ts';
import type { PersonSigner } from './people/keys.ts';
import { intend } from './store/outbox.ts';
import { keepParticipation } from './store/participation.ts';
import { joinedStudyOf, needCoordinator, openRounds, sentUpdates, studyOf } from './store/rounds.ts';
import { endRevoked } from './store/taking-back.ts';

/** What a steward signs, word for word: it counts what has left already. */
export const leaveStatement = (read: Reader, study: Study, locale: Locale): string =>
  STATEMENTS[locale].leave({ study, sent: sentUpdates(read, study.id) });

/**
 * Ends open rounds and standing policies of the study here, and tells the coordinator. Throws STUDY_STATE, ROLE_MISSING,
 * REQUEST_INVALID.
 */
export function leaveStudy(
  { store, clock }: Pick<JoinDeps, 'store' | 'clock'>,
  signer: PersonSigner,
  studyId: string,
  request: { reason: string; locale: Locale },
): void {
  const { read } = store.journal;
  needSteward(read, signer.person);
  const reason = needReason(request.reason);
  const joined = joinedStudyOf(read, studyId);
  if (joined.phase === 'finished' || joined.phase === 'stopped')
    throw new AssentError('STUDY_STATE', `Study ${studyId} is ${joined.phase}; nothing more is sent for it anyway.`);
  const { member } = needCoordinator(read);
  const now = clock.now();
  const at = new Date(now).toISOString();
  const { hash: studyHash, dataset, snapshot, rows } = joined;
  const told = signRecord(leaveRecord, { v: 1, study: studyId, studyHash, member, at }, store.keys.member.sign);

  store.journal.transact('study.leave', (tx) => {
    const commitment = tx.commit(reason);
    const signed = keepParticipation(
      tx,
      {
        v: 1,
        decision: 'leave',
        study: studyId,
        studyHash,
        member,
        dataset,
        snapshot,
        mapping: toHex(sha256(joined.mapping)),
        rows,
        documents: [],
        meaning: leaveStatement(tx, studyOf(joined), request.locale),
        locale: request.locale,
        reason: commitment,
        signer: stewardOf(signer),
        at,
        nonce: toHex(randomBytes(16)),
      },
      signer,
    );
    for (const row of openRounds(tx).filter(({ study }) => study === studyId)) {
      endRevoked(tx, row, 'STUDY_LEFT');
      const { round, attempt, plan } = row;
      tx.append({ kind: 'round.failed', study: studyId, round, attempt, detail: { plan, code: 'STUDY_LEFT' } });
    }
    endPolicies(tx, studyId, signer.person.id);
    tx.run("update study set stage = 'offered', dataset = null, mapping = null, left_at = ? where id = ?", at, studyId);
    const { record } = intend(tx, now, 'leave', told, { study: studyId });
    tx.append({
      kind: 'study.left',
      study: studyId,
      detail: { definition: studyHash, record, reason: commitment, ...signed },
    });
  });
}
