// The coordinator as this node sees it: its calls, and blobs up and down. What it says is checked by whoever asks.
import { createClient, type Client } from '@connectrpc/connect';
import { createConnectTransport } from '@connectrpc/connect-web';
import { AssentError, isErrorCode } from '../../shared/errors.ts';
import { CoordinatorService } from '../../shared/gen/assent/v1/coordinator_pb.ts';
import { fromWire } from '../../shared/rpc/errors.ts';
import { validating } from '../../shared/rpc/validate.ts';
import { toHex } from '../../shared/wire/canonical.ts';
import { sha256 } from '../../platform/crypto.ts';
import type { Outbound } from './outbound.ts';

export type CoordinatorClient = {
  calls: Client<typeof CoordinatorService>;
  /** Sends bytes under their hash, from where an earlier attempt stopped. */
  upload(hash: string, bytes: Uint8Array, signal: AbortSignal): Promise<void>;
  /** Throws BLOB_HASH when what came is not what was asked for, BLOB_SIZE when it is larger than `most`. */
  download(hash: string, most: number, signal: AbortSignal): Promise<Uint8Array>;
};

export const PROTOCOL_VERSIONS = [1];

export function coordinatorClient(baseUrl: string, send: Outbound): CoordinatorClient {
  const transport = createConnectTransport({
    baseUrl,
    useBinaryFormat: true,
    interceptors: [validating],
    fetch: (input, init) => send(input as string, init),
  });
  const blobUrl = (hash: string) => `${baseUrl.replace(/\/$/, '')}/blobs/${hash}`;
  return {
    calls: createClient(CoordinatorService, transport),

    async upload(hash, bytes, signal) {
      const head = await send(blobUrl(hash), { method: 'HEAD', signal });
      if (head.status !== 404 && !head.ok) throw await refusal(head);
      const offset = head.ok ? Number(head.headers.get('upload-offset') ?? 0) : 0;
      if (head.ok && offset === bytes.length) return;
      const answer = await send(blobUrl(hash), {
        method: 'PATCH',
        signal,
        headers: {
          'content-type': 'application/octet-stream',
          'upload-offset': String(offset),
          'upload-length': String(bytes.length),
        },
        body: bytes.slice(offset),
      });
      if (!answer.ok) throw await refusal(answer);
    },

    async download(hash, most, signal) {
      const answer = await send(blobUrl(hash), { method: 'GET', signal });
      if (!answer.ok) throw await refusal(answer);
      const parts: Uint8Array[] = [];
      let size = 0;
      for await (const part of answer.body as AsyncIterable<Uint8Array>) {
        size += part.length;
        if (size > most)
          throw new AssentError('BLOB_SIZE', `The coordinator sends more than the ${most} bytes of blob ${hash}.`, {
            hash,
          });
        parts.push(part);
      }
      const bytes = new Uint8Array(Buffer.concat(parts, size));
      if (toHex(sha256(bytes)) !== hash)
        throw new AssentError('BLOB_HASH', `What the coordinator sent is not blob ${hash}; it was thrown away.`, {
          hash,
        });
      return bytes;
    },
  };
}

/** A refusal of the tensor plane carries the same code and detail as one of a call, as JSON. */
async function refusal(answer: Response): Promise<AssentError> {
  const body = (await answer.json().catch(() => null)) as {
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

/** Errors of calls as AssentErrors; for use at the edge of every call. */
export async function calling<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw fromWire(error, 'COORDINATOR_UNREACHABLE');
  }
}
