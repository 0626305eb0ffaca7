// Which records of a node's log name another record that people signed, and under which name: evidence carries those bytes too.

/** Kind of audit record -> the field of its detail that holds the SHA-256 of the signed record, and that record's kind. */
export const SIGNED_IN: Readonly<Record<string, { field: string; kind: string }>> = {
  'log.succeeded': { field: 'decision', kind: 'succession' },
  'account.added': { field: 'account', kind: 'account' },
  'account.changed': { field: 'account', kind: 'account' },
  'account.deactivated': { field: 'account', kind: 'account' },
  'account.key-issued': { field: 'account', kind: 'account' },
  'rules.changed': { field: 'rules', kind: 'rules' },
  'policy.signed': { field: 'policy', kind: 'policy' },
  'approval.granted': { field: 'approval', kind: 'approval' },
  'approval.declined': { field: 'approval', kind: 'approval' },
  'approval.revoked': { field: 'revocation', kind: 'revocation' },
  'study.joined': { field: 'decision', kind: 'participation' },
  'study.moved': { field: 'decision', kind: 'participation' },
  'study.left': { field: 'decision', kind: 'participation' },
};

/** The hash of what people signed, in a record of a kind that names such; null in others. */
export function signedName({ kind, detail }: { kind?: unknown; detail?: unknown }): string | null {
  if (typeof kind !== 'string' || !Object.hasOwn(SIGNED_IN, kind) || typeof detail !== 'object' || detail === null)
    return null;
  const hash = (detail as Record<string, unknown>)[SIGNED_IN[kind]!.field];
  return typeof hash === 'string' ? hash : null;
}
