// The interface's one way to the node: the same clients over the desktop app's bridge or over HTTP.
import { createClient, type Client, type Interceptor } from '@connectrpc/connect';
import { createConnectTransport } from '@connectrpc/connect-web';
import { NodeService } from '../shared/gen/assent/v1/node_pb.ts';
import { ShellService } from '../shared/gen/assent/v1/shell_pb.ts';
import { WindowService } from '../shared/gen/assent/v1/window_pb.ts';
import type { Bridge } from './bridge.ts';
import { ipcFetch } from './ipc-fetch.ts';
import { refusalOf } from './refusals.ts';

declare global {
  interface Window {
    assent?: Bridge;
  }
}

export const bridge: Bridge | undefined = globalThis.window.assent;

const WORD = 'assent-word';
let sessionToken = '';

/** With which the calls that follow are made; empty: nobody. */
export function useSession(token: string): void {
  sessionToken = token;
}

const withHeaders: Interceptor = (next) => (request) => {
  if (sessionToken !== '') request.header.set('assent-session', sessionToken);
  const word = bridge ? null : localStorage.getItem(WORD);
  if (word !== null) request.header.set('assent-window', word);
  return next(request);
};

const transportFor = (useBinaryFormat: boolean) =>
  createConnectTransport({
    baseUrl: bridge ? 'http://node' : globalThis.location.origin,
    useBinaryFormat,
    interceptors: [withHeaders],
    ...(bridge && { fetch: ipcFetch(bridge) }),
  });
const transport = transportFor(true);

export const node: Client<typeof NodeService> = createClient(NodeService, transport);
/** The desktop app's own service, where there is one; it speaks JSON. */
export const shell: Client<typeof ShellService> = createClient(ShellService, transportFor(false));
export const program: Client<typeof WindowService> = createClient(WindowService, transport);

/** Reads a stream until the returned function is called. Leaving a `for await` would not end the call: Connect omits `return`. */
export function follow<T>(
  start: (signal: AbortSignal) => AsyncIterable<T>,
  each: (message: T) => void,
  failed: (error: unknown) => void,
): () => void {
  const stop = new AbortController();
  const read = async () => {
    for await (const message of start(stop.signal)) {
      if (stop.signal.aborted) return;
      each(message);
    }
    throw new Error('The stream ended.');
  };
  read().catch((error: unknown) => {
    if (!stop.signal.aborted) failed(refusalOf(error));
  });
  return () => stop.abort();
}

/** Exchanges the one-time token of the address for a pass, and takes it out of the address. */
export async function enterWindow(): Promise<void> {
  const token = /^#open=([0-9a-f]{64})$/.exec(globalThis.location.hash)?.[1];
  if (bridge || token === undefined) return;
  globalThis.history.replaceState(null, '', '/');
  const answer = await fetch('/enter', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token }),
  });
  const body = (await answer.json()) as { word?: string };
  if (answer.ok && body.word !== undefined) localStorage.setItem(WORD, body.word);
}
