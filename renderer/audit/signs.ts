// With which sign a record stands in the list; what happened is said in words beside it.
import type { AuditRow } from '../../shared/gen/assent/v1/node_pb.ts';
import type { StateName } from '../parts/icons.ts';

const SIGNS: Readonly<Record<string, StateName>> = {
  'account.deactivated': 'declined',
  'approval.granted': 'approved',
  'approval.declined': 'declined',
  'approval.deferred': 'waiting',
  'approval.revoked': 'declined',
  'enrolment.admitted': 'approved',
  'message.delivered': 'sent',
  'policy.signed': 'approved',
  'policy.revoked': 'declined',
  'receipt.verified': 'approved',
  'release.requested': 'waiting',
  'round.offered': 'waiting',
  'study.joined': 'approved',
  'study.left': 'declined',
  'training.started': 'running',
  'training.finished': 'running',
  'update.intended': 'sent',
  'update.sent': 'sent',
};

export const signOf = ({ kind, failed }: AuditRow): StateName | 'plain' =>
  failed ? 'warning' : (SIGNS[kind] ?? 'plain');
