// Standing policies: signed bounds within which the installation approves rounds of one study by itself.
import { AssentError } from '../../shared/errors.ts';
import { POLICY_DAYS, policyRecord, type Policy } from '../../shared/records/consent.ts';
import { decimalOf } from '../../shared/records/fields.ts';
import { signedMessage, signRecord } from '../../shared/records/signed.ts';
import { en } from '../../shared/text/en.ts';
import { zh } from '../../shared/text/zh.ts';
import { toHex } from '../../shared/wire/canonical.ts';
import { randomBytes, sha256, verifyEd25519 } from '../../platform/crypto.ts';
import { signerOf } from '../../platform/keyring.ts';
import type { Offered } from '../stages.ts';
import { joinedStudyOf, needCoordinator, studyOf } from '../store/rounds.ts';
import { record, type ConsentDeps } from './approval.ts';
import { besides, type Locale } from './screen.ts';

const DAY = 24 * 3600_000;
const TEXTS = { en, zh };
type PolicyRow = { hash: string; bytes: Buffer; signature: Buffer; installation_signature: Buffer };

export type PolicyBounds = {
  rounds: number;
  attempts: number;
  bytes: number;
  norm: number;
  cohort: number;
  days: number;
};

/** Signed by the operator and the installation. Throws POLICY_INVALID, STUDY_STATE, PASSPHRASE_WRONG. */
export async function signPolicy(
  deps: ConsentDeps,
  request: { study: string; bounds: PolicyBounds; passphrase: string; locale: Locale },
): Promise<{ policyHash: string; meaning: string }> {
  const { store } = deps;
  const { bounds } = request;
  if (!(bounds.days > 0 && bounds.days <= POLICY_DAYS))
    throw new AssentError('POLICY_INVALID', `A standing policy lasts 1 to ${POLICY_DAYS} days, not ${bounds.days}.`);
  if (!(bounds.norm > 0 && Number.isFinite(bounds.norm)))
    throw new AssentError('POLICY_INVALID', 'The norm bound of a standing policy is a number above 0.');
  const row = joinedStudyOf(store.journal.read, request.study);
  const study = studyOf(row);
  const keyring = await store.unlock(request.passphrase);
  const operator = signerOf(store.journal.read, keyring, 'operator', 'operator');
  const now = deps.now();
  const notAfter = new Date(now + bounds.days * DAY).toISOString();
  const meaning = TEXTS[request.locale].policyMeaning({
    ...bounds,
    study,
    besides: besides(study, request.locale),
    until: notAfter,
  });
  const policy: Policy = {
    v: 1,
    study: request.study,
    studyHash: row.hash,
    member: needCoordinator(store.journal.read).member,
    bounds: {
      rounds: bounds.rounds,
      attempts: bounds.attempts,
      bytes: bounds.bytes,
      norm: decimalOf(bounds.norm),
      cohort: bounds.cohort,
    },
    meaning,
    locale: request.locale,
    signer: { key: toHex(operator.publicKey), role: 'operator', method: 'passphrase' },
    signers: 1,
    at: new Date(now).toISOString(),
    notBefore: new Date(now).toISOString(),
    notAfter,
    nonce: toHex(randomBytes(16)),
  };
  const signed = signRecord(policyRecord, policy, operator.sign);
  const policyHash = toHex(sha256(signed.bytes));
  const installation = store.keys.member.sign(signedMessage(policyRecord.kind, signed.bytes));
  store.journal.transact('policy.sign', (tx) => {
    tx.run("update policy set state = 'revoked' where study = ? and state = 'active'", request.study);
    tx.run(
      "insert into policy (hash, study, bytes, signature, installation_signature, state) values (?, ?, ?, ?, ?, 'active')",
      policyHash,
      request.study,
      signed.bytes,
      signed.signature,
      installation,
    );
    tx.append({
      kind: 'policy.signed',
      study: request.study,
      detail: { policy: policyHash, signer: policy.signer.key, signers: 1, notAfter },
    });
  });
  return { policyHash, meaning };
}

export function revokePolicy(deps: ConsentDeps, study: string): void {
  deps.store.journal.transact('policy.revoke', (tx) => {
    const row = tx.get<{ hash: string }>("select hash from policy where study = ? and state = 'active'", study);
    if (!row) throw new AssentError('POLICY_INVALID', `Study ${study} has no standing policy in force.`);
    tx.run("update policy set state = 'revoked' where hash = ?", row.hash);
    tx.append({ kind: 'policy.revoked', study, detail: { policy: row.hash } });
  });
}

/** Approves if a policy in force allows exactly this plan; false: a person has to decide. */
export function approveByPolicy(deps: ConsentDeps, offered: Offered): boolean {
  const { store } = deps;
  const row = store.journal.read.get<PolicyRow>(
    "select hash, bytes, signature, installation_signature from policy where study = ? and state = 'active'",
    offered.study,
  );
  if (!row) return false;
  const policy = policyRecord.decode(row.bytes);
  const operator = store.journal.read.get<{ public_key: Buffer }>(
    "select public_key from identity where name = 'operator'",
  )!;
  const message = signedMessage(policyRecord.kind, row.bytes);
  const signed =
    policy.signer.key === toHex(operator.public_key) &&
    verifyEd25519(operator.public_key, message, row.signature) &&
    verifyEd25519(store.keys.member.publicKey, message, row.installation_signature);
  if (!signed) throw new AssentError('SIGNATURE_INVALID', `The standing policy of ${offered.study} does not verify.`);
  if (!allows(policy, offered, needCoordinator(store.journal.read).member, deps.now())) return false;
  record(deps, offered, 'approve', '', policy.locale, {
    signer: store.keys.member,
    role: 'installation',
    method: 'policy',
    policy: row.hash,
  });
  return true;
}

/** Whether every bound holds; the plan's own norm bound may not exceed the policy's. */
export function allows(policy: Policy, { plan }: Offered, member: string, now: number): boolean {
  const { bounds } = policy;
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
    plan.cohort.length >= bounds.cohort
  );
}
