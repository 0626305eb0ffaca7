// What differs between two studies, or two plans, as codes: every field is asked, and the compiler knows when one is missing.
// Ordered by consequence: what leaves, and how much of it, first; words for people last.
import type { Plan } from '../records/round.ts';
import { schemaChanges, type SchemaChange } from './difference-schema.ts';
import { changed, minus, reordered, type Was } from './difference-values.ts';
import type { Study } from './schema.ts';

type Algorithm = Study['algorithm'];
type Split = Omit<Study['split'], 'seed'>;

export type StudyChange =
  | { code: 'release-added' | 'release-removed'; release: Study['releases'][number] }
  | { code: 'releases-order' }
  | ({ code: 'publication' } & Was<NonNullable<Study['publication']> | null>)
  | ({ code: 'norm-bound' | 'learning-rate' | 'quorum' | 'least-members' | 'rounds' } & Was<number>)
  | ({ code: 'approve-seconds' | 'send-seconds' | 'seed' | 'split-seed' | 'schema-version' } & Was<number>)
  | ({ code: 'aggregation' | 'loss' | 'study' } & Was<string>)
  | ({ code: 'algorithm' } & Was<Algorithm['name']>)
  | ({ code: 'epochs' } & Was<number | null>)
  | ({ code: 'batch-size' } & Was<number | 'full' | null>)
  | ({ code: 'layers' } & Was<Study['model']['layers']>)
  | ({ code: 'split' } & Was<Split>)
  | ({ code: 'stop-rule' } & Was<NonNullable<Study['stop']> | null>)
  | { code: 'metric-added' | 'metric-removed'; metric: Study['metrics'][number] }
  | { code: 'metrics-order' }
  | ({ code: 'title' | 'purpose' } & Was<Study['title']>)
  | ({ code: 'sponsor' | 'editor-schema' } & Was<string | null>)
  | ({ code: 'nouns' } & Was<Study['nouns']>)
  | SchemaChange;

export type PlanChange =
  | { code: 'vector-added' | 'vector-removed'; vector: string }
  | { code: 'vectors-order' }
  | ({ code: 'update-bytes' | 'model-bytes' | 'round' | 'attempt' | 'plan-version' } & Was<number>)
  | { code: 'member-added' | 'member-removed'; member: string }
  | { code: 'members-order' }
  | ({ code: 'directory' | 'study-hash' | 'model' | 'opened-at' | 'approve-by' | 'send-by' } & Was<string>)
  | StudyChange;

/** What an institution approved: the plan, and the data of its own that it was approved for. */
export type Basis = { plan: Plan; rows: number; snapshot: string };
export type Difference = PlanChange | ({ code: 'rows' } & Was<number>) | ({ code: 'snapshot' } & Was<string>);
export type DifferenceCode = Difference['code'];
export type DifferenceOf<C extends DifferenceCode> = Difference extends infer D
  ? D extends { code: unknown }
    ? C extends D['code']
      ? D
      : never
    : never
  : never;

type Compare<T, Change> = { [K in keyof T]-?: (before: T[K], after: T[K]) => Change[] };

const STUDY: Compare<Study, StudyChange> = {
  releases: (before, after) => [
    ...minus(after, before).map((release) => ({ code: 'release-added' as const, release })),
    ...minus(before, after).map((release) => ({ code: 'release-removed' as const, release })),
    ...reordered('releases-order', before, after),
  ],
  publication: (before, after) => changed('publication', before ?? null, after ?? null),
  bounds: (before, after) => changed('norm-bound', before.norm, after.norm),
  algorithm: (before, after) => [
    ...changed('algorithm', before.name, after.name),
    ...changed('learning-rate', before.learningRate, after.learningRate),
    ...changed('epochs', epochsOf(before), epochsOf(after)),
    ...changed('batch-size', batchOf(before), batchOf(after)),
  ],
  aggregation: (before, after) => changed<'aggregation', string>('aggregation', before.name, after.name),
  cohort: (before, after) => [
    ...changed('quorum', before.quorum, after.quorum),
    ...changed('least-members', before.least, after.least),
  ],
  rounds: (before, after) => changed('rounds', before, after),
  schema: schemaChanges,
  model: (before, after) => changed('layers', before.layers, after.layers),
  loss: (before, after) => changed<'loss', string>('loss', before, after),
  metrics: (before, after) => [
    ...minus(after, before).map((metric) => ({ code: 'metric-added' as const, metric })),
    ...minus(before, after).map((metric) => ({ code: 'metric-removed' as const, metric })),
    ...reordered('metrics-order', before, after),
  ],
  split: ({ seed: earlier, ...before }, { seed, ...after }) => [
    ...changed('split', before, after),
    ...changed('split-seed', earlier, seed),
  ],
  seed: (before, after) => changed('seed', before, after),
  stop: (before, after) => changed('stop-rule', before ?? null, after ?? null),
  deadlines: (before, after) => [
    ...changed('approve-seconds', before.approveSeconds, after.approveSeconds),
    ...changed('send-seconds', before.sendSeconds, after.sendSeconds),
  ],
  title: (before, after) => changed('title', before, after),
  purpose: (before, after) => changed('purpose', before, after),
  sponsor: (before, after) => changed('sponsor', before ?? null, after ?? null),
  nouns: (before, after) => changed('nouns', before, after),
  id: (before, after) => changed('study', before, after),
  schemaVersion: (before, after) => changed<'schema-version', number>('schema-version', before, after),
  $schema: (before, after) => changed('editor-schema', before ?? null, after ?? null),
};

const PLAN: Compare<Plan, PlanChange> = {
  update: (before, after) => [
    ...minus(after.vectors, before.vectors).map((vector) => ({ code: 'vector-added' as const, vector })),
    ...minus(before.vectors, after.vectors).map((vector) => ({ code: 'vector-removed' as const, vector })),
    ...reordered('vectors-order', before.vectors, after.vectors),
    ...changed('update-bytes', before.bytes, after.bytes),
  ],
  cohort: (before, after) => [
    ...minus(after, before).map((member) => ({ code: 'member-added' as const, member })),
    ...minus(before, after).map((member) => ({ code: 'member-removed' as const, member })),
    ...reordered('members-order', before, after),
  ],
  definition: studyDifference,
  studyHash: (before, after) => changed('study-hash', before, after),
  inputModel: (before, after) => [
    ...changed('model', before.sha256, after.sha256),
    ...changed('model-bytes', before.bytes, after.bytes),
  ],
  directory: (before, after) => changed('directory', before, after),
  round: (before, after) => changed('round', before, after),
  attempt: (before, after) => changed('attempt', before, after),
  openedAt: (before, after) => changed('opened-at', before, after),
  approveBy: (before, after) => changed('approve-by', before, after),
  sendBy: (before, after) => changed('send-by', before, after),
  v: (before, after) => changed<'plan-version', number>('plan-version', before, after),
};

/** Empty exactly when both studies, which have been parsed, have the same bytes. */
export function studyDifference(before: Study, after: Study): StudyChange[] {
  return differences(STUDY, before, after);
}

/** Empty exactly when both plans have the same bytes. */
export const planDifference = (before: Plan, after: Plan): PlanChange[] => differences(PLAN, before, after);

/** What is asked for now against what was approved before. */
export const approvedDifference = (before: Basis, after: Basis): Difference[] => [
  ...planDifference(before.plan, after.plan),
  ...changed('rows', before.rows, after.rows),
  ...changed('snapshot', before.snapshot, after.snapshot),
];

function differences<T, Change>(compare: Compare<T, Change>, before: T, after: T): Change[] {
  return (Object.keys(compare) as (keyof T)[]).flatMap((field) => compare[field](before[field], after[field]));
}

const epochsOf = (algorithm: Algorithm) => (algorithm.name === 'fedavg' ? algorithm.epochs : null);
const batchOf = (algorithm: Algorithm) => (algorithm.name === 'fedavg' ? algorithm.batchSize : null);

/** What is another in every round, whatever the study does: its number, the model it starts from, its times. */
export const EVERY_ROUND: ReadonlySet<DifferenceCode> = new Set<DifferenceCode>([
  'round',
  'attempt',
  'model',
  'opened-at',
  'approve-by',
  'send-by',
]);
