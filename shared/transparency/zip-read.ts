// Reads an evidence zip: any zip that is not byte for byte in the one form of zip-format.ts is refused, so that there is
// nothing in it that one program sees and another does not. Memory for the directory and one file of tile size.

import { sameBytes } from './bytes.ts';
import { crc32 } from './crc32.ts';
import { type ExportFiles, fault } from './export-files.ts';
import * as zip from './zip-format.ts';

/** The bytes of a file by position; `read` gives exactly those asked for. */
export type ByteSource = { size: number; read(start: number, end: number): Promise<Uint8Array> };

const THE_ZIP = 'zip';
const MAX_DIRECTORY_BYTES = 64 * 1024 * 1024;
const CHUNK = 1024 * 1024;
/** Paths that every system takes for the same file below its own folder: no `..`, no root, no backslash, no hidden names. */
const SAFE_PATH = /^[A-Za-z0-9][A-Za-z0-9._-]*(\/[A-Za-z0-9][A-Za-z0-9._-]*)*$/;
const MAX_PATH = 100;
const OTHERWISE = 'Unpack it and check the folder, if a program of yours packed it again.';

const bad = (problem: string) => fault(THE_ZIP, `${problem}.`);

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

async function readEnd(source: ByteSource): Promise<{ count: number; start: number; length: number }> {
  const { size } = source;
  if (size < zip.END_BYTES) throw bad('is no zip: it is too short');
  const end = viewOf(await source.read(size - zip.END_BYTES, size));
  if (end.getUint32(0, true) !== zip.END_SIGNATURE) throw bad('does not end as a zip without a comment does');
  let [count, length, start] = [end.getUint16(10, true), end.getUint32(12, true), end.getUint32(16, true)];
  const before = size - zip.END_BYTES - zip.LOCATOR_BYTES - zip.END64_BYTES;
  if ((count === 0xffff || length === 0xffffffff || start === 0xffffffff) && before >= 0) {
    const end64 = viewOf(await source.read(before, before + zip.END64_BYTES));
    [count, length, start] = [32, 40, 48].map((at) => Number(end64.getBigUint64(at, true))) as [number, number, number];
  }
  if (length > MAX_DIRECTORY_BYTES || count * zip.CENTRAL_BYTES > length) throw bad('has a directory of a wrong size');
  const expected = zip.zipEnd(count, start, length);
  const from = start + length;
  if (from + expected.length !== size || !sameBytes(await source.read(from, size), expected))
    throw bad(`does not end as an evidence zip does: something was added, cut off or put in between. ${OTHERWISE}`);
  return { count, start, length };
}

async function readDirectory(source: ByteSource): Promise<Map<string, zip.ZipEntry>> {
  const { count, start, length } = await readEnd(source);
  const directory = await source.read(start, start + length);
  const view = viewOf(directory);
  const entries = new Map<string, zip.ZipEntry>();
  const folded = new Set<string>();
  let at = 0;
  let offset = 0;
  for (let number = 0; number < count; number++) {
    if (at + zip.CENTRAL_BYTES > length || view.getUint32(at, true) !== zip.CENTRAL_SIGNATURE)
      throw bad(`has a broken directory at its file ${number + 1}`);
    const [nameLength, extraLength] = [view.getUint16(at + 28, true), view.getUint16(at + 30, true)];
    const nameAt = at + zip.CENTRAL_BYTES;
    const next = nameAt + nameLength + extraLength;
    if (next > length) throw bad(`has a broken directory at its file ${number + 1}`);
    const name = directory.subarray(nameAt, nameAt + Math.min(nameLength, MAX_PATH + 1));
    const path = String.fromCharCode(...name);
    if (path.length > MAX_PATH || !SAFE_PATH.test(path))
      throw bad(`has a file under a path that is not safe: ${JSON.stringify(path.slice(0, MAX_PATH))}`);
    if (folded.has(path.toLowerCase())) throw fault(path, 'is in the zip twice.');
    if (view.getUint16(at + 10, true) !== 0) throw fault(path, `is packed; evidence is stored as it is. ${OTHERWISE}`);
    let size = view.getUint32(at + 24, true);
    if (size === 0xffffffff && extraLength >= 12) size = Number(view.getBigUint64(nameAt + nameLength + 4, true));
    const entry = { path, size, crc: view.getUint32(at + 16, true), offset };
    if (!sameBytes(zip.centralHeader(entry), directory.subarray(at, next)))
      throw fault(path, `does not stand in the zip as evidence does: it overlaps, is moved or marked. ${OTHERWISE}`);
    entries.set(path, entry);
    folded.add(path.toLowerCase());
    offset += zip.localLength(path) + size;
    at = next;
  }
  if (at !== length || offset !== start) throw bad('holds bytes that belong to no file');
  return entries;
}

/** The files of an evidence zip. Their checksums are compared as they are read; `finish` reads those that nobody asked for. */
export function zipFiles(source: ByteSource): ExportFiles {
  let entries = new Map<string, zip.ZipEntry>();
  const checked = new Set<string>();
  const entryOf = (path: string): zip.ZipEntry => {
    const entry = entries.get(path);
    if (entry === undefined) throw fault(path, 'is missing from the export.');
    return entry;
  };
  const checkHeader = (entry: zip.ZipEntry, header: Uint8Array) => {
    if (!sameBytes(header, zip.localHeader(entry)))
      throw fault(entry.path, 'has another name, size or checksum before its bytes than in the directory of the zip.');
  };
  const checkSum = (entry: zip.ZipEntry, crc: number) => {
    if (crc !== entry.crc) throw fault(entry.path, 'does not have the checksum that the zip gives for it.');
    checked.add(entry.path);
  };

  async function* stream(path: string): AsyncGenerator<Uint8Array> {
    const entry = entryOf(path);
    const start = entry.offset + zip.localLength(path);
    checkHeader(entry, await source.read(entry.offset, start));
    let crc = 0;
    const piece = (at: number) => source.read(start + at, start + Math.min(at + CHUNK, entry.size));
    let coming = entry.size > 0 ? piece(0) : undefined;
    for (let at = CHUNK; coming !== undefined; at += CHUNK) {
      const bytes: Uint8Array = await coming;
      // The next one is read while this one is looked at.
      coming = at < entry.size ? piece(at) : undefined;
      coming?.catch(() => {});
      crc = crc32(bytes, crc);
      yield bytes;
    }
    checkSum(entry, crc);
  }

  return {
    async list() {
      entries = await readDirectory(source);
      return [...entries.values()].map(({ path, size }) => ({ path, size }));
    },
    async read(path) {
      const entry = entryOf(path);
      const header = zip.localLength(path);
      // Header and bytes in one go: an export of a million records has thousands of small files.
      const bytes = await source.read(entry.offset, entry.offset + header + entry.size);
      checkHeader(entry, bytes.subarray(0, header));
      const content = bytes.subarray(header);
      checkSum(entry, crc32(content));
      return content;
    },
    stream,
    async finish() {
      for (const path of entries.keys()) if (!checked.has(path)) for await (const _ of stream(path)) continue;
    },
  };
}
