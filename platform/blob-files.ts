// Files named by the SHA-256 of their content: whole or not there, and never changed. Uploads grow beside them as parts.
import { createReadStream, mkdirSync, readdirSync, rmSync, type Stats } from 'node:fs';
import { open, readdir, readFile, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { AssentError } from '../shared/errors.ts';
import { toHex } from '../shared/wire/canonical.ts';
import { createSha256, randomUuid } from './crypto.ts';

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
  /** Bytes that an unfinished upload has so far. One that had all of them when the program was killed is made whole first. */
  uploaded(hash: string): Promise<number>;
  /**
   * Goes on with an upload at `offset`. Complete with `length` bytes: then the hash is checked, and wrong bytes are thrown
   * away (BLOB_HASH). Throws BLOB_OFFSET, BLOB_SIZE. A newer request for the same blob ends an older one.
   */
  append(hash: string, offset: number, length: number, source: AsyncIterable<Uint8Array>): Promise<{ offset: number }>;
  /** An upload of it that is under way ends with CANCELED first. */
  remove(hash: string): Promise<void>;
  /** Blobs and unfinished uploads, the oldest first. */
  list(): Promise<{ hash: string; whole: boolean }[]>;
};

const NAME = /^([0-9a-f]{64})(\.part)?$/;

/** Makes the folder when there is none, and clears what a crash left half written. */
export function openBlobFiles(folder: string): BlobFiles {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const name of readdirSync(folder)) if (name.startsWith('new-')) rmSync(join(folder, name));
  const whole = (hash: string) => join(folder, checked(hash));
  const part = (hash: string) => `${whole(hash)}.part`;
  const uploads = new Map<string, { stopping: AbortController; done: Promise<unknown> }>();

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

  async function receive(hash: string, offset: number, length: number, source: AsyncIterable<Uint8Array>) {
    if ((await sizeOf(whole(hash))) !== undefined) return { offset: length };
    const had = (await sizeOf(part(hash))) ?? 0;
    if (had !== offset)
      throw new AssentError(
        'BLOB_OFFSET',
        `${had} bytes of blob ${hash} are here; the upload cannot go on at ${offset}.`,
        {
          offset: String(had),
        },
      );
    let at = offset;
    const file = await open(part(hash), had === 0 ? 'w' : 'r+', 0o600);
    try {
      for await (const piece of source) {
        if (at + piece.length > length)
          throw new AssentError(
            'BLOB_SIZE',
            `The body goes beyond the ${length} bytes that blob ${hash} was said to have.`,
          );
        await writeAll(file, piece, at);
        at += piece.length;
      }
    } finally {
      await file.sync();
      await file.close();
    }
    if (at === length) await complete(hash);
    return { offset: at };
  }

  async function complete(hash: string): Promise<void> {
    const found = await hashOf(part(hash));
    if (found !== hash) {
      await rm(part(hash), { force: true });
      throw new AssentError('BLOB_HASH', `The bytes received have hash ${found}, not ${hash}; they were thrown away.`, {
        hash,
      });
    }
    await settle(part(hash), whole(hash));
  }

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
    stream: (hash, start, end) => createReadStream(whole(hash), { start, end: Math.max(start, end - 1) }),
    put: async (bytes) => (await write(single(bytes))).hash,
    write,
    async uploaded(hash) {
      const bytes = (await sizeOf(part(hash))) ?? 0;
      if (bytes === 0 || uploads.has(hash) || (await hashOf(part(hash))) !== hash) return bytes;
      await settle(part(hash), whole(hash));
      return 0;
    },
    async append(hash, offset, length, source) {
      const before = uploads.get(hash);
      before?.stopping.abort(new AssentError('CANCELED', `A newer upload of blob ${hash} took over.`));
      const stopping = new AbortController();
      const done = (before?.done ?? Promise.resolve())
        .catch(() => {})
        .then(() => receive(hash, offset, length, until(source, stopping.signal)));
      const mine = { stopping, done };
      uploads.set(hash, mine);
      try {
        return await done;
      } finally {
        if (uploads.get(hash) === mine) uploads.delete(hash);
      }
    },
    async remove(hash) {
      const going = uploads.get(hash);
      going?.stopping.abort(new AssentError('CANCELED', `Blob ${hash} was removed while it was being sent.`));
      await going?.done.catch(() => {});
      await rm(whole(hash), { force: true });
      await rm(part(hash), { force: true });
    },
    async list() {
      const names = (await readdir(folder)).filter((name) => NAME.test(name));
      const found = await Promise.all(names.map(async (name) => ({ name, at: await timeOf(join(folder, name)) })));
      return found
        .filter((file) => file.at !== undefined)
        .sort((a, b) => a.at! - b.at!)
        .map(({ name }) => ({ hash: name.slice(0, 64), whole: name.length === 64 }));
    },
  };
}

async function hashOf(path: string): Promise<string> {
  const sum = createSha256();
  for await (const piece of createReadStream(path) as AsyncIterable<Uint8Array>) sum.update(piece);
  return toHex(sum.digest());
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

const sizeOf = async (path: string): Promise<number | undefined> => (await statOf(path))?.size;
/** Undefined when it went between two looks: another request removes it, or completes it under another name. */
const timeOf = async (path: string): Promise<number | undefined> => (await statOf(path))?.mtimeMs;

async function statOf(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < bytes.length;)
    at += (await file.write(bytes, at, bytes.length - at, position + at)).bytesWritten;
}

/** Ends with the signal's reason even while the source is silent: a dead connection says nothing for minutes. */
async function* until(source: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncIterable<Uint8Array> {
  signal.throwIfAborted();
  const iterator = source[Symbol.asyncIterator]();
  const aborted = Promise.withResolvers<never>();
  aborted.promise.catch(() => {});
  const abort = () => aborted.reject(signal.reason as Error);
  signal.addEventListener('abort', abort, { once: true });
  try {
    for (;;) {
      const next = await Promise.race([iterator.next(), aborted.promise]);
      if (next.done) return;
      yield next.value;
    }
  } finally {
    signal.removeEventListener('abort', abort);
    // Not awaited: a silent source may never answer.
    void iterator.return?.()?.catch(() => {});
  }
}

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
