// The records that people sign, read strictly from the exact bytes that a log record names by hash.

import { decodeCanonical } from '../../wire/canonical.ts';
import * as r from './read.ts';

const version = r.oneOf(1);
const locale = r.oneOf('en', 'zh');
const roles = r.list(r.oneOf('steward', 'approver', 'auditor', 'admin'), 0, 4);
const by = r.list(r.key, 1, 2);
const method = r.oneOf('password');
const reason = r.orNull(r.hash);
const round = { study: r.slug, round: r.number(1), attempt: r.number(1), plan: r.hash };

const signer = <const R extends string>(...held: R[]) =>
  r.object({ person: r.person, key: r.key, role: r.oneOf(...held), method, authenticatedAt: r.time });
const installation = r.object({
  person: r.oneOf(null),
  key: r.key,
  role: r.oneOf('installation'),
  method: r.oneOf('policy'),
  authenticatedAt: r.time,
});
const approver = signer('approver');
const personOrInstallation: r.Read<ReturnType<typeof approver> | ReturnType<typeof installation>> = (value, at) =>
  (value as { role?: unknown } | null)?.role === 'installation' ? installation(value, at) : approver(value, at);

/** By kind, as the signature's prefix `assent/<kind>/v1` has it. */
export const SIGNED_FORMS = {
  account: r.object({
    v: version,
    action: r.oneOf('set-up', 'add', 'change-roles', 'deactivate', 'issue-key'),
    person: r.person,
    key: r.key,
    roles,
    by,
    at: r.time,
    nonce: r.nonce,
  }),
  rules: r.object({
    v: version,
    approvals: r.number(1, 9),
    release: r.object({ when: r.oneOf('always', 'bounds'), norm: r.decimal }),
    floor: r.object({ rows: r.number(1), perClass: r.number(1) }),
    by,
    at: r.time,
    nonce: r.nonce,
  }),
  approval: r.object({
    v: version,
    decision: r.oneOf('approve', 'decline'),
    purpose: r.oneOf('train', 'release'),
    ...round,
    studyHash: r.hash,
    inputModel: r.hash,
    cohort: r.list(r.slug, 1),
    aggregation: r.text,
    secureAggregation: r.oneOf(null),
    privacy: r.oneOf(null),
    snapshot: r.hash,
    rows: r.count,
    releases: r.list(r.text, 1),
    vectors: r.list(r.text, 1),
    maxBytes: r.count,
    normBound: r.decimal,
    update: r.orNull(r.object({ blob: r.hash, bytes: r.count, norm: r.decimal })),
    meaning: r.text,
    locale,
    screen: r.hash,
    reason,
    signer: personOrInstallation,
    needed: r.number(1, 9),
    prior: r.list(r.hash, 0, 8),
    at: r.time,
    policy: r.orNull(r.hash),
    notBefore: r.time,
    notAfter: r.time,
    nonce: r.nonce,
  }),
  revocation: r.object({
    v: version,
    ...round,
    approval: r.hash,
    meaning: r.text,
    locale,
    reason,
    signer: signer('approver', 'steward'),
    at: r.time,
    nonce: r.nonce,
  }),
  policy: r.object({
    v: version,
    study: r.slug,
    studyHash: r.hash,
    member: r.slug,
    bounds: r.object({
      rounds: r.number(1),
      attempts: r.number(1),
      bytes: r.number(1),
      norm: r.decimal,
      cohort: r.number(1),
      hours: r.orNull(r.object({ from: r.number(0, 23), to: r.number(1, 24) })),
      epsilon: r.oneOf(null),
    }),
    meaning: r.text,
    locale,
    needed: r.number(2, 9),
    at: r.time,
    notBefore: r.time,
    notAfter: r.time,
    nonce: r.nonce,
  }),
  participation: r.object({
    v: version,
    decision: r.oneOf('join', 'leave'),
    study: r.slug,
    studyHash: r.hash,
    member: r.slug,
    dataset: r.text,
    snapshot: r.hash,
    mapping: r.hash,
    rows: r.count,
    documents: r.list(
      r.object({
        kind: r.oneOf('ethics-approval', 'impact-assessment', 'contract', 'other'),
        name: r.hash,
        sha256: r.hash,
        bytes: r.count,
      }),
      0,
      20,
    ),
    meaning: r.text,
    locale,
    reason,
    signer: signer('steward'),
    at: r.time,
    nonce: r.nonce,
  }),
};

export type SignedKind = keyof typeof SIGNED_FORMS;
export type SignedRecord<K extends SignedKind> = ReturnType<(typeof SIGNED_FORMS)[K]>;

/** What the bytes say; throws Misread, or RECORD_INVALID for bytes that are not canonical. */
export const readSigned = <K extends SignedKind>(kind: K, bytes: Uint8Array): SignedRecord<K> =>
  SIGNED_FORMS[kind](decodeCanonical(bytes), '') as SignedRecord<K>;
