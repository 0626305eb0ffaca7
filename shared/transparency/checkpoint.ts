// Checkpoints (C2SP tlog-checkpoint): a signed note whose text is a log's origin, size and root hash.

import { AssentError } from '../errors.ts';
import { encodeUtf8 } from '../wire/canonical.ts';
import { fromBase64, toBase64 } from './bytes.ts';
import { type Note, parseNote, signatureLine } from './note.ts';
import { HASH_BYTES, isSize } from './tree.ts';
import { isKeyName, type VerifierKey } from './verifier-key.ts';

/** The head of a log: `root` is the 32-byte root hash over its first `size` records. */
export type TreeHead = { origin: string; size: number; root: Uint8Array };

export type Checkpoint = TreeHead & { note: Note };

const invalid = (problem: string) =>
  new AssentError('CHECKPOINT_INVALID', `Not a valid checkpoint: ${problem}.`, { problem });

/** The number that decimal digits write, or undefined: no sign, no leading zero, at most 2^53 - 1. */
export function parseSize(digits: string): number | undefined {
  if (!/^(0|[1-9][0-9]{0,15})$/.test(digits)) return undefined;
  const size = Number(digits);
  return isSize(size) ? size : undefined;
}

/** The text that the log and its witnesses sign, three lines. Throws CHECKPOINT_INVALID. */
export function checkpointText({ origin, size, root }: TreeHead): string {
  if (!isKeyName(origin)) throw invalid('an origin is not empty and has no space and no plus sign');
  if (!isSize(size)) throw invalid(`${size} is not the size of a log`);
  if (root.length !== HASH_BYTES) throw invalid(`a root has ${HASH_BYTES} bytes, not ${root.length}`);
  return `${origin}\n${size}\n${toBase64(root)}\n`;
}

/** The bytes of a checkpoint signed by the log; witnesses append their lines. `sign` gives the raw Ed25519 signature. */
export function signedCheckpoint(head: TreeHead, key: VerifierKey, sign: (message: Uint8Array) => Uint8Array) {
  const text = checkpointText(head);
  return encodeUtf8(`${text}\n${signatureLine(key, sign(encodeUtf8(text)))}`);
}

/** Strict reading, signatures not yet checked (note.ts, verifyNote). Throws CHECKPOINT_INVALID. */
export function parseCheckpoint(bytes: Uint8Array): Checkpoint {
  const note = parseNote(bytes);
  // Lines after the third are extensions: signed, opaque to us, never empty.
  const [origin, digits, base64, ...extensions] = note.text.slice(0, -1).split('\n');
  if (origin === undefined || digits === undefined || base64 === undefined)
    throw invalid('it has fewer than three lines');
  if (origin === '' || extensions.includes('')) throw invalid('one of its lines is empty');
  const size = parseSize(digits);
  if (size === undefined)
    throw invalid('its second line is not a size: decimal digits without leading zero, below 2^53');
  const root = fromBase64(base64);
  if (root?.length !== HASH_BYTES) throw invalid('its third line is not the canonical base64 of a 32-byte root');
  return { origin, size, root, note };
}
