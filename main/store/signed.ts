// The exact bytes of what people signed, kept under their hash: logs name them, exports carry them.
import type { RecordType } from '../../shared/records/signed.ts';
import { AssentError } from '../../shared/errors.ts';
import { toHex } from '../../shared/wire/canonical.ts';
import { sha256 } from '../../platform/crypto.ts';
import type { Reader, Tx } from '../../platform/journal.ts';

/** Keeps the bytes of a record of this kind; returns their SHA-256, hex. */
export function keepSigned(tx: Tx, kind: string, bytes: Uint8Array): string {
  const hash = toHex(sha256(bytes));
  tx.run('insert into signed_record (hash, kind, bytes) values (?, ?, ?) on conflict do nothing', hash, kind, bytes);
  return hash;
}

/** Throws STORE_DAMAGED when no such record is kept, or its bytes are not those that were kept. */
export function signedBytes(read: Reader, hash: string): Uint8Array {
  const row = read.get<{ bytes: Buffer }>('select bytes from signed_record where hash = ?', hash);
  if (!row || toHex(sha256(row.bytes)) !== hash)
    throw new AssentError('STORE_DAMAGED', `The store does not hold the signed record ${hash} as it was signed.`);
  return row.bytes;
}

export const signedRecord = <T>(read: Reader, type: RecordType<T>, hash: string): T =>
  type.decode(signedBytes(read, hash));
