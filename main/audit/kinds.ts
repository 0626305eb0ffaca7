// What each kind of record is to other audit systems: the DICOM code that FHIR uses, what was done, to what, and how it ended.
import { isAuditKind, type AuditKind } from '../../shared/records/audit.ts';

/** Create, read, update, delete, execute. */
export type Action = 'C' | 'R' | 'U' | 'D' | 'E';
/** Of the DICOM controlled terminology, as FHIR's AuditEvent.type takes them. */
export type EventType = '110100' | '110101' | '110106' | '110107' | '110113' | '110114';
export type Subtype = '110120' | '110122' | '110123' | '110128' | '110129' | '110134' | '110136' | '110137';
/** What a record is about, where it is not a round. */
export type Subject = 'round' | 'study' | 'person' | 'data' | 'rules' | 'member' | 'log' | 'program' | 'model';

export type KindMeaning = {
  type: EventType;
  action: Action;
  subject: Subject;
  subtype?: Subtype;
  /** Somebody or something was refused, or did not work out. */
  failed?: true;
};

const decision = (subject: Subject, action: Action = 'E'): KindMeaning => ({ type: '110113', action, subject });
const inside = (subject: Subject, action: Action = 'E'): KindMeaning => ({ type: '110100', action, subject });
const received = (subject: Subject): KindMeaning => ({ type: '110107', action: 'C', subject });
const sent = (subject: Subject): KindMeaning => ({ type: '110106', action: 'R', subject });
const account = (action: Action, subtype: Subtype): KindMeaning => ({
  type: '110113',
  action,
  subject: 'person',
  subtype,
});
const failed = (meaning: KindMeaning): KindMeaning => ({ ...meaning, failed: true });

const MEANINGS: Readonly<Record<AuditKind, KindMeaning>> = {
  'log.created': { ...inside('log', 'C'), subtype: '110134' },
  'program.started': { ...inside('program'), subtype: '110120' },
  'log.exported': { type: '110101', action: 'R', subject: 'log' },

  'log.behind': failed(inside('log', 'R')),
  'log.alarm': failed(received('log')),
  'log.succeeded': decision('log', 'C'),

  'account.added': account('C', '110137'),
  'account.changed': account('U', '110136'),
  'account.deactivated': account('D', '110137'),
  'account.key-issued': account('U', '110137'),
  'account.password-changed': account('U', '110137'),
  'account.single-admin': account('C', '110129'),
  'rules.changed': { ...decision('rules', 'U'), subtype: '110129' },
  'session.opened': { type: '110114', action: 'E', subject: 'person', subtype: '110122' },
  'session.refused': { type: '110114', action: 'E', subject: 'person', subtype: '110122', failed: true },
  'session.closed': { type: '110114', action: 'E', subject: 'person', subtype: '110123' },

  'network.changed': { ...decision('rules', 'U'), subtype: '110128' },
  'enrolment.requested': sent('member'),
  'enrolment.admitted': received('member'),
  'directory.received': received('member'),
  'dataset.imported': received('data'),
  'quality.kept': inside('data', 'R'),
  'dataset.withdrawn': inside('data', 'D'),
  'dataset.deleted': inside('data', 'D'),
  'study.offered': received('study'),
  'mapping.saved': inside('study', 'U'),
  'study.joined': decision('study', 'C'),
  'study.moved': decision('study', 'U'),
  'study.left': decision('study', 'D'),
  'study.reported': received('study'),
  'policy.signed': decision('rules', 'C'),
  'policy.revoked': decision('rules', 'D'),
  'round.offered': received('round'),
  'round.blocked': failed(decision('round')),
  'approval.granted': decision('round', 'C'),
  'approval.declined': decision('round', 'C'),
  'approval.deferred': decision('round', 'R'),
  'approval.revoked': decision('round', 'D'),
  'release.requested': decision('round', 'R'),
  'training.started': inside('round'),
  'training.finished': inside('round'),
  'training.failed': failed(inside('round')),
  'update.sealed': inside('round', 'C'),
  'update.intended': sent('round'),
  'update.sent': sent('round'),
  'update.unconfirmed': failed(sent('round')),
  'update.refused': failed(sent('round')),
  'message.delivered': sent('round'),
  'message.refused': failed(sent('round')),
  'round.closed': received('round'),
  'receipt.verified': received('round'),
  'receipt.refused': failed(received('round')),
  'round.lapsed': failed(inside('round')),
  'round.failed': failed(inside('round')),
  'model.evaluated': inside('model', 'R'),
  'local.trained': inside('model', 'C'),
  'ledger.summed': sent('log'),
  'opening.erased': decision('log', 'D'),
  'retention.changed': decision('rules', 'U'),
  'retention.applied': inside('log', 'D'),

  'member.invited': decision('member', 'C'),
  'member.enrolled': received('member'),
  'enrolment.refused': failed(decision('member')),
  'member.admitted': decision('member', 'C'),
  'member.succeeded': received('member'),
  'member.removed': decision('member', 'D'),
  'study.started': decision('study', 'C'),
  'member.joined': received('study'),
  'member.left': received('study'),
  'study.paused': decision('study', 'U'),
  'study.resumed': decision('study', 'U'),
  'study.ended': decision('study', 'U'),
  'round.opened': sent('round'),
  'decision.received': received('round'),
  'update.accepted': received('round'),
  'update.rejected': failed(received('round')),
  'round.aggregated': inside('round', 'C'),
  'round.aborted': failed(inside('round')),
};

/** Of a newer version's kind nothing is claimed. */
export const meaningOf = (kind: string): KindMeaning => (isAuditKind(kind) ? MEANINGS[kind] : inside('program'));
