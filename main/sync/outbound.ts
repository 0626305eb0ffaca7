// The one place from which bytes leave this machine: every request to the coordinator passes here, signed.
import { fetch, type RequestInit as FetchInit } from 'undici';
import { AssentError } from '../../shared/errors.ts';
import { toHex } from '../../shared/wire/canonical.ts';
import type { Signer } from '../../platform/keyring.ts';
import type { Coordinator } from '../store/rounds.ts';
import type { Network } from './network.ts';

export type Outbound = (url: string, init?: OutboundInit) => Promise<Response>;
/** As for `fetch`, and a body may be a stream of a file. */
export type OutboundInit = Omit<RequestInit, 'body'> & { body?: RequestInit['body'] | AsyncIterable<Uint8Array> };

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);
const text = new TextEncoder();

/** Throws TRANSPORT_INSECURE for plain HTTP to anything but this machine. */
export function checkTransport(url: string): void {
  const { protocol, hostname } = new URL(url);
  if (protocol === 'https:' || (protocol === 'http:' && LOOPBACK.has(hostname))) return;
  throw new AssentError(
    'TRANSPORT_INSECURE',
    `${url}: plain HTTP is accepted on loopback addresses only. Use an https address.`,
    { url },
  );
}

/**
 * A fetch that signs each request with the member key (see coordinator.proto). `who` is asked at each call: before the
 * enrolment there is nobody to sign for. Throws COORDINATOR_UNREACHABLE when no answer comes.
 */
export function openOutbound(
  who: () => Coordinator | undefined,
  key: Signer,
  now: () => number,
  network: Network,
): Outbound {
  return async (url, init = {}) => {
    checkTransport(url);
    const headers = new Headers(init.headers);
    const coordinator = who();
    if (coordinator) {
      const { consortium, member } = coordinator;
      const seconds = String(Math.floor(now() / 1000));
      const line = `${init.method ?? 'GET'} ${new URL(url).pathname}`;
      const message = ['assent/request/v1', consortium, member, seconds, line].join('\n');
      headers.set('assent-member', member);
      headers.set('assent-time', seconds);
      headers.set('assent-signature', toHex(key.sign(text.encode(message))));
    }
    try {
      const asked = { ...init, headers, redirect: 'error', dispatcher: network.dispatcher(url) };
      return await fetch(url, asked as FetchInit);
    } catch (cause) {
      if (init.signal?.aborted) throw new AssentError('CANCELED', 'The request was cancelled.', {}, cause);
      throw network.failure(url, cause);
    }
  };
}
