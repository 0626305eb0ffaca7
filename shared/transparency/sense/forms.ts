// The audit records that the auditor draws conclusions from, each of exactly this form; all other kinds are left unjudged.

import * as r from './read.ts';

const keys = r.object({ member: r.key, log: r.key, witness: r.key });
const roles = r.list(r.oneOf('steward', 'approver', 'auditor', 'admin'), 0, 4);
const signatures = r.list(r.object({ signer: r.key, signature: r.signature }), 1, 2);
const account = { account: r.hash, person: r.person, key: r.key, roles, signatures };
const signed = { signer: r.key, signature: r.signature, person: r.person };
const decided = r.object({
  purpose: r.oneOf('train', 'release'),
  plan: r.hash,
  inputModel: r.hash,
  approval: r.hash,
  update: r.orNull(r.hash),
  signer: r.key,
  signature: r.signature,
  person: r.orNull(r.person),
  installation: r.signature,
  number: r.number(1),
  needed: r.number(1),
  policy: r.orNull(r.hash),
  reason: r.orNull(r.hash),
  notAfter: r.time,
});
const update = r.object({
  plan: r.hash,
  approval: r.hash,
  statement: r.hash,
  blob: r.hash,
  bytes: r.count,
  outbox: r.count,
});
const failed = r.object({ plan: r.hash, code: r.code });
const undelivered = r.object({ plan: r.hash, approval: r.hash, statement: r.hash, code: r.code });

/** By kind, what reads the detail. */
export const FORMS = {
  'log.created': r.object({ origin: r.text, log: r.key, software: r.text, program: r.oneOf('node', 'coordinator') }),

  /** The log goes on under another key, from the last state of it that was anchored. */
  'log.succeeded': r.object({
    predecessor: r.object({ origin: r.text, log: r.key, size: r.count, root: r.hash }),
    kept: r.object({ size: r.count, root: r.hash }),
    origin: r.text,
    log: r.key,
    decision: r.hash,
    signatures,
  }),

  'account.added': r.object({ ...account, name: r.hash, setUp: r.flag }),
  'account.changed': r.object(account),
  'account.deactivated': r.object(account),
  'account.key-issued': r.object({ ...account, retired: r.key }),
  'account.single-admin': r.object({ person: r.person }),
  'rules.changed': r.object({
    rules: r.hash,
    approvals: r.count,
    release: r.oneOf('always', 'bounds'),
    rows: r.count,
    perClass: r.count,
    signatures,
  }),

  'enrolment.requested': r.object({ consortium: r.slug, member: r.slug, url: r.text, coordinator: keys, keys }),
  'study.joined': r.object({
    definition: r.hash,
    dataset: r.text,
    snapshot: r.hash,
    mapping: r.hash,
    rows: r.count,
    record: r.hash,
    decision: r.hash,
    documents: r.count,
    ...signed,
  }),
  'study.left': r.object({
    definition: r.hash,
    record: r.hash,
    decision: r.hash,
    reason: r.orNull(r.hash),
    ...signed,
  }),
  'policy.signed': r.object({
    policy: r.hash,
    ...signed,
    number: r.number(1),
    needed: r.number(2),
    notAfter: r.time,
  }),
  'policy.revoked': r.object({ policy: r.hash, person: r.person, replacedBy: r.orNull(r.hash) }),

  'round.offered': r.object({
    plan: r.hash,
    inputModel: r.hash,
    members: r.count,
    maxBytes: r.count,
    sendBy: r.time,
  }),
  'round.blocked': failed,
  'round.lapsed': failed,
  'round.failed': failed,
  'approval.granted': decided,
  'approval.declined': decided,
  'approval.revoked': r.object({
    plan: r.hash,
    approval: r.hash,
    revocation: r.hash,
    reason: r.orNull(r.hash),
    ...signed,
  }),
  'release.requested': r.object({
    plan: r.hash,
    update: r.hash,
    bytes: r.count,
    norm: r.decimal,
    why: r.oneOf('always', 'norm'),
  }),
  'training.started': r.object({
    plan: r.hash,
    approval: r.hash,
    snapshot: r.hash,
    run: r.count,
    why: r.oneOf('approved', 'interrupted'),
  }),
  /** How and with what it was trained, too, which says nothing here. */
  'training.finished': r.some({ snapshot: r.hash, examples: r.count, update: r.hash }),
  'training.failed': r.object({ plan: r.hash, approval: r.hash, run: r.count, code: r.code }),
  'update.sealed': r.object({
    plan: r.hash,
    approval: r.hash,
    statement: r.hash,
    blob: r.hash,
    bytes: r.count,
    norm: r.decimal,
  }),
  'update.intended': update,
  'update.sent': update,
  'update.unconfirmed': undelivered,
  'update.refused': undelivered,

  // The coordinator's log.
  'member.admitted': r.object({ member: r.slug, keys, directory: r.hash, sequence: r.count }),
  'member.removed': r.object({
    member: r.slug,
    directory: r.hash,
    sequence: r.count,
    reason: r.orNull(r.hash),
  }),
  'round.opened': r.object({ plan: r.hash, inputModel: r.hash, members: r.count, sendBy: r.time }),
  'decision.received': r.object({
    member: r.slug,
    decision: r.oneOf('approve', 'decline'),
    approval: r.hash,
    record: r.hash,
  }),
  'update.accepted': r.object({
    member: r.slug,
    statement: r.hash,
    approval: r.hash,
    blob: r.hash,
    bytes: r.count,
    weight: r.count,
    norm: r.decimal,
  }),
  'round.aggregated': r.object({
    plan: r.hash,
    outcome: r.hash,
    members: r.count,
    aggregate: r.hash,
    model: r.hash,
    metrics: r.anything,
  }),
  'round.aborted': r.object({ plan: r.hash, outcome: r.hash, reason: r.text }),
};

export type JudgedKind = keyof typeof FORMS;
export type Detail<K extends JudgedKind> = ReturnType<(typeof FORMS)[K]>;

export const isJudged = (kind: string): kind is JudgedKind => Object.hasOwn(FORMS, kind);
