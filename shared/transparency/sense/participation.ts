// Joining and leaving a study, and standing policies: what people signed before the first round, and what an automatic
// approval may rest on.

import type { Detail } from './forms.ts';
import { readSigned, type SignedRecord } from './signed-forms.ts';
import { claim, entitled, fail, type Knowledge, lack, type Place, type Policy, signedMessage } from './state.ts';

const DAY = 24 * 3600_000;
const POLICY_DAYS = 90;
const POLICY_SIGNERS = 2;

export function studyDecided(
  k: Knowledge,
  { index, study, at }: Place,
  decision: 'join' | 'leave',
  detail: Detail<'study.left'> & Partial<Detail<'study.joined'>>,
  bytes: Uint8Array,
): void {
  const said = readSigned('participation', bytes);
  const message = signedMessage('participation', bytes);
  claim(k, {
    index,
    what: `participation by ${detail.person}`,
    key: detail.signer,
    message,
    signature: detail.signature,
  });
  const joins = decision === 'join';
  const same =
    said.decision === decision &&
    said.study === study &&
    said.studyHash === detail.definition &&
    said.signer.person === detail.person &&
    said.signer.key === detail.signer &&
    (!joins ||
      (said.dataset === detail.dataset && said.snapshot === detail.snapshot && said.mapping === detail.mapping)) &&
    (!joins || (said.rows === detail.rows && said.documents.length === detail.documents)) &&
    (joins || said.reason === detail.reason);
  if (!same) fail(k, index, 'does not say what its signed decision says');
  if (k.member !== null && said.member !== k.member.id)
    fail(k, index, `is signed for ${said.member}, another institution`);
  if (said.at > at) fail(k, index, 'was signed after it was recorded');
  if (entitled(k, detail.person, detail.signer, 'steward') === undefined)
    lack(k, index, `is signed by ${detail.person}, who is no steward with this key then`);
  if (study === null) return;
  const joined = k.studies.get(study);
  if (joins) {
    const stewards = joined?.left === null ? joined.stewards : new Set<string>();
    k.studies.set(study, { stewards: stewards.add(detail.person), left: null, last: joined?.last ?? null });
  } else {
    if (joined === undefined || joined.left !== null) lack(k, index, `leaves ${study}, which was not joined`);
    else joined.left = index;
  }
}

export function policySigned(
  k: Knowledge,
  { index, study, at }: Place,
  detail: Detail<'policy.signed'>,
  bytes: Uint8Array,
): void {
  const { policy: hash, person, signer: key, signature } = detail;
  let policy = k.policies.get(hash);
  if (policy === undefined) {
    policy = {
      hash,
      said: readSigned('policy', bytes),
      message: signedMessage('policy', bytes),
      signers: [],
      revokedAt: null,
      replaced: false,
    };
    k.policies.set(hash, policy);
    checkPolicy(k, index, study, policy.said);
  }
  claim(k, { index, what: `policy by ${person}`, key, message: policy.message, signature });
  const { said, signers } = policy;
  if (said.notAfter !== detail.notAfter || said.needed !== detail.needed)
    fail(k, index, 'does not say what its policy says');
  if (policy.revokedAt !== null) fail(k, index, 'signs a policy that was revoked');
  if (said.at > at) fail(k, index, 'was signed after it was recorded');
  if (entitled(k, person, key, 'approver') === undefined)
    lack(k, index, `is signed by ${person}, who is no approver with this key then`);
  if (study !== null && k.studies.get(study)?.stewards.has(person))
    fail(k, index, `is signed by ${person}, who as steward joined ${study}`);
  if (signers.some((other) => other.person === person || other.key === key))
    fail(k, index, `is the second signature by ${person}; two people sign a policy`);
  else signers.push({ person, key });
  if (detail.number !== signers.length)
    lack(k, index, `counts as signature ${detail.number}, but is number ${signers.length}`);
}

function checkPolicy(k: Knowledge, index: number, study: string | null, said: SignedRecord<'policy'>): void {
  if (said.study !== study) fail(k, index, `is a policy for ${said.study}`);
  if (k.member !== null && said.member !== k.member.id)
    fail(k, index, `is a policy of ${said.member}, another institution`);
  if (said.needed < POLICY_SIGNERS) fail(k, index, 'is a policy that fewer than two people sign');
  if (Date.parse(said.notAfter) - Date.parse(said.notBefore) > POLICY_DAYS * DAY)
    fail(k, index, `is a policy for more than ${POLICY_DAYS} days`);
}

export function policyRevoked(k: Knowledge, { index }: Place, detail: Detail<'policy.revoked'>): void {
  const policy = k.policies.get(detail.policy);
  if (policy === undefined) lack(k, index, 'revokes a policy that nobody signed');
  else {
    policy.revokedAt ??= index;
    policy.replaced = detail.replacedBy !== null;
  }
}

/** Why this approval is outside the policy, or null when every bound holds. */
export function outsidePolicy(
  k: Knowledge,
  { said: policy, revokedAt }: Policy,
  said: SignedRecord<'approval'>,
): string | null {
  const { bounds } = policy;
  const hour = new Date(said.at).getUTCHours();
  if (revokedAt !== null) return `was revoked by record ${revokedAt}`;
  if (policy.study !== said.study || policy.studyHash !== said.studyHash) return 'is for another study';
  if (k.member !== null && policy.member !== k.member.id) return 'is of another institution';
  if (said.at < policy.notBefore || said.at >= policy.notAfter)
    return `is in force from ${policy.notBefore} to ${policy.notAfter}`;
  if (said.round > bounds.rounds) return `ends with round ${bounds.rounds}`;
  if (said.attempt > bounds.attempts) return `allows ${bounds.attempts} attempts`;
  if (said.maxBytes > bounds.bytes) return `allows ${bounds.bytes} bytes, not ${said.maxBytes}`;
  if (!(Number(said.normBound) <= Number(bounds.norm))) return `allows a norm of ${bounds.norm}, not ${said.normBound}`;
  if (said.cohort.length < bounds.cohort) return `asks for a cohort of ${bounds.cohort}, not ${said.cohort.length}`;
  if (bounds.hours !== null && (hour < bounds.hours.from || hour >= bounds.hours.to))
    return `holds from ${bounds.hours.from} to ${bounds.hours.to} o'clock`;
  return null;
}
