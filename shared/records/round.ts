// What passes between coordinator and institutions for one round: plan, decision, update statement, outcome.
import { z } from 'zod';
import { contradictions } from '../study/contradictions.ts';
import { studySchema } from '../study/schema.ts';
import { count, decimal, hash, reason, slug, time, version } from './fields.ts';
import { defineRecord } from './signed.ts';

const study = studySchema.refine((value) => contradictions(value).length === 0, 'contradicts itself');
const roundOf = { v: version, study: slug, round: z.int().min(1), attempt: z.int().min(1) };

/** A study as the consortium runs it; the coordinator signs it, and each plan repeats it whole. */
export const studyRecord = defineRecord('study', study);

/** Signed by the coordinator. Its hash is what an approval binds. */
export const planRecord = defineRecord(
  'plan',
  z.strictObject({
    v: version,
    round: z.int().min(1),
    attempt: z.int().min(1),
    definition: study,
    studyHash: hash,
    /** Member ids in order. */
    cohort: z.array(slug).min(1).max(1_000),
    directory: hash,
    inputModel: z.strictObject({ sha256: hash, bytes: count }),
    update: z.strictObject({ vectors: z.array(z.string()).min(1), bytes: count }),
    openedAt: time,
    approveBy: time,
    sendBy: time,
  }),
);
export type Plan = ReturnType<typeof planRecord.decode>;

/** What the coordinator learns of an approval or refusal: its hash, never who in the institution gave it. */
export const decisionRecord = defineRecord(
  'decision',
  z.strictObject({
    ...roundOf,
    plan: hash,
    member: slug,
    decision: z.enum(['approve', 'decline']),
    approval: hash,
    at: time,
  }),
);

/** Metrics that the plan declares, null where the institution has too few cases. */
export const releasedMetrics = z.partialRecord(z.enum(['loss', 'auc', 'accuracy', 'logLoss']), decimal.nullable());
export type ReleasedMetrics = z.infer<typeof releasedMetrics>;

/** Signed by the member's key: these bytes, under this approval, for this plan. */
export const updateRecord = defineRecord(
  'update',
  z.strictObject({
    ...roundOf,
    plan: hash,
    member: slug,
    approval: hash,
    blob: hash,
    bytes: count,
    examples: z.int().min(1),
    metrics: releasedMetrics,
    at: time,
  }),
);
export type UpdateStatement = ReturnType<typeof updateRecord.decode>;

/** How a round ended, signed by the coordinator: enough to recompute the aggregate from the updates. */
export const outcomeRecord = defineRecord(
  'outcome',
  z.strictObject({
    ...roundOf,
    plan: hash,
    result: z.enum(['aggregated', 'aborted']),
    reason,
    participants: z.array(z.strictObject({ member: slug, statement: hash, blob: hash, weight: z.int().min(1) })),
    /** The aggregated message and the model that follows; null when the round was aborted. */
    aggregate: hash.nullable(),
    model: hash.nullable(),
    /** Loss: weighted mean of the released ones. Others: plain mean over the institutions that released one. */
    metrics: releasedMetrics,
    at: time,
  }),
);
export type Outcome = ReturnType<typeof outcomeRecord.decode>;

export const studyStates = z.enum(['gathering', 'running', 'paused', 'finished', 'stopped']);
export type StudyPhase = z.infer<typeof studyStates>;

/** The coordinator says where a study stands; `model` is the latest one. */
export const studyStateRecord = defineRecord(
  'study-state',
  z.strictObject({ v: version, study: slug, state: studyStates, reason, model: hash.nullable(), at: time }),
);
