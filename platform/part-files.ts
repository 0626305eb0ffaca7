// Blobs that are still coming: files that grow, are hashed as they do, and become whole once all bytes are there.
import { createReadStream, type Stats } from 'node:fs';
import { open, rm, stat, type FileHandle } from 'node:fs/promises';
import { AssentError } from '../shared/errors.ts';
import { toHex } from '../shared/wire/canonical.ts';
import { createSha256, type Sha256 } from './crypto.ts';

type PartFiles = {
  size(hash: string): Promise<number>;
  append(hash: string, offset: number, length: number, source: AsyncIterable<Uint8Array>): Promise<{ offset: number }>;
  remove(hash: string): Promise<void>;
};

/** Written and hashed at a time; more would only cost memory. */
const BLOCK_BYTES = 1024 * 1024;

/** See `BlobFiles.uploaded` and `BlobFiles.append`. `settle` gives a finished part its name in a durable way. */
export function openPartFiles(o: {
  part(hash: string): string;
  whole(hash: string): string;
  settle(path: string, name: string): Promise<void>;
}): PartFiles {
  const { part, whole, settle } = o;
  const coming = new Map<string, { stopping: AbortController; done: Promise<unknown> }>();
  /** How far the parts are hashed, so that one that was cut is not read again from its beginning. */
  const sums = new Map<string, { at: number; sum: Sha256 }>();

  async function sumOf(hash: string, bytes: number): Promise<Sha256> {
    const known = sums.get(hash);
    if (known?.at === bytes) return known.sum;
    const sum = createSha256();
    if (bytes === 0) return sum;
    const read = createReadStream(part(hash), { end: bytes - 1, highWaterMark: BLOCK_BYTES });
    for await (const piece of read as AsyncIterable<Uint8Array>) sum.update(piece);
    sums.set(hash, { at: bytes, sum });
    return sum;
  }

  async function receive(hash: string, offset: number, length: number, source: AsyncIterable<Uint8Array>) {
    if ((await sizeOf(whole(hash))) !== undefined) return { offset: length };
    const had = (await sizeOf(part(hash))) ?? 0;
    if (had !== offset)
      throw new AssentError(
        'BLOB_OFFSET',
        `${had} bytes of blob ${hash} are here; the upload cannot go on at ${offset}.`,
        { offset: String(had) },
      );
    const sum = await sumOf(hash, offset);
    let at = offset;
    const file = await open(part(hash), had === 0 ? 'w' : 'r+', 0o600);
    sums.delete(hash); // known again once all that was hashed is written
    try {
      for await (const block of inBlocks(source)) {
        if (at + block.length > length)
          throw new AssentError(
            'BLOB_SIZE',
            `The body goes beyond the ${length} bytes that blob ${hash} was said to have.`,
          );
        const written = writeAll(file, block, at);
        written.catch(() => {});
        sum.update(block); // while the disk works
        await written;
        at += block.length;
      }
    } finally {
      await file.sync();
      await file.close();
      if ((await sizeOf(part(hash))) === at) sums.set(hash, { at, sum });
    }
    if (at === length) await complete(hash, sum);
    return { offset: at };
  }

  async function complete(hash: string, sum: Sha256): Promise<void> {
    sums.delete(hash);
    const found = toHex(sum.digest());
    if (found !== hash) {
      await rm(part(hash), { force: true });
      throw new AssentError('BLOB_HASH', `The bytes received have hash ${found}, not ${hash}; they were thrown away.`, {
        hash,
      });
    }
    await settle(part(hash), whole(hash));
  }

  return {
    async size(hash) {
      const bytes = (await sizeOf(part(hash))) ?? 0;
      if (bytes === 0 || coming.has(hash)) return bytes;
      const sum = await sumOf(hash, bytes);
      if (toHex(sum.digest()) !== hash) return bytes;
      await complete(hash, sum);
      return 0;
    },
    async append(hash, offset, length, source) {
      const before = coming.get(hash);
      before?.stopping.abort(new AssentError('CANCELED', `A newer upload of blob ${hash} took over.`));
      const stopping = new AbortController();
      const done = (before?.done ?? Promise.resolve())
        .catch(() => {})
        .then(() => receive(hash, offset, length, until(source, stopping.signal)));
      const mine = { stopping, done };
      coming.set(hash, mine);
      try {
        return await done;
      } finally {
        if (coming.get(hash) === mine) coming.delete(hash);
      }
    },
    async remove(hash) {
      const active = coming.get(hash);
      active?.stopping.abort(new AssentError('CANCELED', `Blob ${hash} was given up.`));
      await active?.done.catch(() => {});
      sums.delete(hash);
      await rm(part(hash), { force: true });
    },
  };
}

/** Blocks of about a mebibyte; what came before a failure comes out before it. */
async function* inBlocks(source: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  let pieces: Uint8Array[] = [];
  let bytes = 0;
  let failure: { error: unknown } | undefined;
  try {
    for await (const piece of source) {
      pieces.push(piece);
      bytes += piece.length;
      if (bytes < BLOCK_BYTES) continue;
      yield joined(pieces, bytes);
      [pieces, bytes] = [[], 0];
    }
  } catch (error) {
    failure = { error };
  }
  if (bytes > 0) yield joined(pieces, bytes);
  if (failure) throw failure.error;
}

const joined = (pieces: readonly Uint8Array[], bytes: number): Uint8Array =>
  pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces, bytes);

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

/** Undefined when there is no such file. */
export const sizeOf = async (path: string): Promise<number | undefined> => (await statOf(path))?.size;

/** Undefined when there is no such file, or none any more: others remove it, or complete it under another name. */
export async function statOf(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

export async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < bytes.length;)
    at += (await file.write(bytes, at, bytes.length - at, position + at)).bytesWritten;
}
