// One chosen column of a data set, as salted hashes: enough to find the row of a person who opts out, and no more.
import { randomBytes, sha256 } from '../../platform/crypto.ts';
import { encodeUtf8 } from '../../shared/wire/canonical.ts';

const SALT = 16;
const HASH = 16;

/** How local ids are compared: without outer spaces, in one Unicode form (NFC). */
const hashOf = (salt: Uint8Array, id: string): Uint8Array =>
  sha256(Buffer.concat([salt, encodeUtf8(id.trim().normalize('NFC'))])).subarray(0, HASH);

/** Gathers the ids of one row group after another; `take` gives what was gathered as bytes to be sealed: salt, then hashes. */
export function identifierGroups() {
  let salt = randomBytes(SALT);
  let hashes: Uint8Array[] = [];
  return {
    add: (id: string) => void hashes.push(hashOf(salt, id)),
    take(): Uint8Array {
      const bytes = Buffer.concat([salt, ...hashes]);
      salt = randomBytes(SALT);
      hashes = [];
      return bytes;
    },
  };
}

/** Of the opened identifiers of a group: for each row the place among `ids` of its id, or -1. */
export function rowsWithIds(opened: Uint8Array, ids: readonly string[]): Int32Array {
  const salt = opened.subarray(0, SALT);
  const places = new Map(ids.map((id, place) => [key(hashOf(salt, id)), place]));
  const rows = (opened.length - SALT) / HASH;
  return Int32Array.from({ length: rows }, (_, row) => places.get(key(hashAt(opened, row))) ?? -1);
}

/** The same group's bytes with only these rows. */
export const keepIdentifiers = (opened: Uint8Array, rows: readonly number[]): Uint8Array =>
  Buffer.concat([opened.subarray(0, SALT), ...rows.map((row) => hashAt(opened, row))]);

const hashAt = (opened: Uint8Array, row: number) => opened.subarray(SALT + row * HASH, SALT + (row + 1) * HASH);
const key = (hash: Uint8Array): string => Buffer.from(hash).toString('latin1');
