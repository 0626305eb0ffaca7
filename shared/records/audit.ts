// Every kind of audit record and exactly what it says. Names and free text appear only as salted commitments.
import { z } from 'zod';
import { AssentError } from '../errors.ts';
import { encodeCanonical } from '../wire/canonical.ts';
import { personId, role } from './account.ts';
import { count, decimal, hash, keys, publicKey, signature, slug, time } from './fields.ts';
import { LEAST_YEARS, outboundDay } from './ledger.ts';
import { releasedMetrics, studyStates } from './round.ts';

const commitment = hash;
const code = z.string().regex(/^[A-Z][A-Z_]*$/);
const software = z.string().max(100);
const o = z.strictObject;
const receiptState = z.enum(['logged', 'recomputed']);

/** Signatures over `assent/<kind>/v1`, LF, and the bytes that the record beside them names by hash. */
const signed = { signer: publicKey, signature, person: personId };
const signatures = z
  .array(o({ signer: publicKey, signature }))
  .min(1)
  .max(2);
const account = { account: hash, person: personId, key: publicKey, roles: z.array(role), signatures };
const decided = {
  purpose: z.enum(['train', 'release']),
  plan: hash,
  inputModel: hash,
  approval: hash,
  /** The blob whose release was decided. */
  update: hash.nullable(),
  ...signed,
  /** Null: the installation, under a policy. */
  person: personId.nullable(),
  installation: signature,
  /** The how manieth of how many. */
  number: z.int().min(1),
  needed: z.int().min(1),
  policy: hash.nullable(),
  reason: commitment.nullable(),
  notAfter: time,
};
/** Which records an export holds; the times are those of the records, the bounds inclusive. */
export const exportFilter = o({
  from: time.optional(),
  to: time.optional(),
  studies: z.array(slug).max(20).optional(),
  persons: z.array(personId).max(20).optional(),
  kinds: z.array(z.string().max(40)).max(100).optional(),
});
const environment = o({
  tensorflow: z.string(),
  tfjs: z.string(),
  device: z.string(),
  threads: count,
  memoryLimitMb: count.nullable(),
});

const snapshot = o({ dataset: z.string(), snapshot: hash });
/** The first `size` records of a log, and their root. */
const head = o({ size: count, root: hash });

export const AUDIT_KINDS = {
  // Either program.
  'log.created': o({ origin: z.string(), log: publicKey, software, program: z.enum(['node', 'coordinator']) }),
  'program.started': o({ software, node: z.string(), platform: z.string() }),
  /** Without `filter` all records, without `names` neither names nor free texts. */
  'log.exported': o({
    size: count,
    root: hash,
    format: z.string(),
    filter: exportFilter.optional(),
    names: z.literal(true).optional(),
  }),
  /** A witness holds a later state of this log, or another one, signed by this log's own key: the store was put back, or copied. */
  'log.behind': o({
    origin: z.string(),
    why: z.enum(['behind', 'forked']),
    witness: z.string(),
    anchored: head,
    own: head,
  }),
  /** A log that is witnessed here contradicts what was cosigned of it before. */
  'log.alarm': o({
    origin: z.string(),
    member: slug,
    why: z.enum(['smaller', 'fork', 'inconsistent']),
    known: head,
    seen: head,
  }),

  // People of an institution.
  'account.added': o({ ...account, name: commitment, setUp: z.boolean() }),
  'account.changed': o(account),
  'account.deactivated': o(account),
  'account.key-issued': o({ ...account, retired: publicKey }),
  'account.password-changed': o({ person: personId }),
  /** That one person made all accounts alone was chosen, and said so. */
  'account.single-admin': o({ person: personId }),
  'rules.changed': o({
    rules: hash,
    approvals: count,
    release: z.enum(['always', 'bounds']),
    rows: count,
    perClass: count,
    signatures,
  }),
  'session.opened': o({ person: personId, roles: z.array(role) }),
  'session.refused': o({ person: personId.nullable(), failures: count }),
  'session.closed': o({ person: personId, why: z.enum(['signed-out', 'locked', 'expired', 'changed']) }),

  // An institution's node.
  /**
   * From here on this log goes on under another key and name. `predecessor` is the last anchored state of the log before, of
   * which the first `kept` records are here; the rest of it is lost. `decision` is what admins signed.
   */
  'log.succeeded': o({
    predecessor: o({ origin: z.string(), log: publicKey, size: count, root: hash }),
    kept: head,
    origin: z.string(),
    log: publicKey,
    decision: hash,
    signatures: z
      .array(o({ signer: publicKey, signature }))
      .min(1)
      .max(2),
  }),
  'network.changed': o({ proxy: commitment.nullable(), authority: hash.nullable() }),
  'enrolment.requested': o({ consortium: slug, member: slug, url: z.string(), coordinator: keys, keys }),
  'enrolment.admitted': o({ directory: hash, sequence: count }),
  'directory.received': o({ directory: hash, sequence: count, members: count }),
  'dataset.imported': o({
    dataset: z.string(),
    name: commitment,
    source: commitment,
    sha256: hash,
    bytes: count,
    rows: count,
    columns: count,
    snapshot: hash,
    format: z.string(),
  }),
  'quality.kept': o({ dataset: z.string(), snapshot: hash }),
  'dataset.withdrawn': o({ dataset: z.string(), snapshot: hash, rows: count }),
  'dataset.deleted': o({ dataset: z.string(), snapshot: hash, rows: count }),
  'study.offered': o({ definition: hash }),
  'mapping.saved': o({ version: count, mapping: hash }),
  'study.joined': o({
    definition: hash,
    dataset: z.string(),
    snapshot: hash,
    mapping: hash,
    rows: count,
    record: hash,
    decision: hash,
    documents: count,
    ...signed,
  }),
  'study.moved': o({
    definition: hash,
    from: snapshot,
    to: snapshot,
    mapping: hash,
    rows: count,
    decision: hash,
    ...signed,
  }),
  'study.left': o({ definition: hash, record: hash, decision: hash, reason: commitment.nullable(), ...signed }),
  'study.reported': o({ state: studyStates, model: hash.nullable() }),
  'policy.signed': o({ policy: hash, ...signed, number: z.int().min(1), needed: z.int().min(2), notAfter: time }),
  /** `replacedBy`: another policy took its place, and what it approved before stays approved; null: that ends, too. */
  'policy.revoked': o({ policy: hash, person: personId, replacedBy: hash.nullable() }),
  /** The plan's hash binds the cohort, whose list may be longer than a record. */
  'round.offered': o({ plan: hash, inputModel: hash, members: count, maxBytes: count, sendBy: time }),
  'round.blocked': o({ plan: hash, code }),
  'approval.granted': o(decided),
  'approval.declined': o(decided),
  /** Somebody looked and will decide later; nothing follows from it. */
  'approval.deferred': o({ plan: hash, person: personId }),
  'approval.revoked': o({ plan: hash, approval: hash, revocation: hash, reason: commitment.nullable(), ...signed }),
  /** The actual update waits for people to see it: the rules ask always, or a bound was crossed. */
  'release.requested': o({
    plan: hash,
    update: hash,
    bytes: count,
    norm: decimal,
    why: z.enum(['always', 'norm']),
  }),
  'training.started': o({
    plan: hash,
    approval: hash,
    snapshot: hash,
    run: count,
    why: z.enum(['approved', 'interrupted']),
  }),
  'training.finished': o({
    plan: hash,
    approval: hash,
    snapshot: hash,
    run: count,
    examples: count,
    update: hash,
    environment,
    norm: decimal,
    /** Declared metrics that stay here, since a class had fewer cases than the institution's floor. */
    withheld: z.array(z.string()),
    milliseconds: count,
  }),
  'training.failed': o({ plan: hash, approval: hash, run: count, code }),
  'update.sealed': o({ plan: hash, approval: hash, statement: hash, blob: hash, bytes: count, norm: decimal }),
  'update.intended': o({ plan: hash, approval: hash, statement: hash, blob: hash, bytes: count, outbox: count }),
  'update.sent': o({ plan: hash, approval: hash, statement: hash, blob: hash, bytes: count, outbox: count }),
  /** Its approval ended (expired, revoked) before an answer came: it may have arrived or not. */
  'update.unconfirmed': o({ plan: hash, approval: hash, statement: hash, code }),
  'update.refused': o({ plan: hash, approval: hash, statement: hash, code }),
  'message.delivered': o({ purpose: z.string(), record: hash, outbox: count }),
  'message.refused': o({ purpose: z.string(), record: hash, outbox: count, code }),
  'round.closed': o({
    plan: hash,
    outcome: hash,
    result: z.enum(['aggregated', 'aborted']),
    model: hash.nullable(),
    counted: z.boolean(),
  }),
  /**
   * The coordinator's log counts this institution's update (`logged`: `index` and `outcomeIndex` are where its records stand,
   * `size` and `root` those of the checkpoint), or the published updates give the outcome's aggregate and model (`recomputed`).
   */
  'receipt.verified': o({
    plan: hash,
    outcome: hash,
    state: receiptState,
    statement: hash,
    weight: count,
    members: count,
    aggregate: hash,
    model: hash,
    index: count.nullable(),
    outcomeIndex: count.nullable(),
    size: count.nullable(),
    root: hash.nullable(),
  }),
  'receipt.refused': o({ plan: hash, outcome: hash, state: receiptState, code }),
  'round.lapsed': o({ plan: hash, code }),
  'round.failed': o({ plan: hash, code }),
  'model.evaluated': o({ model: hash, snapshot: hash, rows: count, metrics: releasedMetrics }),
  'local.trained': o({
    definition: hash,
    snapshot: hash,
    model: hash,
    examples: count,
    environment,
    milliseconds: count,
  }),
  'ledger.summed': outboundDay,
  'opening.erased': o({
    of: z.enum(['commitments', 'person', 'dataset']),
    /** The person or data set that they were about. */
    subject: z.string().max(64).nullable(),
    commitments: count,
    /** Which, when they are few. */
    named: z.array(commitment).max(20),
    /** SHA-256 over all of them in ascending order, as hex with a line feed each. */
    sha256: hash,
    reason: commitment.nullable(),
    person: personId.nullable(),
  }),
  'retention.changed': o({
    years: z.int().min(LEAST_YEARS).max(100),
    hold: z.boolean(),
    reason: commitment,
    person: personId,
  }),
  /** What was older than `before` and is gone. Records stay. */
  'retention.applied': o({ before: time, openings: count, signed: count, models: count, outbound: count }),

  // The coordinator.
  'member.invited': o({ member: slug, name: commitment, token: hash, expires: time }),
  'member.enrolled': o({ member: slug, keys, token: hash }),
  'enrolment.refused': o({ code, token: hash }),
  'member.admitted': o({ member: slug, keys, directory: hash, sequence: count }),
  /** The member's log goes on under another key, from a state before the one that was anchored last. */
  'member.succeeded': o({
    member: slug,
    keys,
    successor: hash,
    origin: z.string(),
    anchored: head,
    directory: hash,
    sequence: count,
  }),
  'member.removed': o({ member: slug, directory: hash, sequence: count, reason: commitment.nullable() }),
  'study.started': o({ definition: hash, members: z.array(slug).nullable() }),
  'member.joined': o({ member: slug, record: hash }),
  'member.left': o({ member: slug, record: hash }),
  'study.paused': o({ reason: z.string().max(200) }),
  'study.resumed': o({}),
  'study.ended': o({ state: studyStates, reason: z.string().max(200), model: hash.nullable() }),
  'round.opened': o({ plan: hash, inputModel: hash, members: count, sendBy: time }),
  'decision.received': o({ member: slug, decision: z.enum(['approve', 'decline']), approval: hash, record: hash }),
  'update.accepted': o({
    member: slug,
    statement: hash,
    approval: hash,
    blob: hash,
    bytes: count,
    weight: count,
    norm: decimal,
  }),
  'update.rejected': o({ member: slug, code, statement: hash.nullable() }),
  'round.aggregated': o({
    plan: hash,
    outcome: hash,
    members: count,
    aggregate: hash,
    model: hash,
    metrics: releasedMetrics,
  }),
  'round.aborted': o({ plan: hash, outcome: hash, reason: z.string().max(200) }),
} as const;

export type AuditKind = keyof typeof AUDIT_KINDS;
export const isAuditKind = (kind: string): kind is AuditKind => Object.hasOwn(AUDIT_KINDS, kind);

/** What a program says; the journal adds the time. `study` is the study's id. */
export type AuditEntry = {
  [K in AuditKind]: {
    kind: K;
    study?: string;
    round?: number;
    attempt?: number;
    detail: z.infer<(typeof AUDIT_KINDS)[K]>;
  };
}[AuditKind];

/** Others rely on these: a signed checkpoint follows in the same transaction. */
export const CHECKPOINT_AFTER: ReadonlySet<string> = new Set<AuditKind>([
  'log.exported',
  'log.alarm',
  'log.succeeded',
  'study.joined',
  'study.moved',
  'policy.signed',
  'policy.revoked',
  'approval.granted',
  'approval.declined',
  'approval.revoked',
  'account.added',
  'account.changed',
  'account.deactivated',
  'account.key-issued',
  'rules.changed',
  'study.left',
  'update.intended',
  'update.sent',
  'member.admitted',
  'member.removed',
  'member.succeeded',
  'round.aggregated',
  'round.aborted',
]);

/** Come by themselves, every day: a checkpoint waits for a record that somebody wants to see anchored. */
export const NO_CHECKPOINT_FOR: ReadonlySet<string> = new Set<AuditKind>(['ledger.summed']);

const MAX_BYTES = 16 * 1024;
const outer = z.strictObject({
  v: z.literal(1),
  at: time,
  kind: z.string(),
  study: slug.optional(),
  round: z.int().min(1).optional(),
  attempt: z.int().min(1).optional(),
  detail: z.unknown(),
});

/** The exact bytes of a record. Throws RECORD_INVALID when the entry does not have its kind's form or is over 16 KiB. */
export function auditRecordBytes(entry: AuditEntry, at: string): Uint8Array {
  const { detail, ...rest } = entry;
  const record = outer.safeParse({ v: 1, at, ...rest, detail });
  const inner = AUDIT_KINDS[entry.kind].safeParse(detail);
  const problem = record.error ?? inner.error;
  if (problem) {
    const where = problem.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
    throw new AssentError('RECORD_INVALID', `Audit record ${entry.kind} is not valid: ${where}.`, { kind: entry.kind });
  }
  const bytes = encodeCanonical({ v: 1, at, ...rest, detail: inner.data });
  if (bytes.length > MAX_BYTES)
    throw new AssentError(
      'RECORD_INVALID',
      `Audit record ${entry.kind} has ${bytes.length} bytes; ${MAX_BYTES} is the most.`,
    );
  return bytes;
}
