// Standing policies: bounds that people signed, within which the installation approves rounds of one study by itself.
import { AssentError } from '../../shared/errors.ts';
import { POLICY_DAYS, policyRecord, type Policy } from '../../shared/records/consent.ts';
import { decimalOf } from '../../shared/records/fields.ts';
import { signedMessage } from '../../shared/records/signed.ts';
import type { Study } from '../../shared/study/study.ts';
import { toHex } from '../../shared/wire/canonical.ts';
import { randomBytes } from '../../platform/crypto.ts';
import type { Reader, Tx } from '../../platform/journal.ts';
import type { PersonSigner } from '../people/keys.ts';
import type { Person } from '../people/people.ts';
import type { Offered } from '../stages.ts';
import { joinedStudyOf, needCoordinator, roundOf, studyOf } from '../store/rounds.ts';
import { keepSigned, signedBytes } from '../store/signed.ts';
import { record } from './approval.ts';
import { needApprover, type ConsentDeps } from './entitled.ts';
import { policyInForce, policyRow, policySigners, signaturesOf, type PolicyRow } from './in-force.ts';
import { besides, screenHash, screenOf, STATEMENTS, updateSize, type Locale } from './screen.ts';

const DAY = 24 * 3600_000;
/** How often a draft lets one round be tried. */
const ATTEMPTS = 3;

export type PolicyBounds = Policy['bounds'] & { days: number };
export type PolicySigned = { policyHash: string; meaning: string; number: number; needed: number; inForce: boolean };

/** What the study itself suggests; for its page, never offered while somebody decides on a round. */
export const draftBounds = (study: Study): PolicyBounds => ({
  rounds: study.rounds,
  attempts: ATTEMPTS,
  bytes: updateSize(study),
  norm: decimalOf(study.bounds.norm),
  cohort: study.cohort.quorum,
  hours: null,
  epsilon: null,
  days: POLICY_DAYS,
});

/**
 * The statement that proposing a policy with these bounds now would have people sign, and the end that it names, which a
 * proposal gives back. Throws POLICY_INVALID, STUDY_STATE.
 */
export function policyStatement(
  { store, now }: ConsentDeps,
  { study: id, bounds, locale }: { study: string; bounds: PolicyBounds; locale: Locale },
): { statement: string; notAfter: string } {
  checkBounds(bounds);
  const notAfter = new Date(now() + bounds.days * DAY).toISOString();
  return { statement: statementOf(studyOf(joinedStudyOf(store.journal.read, id)), bounds, notAfter, locale), notAfter };
}

const statementOf = (study: Study, bounds: PolicyBounds, until: string, locale: Locale): string =>
  STATEMENTS[locale].policy({ ...bounds, study, besides: besides(study, locale), until });

/**
 * One person proposes a policy and signs it first; in force it is once enough others have signed the same bytes. Throws
 * POLICY_INVALID, STUDY_STATE, ROLE_MISSING, PROPOSER_APPROVES.
 */
export function proposePolicy(
  deps: ConsentDeps,
  signer: PersonSigner,
  request: {
    study: string;
    bounds: PolicyBounds;
    locale: Locale;
    /** Where a statement was shown, its end. */ notAfter?: string;
  },
): PolicySigned {
  const { read } = deps.store.journal;
  needApprover(read, signer.person, request.study);
  const { days, ...bounds } = request.bounds;
  checkBounds(request.bounds);
  const row = joinedStudyOf(read, request.study);
  const now = deps.now();
  const at = new Date(now).toISOString();
  const notAfter = request.notAfter ?? new Date(now + days * DAY).toISOString();
  checkEnd(notAfter, now);
  const policy: Policy = {
    v: 1,
    study: request.study,
    studyHash: row.hash,
    member: needCoordinator(read).member,
    bounds,
    meaning: statementOf(studyOf(row), request.bounds, notAfter, request.locale),
    locale: request.locale,
    needed: policySigners(read),
    at,
    notBefore: at,
    notAfter,
    nonce: toHex(randomBytes(16)),
  };
  const bytes = policyRecord.encode(policy);
  return deps.store.journal.transact('policy.sign', (tx) => {
    const hash = keepSigned(tx, policyRecord.kind, bytes);
    tx.run("insert into policy (hash, study, state) values (?, ?, 'proposed')", hash, request.study);
    return addSignature(tx, hash, policy, bytes, signer);
  });
}

/**
 * Another person signs the very bytes that were proposed. Throws POLICY_INVALID, APPROVED_BEFORE, ROLE_MISSING,
 * PROPOSER_APPROVES.
 */
export function confirmPolicy(deps: ConsentDeps, signer: PersonSigner, study: string, hash: string): PolicySigned {
  const { read } = deps.store.journal;
  needApprover(read, signer.person, study);
  const row = policyRow(read, hash);
  if (!row || row.study !== study || row.state !== 'proposed')
    throw new AssentError('POLICY_INVALID', `No policy ${hash} of ${study} waits to be signed.`, { policy: hash });
  const bytes = signedBytes(read, hash);
  const policy = policyRecord.decode(bytes);
  if (policy.studyHash !== joinedStudyOf(read, study).hash || deps.now() >= Date.parse(policy.notAfter))
    throw new AssentError('POLICY_INVALID', `The policy ${hash} is for another time or version of ${study}.`);
  return deps.store.journal.transact('policy.sign', (tx) => addSignature(tx, hash, policy, bytes, signer));
}

function checkBounds({ days, norm, hours, epsilon }: PolicyBounds): void {
  if (!(days > 0 && days <= POLICY_DAYS))
    throw new AssentError('POLICY_INVALID', `A standing policy lasts 1 to ${POLICY_DAYS} days, not ${days}.`);
  if (!(Number(norm) > 0 && Number.isFinite(Number(norm))))
    throw new AssentError('POLICY_INVALID', 'The norm bound of a standing policy is a number above 0.');
  if (hours !== null && !(hours.from < hours.to))
    throw new AssentError('POLICY_INVALID', 'The hours of a standing policy begin before they end, both UTC.');
  if (epsilon !== null)
    throw new AssentError('POLICY_INVALID', 'No plan has a privacy cost that could be bounded yet.');
}

function checkEnd(notAfter: string, now: number): void {
  const end = Date.parse(notAfter);
  const written = Number.isFinite(end) && new Date(end).toISOString() === notAfter;
  if (!written || end <= now || end > now + POLICY_DAYS * DAY)
    throw new AssentError('POLICY_INVALID', `A standing policy ends within ${POLICY_DAYS} days, not at “${notAfter}”.`);
}

function addSignature(
  tx: Tx,
  hash: string,
  { study, meaning, needed, notAfter }: Policy,
  bytes: Uint8Array,
  { person, publicKey, sign }: PersonSigner,
): PolicySigned {
  const before = signaturesOf(tx, hash);
  const signer = toHex(publicKey);
  if (before.some((one) => one.person === person.id || one.key === signer))
    throw new AssentError('APPROVED_BEFORE', `${person.login} has signed this policy; somebody else has to.`);
  const signature = sign(signedMessage(policyRecord.kind, bytes));
  tx.run(
    'insert into policy_signature (policy, person, key, signature) values (?, ?, ?, ?)',
    hash,
    person.id,
    signer,
    signature,
  );
  const number = before.length + 1;
  tx.append({
    kind: 'policy.signed',
    study,
    detail: { policy: hash, signer, signature: toHex(signature), person: person.id, number, needed, notAfter },
  });
  const inForce = number >= needed;
  if (inForce) {
    for (const old of policiesOf(tx, study).filter(({ state }) => state === 'active')) {
      tx.run("update policy set state = 'replaced' where hash = ?", old.hash);
      tx.append({ kind: 'policy.revoked', study, detail: { policy: old.hash, person: person.id, replacedBy: hash } });
    }
    tx.run("update policy set state = 'active' where hash = ?", hash);
  }
  return { policyHash: hash, meaning, number, needed, inForce };
}

/** Of a study, the oldest first. */
export const policiesOf = (read: Reader, study: string): PolicyRow[] =>
  read.all<PolicyRow>('select hash, study, state from policy where study = ? order by rowid', study);

/** Ends what is in force or proposed, at once. Throws POLICY_INVALID where there is nothing of it, ROLE_MISSING. */
export function revokePolicy(deps: ConsentDeps, study: string, person: Person): void {
  needApprover(deps.store.journal.read, person, study);
  deps.store.journal.transact('policy.revoke', (tx) => {
    if (endPolicies(tx, study, person.id) === 0)
      throw new AssentError('POLICY_INVALID', `Study ${study} has no standing policy in force or proposed.`);
  });
}

/** In a transaction of others; returns how many there were. */
export function endPolicies(tx: Tx, study: string, person: string): number {
  const open = policiesOf(tx, study).filter(({ state }) => state !== 'revoked');
  tx.run("update policy set state = 'revoked' where study = ?", study);
  const told = open.filter(({ state }) => state !== 'replaced');
  for (const { hash } of told)
    tx.append({ kind: 'policy.revoked', study, detail: { policy: hash, person, replacedBy: null } });
  return told.length;
}

/** Approves if a policy in force allows exactly this plan; false: people have to decide. */
export function approveByPolicy(deps: ConsentDeps, offered: Offered): boolean {
  const { store } = deps;
  const { read } = store.journal;
  const found = policyInForce(deps, offered.study);
  if (!found || !allows(found.policy, offered, needCoordinator(read).member, deps.now())) return false;
  const { locale, notAfter } = found.policy;
  const screen = screenOf(read, roundOf(read, offered), locale);
  const shown = { purpose: 'train' as const, meaning: screen.approve, screen: screenHash(screen), update: null };
  const who = { role: 'installation' as const, signer: store.keys.member, policy: found.hash, until: notAfter };
  record(deps, offered, 'approve', '', locale, who, shown);
  return true;
}

/** Whether every bound holds; the plan's own norm bound may not exceed the policy's. */
export function allows(policy: Policy, { plan }: Pick<Offered, 'plan'>, member: string, now: number): boolean {
  const { bounds } = policy;
  const hour = new Date(now).getUTCHours();
  return (
    policy.study === plan.definition.id &&
    policy.studyHash === plan.studyHash &&
    policy.member === member &&
    now >= Date.parse(policy.notBefore) &&
    now < Date.parse(policy.notAfter) &&
    plan.round <= bounds.rounds &&
    plan.attempt <= bounds.attempts &&
    plan.update.bytes <= bounds.bytes &&
    plan.definition.bounds.norm <= Number(bounds.norm) &&
    plan.cohort.length >= bounds.cohort &&
    (bounds.hours === null || (hour >= bounds.hours.from && hour < bounds.hours.to))
  );
}
