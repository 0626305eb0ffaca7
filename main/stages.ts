// What a round hands from step to step. Each stage is a type of its own, so that skipping one does not compile.
import type { Approval } from '../shared/records/consent.ts';
import type { Plan, ReleasedMetrics } from '../shared/records/round.ts';
import type { Signed } from '../shared/records/signed.ts';

/** Mapped rows in memory that the training worker shares; never stored, zeroed by `StudyRows.erase`. */
export type TrainingRows = {
  /** Row-major, `rows` x `width`, encoded as the study's schema says. */
  features: Float32Array<SharedArrayBuffer>;
  /** Class index of each row. */
  labels: Float32Array<SharedArrayBuffer>;
  rows: number;
  width: number;
};

export type StudyRows = {
  train: TrainingRows;
  validation: TrainingRows;
  test: TrainingRows;
  /** Hash of the data set's snapshot, lowercase hex. */
  snapshot: string;
  /** Overwrites all rows with zeros; the buffers must not be used afterwards. */
  erase(): void;
};

export type RoundKey = { study: string; round: number; attempt: number };

declare const stage: unique symbol;
type Stage<Name extends string, T> = T & { readonly [stage]: Name };

/** A plan that the pinned coordinator signed, for the study that was joined, with this institution in the cohort. */
export type Offered = RoundKey & { plan: Plan; planHash: string };
/** As many people as were needed, or a standing policy, allowed exactly this plan. Made by `consent` alone. */
export type Approved = Stage<
  'approved',
  Offered & {
    /** The approval that completed it; the coordinator knows its hash. */
    approval: Approval;
    approvalHash: string;
    /** All that count, and when the first of them ends. */
    approvals: string[];
    notAfter: string;
  }
>;
/** Training is done and its result is kept. Made by `round.ts` from what `training` answered. */
export type Trained = Stage<
  'trained',
  RoundKey & { approvalHash: string; blob: string; examples: number; metrics: ReleasedMetrics }
>;
/** The exact bytes that may leave, and the signed statement about them. Made by `update` alone. */
export type Sealed = Stage<
  'sealed',
  RoundKey & {
    approvalHash: string;
    statement: Signed;
    statementHash: string;
    blob: string;
    bytes: number;
    /** L2 norm of the update, as records carry it. */
    norm: string;
  }
>;
/** Either nobody has to see these very bytes first, or as many people as were needed saw and released them. By `consent` alone. */
export type Released = Stage<'released', { sealed: Sealed; approvals: string[]; notAfter: string }>;
