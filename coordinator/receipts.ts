// Receipts: the audit records that count a member's update in a round that was aggregated, with proofs that they are in this
// log. Each costs a few hashes for every doubling of the log, however long that is.
import { AssentError } from '../shared/errors.ts';
import { parseNote } from '../shared/transparency/note.ts';
import { encodeProof } from '../shared/transparency/proof.ts';
import { consistencyProof, inclusionProof } from '../shared/transparency/tree.ts';
import { parseCheckpoint } from '../shared/transparency/checkpoint.ts';
import { primitives } from '../platform/crypto.ts';
import type { Reader } from '../platform/journal.ts';
import type { CoordinatorJournal } from './store/open.ts';

/** Exact bytes of an audit record, and a proof file that ends with the signed checkpoint. */
export type LoggedRecord = { record: Uint8Array; proof: Uint8Array };
export type Receipt = {
  accepted: LoggedRecord;
  aggregated: LoggedRecord;
  /** Between the checkpoint that the member has seen and the one of the proofs, whichever is larger; empty where none can be made. */
  consistency: Uint8Array[];
};

/** So many of the newest checkpoints are looked through for one that others have cosigned. */
const LOOKED_THROUGH = 20;

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

/** The newest checkpoint over the record that somebody has cosigned, else the newest; with all lines that stand under it. */
function checkpointOver(read: Reader, position: number): Uint8Array {
  const notes = read
    .all<{ note: Buffer }>(
      'select note from checkpoint where size > ? order by size desc limit ?',
      position,
      LOOKED_THROUGH,
    )
    .map(({ note }) => new Uint8Array(note));
  return notes.find((note) => parseNote(note).signatures.length > 1) ?? notes[0]!;
}

const recordAt = (read: Reader, position: number): Uint8Array =>
  new Uint8Array(read.get<{ bytes: Buffer }>('select bytes from record where position = ?', position)!.bytes);
