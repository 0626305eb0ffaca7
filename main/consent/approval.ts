// Approvals and refusals of one round: made, signed, kept, and checked again before anything depends on them.
import { AssentError } from '../../shared/errors.ts';
import { APPROVAL_DAYS, approvalRecord, type Approval } from '../../shared/records/consent.ts';
import { decisionRecord } from '../../shared/records/round.ts';
import { signedMessage, signRecord } from '../../shared/records/signed.ts';
import { toHex } from '../../shared/wire/canonical.ts';
import { randomBytes, sha256, verifyEd25519 } from '../../platform/crypto.ts';
import { signerOf, type Signer } from '../../platform/keyring.ts';
import type { Approved, Offered, RoundKey } from '../stages.ts';
import type { Store } from '../store/open.ts';
import { intend } from '../store/outbox.ts';
import { joinedStudyOf, needCoordinator, offeredOf, roundOf } from '../store/rounds.ts';
import { roundScreen, screenHash, type Locale } from './screen.ts';

export type ConsentDeps = { store: Store; now(): number };
type Who = {
  signer: Signer;
  role: 'operator' | 'installation';
  method: 'passphrase' | 'policy';
  policy: string | null;
};

const DAY = 24 * 3600_000;
const REASON_LEAST = 3;

/** A person decides: the passphrase typed now unwraps the operator's key for this one signature. */
export async function decide(
  deps: ConsentDeps,
  key: RoundKey,
  request: { planHash: string; decision: 'approve' | 'decline'; reason: string; passphrase: string; locale: Locale },
): Promise<{ approvalHash: string }> {
  const reason = request.reason.trim();
  if (reason.length < REASON_LEAST)
    throw new AssentError('REQUEST_INVALID', `A decision needs a reason of at least ${REASON_LEAST} characters.`, {
      reason: 'too short',
    });
  const keyring = await deps.store.unlock(request.passphrase);
  const signer = signerOf(deps.store.journal.read, keyring, 'operator', 'operator');
  const offered = offeredOf(roundOf(deps.store.journal.read, key));
  if (offered.planHash !== request.planHash)
    throw new AssentError(
      'APPROVAL_MISMATCH',
      'The plan is not the one that was shown. Look at the round again and decide anew.',
      {
        shown: request.planHash,
        now: offered.planHash,
      },
    );
  return record(deps, offered, request.decision, reason, request.locale, {
    signer,
    role: 'operator',
    method: 'passphrase',
    policy: null,
  });
}

/** Signs and keeps a decision; in the same transaction the round moves on and the coordinator's copy enters the outbox. */
export function record(
  deps: ConsentDeps,
  offered: Offered,
  decision: 'approve' | 'decline',
  reason: string,
  locale: Locale,
  who: Who,
): { approvalHash: string } {
  const { store } = deps;
  const now = deps.now();
  const approval = makeApproval(deps, offered, decision, reason, locale, who, now);
  const signed = signRecord(approvalRecord, approval, who.signer.sign);
  const approvalHash = toHex(sha256(signed.bytes));
  const installation = store.keys.member.sign(signedMessage(approvalRecord.kind, signed.bytes));
  const { member } = needCoordinator(store.journal.read);
  const { study, round, attempt, planHash } = offered;
  const told = signRecord(
    decisionRecord,
    { v: 1, study, round, attempt, plan: planHash, member, decision, approval: approvalHash, at: approval.at },
    store.keys.member.sign,
  );

  store.journal.transact(decision === 'approve' ? 'approval.grant' : 'approval.decline', (tx) => {
    const row = roundOf(tx, offered);
    if (row.stage !== 'awaiting')
      throw new AssentError('ROUND_STATE', `Round ${round} of ${study} is ${row.stage}; there is nothing to decide.`, {
        stage: row.stage,
      });
    if (row.outcome !== null)
      throw new AssentError(
        'ROUND_CLOSED',
        `Round ${round} of ${study} is over: it was ${row.result}. There is nothing to decide.`,
      );
    tx.run(
      `insert into approval (hash, study, round, attempt, bytes, signature, installation_signature, state)
       values (?, ?, ?, ?, ?, ?, ?, ?)`,
      approvalHash,
      study,
      round,
      attempt,
      signed.bytes,
      signed.signature,
      installation,
      decision === 'approve' ? 'valid' : 'used',
    );
    tx.run(
      'update round set stage = ?, approval = ? where study = ? and round = ? and attempt = ?',
      decision === 'approve' ? 'approved' : 'declined',
      approvalHash,
      study,
      round,
      attempt,
    );
    intend(tx, now, 'decision', told, { key: offered });
    tx.append({
      kind: decision === 'approve' ? 'approval.granted' : 'approval.declined',
      study,
      round,
      attempt,
      detail: {
        plan: planHash,
        inputModel: approval.inputModel,
        approval: approvalHash,
        signer: approval.signer.key,
        signers: 1,
        automatic: who.method === 'policy',
        policy: who.policy,
        reason: reason === '' ? null : tx.commit(reason),
        notAfter: approval.notAfter,
      },
    });
  });
  return { approvalHash };
}

function makeApproval(
  deps: ConsentDeps,
  offered: Offered,
  decision: 'approve' | 'decline',
  reason: string,
  locale: Locale,
  who: Who,
  now: number,
): Approval {
  const { plan } = offered;
  const joined = joinedStudyOf(deps.store.journal.read, offered.study);
  const screen = roundScreen(offered, joined.rows, locale);
  const last = Math.min(Date.parse(plan.sendBy), now + APPROVAL_DAYS * DAY);
  if (decision === 'approve' && now >= Math.min(last, Date.parse(plan.approveBy)))
    throw new AssentError('APPROVAL_EXPIRED', `Round ${plan.round} could be approved until ${plan.approveBy}.`);
  return {
    v: 1,
    decision,
    study: offered.study,
    studyHash: plan.studyHash,
    round: plan.round,
    attempt: plan.attempt,
    plan: offered.planHash,
    inputModel: plan.inputModel.sha256,
    cohort: plan.cohort,
    aggregation: plan.definition.aggregation.name,
    secureAggregation: null,
    privacy: null,
    snapshot: joined.snapshot,
    rows: joined.rows,
    releases: plan.definition.releases,
    vectors: plan.update.vectors,
    maxBytes: plan.update.bytes,
    meaning: decision === 'approve' ? screen.approve : screen.decline,
    locale,
    screen: screenHash(screen),
    reason,
    signer: { key: toHex(who.signer.publicKey), role: who.role, method: who.method },
    signers: 1,
    at: new Date(now).toISOString(),
    policy: who.policy,
    prior: [],
    notBefore: new Date(now).toISOString(),
    notAfter: new Date(last).toISOString(),
    nonce: toHex(randomBytes(16)),
  };
}

/**
 * The approval of a round as the store keeps it, checked against the plan and the clock. Called before training and again
 * before the upload. Throws APPROVAL_MISSING, APPROVAL_MISMATCH, APPROVAL_EXPIRED, APPROVAL_USED, SIGNATURE_INVALID.
 */
export function approvedOf(deps: ConsentDeps, offered: Offered): Approved {
  const { read } = deps.store.journal;
  const { study, round, attempt, plan, planHash } = offered;
  const where = `Round ${round} of ${study}`;
  const row = read.get<{
    hash: string;
    bytes: Buffer;
    signature: Buffer;
    installation_signature: Buffer;
    state: string;
  }>(
    `select a.* from approval a join round r on r.approval = a.hash where r.study = ? and r.round = ? and r.attempt = ?`,
    study,
    round,
    attempt,
  );
  if (!row) throw new AssentError('APPROVAL_MISSING', `${where} has no approval. Approve or decline it.`);
  const approval = approvalRecord.decode(row.bytes);
  const message = signedMessage(approvalRecord.kind, row.bytes);
  const person = read.get<{ public_key: Buffer }>('select public_key from identity where name = ?', 'operator');
  const expected = approval.signer.role === 'operator' ? person!.public_key : deps.store.keys.member.publicKey;
  const holds =
    toHex(sha256(row.bytes)) === row.hash &&
    approval.signer.key === toHex(expected) &&
    verifyEd25519(expected, message, row.signature) &&
    verifyEd25519(deps.store.keys.member.publicKey, message, row.installation_signature);
  if (!holds) throw new AssentError('SIGNATURE_INVALID', `The approval of ${where} does not verify.`);
  if (approval.decision !== 'approve') throw new AssentError('APPROVAL_MISSING', `${where} was declined.`);
  const joined = joinedStudyOf(read, study);
  const same =
    approval.study === study &&
    approval.round === round &&
    approval.attempt === attempt &&
    approval.plan === planHash &&
    approval.inputModel === plan.inputModel.sha256 &&
    approval.maxBytes === plan.update.bytes &&
    approval.snapshot === joined.snapshot;
  if (!same)
    throw new AssentError('APPROVAL_MISMATCH', `The approval of ${where} is for another plan, model or data snapshot.`);
  if (row.state === 'used') throw new AssentError('APPROVAL_USED', `The approval of ${where} was used before.`);
  if (deps.now() >= Date.parse(approval.notAfter))
    throw new AssentError('APPROVAL_EXPIRED', `The approval of ${where} ended at ${approval.notAfter}.`);
  return { ...offered, approval, approvalHash: row.hash } as Approved;
}
