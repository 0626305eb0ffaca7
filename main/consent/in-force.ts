// Whether a standing policy is in force: signed by enough people who are still approvers, within its time, and not revoked.
import { POLICY_SIGNERS, policyRecord, type Policy } from '../../shared/records/consent.ts';
import { signedMessage } from '../../shared/records/signed.ts';
import { fromHex } from '../../shared/wire/canonical.ts';
import { verifyEd25519 } from '../../platform/crypto.ts';
import type { Reader } from '../../platform/journal.ts';
import { holderOf } from '../people/people.ts';
import { rulesOf } from '../people/rules.ts';
import { signedBytes, signedRecord } from '../store/signed.ts';
import { unentitled, type ConsentDeps } from './entitled.ts';

export type PolicyState = 'proposed' | 'active' | 'replaced' | 'revoked';
export type PolicyRow = { hash: string; study: string; state: PolicyState };
export type PolicySignature = { person: string; key: string; signature: Uint8Array };

export const policyRow = (read: Reader, hash: string): PolicyRow | undefined =>
  read.get<PolicyRow>('select * from policy where hash = ?', hash);

/** In the order in which they signed. */
export const signaturesOf = (read: Reader, hash: string): PolicySignature[] =>
  read.all<PolicySignature>(
    'select person, key, signature from policy_signature where policy = ? order by rowid',
    hash,
  );

/** How many people sign a standing policy now: two, or as many as approve a round where these are more. */
export const policySigners = (read: Reader): number => Math.max(POLICY_SIGNERS, rulesOf(read).approvals);

/** The policy of this study that is in force now. */
export function policyInForce(deps: ConsentDeps, study: string): { hash: string; policy: Policy } | undefined {
  const { read } = deps.store.journal;
  const row = read.get<PolicyRow>("select * from policy where study = ? and state = 'active'", study);
  if (!row || !holds(deps, row.hash)) return undefined;
  return { hash: row.hash, policy: signedRecord(read, policyRecord, row.hash) };
}

/** Also for one that another took the place of: what it approved before stays approved. */
export function holds({ store, now }: ConsentDeps, hash: string): boolean {
  const { read } = store.journal;
  const row = policyRow(read, hash);
  if (row?.state !== 'active' && row?.state !== 'replaced') return false;
  const bytes = signedBytes(read, hash);
  const { notBefore, notAfter, needed, study } = policyRecord.decode(bytes);
  const message = signedMessage(policyRecord.kind, bytes);
  const signers = signaturesOf(read, hash).filter(
    ({ person, key, signature }) =>
      holderOf(read, key)?.person.id === person &&
      verifyEd25519(fromHex(key), message, signature) &&
      unentitled(read, person, study) === undefined,
  );
  return (
    new Set(signers.map(({ person }) => person)).size >= Math.max(needed, policySigners(read)) &&
    now() >= Date.parse(notBefore) &&
    now() < Date.parse(notAfter)
  );
}
