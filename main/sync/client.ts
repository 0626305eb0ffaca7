// The coordinator as this node sees it: its calls, and blobs up and down, from file to file without a whole one in memory.
// What it says is checked by whoever asks.
import { createClient, type Client } from '@connectrpc/connect';
import { createConnectTransport } from '@connectrpc/connect-web';
import { CoordinatorService } from '../../shared/gen/assent/v1/coordinator_pb.ts';
import { fromWire } from '../../shared/rpc/errors.ts';
import { validating } from '../../shared/rpc/validate.ts';
import { blobTransfer, type BlobTransfer } from './blob-transfer.ts';
import { capped } from './capped.ts';
import type { Outbound } from './outbound.ts';

export type CoordinatorClient = { calls: Client<typeof CoordinatorService> } & BlobTransfer;

export const PROTOCOL_VERSIONS = [1];
/** More than any answer to a call has; blobs come on their own way. */
const MOST_REPLY_BYTES = 16 * 1024 * 1024;

export function coordinatorClient(baseUrl: string, send: Outbound): CoordinatorClient {
  const transport = createConnectTransport({
    baseUrl,
    useBinaryFormat: true,
    interceptors: [validating],
    fetch: async (input, init) => capped(await send(input as string, init), MOST_REPLY_BYTES),
  });
  const blobUrl = (hash: string) => `${baseUrl.replace(/\/$/, '')}/blobs/${hash}`;
  const calls = createClient(CoordinatorService, transport);
  return { calls, ...blobTransfer(blobUrl, send) };
}

/** Errors of calls as AssentErrors; for use at the edge of every call. */
export async function calling<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw fromWire(error, 'COORDINATOR_UNREACHABLE');
  }
}
