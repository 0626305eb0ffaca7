// The node in this process: Connect's own handlers, called without a socket.
import { createConnectRouter, type ConnectRouter } from '@connectrpc/connect';
import { servingOptions } from '../../shared/rpc/serving.ts';
import type { CallNode } from './tunnel.ts';

export function inProcess(...routes: ((router: ConnectRouter) => void)[]): CallNode {
  const router = createConnectRouter(servingOptions);
  for (const each of routes) each(router);
  const handlers = new Map(router.handlers.map((handler) => [handler.requestPath, handler]));
  return ({ path, header, body }) => {
    const abort = new AbortController();
    const reply = async () => {
      const handle = handlers.get(path);
      if (!handle) return { status: 404, header: [], body: nothing() };
      const answer = await handle({
        httpVersion: '1.1',
        method: 'POST',
        url: `http://node${path}`,
        header: new Headers(header),
        body: once(body),
        signal: abort.signal,
      });
      const headers: [string, string][] = [];
      answer.header?.forEach((value, name) => headers.push([name, value]));
      return { status: answer.status, header: headers, body: answer.body ?? nothing() };
    };
    return { reply: reply(), cancel: () => abort.abort() };
  };
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}
async function* nothing(): AsyncIterable<Uint8Array> {}
