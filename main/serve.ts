// The node over loopback HTTP, for its own command line and for browsers of this machine (the web edition). Who comes without the
// folder's token or a window's pass is refused before anything is read.
import { fastifyConnectPlugin } from '@connectrpc/connect-fastify';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { AssentError } from '../shared/errors.ts';
import { toWireBody } from '../shared/rpc/http-errors.ts';
import { servingOptions } from '../shared/rpc/serving.ts';
import { writeAddress } from '../platform/local-client.ts';
import type { AssentNode } from './node.ts';
import { lateRoutes } from './routes.ts';
import { addressFile } from './store/open.ts';
import { openDoors, type Doors } from './window/doors.ts';
import { windowRoutes } from './window/handlers.ts';
import { openedInstallation, type Installation } from './window/installation.ts';
import { readPages, SECURITY_HEADERS } from './window/pages.ts';

export type Server = {
  url: string;
  close(): Promise<void>;
  /** The address that lets one browser window in. */
  invite(): string;
};

/** Slow senders are cut off; answers that stream may last. */
const PATIENCE = { connectionTimeout: 0, requestTimeout: 30_000, keepAliveTimeout: 30_000 } as const;

export const serve = (node: AssentNode, port: number): Promise<Server> =>
  serveInstallation(openedInstallation(node), port);

export async function serveInstallation(installation: Installation, port: number): Promise<Server> {
  const doors = openDoors(Date.now);
  const pages = readPages(rendererFolder());
  const app = Fastify({
    bodyLimit: servingOptions.readMaxBytes,
    ...PATIENCE,
    http: { headersTimeout: 10_000, connectionsCheckingInterval: 2_000 },
  });
  app.server.maxConnections = 200;
  let url = '';
  const invite = () => `${url}/#open=${doors.invite()}`;
  const file = addressFile(installation.home);

  guard(app, doors, () => url);
  app.get('/*', (request, reply) => {
    const page = pages.get(request.url.split('?')[0]!);
    if (!page) return reply.code(404).send({ code: 'not_found', message: 'There is no such page.' });
    return reply.type(page.type).header('cache-control', page.cache).send(page.body);
  });
  app.post('/enter', { bodyLimit: 1024 }, (request, reply) => {
    const { cookie, word } = doors.enter(tokenOf(request.body), request.headers);
    return reply
      .header('set-cookie', `${doors.cookieName}=${cookie}; Path=/; HttpOnly; SameSite=Strict`)
      .send({ word });
  });
  await app.register(fastifyConnectPlugin, {
    ...servingOptions,
    routes(router) {
      windowRoutes(installation, invite)(router);
      lateRoutes(() => installation.node())(router);
    },
  });
  url = await app.listen({ host: '127.0.0.1', port });
  let closed = false;
  const tellAddress = () => {
    if (!closed) writeAddress(file, { url, token: doors.token });
  };
  if (installation.state() === 'open') tellAddress();
  else void installation.opened.then(tellAddress);
  return {
    url,
    invite,
    async close() {
      closed = true;
      rmSync(file, { force: true });
      app.server.closeAllConnections();
      await app.close();
    },
  };
}

/** Pages of other sites, and names that others made point here, get nothing: not even a page. */
function guard(app: FastifyInstance, doors: Doors, url: () => string): void {
  const refuse = (reply: FastifyReply, why: string) =>
    reply.code(403).send({ code: 'permission_denied', message: why });
  app.addHook('onRequest', async (request, reply) => {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) reply.header(name, value);
    const { port } = new URL(url());
    const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
    const { host, origin } = request.headers;
    if (!hosts.includes(host ?? '')) return refuse(reply, 'This is not the name of this address.');
    if (origin !== undefined && !hosts.some((each) => origin === `http://${each}`))
      return refuse(reply, 'Pages of other sites are refused.');
    if (!['same-origin', 'none', undefined].includes(header(request, 'sec-fetch-site')) && request.method !== 'GET')
      return refuse(reply, 'Pages of other sites are refused.');
    const page = request.method === 'GET' && !request.url.startsWith('/assent.v1.');
    if (page || (request.method === 'POST' && request.url === '/enter')) return;
    if (doors.admits(request.headers)) return;
    reply.header('cache-control', 'no-store');
    return reply
      .code(401)
      .send({ code: 'unauthenticated', message: 'The token of this node’s folder, or a window’s pass, is needed.' });
  });
  app.setErrorHandler((error, _request, reply) => {
    const { status, body } = toWireBody(error);
    const known = (error as { statusCode?: number }).statusCode;
    return reply.code(error instanceof AssentError ? status : (known ?? 500)).send(body);
  });
}

const header = ({ headers }: FastifyRequest, name: string): string | undefined => {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
};

function tokenOf(body: unknown): string {
  const token: unknown = typeof body === 'object' && body !== null && Object.hasOwn(body, 'token') ? body : {};
  const { token: text } = token as { token?: unknown };
  return typeof text === 'string' ? text : '';
}

/** Where the interface lies: beside the bundle, or in the checkout. */
const rendererFolder = (): string =>
  [join(import.meta.dirname, 'renderer'), join(import.meta.dirname, '../renderer')].find((folder) =>
    existsSync(join(folder, 'assets')),
  ) ?? join(import.meta.dirname, '../dist/renderer');
