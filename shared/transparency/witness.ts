// C2SP tlog-witness: the request `add-checkpoint`, what a witness decides of it, and its answers. Pure: the caller keeps what a
// witness has seen, and commits it before anybody is answered.

import { AssentError } from '../errors.ts';
import { decodeUtf8, encodeUtf8 } from '../wire/canonical.ts';
import { concatBytes, fromBase64, sameBytes, toBase64 } from './bytes.ts';
import { type Checkpoint, parseCheckpoint, parseSize } from './checkpoint.ts';
import { verifyNote } from './note.ts';
import type { Primitives } from './primitives.ts';
import { HASH_BYTES } from './tree.ts';
import { verifyConsistency } from './tree-proofs.ts';
import type { VerifierKey } from './verifier-key.ts';

/** `proof` shows that the log of `oldSize`, the last that this witness cosigned, is the beginning of the one of `checkpoint`. */
export type AddCheckpoint = { oldSize: number; proof: readonly Uint8Array[]; checkpoint: Uint8Array };

const MAX_HASHES = 63;
/** The proof and a checkpoint with the log's own signature have 3 KiB; more lines than these are nobody's business here. */
export const MAX_REQUEST_BYTES = 16 * 1024;
export const SIZE_TYPE = 'text/x.tlog.size';

const invalid = (problem: string) =>
  new AssentError('PROOF_INVALID', `Not a valid add-checkpoint request: ${problem}.`, { problem });

export function encodeAddCheckpoint({ oldSize, proof, checkpoint }: AddCheckpoint): Uint8Array<ArrayBuffer> {
  return concatBytes(encodeUtf8([`old ${oldSize}`, ...proof.map(toBase64), '', ''].join('\n')), checkpoint);
}

/** Strict reading of the form; nothing is trusted yet. Throws PROOF_INVALID, CHECKPOINT_INVALID. */
export function parseAddCheckpoint(bytes: Uint8Array): {
  oldSize: number;
  proof: Uint8Array[];
  checkpoint: Checkpoint;
} {
  if (bytes.length > MAX_REQUEST_BYTES) throw invalid(`it is longer than ${MAX_REQUEST_BYTES} bytes`);
  let text: string;
  try {
    text = decodeUtf8(bytes);
  } catch {
    throw invalid('it is not UTF-8');
  }
  const blank = text.indexOf('\n\n');
  if (blank === -1) throw invalid('it has no blank line before its checkpoint');
  const [first = '', ...lines] = text.slice(0, blank).split('\n');
  const oldSize = first.startsWith('old ') ? parseSize(first.slice('old '.length)) : undefined;
  if (oldSize === undefined) throw invalid('its first line is not "old N", N without leading zero and below 2^53');
  if (lines.length > MAX_HASHES) throw invalid(`it has more than ${MAX_HASHES} hashes`);
  const proof = lines.map((line, i) => {
    const hash = fromBase64(line);
    if (hash?.length !== HASH_BYTES) throw invalid(`hash ${i + 1} is not the canonical base64 of 32 bytes`);
    return hash;
  });
  return { oldSize, proof, checkpoint: parseCheckpoint(encodeUtf8(text.slice(blank + 2))) };
}

/** The latest head of a log that the witness has cosigned. */
export type Witnessed = { size: number; root: Uint8Array };
/** A log as a witness knows it: its key, from a source that the witness trusts, and what was cosigned; null: nothing yet. */
export type WatchedLog = { key: VerifierKey; last: Witnessed | null };

/**
 * What contradicts what was cosigned before, in a checkpoint that the log itself has signed. `smaller`: an earlier state of the
 * log, though a later one was cosigned. `fork`: another root at the same size. `inconsistent`: not shown to have grown from it.
 */
export type Contradiction = 'smaller' | 'fork' | 'inconsistent';

export type Judgement =
  | { status: 200; checkpoint: Checkpoint }
  | { status: 400 | 403 | 404; problem: string }
  | { status: 409; size: number; checkpoint: Checkpoint; contradiction: Exclude<Contradiction, 'inconsistent'> | null }
  | { status: 422; checkpoint: Checkpoint; contradiction: 'inconsistent' };

/** Decides by what is known of the logs, and changes nothing. Never throws on hostile bytes. */
export function judgeCheckpoint(
  p: Primitives,
  bytes: Uint8Array,
  logOf: (origin: string) => WatchedLog | undefined,
): Judgement {
  let asked: ReturnType<typeof parseAddCheckpoint>;
  try {
    asked = parseAddCheckpoint(bytes);
  } catch (error) {
    if (error instanceof AssentError) return { status: 400, problem: error.message };
    throw error;
  }
  const { oldSize, proof, checkpoint } = asked;
  const log = logOf(checkpoint.origin);
  if (log === undefined) return { status: 404, problem: `No log ${checkpoint.origin} is witnessed here.` };
  if (!isSignedBy(p, checkpoint, log.key))
    return { status: 403, problem: `The checkpoint is not signed by the key of ${checkpoint.origin}.` };
  if (oldSize > checkpoint.size)
    return { status: 400, problem: `The old size ${oldSize} is above that of the checkpoint, ${checkpoint.size}.` };

  const { size, root } = log.last ?? { size: 0, root: p.sha256(new Uint8Array(0)) };
  const forked = checkpoint.size === size && !sameBytes(checkpoint.root, root);
  if (forked) return { status: 409, size, checkpoint, contradiction: 'fork' };
  if (oldSize !== size)
    return { status: 409, size, checkpoint, contradiction: checkpoint.size < size ? 'smaller' : null };
  const claim = { oldSize, oldRoot: root, newSize: checkpoint.size, newRoot: checkpoint.root, proof };
  if (!verifyConsistency(p, claim)) return { status: 422, checkpoint, contradiction: 'inconsistent' };
  return { status: 200, checkpoint };
}

/** A line of the key that does not verify counts as none, whoever else has signed. */
export function isSignedBy(p: Primitives, { note }: Checkpoint, key: VerifierKey): boolean {
  try {
    return verifyNote(p, note, [key]).signers.length > 0;
  } catch (error) {
    if (error instanceof AssentError) return false;
    throw error;
  }
}

/** As over HTTP. */
export type WitnessAnswer = { status: number; contentType: string; body: Uint8Array };

const PLAIN = 'text/plain; charset=utf-8';

export const cosignedAnswer = (lines: string): WitnessAnswer => ({
  status: 200,
  contentType: PLAIN,
  body: encodeUtf8(lines),
});

export function refusal(judgement: Exclude<Judgement, { status: 200 }>): WitnessAnswer {
  if (judgement.status === 409) return { status: 409, contentType: SIZE_TYPE, body: encodeUtf8(`${judgement.size}\n`) };
  const problem =
    judgement.status === 422 ? 'The proof does not lead from the old size to the checkpoint.' : judgement.problem;
  return { status: judgement.status, contentType: PLAIN, body: encodeUtf8(`${problem}\n`) };
}

/** The size that a witness of this answer has cosigned; undefined when the answer does not say. */
export function sizeOfConflict({ status, contentType, body }: WitnessAnswer): number | undefined {
  if (status !== 409 || contentType !== SIZE_TYPE) return undefined;
  const [, digits] = /^([0-9]+)\n$/.exec(latin(body)) ?? [];
  return digits === undefined ? undefined : parseSize(digits);
}

const latin = (bytes: Uint8Array): string => Array.from(bytes.subarray(0, 32), (b) => String.fromCharCode(b)).join('');
