// The few structures of a zip file (APPNOTE 6.3, Zip64) in the one form that evidence has: files stored as they are, one after
// the other, nothing before, between or after them. What is stored needs no inflating, so it can neither swell nor hide.

import { encodeUtf8 } from '../wire/canonical.ts';
import { concatBytes } from './bytes.ts';

/** A file of the zip; `offset` is where its local header begins. */
export type ZipEntry = { path: string; size: number; crc: number; offset: number };

export const LOCAL_SIGNATURE = 0x04034b50;
export const CENTRAL_SIGNATURE = 0x02014b50;
export const END_SIGNATURE = 0x06054b50;
export const END64_SIGNATURE = 0x06064b50;
export const LOCATOR_SIGNATURE = 0x07064b50;
export const LOCAL_BYTES = 30;
export const CENTRAL_BYTES = 46;
export const END_BYTES = 22;
export const END64_BYTES = 56;
export const LOCATOR_BYTES = 20;
/** Every local header has room for both sizes, so that it has one length whether they turn out large or not. */
const LOCAL_EXTRA_BYTES = 20;
const FULL32 = 0xffffffff;
const FULL16 = 0xffff;
const VERSION = 45; // the first with Zip64
const UTF8 = 0x0800;
const MADE_BY_UNIX = (3 << 8) | VERSION;
const PLAIN_FILE = 0o100644;
// 1980-01-01, the beginning of time here: a package says when it was made in its records.
const DATE = (1 << 5) | 1;

type Field = [bytes: 2 | 4 | 8, value: number];

function fields(...all: Field[]): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(all.reduce((sum, [bytes]) => sum + bytes, 0)));
  let at = 0;
  for (const [bytes, value] of all) {
    if (bytes === 2) view.setUint16(at, value, true);
    else if (bytes === 4) view.setUint32(at, value, true);
    else view.setBigUint64(at, BigInt(value), true);
    at += bytes;
  }
  return new Uint8Array(view.buffer);
}

export const localLength = (path: string): number => LOCAL_BYTES + encodeUtf8(path).length + LOCAL_EXTRA_BYTES;

/** What stands before a file's bytes. Its length does not depend on size and checksum, which are known only afterwards. */
export function localHeader({ path, size, crc }: ZipEntry): Uint8Array<ArrayBuffer> {
  const name = encodeUtf8(path);
  const about: Field[] = [
    [4, LOCAL_SIGNATURE],
    [2, VERSION],
    [2, UTF8],
    [2, 0],
    [2, 0],
    [2, DATE],
    [4, crc],
    [4, FULL32],
    [4, FULL32],
    [2, name.length],
    [2, LOCAL_EXTRA_BYTES],
  ];
  return concatBytes(fields(...about), name, fields([2, 1], [2, 16], [8, size], [8, size]));
}

/** The file's line in the central directory. */
export function centralHeader({ path, size, crc, offset }: ZipEntry): Uint8Array<ArrayBuffer> {
  const name = encodeUtf8(path);
  const largeSize: Field[] = size >= FULL32 ? [[8, size] as Field, [8, size] as Field] : [];
  const largeOffset: Field[] = offset >= FULL32 ? [[8, offset]] : [];
  const large = fields(...largeSize, ...largeOffset);
  const extra = large.length > 0 ? concatBytes(fields([2, 1], [2, large.length]), large) : large;
  const about: Field[] = [
    [4, CENTRAL_SIGNATURE],
    [2, MADE_BY_UNIX],
    [2, VERSION],
    [2, UTF8],
    [2, 0],
    [2, 0],
    [2, DATE],
    [4, crc],
    [4, Math.min(size, FULL32)],
    [4, Math.min(size, FULL32)],
    [2, name.length],
    [2, extra.length],
    [2, 0],
    [2, 0],
    [2, 0],
    [4, PLAIN_FILE * 0x10000],
    [4, Math.min(offset, FULL32)],
  ];
  return concatBytes(fields(...about), name, extra);
}

/** What ends the zip: how many files there are and where their directory stands, in Zip64 as well where it has to be. */
export function zipEnd(count: number, start: number, length: number): Uint8Array<ArrayBuffer> {
  const end = fields(
    [4, END_SIGNATURE],
    [2, 0],
    [2, 0],
    [2, Math.min(count, FULL16)],
    [2, Math.min(count, FULL16)],
    [4, Math.min(length, FULL32)],
    [4, Math.min(start, FULL32)],
    [2, 0],
  );
  if (count < FULL16 && start < FULL32 && length < FULL32) return end;
  const end64 = fields(
    [4, END64_SIGNATURE],
    [8, END64_BYTES - 12],
    [2, MADE_BY_UNIX],
    [2, VERSION],
    [4, 0],
    [4, 0],
    [8, count],
    [8, count],
    [8, length],
    [8, start],
  );
  const locator = fields([4, LOCATOR_SIGNATURE], [4, 0], [8, start + length], [4, 1]);
  return concatBytes(end64, locator, end);
}
