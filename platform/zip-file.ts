// Writes a zip of stored files (shared/transparency/zip-format.ts), streamed: whole and on the disk under its name, or not there.
// Our own 60 lines and no library: what is not packed needs no packer, and the strict reader is one with this writer.
import { mkdir, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { concatBytes } from '../shared/transparency/bytes.ts';
import { crc32 } from '../shared/transparency/crc32.ts';
import { centralHeader, localHeader, zipEnd, type ZipEntry } from '../shared/transparency/zip-format.ts';
import { syncFolder } from './blob-files.ts';
import { randomUuid } from './crypto.ts';
import { writeAll } from './part-files.ts';

/** Bytes of the file at `path`; all pieces of one file come one after the other. An empty one still makes the file. */
export type ZipPiece = { path: string; bytes: Uint8Array };

const BUFFER_BYTES = 1024 * 1024;

/** Returns how long the zip is. What fails, the disk or `pieces`, leaves nothing behind. */
export async function writeZip(file: string, pieces: Iterable<ZipPiece>, signal?: AbortSignal): Promise<number> {
  await mkdir(dirname(file), { recursive: true });
  const temporary = `${file}.${randomUuid()}.new`;
  try {
    const handle = await open(temporary, 'wx', 0o600);
    let length: number;
    try {
      length = await writePieces(handle, pieces, signal);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
    await syncFolder(dirname(file));
    return length;
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function writePieces(handle: FileHandle, pieces: Iterable<ZipPiece>, signal?: AbortSignal): Promise<number> {
  const entries: ZipEntry[] = [];
  let current: ZipEntry | undefined;
  let at = 0;
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  const flush = async () => {
    const bytes = concatBytes(...held);
    await writeAll(handle, bytes, at);
    at += bytes.length;
    [held, heldBytes] = [[], 0];
  };
  const hold = async (bytes: Uint8Array) => {
    held.push(bytes);
    heldBytes += bytes.length;
    if (heldBytes >= BUFFER_BYTES) await flush();
  };
  let headerHeld: Uint8Array | undefined;
  /** The header in front of the bytes gets its size and checksum, in memory or on the disk. */
  const finish = async () => {
    if (current === undefined) return;
    const header = localHeader(current);
    if (current.offset >= at) headerHeld!.set(header);
    else await writeAll(handle, header, current.offset);
    entries.push(current);
  };
  for (const { path, bytes } of pieces) {
    signal?.throwIfAborted();
    if (current?.path !== path) {
      await finish();
      current = { path, size: 0, crc: 0, offset: at + heldBytes };
      headerHeld = localHeader(current);
      await hold(headerHeld);
    }
    current.size += bytes.length;
    current.crc = crc32(bytes, current.crc);
    await hold(bytes);
  }
  await finish();
  const start = at + heldBytes;
  let length = 0;
  for (const entry of entries) {
    const header = centralHeader(entry);
    length += header.length;
    await hold(header);
  }
  await hold(zipEnd(entries.length, start, length));
  await flush();
  return at;
}
