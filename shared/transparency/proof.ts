// Proof files (c2sp.org/tlog-proof@v1): that one record is in a log, checkable offline with nothing but the log's key.

import { AssentError } from '../errors.ts';
import { decodeUtf8, encodeUtf8 } from '../wire/canonical.ts';
import { concatBytes, fromBase64, toBase64 } from './bytes.ts';
import { type Checkpoint, parseCheckpoint, parseSize } from './checkpoint.ts';
import { MAX_NOTE_BYTES, type Signer, verifyNote } from './note.ts';
import { policyAccepts, type TrustPolicy } from './policy.ts';
import type { Primitives } from './primitives.ts';
import { HASH_BYTES, leafHash } from './tree.ts';
import { verifyInclusion } from './tree-proofs.ts';

/** `hashes` lead from the leaf's sibling upwards; `checkpoint` is the signed note's exact bytes; `extra` is not authenticated. */
export type LogProof = {
  index: number;
  hashes: readonly Uint8Array[];
  checkpoint: Uint8Array;
  extra: Uint8Array | null;
};

const HEADER = 'c2sp.org/tlog-proof@v1';
const MAX_HASHES = 53;
export const MAX_PROOF_BYTES = MAX_NOTE_BYTES + 128 * 1024;

const invalid = (problem: string) => new AssentError('PROOF_INVALID', `Not a valid proof: ${problem}.`, { problem });

export function encodeProof({ index, hashes, checkpoint, extra }: LogProof): Uint8Array<ArrayBuffer> {
  const lines = [HEADER, ...(extra === null ? [] : [`extra ${toBase64(extra)}`]), `index ${index}`];
  return concatBytes(encodeUtf8([...lines, ...hashes.map(toBase64), '', ''].join('\n')), checkpoint);
}

/** Strict reading of the form; what it proves is not yet checked. Throws PROOF_INVALID. */
export function parseProof(bytes: Uint8Array): LogProof {
  if (bytes.length > MAX_PROOF_BYTES) throw invalid(`it is longer than ${MAX_PROOF_BYTES} bytes`);
  let text: string;
  try {
    text = decodeUtf8(bytes);
  } catch {
    throw invalid('it is not UTF-8');
  }
  const blank = text.indexOf('\n\n');
  if (blank === -1) throw invalid('it has no blank line before its checkpoint');
  const lines = text.slice(0, blank).split('\n');
  if (lines.shift() !== HEADER) throw invalid(`its first line is not ${HEADER}`);
  let extra: Uint8Array | null = null;
  if (lines[0]?.startsWith('extra ')) {
    extra = fromBase64(lines.shift()!.slice('extra '.length)) ?? null;
    if (extra === null) throw invalid('its extra data is not canonical base64');
  }
  const [word, digits, ...more] = (lines.shift() ?? '').split(' ');
  const index = parseSize(digits ?? '');
  if (word !== 'index' || index === undefined || more.length > 0)
    throw invalid('the line "index N" is missing or wrong');
  if (lines.length > MAX_HASHES) throw invalid(`it has more than ${MAX_HASHES} hashes`);
  const hashes = lines.map((line, i) => {
    const hash = fromBase64(line);
    if (hash?.length !== HASH_BYTES) throw invalid(`hash ${i + 1} is not the canonical base64 of 32 bytes`);
    return hash;
  });
  return { index, hashes, checkpoint: encodeUtf8(text.slice(blank + 2)), extra };
}

export type ProofResult =
  { ok: true; index: number; checkpoint: Checkpoint; signers: Signer[] } | { ok: false; message: string };

/** Whether the proof shows this very record to be in a log that the policy trusts. Never throws on hostile bytes. */
export function verifyProof(p: Primitives, bytes: Uint8Array, record: Uint8Array, policy: TrustPolicy): ProofResult {
  try {
    const proof = parseProof(bytes);
    const checkpoint = parseCheckpoint(proof.checkpoint);
    const { signers } = verifyNote(p, checkpoint.note, [...policy.logs, ...policy.witnesses]);
    if (!policyAccepts(policy, checkpoint.origin, signers)) {
      return { ok: false, message: `The checkpoint of ${checkpoint.origin} is not signed as the policy asks.` };
    }
    const { index, hashes } = proof;
    const claim = { leaf: leafHash(p, record), index, size: checkpoint.size, proof: hashes, root: checkpoint.root };
    if (!verifyInclusion(p, claim))
      return { ok: false, message: `The proof does not show this record at index ${index}.` };
    return { ok: true, index, checkpoint, signers };
  } catch (error) {
    if (error instanceof AssentError) return { ok: false, message: error.message };
    throw error;
  }
}
