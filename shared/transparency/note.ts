// Signed notes (C2SP signed-note): a text, a blank line, and signature lines `— name base64(key id || signature)`.

import { AssentError } from '../errors.ts';
import { decodeUtf8, encodeUtf8, toHex } from '../wire/canonical.ts';
import { concatBytes, fromBase64, toBase64 } from './bytes.ts';
import type { Primitives } from './primitives.ts';
import { isKeyName, keyIdBytes, sameIdentity, type VerifierKey, verifySignature } from './verifier-key.ts';

export type SignatureLine = { name: string; keyId: string; signature: Uint8Array };

/** `text` is what the signatures cover: all lines before the blank one, with their line feeds. */
export type Note = { text: string; signatures: SignatureLine[] };

/** Who signed, by which kind of signature, and when (seconds since 1970) where the signature tells. */
export type Signer = { name: string; keyId: string; type: VerifierKey['type']; time: number | null };

// A post-quantum signature line is close to 5 kB; a note of 100 of them is more than any consortium of ours needs.
const MAX_SIGNATURES = 100;
export const MAX_NOTE_BYTES = 512 * 1024;

const invalid = (problem: string) =>
  new AssentError('CHECKPOINT_INVALID', `Not a valid signed note: ${problem}.`, { problem });

function parseSignatureLine(line: string, number: number): SignatureLine {
  const [dash, name, base64, ...more] = line.split(' ');
  if (dash !== '\u2014' || name === undefined || base64 === undefined || more.length > 0 || !isKeyName(name)) {
    throw invalid(`signature line ${number} is not "\u2014 name base64"`);
  }
  const bytes = fromBase64(base64);
  if (bytes === undefined) throw invalid(`signature line ${number} is not canonical base64`);
  if (bytes.length <= 4) throw invalid(`signature line ${number} holds no signature`);
  return { name, keyId: toHex(bytes.subarray(0, 4)), signature: bytes.subarray(4) };
}

/** Strict reading; nothing is trusted yet. Throws CHECKPOINT_INVALID. */
export function parseNote(bytes: Uint8Array): Note {
  if (bytes.length > MAX_NOTE_BYTES) throw invalid(`it is longer than ${MAX_NOTE_BYTES} bytes`);
  let note: string;
  try {
    note = decodeUtf8(bytes);
  } catch {
    throw invalid('it is not UTF-8');
  }
  if (note.startsWith('\uFEFF')) throw invalid('it starts with a byte order mark');
  if (/[\u0000-\u0009\u000b-\u001f\u007f]/.test(note)) throw invalid('it holds a control character');
  if (!note.endsWith('\n')) throw invalid('it does not end with a line feed');
  const blank = note.lastIndexOf('\n\n');
  if (blank === -1) throw invalid('it has no blank line before its signatures');
  const lines = note.slice(blank + 2, -1).split('\n');
  if (lines.length > MAX_SIGNATURES) throw invalid(`it has more than ${MAX_SIGNATURES} signature lines`);
  return { text: note.slice(0, blank + 1), signatures: lines.map((line, i) => parseSignatureLine(line, i + 1)) };
}

/**
 * Checks every signature by one of `keys`; one that fails refuses the whole note (CHECKPOINT_INVALID). Lines of other keys
 * are ignored and returned as `unknown`. With no signer in the answer the text is not authenticated.
 */
export function verifyNote(p: Primitives, note: Note, keys: readonly VerifierKey[]) {
  const text = encodeUtf8(note.text);
  const signers: Signer[] = [];
  const unknown: SignatureLine[] = [];
  for (const line of note.signatures) {
    const key = keys.find((known) => sameIdentity(known, line));
    if (key === undefined) {
      unknown.push(line);
      continue;
    }
    const statement = verifySignature(p, key, text, line.signature);
    if (statement === undefined) throw invalid(`the signature of ${key.name} (${key.keyId}) does not verify`);
    signers.push({ name: key.name, keyId: key.keyId, type: key.type, time: statement.time });
  }
  return { signers, unknown };
}

/** One signature line with its line feed, to follow the blank line of a note. `signature` is without the key id. */
export const signatureLine = (key: VerifierKey, signature: Uint8Array): string =>
  `\u2014 ${key.name} ${toBase64(concatBytes(keyIdBytes(key), signature))}\n`;
