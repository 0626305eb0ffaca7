// One node, several desktops: the same service over HTTPS inside the institution, for people who sign in from their own computers.
import rateLimit from '@fastify/rate-limit';
import type { Interceptor } from '@connectrpc/connect';
import { fastifyConnectPlugin } from '@connectrpc/connect-fastify';
import Fastify from 'fastify';
import { AssentError } from '../shared/errors.ts';
import { servingOptions } from '../shared/rpc/serving.ts';
import type { ACCESS } from './access.ts';
import type { AssentNode } from './node.ts';
import { nodeRoutes } from './routes.ts';

export type DoorOptions = { host: string; port: number; cert: Buffer; key: Buffer };

type Method = keyof typeof ACCESS;
/** What names files of the machine that it runs on, or belongs to whoever owns that machine, is done there. */
const AT_THE_MACHINE: ReadonlySet<string> = new Set<Method>([
  'setUp',
  'inspectFile',
  'importDataset',
  'saveModel',
  'exportAuditLog',
]);

/** What came over the network itself may be looked at and imported over the network, and an export without a path names no file. */
const fromAfar =
  ({ uploads }: AssentNode): Interceptor =>
  (next) =>
  (request) => {
    if (!AT_THE_MACHINE.has(request.method.localName)) return next(request);
    const check = (message: unknown) => {
      const { path } = message as { path?: unknown };
      if (typeof path === 'string' && (path === '' || uploads.holds(path))) return;
      throw new AssentError(
        'ROLE_MISSING',
        'This names files of the node’s own machine, or sets it up: it is done at that machine, not over the network.',
      );
    };
    if (request.stream) return next({ ...request, message: checked(request.message, check) });
    check(request.message);
    return next(request);
  };

async function* checked<T>(messages: AsyncIterable<T>, check: (message: T) => void): AsyncIterable<T> {
  for await (const message of messages) {
    check(message);
    yield message;
  }
}

/** Requests a minute from one computer; passwords are slowed down for each account besides. */
const MOST_REQUESTS = 3_000;

/** Throws REQUEST_INVALID when it cannot listen there. */
export async function openDoor(node: AssentNode, o: DoorOptions): Promise<{ url: string; close(): Promise<void> }> {
  const app = Fastify({
    bodyLimit: servingOptions.readMaxBytes,
    requestTimeout: 300_000,
    forceCloseConnections: true,
    https: { cert: o.cert, key: o.key },
  });
  await app.register(rateLimit, { timeWindow: 60_000, max: MOST_REQUESTS });
  await app.register(fastifyConnectPlugin, { ...servingOptions, routes: nodeRoutes(node, [fromAfar(node)]) });
  try {
    return { url: await app.listen({ host: o.host, port: o.port }), close: () => app.close() };
  } catch (cause) {
    await app.close();
    throw new AssentError(
      'REQUEST_INVALID',
      `Cannot listen on ${o.host} port ${o.port}: ${(cause as Error).message}.`,
      {},
      cause,
    );
  }
}
