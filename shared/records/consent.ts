// What staff sign: an approval or refusal of one round, and the standing policy that lets a node approve within bounds.
import { z } from 'zod';
import { count, decimal, hash, nonce, publicKey, reason, slug, time, version } from './fields.ts';
import { defineRecord } from './signed.ts';

const signer = z.strictObject({
  key: publicKey,
  role: z.enum(['operator', 'installation']),
  /** How the key was unlocked: by typing the passphrase, or by the policy that people signed before. */
  method: z.enum(['passphrase', 'policy']),
});

/** Kept by the institution. Signed by the approver's key (or, under a policy, by the installation's alone). */
export const approvalRecord = defineRecord(
  'approval',
  z.strictObject({
    v: version,
    decision: z.enum(['approve', 'decline']),
    study: slug,
    studyHash: hash,
    round: z.int().min(1),
    attempt: z.int().min(1),
    plan: hash,
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
    /** The statement that was signed, word for word, its language, and the hash of all that was shown. */
    meaning: z.string().min(1).max(4_000),
    locale: z.enum(['en', 'zh']),
    screen: hash,
    reason,
    signer,
    signers: z.literal(1),
    at: time,
    policy: hash.nullable(),
    prior: z.array(hash),
    notBefore: time,
    notAfter: time,
    nonce,
  }),
);
export type Approval = ReturnType<typeof approvalRecord.decode>;

/** Bounds within which rounds of one study are approved without asking; anything outside waits for a person. */
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
    }),
    meaning: z.string().min(1).max(4_000),
    locale: z.enum(['en', 'zh']),
    signer,
    signers: z.literal(1),
    at: time,
    notBefore: time,
    notAfter: time,
    nonce,
  }),
);
export type Policy = ReturnType<typeof policyRecord.decode>;

export const POLICY_DAYS = 90;
/** An approval to train lasts to the plan's deadline, and no longer than this. */
export const APPROVAL_DAYS = 7;
