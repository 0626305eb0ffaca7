// Approvals, refusals and revocations of rounds: signed by whom, entitled then, and saying in the log what was signed.

import type { Detail } from './forms.ts';
import { outsidePolicy } from './participation.ts';
import { readSigned, type SignedRecord } from './signed-forms.ts';
import {
  type Approval,
  claim,
  entitled,
  fail,
  keyOfRound,
  type Knowledge,
  lack,
  type Place,
  type Round,
  roundAt,
  signedMessage,
} from './state.ts';

const HOUR = 3600_000;
/** How long an approval may last, in hours: to train seven days, to release the update in view one. */
const LONGEST = { train: 7 * 24, release: 24 };

type Decided = Detail<'approval.granted'>;
type Said = SignedRecord<'approval'>;

export function decided(
  k: Knowledge,
  place: Place,
  decision: 'approve' | 'decline',
  detail: Decided,
  bytes: Uint8Array,
): void {
  const { index } = place;
  const round = roundAt(k, place);
  if (round === undefined) return;
  const over = k.over.get(keyOfRound(round));
  if (over !== undefined) fail(k, index, `decides about a round that was over (${over})`);
  const said = readSigned('approval', bytes);
  const message = signedMessage('approval', bytes);
  const by = detail.person ?? 'the installation';
  claim(k, { index, round, what: `approval by ${by}`, key: detail.signer, message, signature: detail.signature });
  checkInstallation(k, index, round, detail, message);
  const difference = differs(said, decision, detail, place);
  if (difference !== null) fail(k, index, `says another ${difference} than the approval that was signed`, round);
  checkTimes(k, index, round, said, place.at);
  checkOffer(k, index, round, said);
  if (detail.person === null) checkAutomatic(k, index, round, detail, said);
  else checkPerson(k, index, round, detail.person, detail.signer, detail, said);
  if (decision === 'decline') {
    round.declined ??= { index, person: detail.person };
    return;
  }
  const name = detail.person === null ? null : (k.people.get(detail.person)?.name ?? null);
  round.approvals.push({
    index,
    hash: detail.approval,
    purpose: detail.purpose,
    person: detail.person,
    key: detail.signer,
    name,
    policy: detail.policy,
    asked: detail.person === null ? 1 : k.rules.approvals,
    said,
    revokedAt: null,
  });
}

/** The installation vouches for its people: with the key that it enrolled with. */
function checkInstallation(k: Knowledge, index: number, round: Round, detail: Decided, message: Uint8Array): void {
  if (k.member === null) return lack(k, index, 'comes before the institution enrolled', round);
  const { key } = k.member;
  const { installation, signer, signature } = detail;
  if (key === signer && signature === installation) return; // one key, one message: it is checked already
  claim(k, { index, round, what: 'approval by the installation', key, message, signature: installation });
}

/** The first field in which the record and the signed bytes differ. */
function differs(said: Said, decision: string, detail: Decided, { study, round, attempt }: Place): string | null {
  const pairs: [string, unknown, unknown][] = [
    ['decision', said.decision, decision],
    ['purpose', said.purpose, detail.purpose],
    ['study', said.study, study],
    ['round', said.round, round],
    ['attempt', said.attempt, attempt ?? 1],
    ['plan', said.plan, detail.plan],
    ['model', said.inputModel, detail.inputModel],
    ['update', said.update?.blob ?? null, detail.update],
    ['signer', said.signer.key, detail.signer],
    ['person', said.signer.person, detail.person],
    ['policy', said.policy, detail.policy],
    ['reason', said.reason, detail.reason],
    ['end', said.notAfter, detail.notAfter],
    ['number of people', said.needed, detail.needed],
  ];
  return pairs.find(([, a, b]) => a !== b)?.[0] ?? null;
}

function checkTimes(k: Knowledge, index: number, round: Round, said: Said, recorded: string): void {
  const hours = (Date.parse(said.notAfter) - Date.parse(said.notBefore)) / HOUR;
  if (hours > LONGEST[said.purpose]) fail(k, index, `lasts more than ${LONGEST[said.purpose]} hours`, round);
  if (said.at > recorded) fail(k, index, 'was signed after it was recorded', round);
  if (said.signer.authenticatedAt > said.at) fail(k, index, 'was signed before the password was typed', round);
  if ((said.purpose === 'release') !== (said.update !== null))
    fail(k, index, 'is about no update that could be released, or about one before it is there', round);
}

function checkOffer(k: Knowledge, index: number, round: Round, said: Said): void {
  const { offered } = round;
  if (offered === null) return lack(k, index, 'decides about a round that was not offered', round);
  if (said.plan !== offered.plan) fail(k, index, `is for another plan than record ${offered.index} offers`, round);
  if (said.inputModel !== offered.inputModel)
    fail(k, index, `is for another model than record ${offered.index} offers`, round);
  if (said.maxBytes > offered.maxBytes) fail(k, index, `allows more bytes than record ${offered.index} offers`, round);
}

function checkAutomatic(k: Knowledge, index: number, round: Round, detail: Decided, said: Said): void {
  if (said.decision !== 'approve') fail(k, index, 'is a refusal that no person signed', round);
  if (said.purpose === 'release') fail(k, index, 'releases an update that no person saw', round);
  if (k.member !== null && detail.signer !== k.member.key)
    fail(k, index, 'is automatic, but not by the installation', round);
  if (detail.policy === null) return fail(k, index, 'is automatic and names no policy', round);
  const policy = k.policies.get(detail.policy);
  if (policy === undefined) return lack(k, index, 'is automatic under a policy that nobody signed', round);
  // As many as sign a policy now, and each still an approver: else it is not in force.
  const have = policy.signers.filter(({ person }) => k.people.get(person)?.roles.includes('approver')).length;
  const needed = Math.max(policy.said.needed, k.rules.approvals);
  if (have < needed) lack(k, index, `is automatic under a policy that ${have} of ${needed} approvers signed`, round);
  const outside = outsidePolicy(k, policy, said);
  if (outside !== null) fail(k, index, `is automatic under a policy that ${outside}`, round);
}

function checkPerson(
  k: Knowledge,
  index: number,
  round: Round,
  person: string,
  key: string,
  detail: Decided,
  said: Said,
): void {
  if (detail.policy !== null) fail(k, index, 'is by a person and by a policy', round);
  if (entitled(k, person, key, 'approver') === undefined)
    lack(k, index, `is signed by ${person}, who is no approver with this key then`, round);
  if (k.studies.get(round.study)?.stewards.has(person))
    fail(k, index, `is signed by ${person}, who as steward joined ${round.study}`, round);
  // One refusal is enough.
  if (said.decision === 'decline') return;
  if (detail.needed !== k.rules.approvals)
    lack(k, index, `says that ${detail.needed} people decide, but the rules then ask for ${k.rules.approvals}`, round);
  const before = round.approvals.filter((other) => countsBeside(k, other, said));
  if (before.some((other) => other.person === person || other.key === key))
    fail(k, index, `is the second approval by ${person}`, round);
  if (detail.number !== before.length + 1)
    lack(k, index, `counts as approval ${detail.number}, but is number ${before.length + 1}`, round);
  if (said.prior.join() !== before.map(({ hash }) => hash).join())
    lack(k, index, 'does not name the approvals that were given before it', round);
}

/** Whether an earlier approval still counts when this one is given: for the same, not ended, by somebody who still may. */
function countsBeside(k: Knowledge, { purpose, person, revokedAt, said }: Approval, now: Said): boolean {
  const same = purpose === now.purpose && said.update?.blob === now.update?.blob && said.snapshot === now.snapshot;
  const may = person === null || k.people.get(person)?.roles.includes('approver') === true;
  return same && may && revokedAt === null && now.at < said.notAfter;
}

export function revoked(k: Knowledge, place: Place, detail: Detail<'approval.revoked'>, bytes: Uint8Array): void {
  const { index } = place;
  const said = readSigned('revocation', bytes);
  const message = signedMessage('revocation', bytes);
  const { person, signer: key, signature } = detail;
  claim(k, { index, what: `revocation by ${person}`, key, message, signature });
  const same =
    said.study === place.study &&
    said.round === place.round &&
    said.attempt === (place.attempt ?? 1) &&
    said.plan === detail.plan &&
    said.approval === detail.approval &&
    said.reason === detail.reason &&
    said.signer.person === person &&
    said.signer.key === key;
  if (!same) fail(k, index, 'does not say what its signed revocation says');
  if (said.at > place.at) fail(k, index, 'was signed after it was recorded');
  if (entitled(k, person, key, said.signer.role) === undefined)
    lack(k, index, `is signed by ${person}, who is no ${said.signer.role} with this key then`);
  const name = keyOfRound(said);
  if (k.over.has(name)) return; // too late to change anything: the round was over
  const approval = k.rounds.get(name)?.approvals.find(({ hash }) => hash === detail.approval);
  if (approval === undefined) lack(k, index, 'revokes an approval that was not given');
  else approval.revokedAt ??= index;
}
