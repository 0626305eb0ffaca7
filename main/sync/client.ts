// The coordinator as this node sees it: its calls, and blobs up and down, from file to file without a whole one in memory.
// What it says is checked by whoever asks.
import { createClient, type Client } from '@connectrpc/connect';
import { createConnectTransport } from '@connectrpc/connect-web';
import { CoordinatorService } from '../../shared/gen/assent/v1/coordinator_pb.ts';
import type { Purpose } from '../../shared/records/ledger.ts';
import { fromWire } from '../../shared/rpc/errors.ts';
import { validating } from '../../shared/rpc/validate.ts';
import type { About } from '../audit/ledger.ts';
import { blobTransfer, type BlobTransfer } from './blob-transfer.ts';
import { capped } from './capped.ts';
import type { Outbound } from './outbound.ts';

export type CoordinatorClient = { calls: Client<typeof CoordinatorService> } & BlobTransfer;

export const PROTOCOL_VERSIONS = [1];
/** More than any answer to a call has; blobs come on their own way. */
const MOST_REPLY_BYTES = 16 * 1024 * 1024;

/** Why a call leaves. A call that is not here does not compile. */
const PURPOSES: Readonly<Record<keyof typeof CoordinatorService.method, Purpose>> = {
  hello: 'greeting',
  enrol: 'enrolment',
  watch: 'watch',
  join: 'join',
  leave: 'leave',
  decide: 'decision',
  submitUpdate: 'update',
  exchangeLetters: 'witness',
  succeedLog: 'witness',
  getReceipt: 'receipt',
};

const purposes = new Map(
  CoordinatorService.methods.map((method) => [
    method.name,
    PURPOSES[method.localName as keyof typeof CoordinatorService.method],
  ]),
);

/** `about` goes into the ledger with each request. */
export function coordinatorClient(baseUrl: string, send: Outbound, about: About = {}): CoordinatorClient {
  const transport = createConnectTransport({
    baseUrl,
    useBinaryFormat: true,
    interceptors: [validating],
    async fetch(input, init = {}) {
      const url = input as string;
      const purpose = purposes.get(url.slice(url.lastIndexOf('/') + 1))!;
      return capped(await send(url, init, { ...about, purpose }), MOST_REPLY_BYTES);
    },
  });
  const blobUrl = (hash: string) => `${baseUrl.replace(/\/$/, '')}/blobs/${hash}`;
  const calls = createClient(CoordinatorService, transport);
  return { calls, ...blobTransfer(blobUrl, (url, init, sending) => send(url, init, { ...about, ...sending })) };
}

/** Errors of calls as AssentErrors; for use at the edge of every call. */
export async function calling<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw fromWire(error, 'COORDINATOR_UNREACHABLE');
  }
}
