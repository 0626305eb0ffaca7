// The one registry of everything that changes a store or leaves a machine: each name is a crash point before and after.

/** Transactions of an institution's node. */
export const NODE_STEPS = [
  'store.create',
  'node.start',
  'people.set-up',
  'person.add',
  'person.change-roles',
  'person.deactivate',
  'person.issue-key',
  'account.password',
  'rules.change',
  'session.open',
  'session.refuse',
  'session.forgive',
  'session.close',
  'network.set',
  'enrolment.request',
  'enrolment.admit',
  'directory.keep',
  'dataset.stage',
  'dataset.import',
  'dataset.discard',
  'quality.keep',
  'dataset.withdraw',
  'dataset.delete',
  'study.offer',
  'mapping.save',
  'study.join',
  'study.move',
  'study.leave',
  'study.report',
  'policy.sign',
  'policy.revoke',
  'round.offer',
  'round.block',
  'round.lapse',
  'approval.grant',
  'approval.decline',
  'approval.defer',
  'approval.revoke',
  'training.start',
  'training.finish',
  'training.fail',
  'update.seal',
  'release.request',
  'update.intend',
  'outbox.settle',
  'round.close',
  'receipt.verify',
  'receipt.refuse',
  'model.keep',
  'local.train',
  'audit.export',
  'ledger.intend',
  'ledger.note',
  'ledger.sum',
  'opening.erase',
  'retention.set',
  'retention.apply',
] as const;

/** Transactions of the coordinator. */
export const COORDINATOR_STEPS = [
  'store.create',
  'coordinator.start',
  'member.invite',
  'member.enrol',
  'member.admit',
  'member.remove',
  'enrolment.refuse',
  'study.start',
  'study.join',
  'study.leave',
  'study.pause',
  'study.resume',
  'study.stop',
  'round.open',
  'decision.receive',
  'update.accept',
  'update.refuse',
  'round.aggregate',
  'round.abort',
  'study.finish',
  'audit.export',
] as const;

/** Messages with an effect at the other end; the coordinator only ever answers. */
export const NODE_SENDS = [
  'send.enrolment',
  'send.join',
  'send.leave',
  'send.decision',
  'send.blob',
  'send.update',
] as const;

export type NodeStep = (typeof NODE_STEPS)[number];
export type CoordinatorStep = (typeof COORDINATOR_STEPS)[number];
export type NodeSend = (typeof NODE_SENDS)[number];
export type CrashPoint = `${NodeStep | CoordinatorStep | NodeSend}:${'before' | 'after'}`;

/** They append no record: nobody relies on what they change, or (rows of the ledger) one record a day sums it. */
export const SILENT_STEPS: ReadonlySet<string> = new Set<NodeStep>([
  'dataset.stage',
  'dataset.discard',
  'session.forgive',
  'ledger.intend',
  'ledger.note',
]);

/** Do not wait for the disk each time: a crash of the program takes nothing of them, a power cut the last minute. */
export const RELAXED_STEPS: ReadonlySet<string> = new Set<NodeStep>(['ledger.note']);
