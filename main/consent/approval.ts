// One person's decision on a round, or the installation's under a policy: made, signed and kept; with as many as are needed the
// round goes on.
import { AssentError } from '../../shared/errors.ts';
import { APPROVAL_DAYS, approvalRecord, RELEASE_HOURS, type Approval } from '../../shared/records/consent.ts';
import { decisionRecord } from '../../shared/records/round.ts';
import { signedMessage, signRecord } from '../../shared/records/signed.ts';
import { toHex } from '../../shared/wire/canonical.ts';
import { randomBytes } from '../../platform/crypto.ts';
import type { Tx } from '../../platform/journal.ts';
import type { Signer } from '../../platform/keyring.ts';
import type { PersonSigner } from '../people/keys.ts';
import { rulesOf } from '../people/rules.ts';
import type { Approved, Offered, RoundKey } from '../stages.ts';
import { intend } from '../store/outbox.ts';
import { joinedStudyOf, needCoordinator, offeredOf, roundOf, type RoundRow } from '../store/rounds.ts';
import { keepSigned } from '../store/signed.ts';
import { takeBack } from '../store/taking-back.ts';
import { needApprover, type ConsentDeps } from './entitled.ts';
import { counting, judge, needComplete, type Purpose } from './given.ts';
import { screenHash, screenOf, type Locale } from './screen.ts';

const HOUR = 3600_000;
const REASON_LEAST = 3;

export type Decision = {
  decision: Approval['decision'];
  reason: string;
  locale: Locale;
  /** Of what was shown: of the plan, and of the whole screen. */
  planHash: string;
  screen: string;
};
export type Decided = { approvalHash: string; number: number; needed: number; complete: boolean };

/** What a decision is about, beyond the plan: the statement as shown, and for a release the exact update. */
export type Shown = { purpose: Purpose; meaning: string; screen: string; update: Approval['update'] };
export type Who =
  { role: 'approver'; signer: PersonSigner } | { role: 'installation'; signer: Signer; policy: string; until: string };

/**
 * A person decides on training for a round. Throws ROLE_MISSING, PROPOSER_APPROVES, APPROVED_BEFORE, APPROVAL_MISMATCH,
 * APPROVAL_EXPIRED, ROUND_STATE, ROUND_CLOSED, REQUEST_INVALID.
 */
export function decide(deps: ConsentDeps, key: RoundKey, signer: PersonSigner, request: Decision): Decided {
  const { read } = deps.store.journal;
  const row = roundOf(read, key);
  const screen = screenOf(read, row, request.locale);
  const meaning = request.decision === 'approve' ? screen.approve : screen.decline;
  const shown = { purpose: 'train' as const, meaning, screen: screenHash(screen), update: null };
  return decideAs(deps, offeredOf(row), signer, request, shown);
}

/** What decisions on training and on release have in common. */
export function decideAs(
  deps: ConsentDeps,
  offered: Offered,
  signer: PersonSigner,
  request: Decision,
  shown: Shown,
): Decided {
  needApprover(deps.store.journal.read, signer.person, offered.study);
  const reason = needReason(request.reason);
  if (offered.planHash !== request.planHash || shown.screen !== request.screen)
    throw new AssentError(
      'APPROVAL_MISMATCH',
      'What would be decided on is not what was shown. Look at the round again and decide anew.',
      { shown: request.planHash, now: offered.planHash },
    );
  return record(deps, offered, request.decision, reason, request.locale, { role: 'approver', signer }, shown);
}

/** Throws REQUEST_INVALID. */
export function needReason(typed: string): string {
  const reason = typed.trim();
  if (reason.length >= REASON_LEAST) return reason;
  throw new AssentError('REQUEST_INVALID', `A decision needs a reason of at least ${REASON_LEAST} characters.`, {
    reason: 'too short',
  });
}

/** Signs and keeps a decision. The transaction in which it completes the approval also moves the round on. */
export function record(
  deps: ConsentDeps,
  offered: Offered,
  decision: Approval['decision'],
  reason: string,
  locale: Locale,
  who: Who,
  shown: Shown,
): Decided {
  const { store } = deps;
  const now = deps.now();
  const approves = decision === 'approve';
  return store.journal.transact(approves ? 'approval.grant' : 'approval.decline', (tx) => {
    const row = needUndecided(roundOf(tx, offered), shown.purpose);
    const before = counting(judge(deps, shown.purpose, { offered, update: shown.update?.blob ?? null }));
    if (who.role === 'approver' && before.some(({ person }) => person === who.signer.person.id))
      throw new AssentError(
        'APPROVED_BEFORE',
        `${who.signer.person.login} has approved this already; somebody else has to, or the approval is taken back.`,
      );
    // One refusal, and a policy that several people signed, are enough by themselves.
    const needed = approves && who.role === 'approver' ? rulesOf(tx).approvals : 1;
    const prior = who.role === 'approver' ? before.map(({ hash }) => hash) : [];
    const number = approves ? prior.length + 1 : 1;
    const value: Approval = {
      ...bound(deps, offered),
      ...times(offered, shown.purpose, who, approves, now),
      decision,
      purpose: shown.purpose,
      update: shown.update,
      meaning: shown.meaning,
      locale,
      screen: shown.screen,
      reason: reason === '' ? null : tx.commit(reason),
      signer: signerOf(who, now),
      needed,
      prior,
      policy: who.role === 'installation' ? who.policy : null,
    };
    const approvalHash = keep(deps, tx, value, who.signer, number);
    const complete = !approves || number >= needed;
    if (complete) goOn(deps, tx, row, value, approvalHash, now);
    return { approvalHash, number, needed, complete };
  });
}

/** Throws ROUND_STATE, ROUND_CLOSED. */
function needUndecided(row: RoundRow, purpose: Purpose): RoundRow {
  const { study, round, stage } = row;
  if (stage !== (purpose === 'train' ? 'awaiting' : 'releasing'))
    throw new AssentError('ROUND_STATE', `Round ${round} of ${study} is ${stage}; there is nothing to decide.`, {
      stage,
    });
  if (row.outcome !== null)
    throw new AssentError(
      'ROUND_CLOSED',
      `Round ${round} of ${study} is over: it was ${row.result}. There is nothing to decide.`,
    );
  return row;
}

/** What every decision on this round binds. */
function bound({ store }: ConsentDeps, { study, plan, planHash }: Offered) {
  const { snapshot, rows } = joinedStudyOf(store.journal.read, study);
  return {
    v: 1 as const,
    study,
    round: plan.round,
    attempt: plan.attempt,
    plan: planHash,
    studyHash: plan.studyHash,
    inputModel: plan.inputModel.sha256,
    cohort: plan.cohort,
    aggregation: plan.definition.aggregation.name,
    secureAggregation: null,
    privacy: null,
    snapshot,
    rows,
    releases: plan.definition.releases,
    vectors: plan.update.vectors,
    maxBytes: plan.update.bytes,
    normBound: String(plan.definition.bounds.norm),
    nonce: toHex(randomBytes(16)),
  };
}

/** Throws APPROVAL_EXPIRED for an approval that comes too late. */
function times({ plan }: Offered, purpose: Purpose, who: Who, approves: boolean, now: number) {
  const longest = now + (purpose === 'train' ? APPROVAL_DAYS * 24 : RELEASE_HOURS) * HOUR;
  const until = who.role === 'installation' ? Date.parse(who.until) : Infinity;
  const last = Math.min(Date.parse(plan.sendBy), longest, until);
  const decideBy = purpose === 'train' ? plan.approveBy : plan.sendBy;
  if (approves && now >= Math.min(last, Date.parse(decideBy)))
    throw new AssentError('APPROVAL_EXPIRED', `Round ${plan.round} could be approved until ${decideBy}.`);
  const at = new Date(now).toISOString();
  return { at, notBefore: at, notAfter: new Date(last).toISOString() };
}

function signerOf(who: Who, now: number): Approval['signer'] {
  const key = toHex(who.signer.publicKey);
  if (who.role === 'installation')
    return { person: null, key, role: 'installation', method: 'policy', authenticatedAt: new Date(now).toISOString() };
  const { person, at } = who.signer;
  return { person: person.id, key, role: 'approver', method: 'password', authenticatedAt: new Date(at).toISOString() };
}

function keep({ store }: ConsentDeps, tx: Tx, value: Approval, { sign }: Signer, number: number): string {
  const bytes = approvalRecord.encode(value);
  const message = signedMessage(approvalRecord.kind, bytes);
  const [signature, installation] = [sign(message), store.keys.member.sign(message)];
  const approval = keepSigned(tx, approvalRecord.kind, bytes);
  const { study, round, attempt, purpose, decision, signer, plan, inputModel, needed, policy, reason, notAfter } =
    value;
  tx.run(
    `insert into approval (hash, study, round, attempt, purpose, decision, person, signature, installation_signature, state)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    approval,
    study,
    round,
    attempt,
    purpose,
    decision,
    signer.person,
    signature,
    installation,
    decision === 'approve' ? 'valid' : 'used',
  );
  tx.append({
    kind: decision === 'approve' ? 'approval.granted' : 'approval.declined',
    study,
    round,
    attempt,
    detail: {
      purpose,
      plan,
      inputModel,
      approval,
      update: value.update?.blob ?? null,
      signer: signer.key,
      signature: toHex(signature),
      person: signer.person,
      installation: toHex(installation),
      number,
      needed,
      policy,
      reason,
      notAfter,
    },
  });
  return approval;
}

/** The decision is complete: the round takes its next stage, and the coordinator is told what concerns it. */
function goOn({ store }: ConsentDeps, tx: Tx, row: RoundRow, value: Approval, approval: string, now: number): void {
  const { study, round, attempt, purpose, decision } = value;
  const stage = decision === 'decline' ? 'declined' : purpose === 'train' ? 'approved' : 'released';
  const column = purpose === 'train' ? 'approval' : 'released';
  tx.run(
    `update round set stage = ?, ${column} = ? where study = ? and round = ? and attempt = ?`,
    stage,
    approval,
    study,
    round,
    attempt,
  );
  if (purpose === 'train') {
    const { member } = needCoordinator(tx);
    const told = { v: 1 as const, study, round, attempt, plan: row.plan, member, decision, approval, at: value.at };
    intend(tx, now, 'decision', signRecord(decisionRecord, told, store.keys.member.sign), { key: row });
  } else if (decision === 'decline') takeBack(tx, store, row, now);
}

/**
 * The approval of a round as the store keeps it, checked against plan, people and clock. Called before training and again
 * before the upload. Throws APPROVAL_MISSING, APPROVAL_MISMATCH, APPROVAL_EXPIRED, APPROVAL_USED, APPROVAL_REVOKED,
 * SIGNATURE_INVALID, and ROLE_MISSING or PROPOSER_APPROVES where somebody who approved may not any more.
 */
export function approvedOf(deps: ConsentDeps, offered: Offered): Approved {
  const { approval: completing } = roundOf(deps.store.journal.read, offered);
  const { approvals, notAfter } = needComplete(deps, 'train', { offered, update: null }, completing);
  const { hash, approval } = approvals.find((given) => given.hash === completing)!;
  const hashes = approvals.map((given) => given.hash);
  return { ...offered, approval, approvalHash: hash, approvals: hashes, notAfter } as Approved;
}

/** Somebody looked and will decide later: on record, and nothing follows from it. Throws as `decide` does. */
export function defer(deps: ConsentDeps, key: RoundKey, person: PersonSigner['person']): void {
  const { read } = deps.store.journal;
  needApprover(read, person, key.study);
  const row = roundOf(read, key);
  needUndecided(row, row.stage === 'releasing' ? 'release' : 'train');
  const { study, round, attempt, plan } = row;
  deps.store.journal.transact('approval.defer', (tx) =>
    tx.append({ kind: 'approval.deferred', study, round, attempt, detail: { plan, person: person.id } }),
  );
}
