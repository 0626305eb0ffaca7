// The one place from which bytes leave this machine: every request to the coordinator passes here, signed.
import { subscribe } from 'node:diagnostics_channel';
import { fetch, type Dispatcher, type RequestInit as FetchInit } from 'undici';
import { AssentError } from '../../shared/errors.ts';
import { toHex } from '../../shared/wire/canonical.ts';
import type { Signer } from '../../platform/keyring.ts';
import type { Ledger, Sending } from '../audit/ledger.ts';
import type { Coordinator } from '../store/rounds.ts';
import { codeOf, openMeter, type Socket } from './meter.ts';
import type { Network } from './network.ts';

/** Whoever sends says for what: that goes into the ledger. */
export type Outbound = (url: string, init: OutboundInit, sending: Sending) => Promise<Response>;
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
 * enrolment there is nobody to sign for. Throws COORDINATOR_UNREACHABLE when no answer comes, and whatever keeps the
 * ledger from being written: then nothing leaves.
 */
export function openOutbound(
  who: () => Coordinator | undefined,
  key: Signer,
  now: () => number,
  network: Network,
  ledger: Ledger,
): Outbound {
  return async (url, init, sending) => {
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
    const length = lengthOf(init.body, headers);
    const dispatcher = network.dispatcher(url).compose(noted(ledger, sending, length));
    try {
      return await fetch(url, { ...init, headers, redirect: 'error', dispatcher } as FetchInit);
    } catch (cause) {
      ledger.check();
      if (init.signal?.aborted) throw new AssentError('CANCELED', 'The request was cancelled.', {}, cause);
      throw network.failure(url, cause);
    }
  };
}

/** Bytes of the body, which are said beforehand: what a stream has must be in its headers. */
function lengthOf(body: OutboundInit['body'], headers: Headers): number {
  if (body === null || body === undefined) return 0;
  if (body instanceof Uint8Array) return body.byteLength;
  const said = headers.get('content-length');
  if (said === null)
    throw new AssentError('INTERNAL', 'A body is sent as bytes, or as a stream of a length said before.');
  return Number(said);
}

/** The request whose head is written next: undici announces it, and in the same turn tells on which socket. */
let starting: ((socket: Socket) => void) | undefined;
subscribe('undici:client:sendHeaders', (message) => {
  starting?.((message as { socket: Socket }).socket);
  starting = undefined;
});

/** Puts whatever passes a dispatcher into the ledger: every request that reaches the wire is one, a repeated one too. */
export const noted =
  (ledger: Ledger, sending: Sending, length: number): Dispatcher.DispatcherComposeInterceptor =>
  (dispatch) =>
  (options, handler) => {
    const url = `${String(options.origin).replace(/\/$/, '')}/${options.path.replace(/^\//, '')}`;
    const id = ledger.intend({ method: options.method, url, length }, sending);
    const meter = openMeter();
    let status: number | null = null;
    let over = false;
    const settle = (error: string | null) => {
      if (!over) ledger.settle(id, { ...meter.read(), status, error });
      over = true;
    };
    const watched: Dispatcher.DispatchHandler = {
      onRequestStart(controller, context) {
        starting = meter.begin;
        handler.onRequestStart?.(controller, context);
      },
      onBodySent(piece) {
        meter.sent(piece);
        handler.onBodySent?.(piece);
      },
      onRequestSent: () => handler.onRequestSent?.(),
      onResponseStarted: () => handler.onResponseStarted?.(),
      onRequestUpgrade(controller, code, headers, socket) {
        status = code;
        settle(null);
        handler.onRequestUpgrade?.(controller, code, headers, socket);
      },
      onResponseStart(controller, code, headers, message) {
        status = code;
        handler.onResponseStart?.(controller, code, headers, message);
      },
      onResponseData: (controller, piece) => handler.onResponseData?.(controller, piece),
      onResponseEnd(controller, trailers) {
        settle(null);
        handler.onResponseEnd?.(controller, trailers);
      },
      onResponseError(controller, error) {
        settle(codeOf(error));
        handler.onResponseError?.(controller, error);
      },
    };
    try {
      return dispatch(options, watched);
    } catch (error) {
      settle(codeOf(error));
      throw error;
    }
  };
