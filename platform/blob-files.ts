// Files named by the SHA-256 of their content: whole or not there, and never changed. Uploads grow beside them as parts.
import { createReadStream, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AssentError } from '../shared/errors.ts';
import { toHex } from '../shared/wire/canonical.ts';
import { createSha256, randomUuid } from './crypto.ts';
import { openPartFiles, sizeOf, statOf, writeAll } from './part-files.ts';

export type BlobFiles = {
  /** Bytes of a whole blob, undefined when it is not there. */
  size(hash: string): Promise<number | undefined>;
  /** Throws BLOB_UNKNOWN. */
  read(hash: string): Promise<Uint8Array>;
  /** Bytes `start` up to and without `end`; throws BLOB_UNKNOWN unless all of them are there. */
  readPart(hash: string, start: number, end: number): Promise<Uint8Array<ArrayBuffer>>;
  stream(hash: string, start: number, end: number): AsyncIterable<Uint8Array> & NodeJS.ReadableStream;
  put(bytes: Uint8Array): Promise<string>;
  /** Writes what comes in pieces; returns its hash once all of it is on the disk. */
  write(pieces: AsyncIterable<Uint8Array>): Promise<{ hash: string; bytes: number }>;
  /** Bytes that an unfinished blob has so far. One that had all of them when the program was killed is made whole first. */
  uploaded(hash: string): Promise<number>;
  /**
   * Goes on with an unfinished blob at `offset`; what came before its source failed is kept. Complete with `length` bytes:
   * then the hash is checked, and wrong bytes are thrown away (BLOB_HASH). Throws BLOB_OFFSET, BLOB_SIZE, and what the
   * source throws. A newer request for the same blob ends an older one.
   */
  append(hash: string, offset: number, length: number, source: AsyncIterable<Uint8Array>): Promise<{ offset: number }>;
  /** An upload of it that is under way ends with CANCELED first. */
  remove(hash: string): Promise<void>;
  /** Blobs and unfinished uploads, the oldest first. */
  list(): Promise<{ hash: string; whole: boolean; bytes: number }[]>;
};

/** Few and large pieces: each costs a turn of the event loop at both ends. */
const STREAM_BYTES = 256 * 1024;
const NAME = /^([0-9a-f]{64})(\.part)?$/;

/** Makes the folder when there is none, and clears what a crash left half written. */
export function openBlobFiles(folder: string): BlobFiles {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const name of readdirSync(folder)) if (name.startsWith('new-')) rmSync(join(folder, name));
  const whole = (hash: string) => join(folder, checked(hash));
  const part = (hash: string) => `${whole(hash)}.part`;

  /** `path` becomes `name` in a way that a power cut cannot undo. */
  async function settle(path: string, name: string): Promise<void> {
    await rename(path, name);
    await syncFolder(folder);
  }

  async function write(pieces: AsyncIterable<Uint8Array>): Promise<{ hash: string; bytes: number }> {
    const path = join(folder, `new-${randomUuid()}`);
    const hash = createSha256();
    let bytes = 0;
    try {
      const file = await open(path, 'wx', 0o600);
      try {
        for await (const piece of pieces) {
          hash.update(piece);
          await writeAll(file, piece, bytes);
          bytes += piece.length;
        }
        await file.sync();
      } finally {
        await file.close();
      }
      const name = toHex(hash.digest());
      await settle(path, whole(name));
      return { hash: name, bytes };
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
  }

  const parts = openPartFiles({ part, whole, settle });

  return {
    size: (hash) => sizeOf(whole(hash)),
    read: (hash) => readFile(whole(hash)).catch(unknown(hash)),
    async readPart(hash, start, end) {
      const file = await open(whole(hash)).catch(unknown(hash));
      try {
        const bytes = new Uint8Array(end - start);
        const { bytesRead } = await file.read(bytes, 0, bytes.length, start);
        if (bytesRead < bytes.length)
          throw new AssentError('BLOB_UNKNOWN', `Blob ${hash} ends before byte ${end}.`, { hash });
        return bytes;
      } finally {
        await file.close();
      }
    },
    stream: (hash, start, end) =>
      createReadStream(whole(hash), { start, end: Math.max(start, end - 1), highWaterMark: STREAM_BYTES }),
    put: async (bytes) => (await write(single(bytes))).hash,
    write,
    uploaded: parts.size,
    append: parts.append,
    async remove(hash) {
      await parts.remove(hash); // first: one that still comes may become whole until it is stopped
      await rm(whole(hash), { force: true });
    },
    async list() {
      const names = (await readdir(folder)).filter((name) => NAME.test(name));
      const found = await Promise.all(names.map(async (name) => ({ name, about: await statOf(join(folder, name)) })));
      return found
        .flatMap(({ name, about }) => (about ? [{ name, at: about.mtimeMs, bytes: about.size }] : [])) // gone meanwhile
        .sort((a, b) => a.at - b.at)
        .map(({ name, bytes }) => ({ hash: name.slice(0, 64), whole: name.length === 64, bytes }));
    },
  };
}

/** Hashes come from other machines and become file names. */
function checked(hash: string): string {
  if (!/^[0-9a-f]{64}$/.test(hash))
    throw new AssentError('REQUEST_INVALID', 'A blob is named by 64 lowercase hex digits.');
  return hash;
}

const unknown = (hash: string) => (cause: unknown) => {
  if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
  throw new AssentError('BLOB_UNKNOWN', `There is no blob ${hash} here.`, { hash }, cause);
};

async function* single(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}

/** A new name is durable only when its folder is. Windows has no such call and needs none. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
