// One audit record of every kind, told with whatever names and texts a test likes.
import type { Tx } from '../../platform/journal.ts';
import type { AuditEntry, AuditKind } from '../../shared/records/audit.ts';

const hash = (digit: string) => digit.repeat(64);
export const PERSON = 'p-00000000000000a1';
export const ADMIN = 'p-00000000000000b2';
export const KEYS = { person: hash('a'), admin: hash('b'), newKey: hash('c'), installation: hash('d') };
const signature = 'e'.repeat(128);
const signed = { signer: KEYS.person, signature, person: PERSON };
const signatures = [{ signer: KEYS.admin, signature }];
export const account = {
  account: hash('1'),
  person: PERSON,
  key: KEYS.person,
  roles: ['approver' as const],
  signatures,
};
const keys = { member: hash('2'), log: hash('3'), witness: hash('4') };
const environment = { tensorflow: '2.21', tfjs: '4.22', device: 'cpu', threads: 2, memoryLimitMb: null };
const metrics = { loss: '0.4321', auc: null };
const blob = { statement: hash('6'), blob: hash('7'), bytes: 992 };
const plan = hash('5');
const approval = hash('8');
const time = '2026-01-05T10:00:00.000Z';

export type Texts = { name: string; admin: string; reason: string; dataset: string; said: string };
export const PLAIN: Texts = {
  name: 'Anna Nowak',
  admin: 'Berta Meier',
  reason: 'Agreed with the data board.',
  dataset: 'Heart clinic 2025',
  said: 'quorum was missed',
};

type Details = { [K in AuditKind]: Extract<AuditEntry, { kind: K }>['detail'] };

/** What each kind says; `texts` where a person chose the words. Coordinators' reasons stand in records as they are. */
export function details(tx: Pick<Tx, 'commit'>, texts: Texts): Details {
  const reason = () => tx.commit(texts.reason);
  const said = texts.said.slice(0, 200);
  const decided = {
    purpose: 'train' as const,
    plan,
    inputModel: hash('9'),
    approval,
    update: null,
    ...signed,
    installation: signature,
    number: 1,
    needed: 2,
    policy: null,
    notAfter: time,
  };
  return {
    'log.created': { origin: 'assent/0123456789abcdef', log: hash('3'), software: 'assent 0.1.0', program: 'node' },
    'program.started': { software: 'assent 0.1.0', node: 'v24.21.0', platform: 'linux x64' },
    'log.exported': { size: 3, root: hash('0'), format: 'csv', filter: { studies: ['heart'] }, names: true },
    'log.behind': {
      origin: 'assent/0123456789abcdef',
      why: 'behind',
      witness: 'clinics/south',
      anchored: { size: 9, root: hash('1') },
      own: { size: 7, root: hash('2') },
    },
    'log.alarm': {
      origin: 'assent/0123456789abcdee',
      member: 'south',
      why: 'fork',
      known: { size: 9, root: hash('1') },
      seen: { size: 9, root: hash('2') },
    },
    'log.succeeded': {
      predecessor: { origin: 'assent/0123456789abcdef', log: hash('3'), size: 9, root: hash('1') },
      kept: { size: 7, root: hash('2') },
      origin: 'assent/0123456789abcded',
      log: hash('4'),
      decision: hash('5'),
      signatures,
    },
    'account.added': { ...account, name: tx.commit(texts.name), setUp: true },
    'account.changed': account,
    'account.deactivated': { ...account, roles: [] },
    'account.key-issued': { ...account, key: KEYS.newKey, retired: KEYS.person },
    'account.password-changed': { person: PERSON },
    'account.single-admin': { person: ADMIN },
    'rules.changed': { rules: hash('1'), approvals: 2, release: 'bounds', rows: 50, perClass: 5, signatures },
    'session.opened': { person: PERSON, roles: ['approver'] },
    'session.refused': { person: null, failures: 3 },
    'session.closed': { person: PERSON, why: 'locked' },
    'network.changed': { proxy: tx.commit(texts.said), authority: null },
    'enrolment.requested': {
      consortium: 'clinics',
      member: 'north',
      url: 'https://coordinator.example:7700',
      coordinator: keys,
      keys,
    },
    'enrolment.admitted': { directory: hash('1'), sequence: 2 },
    'directory.received': { directory: hash('1'), sequence: 3, members: 4 },
    'dataset.imported': {
      dataset: 'd-1',
      name: tx.commit(texts.dataset),
      source: tx.commit(texts.said),
      sha256: hash('1'),
      bytes: 12_345,
      rows: 303,
      columns: 14,
      snapshot: hash('2'),
      format: 'csv',
    },
    'quality.kept': { dataset: 'd-1', snapshot: hash('2') },
    'dataset.withdrawn': { dataset: 'd-1', snapshot: hash('2'), rows: 302 },
    'dataset.deleted': { dataset: 'd-1', snapshot: hash('2'), rows: 302 },
    'study.offered': { definition: hash('1') },
    'mapping.saved': { version: 1, mapping: hash('1') },
    'study.joined': {
      definition: hash('1'),
      dataset: 'd-1',
      snapshot: hash('2'),
      mapping: hash('3'),
      rows: 303,
      record: hash('4'),
      decision: hash('5'),
      documents: 2,
      ...signed,
    },
    'study.moved': {
      definition: hash('1'),
      from: { dataset: 'd-1', snapshot: hash('2') },
      to: { dataset: 'd-2', snapshot: hash('3') },
      mapping: hash('3'),
      rows: 303,
      decision: hash('5'),
      ...signed,
    },
    'study.left': { definition: hash('1'), record: hash('4'), decision: hash('5'), reason: reason(), ...signed },
    'study.reported': { state: 'running', model: null },
    'policy.signed': { policy: hash('1'), ...signed, number: 1, needed: 2, notAfter: time },
    'policy.revoked': { policy: hash('1'), person: PERSON, replacedBy: hash('2') },
    'round.offered': { plan, inputModel: hash('9'), members: 4, maxBytes: 992, sendBy: time },
    'round.blocked': { plan, code: 'APPROVAL_MISMATCH' },
    'approval.granted': { ...decided, reason: reason() },
    'approval.declined': { ...decided, purpose: 'release', update: hash('7'), reason: reason() },
    'approval.deferred': { plan, person: PERSON },
    'approval.revoked': { plan, approval, revocation: hash('1'), reason: reason(), ...signed },
    'release.requested': { plan, update: hash('7'), bytes: 992, norm: '1.25', why: 'norm' },
    'training.started': { plan, approval, snapshot: hash('2'), run: 2, why: 'interrupted' },
    'training.finished': {
      plan,
      approval,
      snapshot: hash('2'),
      run: 2,
      examples: 242,
      update: hash('7'),
      environment,
      norm: '1.25',
      milliseconds: 420,
      withheld: ['auc'],
    },
    'training.failed': { plan, approval, run: 1, code: 'TRAINING_DIVERGED' },
    'update.sealed': { plan, approval, ...blob, norm: '1.25' },
    'update.intended': { plan, approval, ...blob, outbox: 7 },
    'update.sent': { plan, approval, ...blob, outbox: 7 },
    'update.unconfirmed': { plan, approval, statement: hash('6'), code: 'APPROVAL_EXPIRED' },
    'update.refused': { plan, approval, statement: hash('6'), code: 'UPDATE_LATE' },
    'message.delivered': { purpose: 'decision', record: hash('1'), outbox: 6 },
    'message.refused': { purpose: 'join', record: hash('1'), outbox: 5, code: 'STUDY_STATE' },
    'round.closed': { plan, outcome: hash('1'), result: 'aggregated', model: hash('2'), counted: true },
    'receipt.verified': {
      plan,
      outcome: hash('1'),
      state: 'logged',
      statement: hash('6'),
      weight: 48,
      members: 4,
      aggregate: hash('9'),
      model: hash('2'),
      index: 17,
      outcomeIndex: 21,
      size: 22,
      root: hash('3'),
    },
    'receipt.refused': { plan, outcome: hash('1'), state: 'recomputed', code: 'RECEIPT_AGGREGATE' },
    'round.lapsed': { plan, code: 'APPROVAL_MISSING' },
    'round.failed': { plan, code: 'A_CODE_OF_TOMORROW' },
    'model.evaluated': { model: hash('1'), snapshot: hash('2'), rows: 61, metrics },
    'local.trained': {
      definition: hash('1'),
      snapshot: hash('2'),
      model: hash('3'),
      examples: 242,
      environment,
      milliseconds: 900,
    },
    'ledger.summed': {
      day: '2026-11-02',
      rows: 3,
      bytes: 2_100,
      interrupted: 0,
      sha256: hash('1'),
      purposes: [{ purpose: 'watch', rows: 3, bytes: 2_100 }],
    },
    'opening.erased': {
      of: 'person',
      subject: PERSON,
      commitments: 1,
      named: [hash('1')],
      sha256: hash('2'),
      reason: reason(),
      person: ADMIN,
    },
    'retention.changed': { years: 12, hold: true, reason: reason(), person: ADMIN },
    'retention.applied': { before: time, openings: 3, signed: 2, models: 1, outbound: 400 },
    'member.invited': { member: 'south', name: tx.commit(texts.name), token: hash('1'), expires: time },
    'member.enrolled': { member: 'south', keys, token: hash('1') },
    'enrolment.refused': { code: 'ENROLMENT_TOKEN_USED', token: hash('1') },
    'member.admitted': { member: 'south', keys, directory: hash('1'), sequence: 4 },
    'member.succeeded': {
      member: 'south',
      keys,
      successor: hash('1'),
      origin: 'assent/0123456789abcded',
      anchored: { size: 9, root: hash('2') },
      directory: hash('3'),
      sequence: 6,
    },
    'member.removed': { member: 'south', directory: hash('1'), sequence: 5, reason: reason() },
    'study.started': { definition: hash('1'), members: null },
    'member.left': { member: 'south', record: hash('1') },
    'member.joined': { member: 'south', record: hash('1') },
    'study.paused': { reason: said },
    'study.resumed': {},
    'study.ended': { state: 'stopped', reason: said, model: null },
    'round.opened': { plan, inputModel: hash('9'), members: 4, sendBy: time },
    'decision.received': { member: 'south', decision: 'approve', approval, record: hash('1') },
    'update.accepted': { member: 'south', approval, ...blob, weight: 242, norm: '1.25' },
    'update.rejected': { member: 'south', code: 'UPDATE_NORM', statement: null },
    'round.aggregated': { plan, outcome: hash('1'), members: 4, aggregate: hash('2'), model: hash('3'), metrics },
    'round.aborted': { plan, outcome: hash('1'), reason: said },
  };
}

const OF_ROUND = /^(round|approval|release|training|update|message|decision)\./;
const OF_STUDY = /^(study|policy|mapping|model|local)\.|^member\.joined/;

/** One entry of every kind, of round 3 where the kind is of a round. */
export const everyKind = (tx: Pick<Tx, 'commit'>, texts: Texts): AuditEntry[] =>
  Object.entries(details(tx, texts)).map(
    ([kind, detail]) =>
      ({
        kind,
        ...((OF_ROUND.test(kind) || OF_STUDY.test(kind)) && { study: 'heart' }),
        ...(OF_ROUND.test(kind) && { round: 3, attempt: 2 }),
        detail,
      }) as AuditEntry,
  );
