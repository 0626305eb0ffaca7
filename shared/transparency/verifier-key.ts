// Names and public keys of those who sign a log, and the signature types by number (C2SP signed-note and tlog-cosignature).
// Their text form, a vkey, is `name+keyid+base64(type || public key)`.

import { AssentError } from '../errors.ts';
import { decodeUtf8, encodeUtf8, fromHex, toHex } from '../wire/canonical.ts';
import { concatBytes, fromBase64, toBase64 } from './bytes.ts';
import type { Primitives } from './primitives.ts';
import { isSize } from './tree.ts';

export type VerifierKey = {
  name: string;
  /** 8 hex digits: it tells keys apart and is no commitment to them. */
  keyId: string;
  type: SignatureType;
  publicKey: Uint8Array;
};

/** 1: the log's own Ed25519 signature over the note's text. 4: a witness's Ed25519 cosignature with a time. */
export type SignatureType = 1 | 4;

/** What a valid signature says beside its being valid: the second since 1970 at which a witness saw the checkpoint. */
export type Statement = { time: number | null };

type Scheme = {
  keyBytes: number;
  /** undefined: the signature is not valid for this text. */
  verify(p: Primitives, key: Uint8Array, text: Uint8Array, signature: Uint8Array): Statement | undefined;
};

/** What a witness signs: the text of the checkpoint under the time of its own clock. */
export const cosignatureMessage = (time: number, text: Uint8Array): Uint8Array =>
  concatBytes(encodeUtf8(`cosignature/v1\ntime ${time}\n`), text);

// Type 6, the ML-DSA-44 cosignature, gets its line here; until then its signatures are by unknown keys and ignored.
const SCHEMES: Record<SignatureType, Scheme> = {
  1: {
    keyBytes: 32,
    verify: (p, key, text, signature) =>
      signature.length === 64 && p.verifyEd25519(key, text, signature) ? { time: null } : undefined,
  },
  4: {
    keyBytes: 32,
    verify: (p, key, text, signature) => {
      if (signature.length !== 72) return undefined;
      const time = Number(new DataView(signature.buffer, signature.byteOffset, 8).getBigUint64(0));
      if (!isSize(time)) return undefined;
      return p.verifyEd25519(key, cosignatureMessage(time, text), signature.subarray(8)) ? { time } : undefined;
    },
  },
};

/** `signature` is what follows the key id on a signature line; `text` is the note's text with its final line feed. */
export const verifySignature = (p: Primitives, key: VerifierKey, text: Uint8Array, signature: Uint8Array) =>
  SCHEMES[key.type].verify(p, key.publicKey, text, signature);

const invalid = (problem: string) => new AssentError('KEY_INVALID', `Not a verifier key: ${problem}.`, { problem });

/** No Unicode space, no plus sign, no control character, not empty. */
export const isKeyName = (name: string): boolean => name !== '' && !/[\p{White_Space}\p{Cc}\p{Cs}+]/u.test(name);

/** A key with its id, SHA-256(name || LF || type || key)[:4]. Throws KEY_INVALID. */
export function verifierKey(p: Primitives, name: string, type: SignatureType, publicKey: Uint8Array): VerifierKey {
  if (!isKeyName(name)) throw invalid('a name is not empty and has no space and no plus sign');
  if (publicKey.length !== SCHEMES[type].keyBytes) throw invalid(`type ${type} has ${SCHEMES[type].keyBytes} bytes`);
  const digest = p.sha256(concatBytes(encodeUtf8(`${name}\n`), Uint8Array.of(type), publicKey));
  return { name, keyId: toHex(digest.subarray(0, 4)), type, publicKey };
}

export const encodeVkey = (key: VerifierKey): string =>
  `${key.name}+${key.keyId}+${toBase64(concatBytes(Uint8Array.of(key.type), key.publicKey))}`;

/** Strict: the key id must be that of the name and key. Throws KEY_INVALID. */
export function parseVkey(p: Primitives, text: string): VerifierKey {
  const [, name, keyId, base64] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/s.exec(text) ?? [];
  if (name === undefined || base64 === undefined) throw invalid('expected name+keyid+base64');
  const bytes = fromBase64(base64);
  if (bytes === undefined || bytes.length === 0) throw invalid('its last part is not canonical base64');
  const type = bytes[0];
  if (type !== 1 && type !== 4) throw invalid(`signature type ${type} is not known here`);
  const key = verifierKey(p, name, type, bytes.subarray(1));
  if (key.keyId !== keyId) throw invalid(`key id ${keyId} is not that of this name and key, ${key.keyId}`);
  return key;
}

/** The vkey of a file: one line with its line feed, nothing else. Throws KEY_INVALID. */
export function parseVkeyFile(p: Primitives, bytes: Uint8Array): VerifierKey {
  let text: string;
  try {
    text = decodeUtf8(bytes);
  } catch {
    throw invalid('the file is not UTF-8');
  }
  if (!text.endsWith('\n')) throw invalid('the file does not end with a line feed');
  return parseVkey(p, text.slice(0, -1));
}

/** The same name and id: the two are the same key, or one of them was made to collide with the other. */
export const sameIdentity = (a: { name: string; keyId: string }, b: { name: string; keyId: string }): boolean =>
  a.name === b.name && a.keyId === b.keyId;

/** The bytes of a key id. */
export const keyIdBytes = (key: VerifierKey): Uint8Array => fromHex(key.keyId);
