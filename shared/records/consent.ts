// What staff sign: approvals, refusals and revocations of rounds, standing policies, joining and leaving a study.
import { z } from 'zod';
import { personId } from './account.ts';
import { count, decimal, hash, nonce, publicKey, slug, time, version } from './fields.ts';
import { defineRecord } from './signed.ts';

/** A salted commitment; the text itself can be erased. */
const commitment = hash;
const locale = z.enum(['en', 'zh']);
/** The statement that was signed, word for word. */
const meaning = z.string().min(1).max(4_000);

const person = z.strictObject({
  person: personId,
  key: publicKey,
  role: z.enum(['approver', 'steward']),
  /** How the key was unlocked, and when: by typing the password, for this one signature. */
  method: z.literal('password'),
  authenticatedAt: time,
});
const installation = z.strictObject({
  person: z.null(),
  key: publicKey,
  role: z.literal('installation'),
  method: z.literal('policy'),
  authenticatedAt: time,
});

const round = { study: slug, round: z.int().min(1), attempt: z.int().min(1), plan: hash };

/**
 * Kept by the institution. Signed by one person's key (or, under a policy, by the installation's), and by the installation's
 * in any case. A round is approved when `needed` people have signed one each.
 */
export const approvalRecord = defineRecord(
  'approval',
  z.strictObject({
    v: version,
    decision: z.enum(['approve', 'decline']),
    /** To train for the round; or to release the update that training gave. */
    purpose: z.enum(['train', 'release']),
    ...round,
    studyHash: hash,
    inputModel: hash,
    cohort: z.array(slug).min(1),
    aggregation: z.string(),
    /** Null: the coordinator sees this institution's update as it is. */
    secureAggregation: z.null(),
    /** Null: no noise is added and no privacy cost is counted. */
    privacy: z.null(),
    snapshot: hash,
    rows: count,
    releases: z.array(z.string()).min(1),
    vectors: z.array(z.string()).min(1),
    maxBytes: count,
    normBound: decimal,
    /** The exact update, when its release is decided. */
    update: z.strictObject({ blob: hash, bytes: count, norm: decimal }).nullable(),
    meaning,
    locale,
    /** Hash of all that was shown. */
    screen: hash,
    reason: commitment.nullable(),
    signer: z.discriminatedUnion('role', [person.extend({ role: z.literal('approver') }), installation]),
    needed: z.int().min(1).max(9),
    /** Approvals that others gave before. */
    prior: z.array(hash).max(8),
    at: time,
    policy: hash.nullable(),
    notBefore: time,
    notAfter: time,
    nonce,
  }),
);
export type Approval = ReturnType<typeof approvalRecord.decode>;

/** Takes an approval back: training stops and nothing is sent under it. */
export const revocationRecord = defineRecord(
  'revocation',
  z.strictObject({
    v: version,
    ...round,
    approval: hash,
    meaning,
    locale,
    reason: commitment.nullable(),
    signer: person,
    at: time,
    nonce,
  }),
);

/** Bounds within which rounds of one study are approved without asking. In force once two people have signed these bytes. */
export const policyRecord = defineRecord(
  'policy',
  z.strictObject({
    v: version,
    study: slug,
    studyHash: hash,
    member: slug,
    bounds: z.strictObject({
      /** The highest round number, attempts of one round, bytes a round, and norm; the fewest members of a cohort. */
      rounds: z.int().min(1),
      attempts: z.int().min(1),
      bytes: z.int().min(1),
      norm: decimal,
      cohort: z.int().min(1),
      /** Hours of the day, UTC, from the first to before the last; null: at any hour. */
      hours: z.strictObject({ from: z.int().min(0).max(23), to: z.int().min(1).max(24) }).nullable(),
      /** No plan has a privacy cost yet. */
      epsilon: z.null(),
    }),
    meaning,
    locale,
    needed: z.int().min(2).max(9),
    at: time,
    notBefore: time,
    notAfter: time,
    nonce,
  }),
);
export type Policy = ReturnType<typeof policyRecord.decode>;

/** What joining a study rests on: an approval of an ethics board, a contract; kept by whoever signs, named here by its hash. */
export const DOCUMENT_KINDS = ['ethics-approval', 'impact-assessment', 'contract', 'other'] as const;

/** Joining or leaving a study, or moving it to other data, signed by a steward, who may not approve rounds of that study. */
export const participationRecord = defineRecord(
  'participation',
  z.strictObject({
    v: version,
    decision: z.enum(['join', 'move', 'leave']),
    study: slug,
    studyHash: hash,
    member: slug,
    dataset: z.string(),
    snapshot: hash,
    mapping: hash,
    rows: count,
    documents: z
      .array(z.strictObject({ kind: z.enum(DOCUMENT_KINDS), name: commitment, sha256: hash, bytes: count }))
      .max(20),
    meaning,
    locale,
    reason: commitment.nullable(),
    signer: person.extend({ role: z.literal('steward') }),
    at: time,
    nonce,
  }),
);
export type Participation = ReturnType<typeof participationRecord.decode>;

export const POLICY_DAYS = 90;
/** How many people sign a standing policy. */
export const POLICY_SIGNERS = 2;
/** An approval to train lasts to the plan's deadline, and no longer than this. */
export const APPROVAL_DAYS = 7;
/** An approval to release the update in view. */
export const RELEASE_HOURS = 24;
