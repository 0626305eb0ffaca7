// Cosignatures (C2SP tlog-cosignature, Ed25519): a witness says that at this time the log had this head, and that it grew from
// every head of it that the witness had seen before.

import { AssentError } from '../errors.ts';
import { decodeUtf8, encodeUtf8 } from '../wire/canonical.ts';
import { concatBytes } from './bytes.ts';
import type { Checkpoint } from './checkpoint.ts';
import { type Note, parseNote, signatureLine, verifyNote } from './note.ts';
import type { Primitives } from './primitives.ts';
import { isSize } from './tree.ts';
import { cosignatureMessage, sameIdentity, type VerifierKey } from './verifier-key.ts';

/** What signs: a witness's key of type 4, and its raw Ed25519 signature. */
export type CosigningKey = { key: VerifierKey; sign(message: Uint8Array): Uint8Array };

/** One line to go below a checkpoint. `time` is in seconds since 1970. */
export function cosign({ key, sign }: CosigningKey, { note }: Checkpoint, time: number): string {
  if (key.type !== 4 || !isSize(time)) throw new AssentError('KEY_INVALID', 'A witness signs with a key of type 4.');
  const seconds = new Uint8Array(8);
  new DataView(seconds.buffer).setBigUint64(0, BigInt(time));
  return signatureLine(key, concatBytes(seconds, sign(cosignatureMessage(time, encodeUtf8(note.text)))));
}

/** The bytes of a note with these lines and no others under its text. */
export const noteBytes = (text: string, lines: readonly string[]): Uint8Array<ArrayBuffer> =>
  encodeUtf8(`${text}\n${lines.join('')}`);

/** The lines of one key under a note, as they stand there. */
export const linesOf = (note: Note, key: VerifierKey): string[] =>
  note.signatures.filter((line) => sameIdentity(line, key)).map(({ signature }) => signatureLine(key, signature));

/**
 * The cosignature of `key` among the lines that a witness answered with; lines of other keys are dropped. Throws
 * CHECKPOINT_INVALID when it is missing or does not verify for this checkpoint.
 */
export function readCosignature(
  p: Primitives,
  { note }: Checkpoint,
  key: VerifierKey,
  lines: Uint8Array,
): { line: string; time: number } {
  const answered = parseNote(noteBytes(note.text, [decodeUtf8(lines)]));
  // A blank line among the lines would make them part of another text.
  if (answered.text !== note.text)
    throw new AssentError('CHECKPOINT_INVALID', `What ${key.name} answered is not signature lines.`);
  const signer = verifyNote(p, answered, [key]).signers[0];
  const [line] = linesOf(answered, key);
  if (signer === undefined || signer.time === null || line === undefined)
    throw new AssentError('CHECKPOINT_INVALID', `No cosignature of ${key.name} is among the lines.`);
  return { line, time: signer.time };
}
