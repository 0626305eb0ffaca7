// Receipts: the audit records that count a member's update in a round that was aggregated, with proofs that they are in this
// log. Each costs a few hashes for every doubling of the log, however long that is.
import { AssentError } from '../shared/errors.ts';
import { encodeProof } from '../shared/transparency/proof.ts';
import { consistencyProof, inclusionProof } from '../shared/transparency/tree.ts';
import { parseCheckpoint } from '../shared/transparency/checkpoint.ts';
import { primitives } from '../platform/crypto.ts';
import type { Reader } from '../platform/journal.ts';
import { cosignedHead } from '../platform/own-logs.ts';
import type { CoordinatorJournal } from './store/open.ts';

/** Exact bytes of an audit record, and a proof file that ends with the signed checkpoint. */
export type LoggedRecord = { record: Uint8Array; proof: Uint8Array };
export type Receipt = {
  accepted: LoggedRecord;
  aggregated: LoggedRecord;
  /** Between the checkpoint that the member has seen and the one of the proofs, whichever is larger; empty where none can be made. */
  consistency: Uint8Array[];
};

/** `seen` is the size of a checkpoint of ours that the member keeps; 0: none. Throws RECEIPT_UNKNOWN. */
export function receiptOf(
  { read, nodes, size: sizeNow }: CoordinatorJournal,
  member: string,
  { study, round, attempt, seen }: { study: string; round: number; attempt: number; seen: number },
): Receipt {
  const found = read.get<{ accepted: number; aggregated: number }>(
    `select statement.position as accepted, round.position as aggregated from statement join round using (study, round, attempt)
     where study = ? and round = ? and attempt = ? and member = ? and result = 'aggregated'`,
    study,
    round,
    attempt,
    member,
  );
  if (!found)
    throw new AssentError(
      'RECEIPT_UNKNOWN',
      `Round ${round}, attempt ${attempt}, of ${study} was not aggregated, or no update of ${member} was taken for it.`,
    );
  const checkpoint = checkpointOver(read, found.aggregated);
  const { size } = parseCheckpoint(checkpoint);
  const logged = (index: number): LoggedRecord => ({
    record: recordAt(read, index),
    proof: encodeProof({ index, hashes: inclusionProof(primitives, nodes, index, size), checkpoint, extra: null }),
  });
  const [less, more] = seen < size ? [seen, size] : [size, seen];
  return {
    accepted: logged(found.accepted),
    aggregated: logged(found.aggregated),
    // Who has seen more than we have records shows us to have lost some.
    consistency: more > sizeNow() ? [] : consistencyProof(primitives, nodes, less, more),
  };
}

/** The newest checkpoint over the record that somebody has cosigned, else the newest; with the cosignatures under it. */
function checkpointOver(read: Reader, position: number): Uint8Array {
  const anchored = read.get<{ size: number | null }>(
    'select max(size) as size from cosignature where size > ?',
    position,
  );
  const found = read.get<{ size: number; note: Buffer }>(
    'select size, note from checkpoint where size > ? and size <= ? order by size desc limit 1',
    position,
    anchored?.size ?? Number.MAX_SAFE_INTEGER,
  )!;
  return cosignedHead(read, found, []).note;
}

const recordAt = (read: Reader, position: number): Uint8Array =>
  new Uint8Array(read.get<{ bytes: Buffer }>('select bytes from record where position = ?', position)!.bytes);
