// Taking an approval back: what runs for it stops, and what has not left does not leave.
import { AssentError } from '../../shared/errors.ts';
import { revocationRecord } from '../../shared/records/consent.ts';
import { signedMessage } from '../../shared/records/signed.ts';
import { toHex } from '../../shared/wire/canonical.ts';
import { randomBytes } from '../../platform/crypto.ts';
import type { PersonSigner } from '../people/keys.ts';
import type { RoundKey } from '../stages.ts';
import { offeredOf, OPEN_STAGES, roundOf, type RoundRow } from '../store/rounds.ts';
import { keepSigned } from '../store/signed.ts';
import { endRevoked, takeBack } from '../store/taking-back.ts';
import { needReason } from './approval.ts';
import { needApprover, type ConsentDeps } from './entitled.ts';
import { counting, givenFor, judge, type Given } from './given.ts';
import { factsOf, STATEMENTS, type Locale } from './screen.ts';

export type Revoked = { revocation: string; /** Whether the round is over here by it. */ ended: boolean };

/**
 * While others still have to approve, a person takes the own approval back; afterwards any approver ends the round here.
 * Throws ROLE_MISSING, PROPOSER_APPROVES, ROUND_STATE, APPROVAL_MISSING, REQUEST_INVALID.
 */
export function revoke(
  deps: ConsentDeps,
  key: RoundKey,
  signer: PersonSigner,
  request: { reason: string; locale: Locale },
): Revoked {
  const { store } = deps;
  const { read } = store.journal;
  needApprover(read, signer.person, key.study);
  const reason = needReason(request.reason);
  const row = roundOf(read, key);
  const offered = offeredOf(row);
  const { approval, ended } = approvalToRevoke(deps, row, signer.person);
  const facts = factsOf(offered, approval.approval.rows, request.locale);
  const statements = STATEMENTS[request.locale];
  const { study, round, attempt, planHash: plan } = offered;
  const now = deps.now();

  return store.journal.transact('approval.revoke', (tx) => {
    const commitment = tx.commit(reason);
    const bytes = revocationRecord.encode({
      v: 1,
      study,
      round,
      attempt,
      plan,
      approval: approval.hash,
      meaning: ended ? statements.revoke(facts) : statements.withdraw(facts),
      locale: request.locale,
      reason: commitment,
      signer: {
        person: signer.person.id,
        key: toHex(signer.publicKey),
        role: 'approver',
        method: 'password',
        authenticatedAt: new Date(signer.at).toISOString(),
      },
      at: new Date(now).toISOString(),
      nonce: toHex(randomBytes(16)),
    });
    const revocation = keepSigned(tx, revocationRecord.kind, bytes);
    const signature = toHex(signer.sign(signedMessage(revocationRecord.kind, bytes)));
    tx.append({
      kind: 'approval.revoked',
      study,
      round,
      attempt,
      detail: {
        plan,
        approval: approval.hash,
        revocation,
        reason: commitment,
        signer: toHex(signer.publicKey),
        signature,
        person: signer.person.id,
      },
    });
    if (ended) {
      endRevoked(tx, row, 'APPROVAL_REVOKED');
      takeBack(tx, store, row, now);
    } else tx.run("update approval set state = 'revoked' where hash = ?", approval.hash);
    return { revocation, ended };
  });
}

function approvalToRevoke(
  deps: ConsentDeps,
  row: RoundRow,
  person: PersonSigner['person'],
): { approval: Given; ended: boolean } {
  const { study, round, stage } = row;
  if (row.outcome !== null || !OPEN_STAGES.includes(stage))
    throw new AssentError(
      'ROUND_STATE',
      stage === 'sent'
        ? `The update of round ${round} of ${study} has left; it cannot be taken back.`
        : `Round ${round} of ${study} is ${row.result ?? stage}; there is no approval to take back.`,
      { stage },
    );
  if (stage === 'awaiting') {
    const judged = judge(deps, 'train', { offered: offeredOf(row), update: null });
    const own = counting(judged).find((given) => given.person === person.id);
    if (own) return { approval: own, ended: false };
    throw new AssentError(
      'APPROVAL_MISSING',
      `${person.login} has not approved round ${round} of ${study}, which still waits. Decline it instead.`,
    );
  }
  const given = givenFor(deps.store.journal.read, row, 'train').filter(
    ({ approval }) => approval.decision === 'approve',
  );
  const own = given.findLast((one) => one.person === person.id && one.state !== 'revoked');
  return { approval: own ?? given.find(({ hash }) => hash === row.approval)!, ended: true };
}

/** What a revocation would say now, word for word; undefined when there is nothing that this person could take back. */
export function revokeStatement(
  deps: ConsentDeps,
  row: RoundRow,
  person: PersonSigner['person'],
  locale: Locale,
): string | undefined {
  try {
    needApprover(deps.store.journal.read, person, row.study);
    const { approval, ended } = approvalToRevoke(deps, row, person);
    const facts = factsOf(offeredOf(row), approval.approval.rows, locale);
    return ended ? STATEMENTS[locale].revoke(facts) : STATEMENTS[locale].withdraw(facts);
  } catch (error) {
    if (error instanceof AssentError) return undefined;
    throw error;
  }
}
