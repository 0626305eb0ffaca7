// What this institution asks of itself before anything leaves: how many approve, what is too little to be sent.
import { AssentError } from '../../shared/errors.ts';
import { rulesRecord, type Rules } from '../../shared/records/account.ts';
import { toHex } from '../../shared/wire/canonical.ts';
import { randomBytes } from '../../platform/crypto.ts';
import type { Reader, Tx } from '../../platform/journal.ts';
import { keepSigned, signedRecord } from '../store/signed.ts';
import { signByAdmins } from './admins.ts';
import type { PersonSigner } from './keys.ts';
import type { PeopleDeps } from './people.ts';

export type RuleChoice = Pick<Rules, 'approvals' | 'release' | 'floor'>;

/** The rules in force. Throws NOT_SET_UP before the first accounts are made. */
export function rulesOf(read: Reader): Rules {
  const row = read.get<{ hash: string }>('select hash from rules');
  if (!row) throw new AssentError('NOT_SET_UP', 'No accounts were made yet. Run: assent-node set-up');
  return signedRecord(read, rulesRecord, row.hash);
}

/** Signed by two admins, or by one where a single admin was chosen. Throws ADMINS_NEEDED, RECORD_INVALID. */
export function changeRules(deps: PeopleDeps, choice: RuleChoice, admins: readonly PersonSigner[]): void {
  const signed = signByAdmins(deps.store.journal.read, rulesRecord, admins, (by) => rulesNow(choice, by, deps.now()));
  deps.store.journal.transact('rules.change', (tx) => keepRules(tx, choice, signed));
}

export const rulesNow = ({ approvals, release, floor }: RuleChoice, by: string[], at: number): Rules => ({
  v: 1,
  approvals,
  release,
  floor,
  by,
  at: new Date(at).toISOString(),
  nonce: toHex(randomBytes(16)),
});

export function keepRules(
  tx: Tx,
  { approvals, release, floor }: RuleChoice,
  { bytes, signatures }: { bytes: Uint8Array; signatures: { signer: string; signature: string }[] },
): void {
  const rules = keepSigned(tx, rulesRecord.kind, bytes);
  tx.run('insert into rules (only, hash) values (1, ?) on conflict (only) do update set hash = excluded.hash', rules);
  const detail = { rules, approvals, release: release.when, rows: floor.rows, perClass: floor.perClass, signatures };
  tx.append({ kind: 'rules.changed', detail });
}
