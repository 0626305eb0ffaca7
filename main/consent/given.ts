// The approvals that a round was given, and which of them count now: each is checked anew whenever something depends on it.
import { AssentError } from '../../shared/errors.ts';
import { approvalRecord, type Approval } from '../../shared/records/consent.ts';
import { signedMessage } from '../../shared/records/signed.ts';
import { fromHex, toHex } from '../../shared/wire/canonical.ts';
import { verifyEd25519 } from '../../platform/crypto.ts';
import type { Reader } from '../../platform/journal.ts';
import { holderOf } from '../people/people.ts';
import type { Offered, RoundKey } from '../stages.ts';
import type { Store } from '../store/open.ts';
import { joinedStudyOf } from '../store/rounds.ts';
import { signedBytes } from '../store/signed.ts';
import { unentitled, type ConsentDeps } from './entitled.ts';
import { holds } from './in-force.ts';

export type Purpose = Approval['purpose'];
/** An approval or a refusal as it is kept. `person` is null where the installation signed under a policy. */
export type Given = {
  hash: string;
  approval: Approval;
  person: string | null;
  state: 'valid' | 'used' | 'revoked';
  signature: Uint8Array;
  installation: Uint8Array;
};

/** In the order in which they were given. */
export function givenFor(read: Reader, { study, round, attempt }: RoundKey, purpose: Purpose): Given[] {
  type Row = Omit<Given, 'approval' | 'installation'> & { installation_signature: Uint8Array };
  const rows = read.all<Row>(
    `select hash, person, signature, installation_signature, state from approval
     where study = ? and round = ? and attempt = ? and purpose = ? order by rowid`,
    study,
    round,
    attempt,
    purpose,
  );
  return rows.map(({ hash, person, state, signature, installation_signature: installation }) => {
    const approval = approvalRecord.decode(signedBytes(read, hash));
    return { hash, approval, person, state, signature, installation };
  });
}

/** What an approval has to be about in order to count: this plan, and for a release these very bytes. */
export type About = { offered: Offered; update: string | null };

/**
 * Why an approval does not count now; undefined when it does. `state` is what it must be in: valid before it is used up, used
 * afterwards, until the bytes have left.
 */
export function flawOf(
  deps: ConsentDeps,
  given: Given,
  { offered, update }: About,
  state: 'valid' | 'used' = 'valid',
): AssentError | undefined {
  const { store, now } = deps;
  const { read } = store.journal;
  const { approval, person } = given;
  const { study, round, attempt, plan, planHash } = offered;
  const where = `round ${round} of ${study}`;
  if (!isSigned(store, given)) return new AssentError('SIGNATURE_INVALID', `The approval of ${where} does not verify.`);
  if (approval.decision !== 'approve') return new AssentError('APPROVAL_MISSING', `${where} was declined.`);
  const joined = joinedStudyOf(read, study);
  const same =
    approval.study === study &&
    approval.studyHash === plan.studyHash &&
    approval.round === round &&
    approval.attempt === attempt &&
    approval.plan === planHash &&
    approval.inputModel === plan.inputModel.sha256 &&
    approval.maxBytes === plan.update.bytes &&
    approval.snapshot === joined.snapshot &&
    (approval.update?.blob ?? null) === update;
  if (!same)
    return new AssentError(
      'APPROVAL_MISMATCH',
      `The approval of ${where} is for another plan, model, update or data snapshot.`,
    );
  if (given.state === 'revoked') return new AssentError('APPROVAL_REVOKED', `The approval of ${where} was taken back.`);
  if (given.state !== state) return new AssentError('APPROVAL_USED', `The approval of ${where} was used before.`);
  if (now() >= Date.parse(approval.notAfter))
    return new AssentError('APPROVAL_EXPIRED', `The approval of ${where} ended at ${approval.notAfter}.`);
  if (person !== null) return unentitled(read, person, study);
  return holds(deps, approval.policy!)
    ? undefined
    : new AssentError('APPROVAL_REVOKED', `The standing policy that approved ${where} is not in force any more.`);
}

/** By a key that is or was a person's here, or by the installation's own under a policy; and by the installation's in any case. */
function isSigned({ journal: { read }, keys }: Store, { hash, approval, person, ...signatures }: Given): boolean {
  const message = signedMessage(approvalRecord.kind, signedBytes(read, hash));
  const { signer } = approval;
  const known =
    signer.role === 'installation'
      ? person === null && approval.policy !== null && signer.key === toHex(keys.member.publicKey)
      : approval.policy === null && signer.person === person && holderOf(read, signer.key)?.person.id === person;
  return (
    known &&
    verifyEd25519(fromHex(signer.key), message, signatures.signature) &&
    verifyEd25519(keys.member.publicKey, message, signatures.installation)
  );
}

export type Judged = { given: Given; flaw: AssentError | undefined };

/** Every approval and refusal that was given, and why it does not count now. */
export const judge = (deps: ConsentDeps, purpose: Purpose, about: About, state?: 'valid' | 'used'): Judged[] =>
  givenFor(deps.store.journal.read, about.offered, purpose).map((given) => ({
    given,
    flaw: flawOf(deps, given, about, state),
  }));

export const counting = (judged: readonly Judged[]): Given[] =>
  judged.filter(({ flaw }) => flaw === undefined).map(({ given }) => given);

/**
 * The approvals under which something may be done now: of as many distinct people as the one that completed them says, or of
 * the standing policy alone. Throws what is wrong with that one, else with another, else APPROVAL_MISSING.
 */
export function needComplete(
  deps: ConsentDeps,
  purpose: Purpose,
  about: About,
  completing: string | null,
  state?: 'valid' | 'used',
): { approvals: Given[]; notAfter: string } {
  const judged = judge(deps, purpose, about, state);
  const last = judged.find(({ given }) => given.hash === completing);
  const all = counting(judged);
  const approvals = last?.given.person === null ? [last.given] : all.filter(({ person }) => person !== null);
  const distinct = new Set(approvals.map(({ person }) => person)).size;
  if (!last || last.flaw || distinct < last.given.approval.needed) {
    const { study, round } = about.offered;
    const missing = `Round ${round} of ${study} has no approval. Approve or decline it.`;
    throw last?.flaw ?? judged.find(({ flaw }) => flaw)?.flaw ?? new AssentError('APPROVAL_MISSING', missing);
  }
  const [notAfter] = approvals.map(({ approval }) => approval.notAfter).toSorted();
  return { approvals, notAfter: notAfter! };
}
