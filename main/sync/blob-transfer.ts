// Blobs between this node's files and the coordinator: streamed, resumed where they stopped, hashed on the way.
import { AssentError, isErrorCode } from '../../shared/errors.ts';
import type { BlobFiles } from '../../platform/blob-files.ts';
import { capped } from './capped.ts';
import type { Outbound } from './outbound.ts';

export type BlobTransfer = {
  /**
   * Sends a blob from where an earlier attempt stopped; `reached` is told where that was. Throws BLOB_HASH when the
   * coordinator found other bytes twice, the second time in one piece.
   */
  upload(hash: string, blobs: BlobFiles, signal: AbortSignal, reached?: (offset: number) => void): Promise<void>;
  /**
   * Fetches a blob into `blobs`, from where an earlier attempt stopped. Throws BLOB_HASH when what came is not what was
   * asked for, BLOB_SIZE when it is larger than `most`.
   */
  download(hash: string, most: number, blobs: BlobFiles, signal: AbortSignal): Promise<void>;
};

/** From here on it is asked first whether the coordinator takes the bytes: a refusal in their midst may not arrive. */
const ASK_FIRST_BYTES = 1024 * 1024;
const MOST_REFUSAL_BYTES = 64 * 1024;

export function blobTransfer(blobUrl: (hash: string) => string, send: Outbound): BlobTransfer {
  async function patch(hash: string, blobs: BlobFiles, range: Range, signal: AbortSignal): Promise<void> {
    const { start, end, size } = range;
    const headers = {
      'content-type': 'application/octet-stream',
      'content-length': String(end - start),
      'upload-offset': String(start),
      'upload-length': String(size),
    };
    const body = end > start ? blobs.stream(hash, start, end) : null;
    const sending = { purpose: 'update', start } as const;
    const answer = await send(blobUrl(hash), { method: 'PATCH', signal, headers, body, duplex: 'half' }, sending);
    if (!answer.ok) throw await refusal(answer);
  }

  async function uploadFrom(start: number, size: number, hash: string, blobs: BlobFiles, signal: AbortSignal) {
    if (size - start > ASK_FIRST_BYTES) await patch(hash, blobs, { start, end: start, size }, signal);
    await patch(hash, blobs, { start, end: size, size }, signal);
  }

  async function downloadFrom(start: number, most: number, hash: string, blobs: BlobFiles, signal: AbortSignal) {
    const range = start > 0 ? { range: `bytes=${start}-` } : {};
    const answer = await send(blobUrl(hash), { method: 'GET', signal, headers: range }, { purpose: 'download' });
    if (!answer.ok) throw await refusal(answer);
    const from = answer.status === 206 ? start : 0;
    const length = from + Number(answer.headers.get('content-length') ?? NaN);
    if (!(length <= most)) {
      await answer.body?.cancel();
      throw new AssentError('BLOB_SIZE', `The coordinator sends more than the ${most} bytes of blob ${hash}.`, {
        hash,
      });
    }
    if (from !== start) await blobs.remove(hash);
    const { offset } = await blobs.append(hash, from, length, piecesOf(answer, signal));
    if (offset < length) throw broken(answer.url);
  }

  return {
    async upload(hash, blobs, signal, reached = () => {}) {
      const size = await blobs.size(hash);
      if (size === undefined) throw new AssentError('BLOB_UNKNOWN', `Blob ${hash} is not in the store any more.`);
      const head = await send(blobUrl(hash), { method: 'HEAD', signal }, { purpose: 'update' });
      if (head.status !== 404 && !head.ok) throw await refusal(head);
      const start = head.ok ? Number(head.headers.get('upload-offset') ?? 0) : 0;
      reached(start);
      if (start === size) return;
      await onceMore(start > 0, (again) => uploadFrom(again ? 0 : start, size, hash, blobs, signal));
    },

    async download(hash, most, blobs, signal) {
      const start = await blobs.uploaded(hash);
      if ((await blobs.size(hash)) !== undefined) return;
      await onceMore(start > 0, (again) => downloadFrom(again ? 0 : start, most, hash, blobs, signal));
    },
  };
}

type Range = { start: number; end: number; size: number };

/** A half that a power cut spoiled is thrown away at the end, when its hash is known: then all of it is sent, once. */
async function onceMore(resumed: boolean, attempt: (again: boolean) => Promise<void>): Promise<void> {
  try {
    await attempt(false);
  } catch (error) {
    if (!resumed || !(error instanceof AssentError) || error.code !== 'BLOB_HASH') throw error;
    await attempt(true);
  }
}

/** A body that breaks off is the connection's failure, not the disk's. */
async function* piecesOf(answer: Response, signal: AbortSignal): AsyncIterable<Uint8Array> {
  try {
    yield* answer.body as unknown as AsyncIterable<Uint8Array>;
  } catch (cause) {
    if (signal.aborted) throw new AssentError('CANCELED', 'The download was cancelled.', {}, cause);
    throw broken(answer.url, cause);
  }
}

const broken = (url: string, cause?: unknown): AssentError =>
  new AssentError('COORDINATOR_UNREACHABLE', `The connection broke off while ${url} came.`, { url }, cause);

/** A refusal of the tensor plane carries the same code and detail as one of a call, as JSON. */
async function refusal(answer: Response): Promise<AssentError> {
  const body = (await capped(answer, MOST_REFUSAL_BYTES)
    .json()
    .catch(() => null)) as {
    code?: unknown;
    message?: unknown;
    detail?: unknown;
  } | null;
  const message = typeof body?.message === 'string' ? body.message : `The coordinator answered ${answer.status}.`;
  if (typeof body?.code === 'string' && isErrorCode(body.code)) return new AssentError(body.code, message);
  return new AssentError(
    answer.status >= 500 || answer.status === 429 ? 'COORDINATOR_UNREACHABLE' : 'INTERNAL',
    message,
  );
}
