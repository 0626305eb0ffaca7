// Canonical JSON bytes (JCS, RFC 8785) for all that is hashed, signed or kept; with the UTF-8 and hex that go with them.
// One value has exactly one encoding, so two programs that agree on a value agree on its hash.

import canonicalize from 'canonicalize';
import { AssentError } from '../errors.ts';

// Part of every platform, but in no ECMAScript library file; declared here so that shared/ needs neither DOM nor Node types.
declare const TextEncoder: new () => { encode(text: string): Uint8Array<ArrayBuffer> };
declare const TextDecoder: new (
  label: 'utf-8',
  options: { fatal: true; ignoreBOM: true },
) => { decode(bytes: Uint8Array): string };

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Deeper values are refused: nothing we sign needs it, and a hostile value must not exhaust a stack. */
const MAX_DEPTH = 32;

const invalid = (problem: string, cause?: unknown) =>
  new AssentError('RECORD_INVALID', `Not canonical JSON: ${problem}.`, { problem }, cause);

export const encodeUtf8 = (text: string): Uint8Array<ArrayBuffer> => encoder.encode(text);

/** Throws RECORD_INVALID on bytes that are not UTF-8. A byte order mark is kept as a character, not skipped. */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw invalid('the bytes are not UTF-8', cause);
  }
}

// JSON.stringify quietly drops, replaces or calls what it cannot write (undefined, Map, Date, toJSON). Here it is an error.
function checkPlain(value: unknown, depth: number): void {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return;
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw invalid(`${value} is not a number that JSON can hold`);
    return;
  }
  if (typeof value !== 'object') throw invalid(`a value of type ${typeof value} has no JSON form`);
  if (depth > MAX_DEPTH) throw invalid(`nested deeper than ${MAX_DEPTH} levels`);
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) checkPlain(value[i], depth + 1);
    return;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw invalid('only plain objects and arrays are allowed');
  for (const member of Object.values(value)) checkPlain(member, depth + 1);
}

/**
 * The one JCS encoding of a JSON value. Throws RECORD_INVALID for whatever has none: NaN, infinities, undefined,
 * bigints, class instances, lone surrogates, more than 32 levels.
 */
export function encodeCanonical(value: unknown): Uint8Array<ArrayBuffer> {
  checkPlain(value, 1);
  return encodeUtf8(canonicalText(value));
}

function canonicalText(value: unknown): string {
  let text: string | undefined;
  try {
    text = canonicalize(value);
  } catch (cause) {
    throw invalid(cause instanceof Error ? cause.message : 'the value cannot be written', cause);
  }
  if (text === undefined) throw invalid('the value has no JSON form');
  return text;
}

/**
 * Reads bytes that must be the canonical encoding of what they say: anything else (spaces, another order of keys, a key
 * twice, a byte order mark, 1.0 for 1, broken UTF-8, more than 32 levels) throws RECORD_INVALID. The caller bounds the size.
 */
export function decodeCanonical(bytes: Uint8Array): unknown {
  const text = decodeUtf8(bytes);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw invalid('the text is not JSON', cause);
  }
  // A log has millions of records and nearly all are as they should be: then JSON.stringify, which is native, writes the same.
  // It differs from JCS in the order of keys and in lone surrogates alone; whatever has either goes the long way.
  if (keysInOrder(value, 1) && JSON.stringify(value) === text && !text.includes('\\ud')) return value;
  checkPlain(value, 1);
  if (canonicalText(value) !== text) throw invalid('the same value is written otherwise in canonical form');
  return value;
}

/** For what JSON.parse gave: every object's keys by UTF-16 code units, and no more levels than are allowed. */
function keysInOrder(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (depth > MAX_DEPTH) return false;
  if (Array.isArray(value)) return value.every((item) => keysInOrder(item, depth + 1));
  let previous: string | undefined;
  for (const key of Object.keys(value)) {
    if (previous !== undefined && previous >= key) return false;
    previous = key;
    const member = (value as Record<string, unknown>)[key];
    if (typeof member === 'object' && member !== null && !keysInOrder(member, depth + 1)) return false;
  }
  return true;
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Lowercase hexadecimal, two digits a byte. */
export function toHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += HEX[byte];
  return text;
}

/** By character code: the value of a lowercase hex digit, 16 for anything else. */
const NIBBLES = Uint8Array.from({ length: 128 }, (_, code) => {
  const value = '0123456789abcdef'.indexOf(String.fromCharCode(code));
  return value === -1 ? 16 : value;
});

/** The bytes of lowercase hexadecimal text; throws RECORD_INVALID on anything else. */
export function fromHex(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length >> 1);
  let wrong = text.length & 1;
  for (let i = 0; i < bytes.length; i++) {
    const high = NIBBLES[text.charCodeAt(2 * i)] ?? 16;
    const low = NIBBLES[text.charCodeAt(2 * i + 1)] ?? 16;
    wrong |= (high | low) & 16;
    bytes[i] = (high << 4) | low;
  }
  if (wrong !== 0) throw new AssentError('RECORD_INVALID', 'Not lowercase hexadecimal text with two digits a byte.');
  return bytes;
}
