// The one registry of everything that changes a store or leaves a machine: each name is a crash point before and after.

/** Transactions of an institution's node. Silent ones stage ciphertext that nothing refers to yet, so they append no record. */
export const NODE_STEPS = [
  'store.create',
  'node.start',
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
  'study.report',
  'policy.sign',
  'policy.revoke',
  'round.offer',
  'round.block',
  'round.lapse',
  'approval.grant',
  'approval.decline',
  'training.start',
  'training.finish',
  'training.fail',
  'update.seal',
  'update.intend',
  'outbox.settle',
  'round.close',
  'receipt.verify',
  'receipt.refuse',
  'model.keep',
  'local.train',
  'audit.export',
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
export const NODE_SENDS = ['send.enrolment', 'send.join', 'send.decision', 'send.blob', 'send.update'] as const;

export type NodeStep = (typeof NODE_STEPS)[number];
export type CoordinatorStep = (typeof COORDINATOR_STEPS)[number];
export type NodeSend = (typeof NODE_SENDS)[number];
export type CrashPoint = `${NodeStep | CoordinatorStep | NodeSend}:${'before' | 'after'}`;

export const SILENT_STEPS: ReadonlySet<string> = new Set<NodeStep>(['dataset.stage', 'dataset.discard']);
