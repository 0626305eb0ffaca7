// One port: the calls of members, the operator's calls and the tensor plane. Plain HTTP stays on this machine.
import rateLimit from '@fastify/rate-limit';
import { createContextValues, type ConnectRouter, type Interceptor } from '@connectrpc/connect';
import { fastifyConnectPlugin } from '@connectrpc/connect-fastify';
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { readFileSync, rmSync } from 'node:fs';
import { AssentError } from '../shared/errors.ts';
import { AdminService } from '../shared/gen/assent/v1/admin_pb.ts';
import { CoordinatorService } from '../shared/gen/assent/v1/coordinator_pb.ts';
import { toWire, translating } from '../shared/rpc/errors.ts';
import { servingOptions } from '../shared/rpc/serving.ts';
import { validating } from '../shared/rpc/validate.ts';
import { toHex } from '../shared/wire/canonical.ts';
import { randomBytes } from '../platform/crypto.ts';
import { writeAddress } from '../platform/local-client.ts';
import { isLoopback } from '../platform/loopback.ts';
import { adminHandlers, operatorOnly, remoteKey } from './admin-handlers.ts';
import { blobPlane } from './blob-plane.ts';
import type { Coordinator } from './coordinator.ts';
import { addressFile } from './store/open.ts';
import { identifying, memberHandlers } from './member-handlers.ts';

export type ServerOptions = { host: string; port: number; tls?: { cert: string; key: string } };
export type Server = { url: string; close(): Promise<void> };

/** Requests a minute from one address: far above a consortium behind one proxy, and few enough to guess no token. */
const MOST_REQUESTS = 12_000;
const MOST_ENROLMENTS = 30;

/** Listens, then does what was left undone. Throws TRANSPORT_INSECURE, REQUEST_INVALID when it cannot listen. */
export async function serve(coordinator: Coordinator, options: ServerOptions): Promise<Server> {
  const { store } = coordinator;
  const { host, port, tls } = options;
  if (!tls && !isLoopback(host))
    throw new AssentError(
      'TRANSPORT_INSECURE',
      `Plain HTTP is for this machine only; to listen on ${host} give --tls-cert and --tls-key.`,
      { host },
    );
  const token = toHex(randomBytes(32));
  let url = '';
  const members = memberRoutes(coordinator);
  const operator = operatorRoutes(coordinator, token, () => url);
  const app = tls ? secure(tls) : Fastify(HTTP);
  await compose(app, coordinator, tls ? [members] : [members, operator]);
  // Overdue deadlines come before the first request.
  await coordinator.start();
  url = await listen(app, host, port);
  // No certificate names this machine's loopback address, so the operator gets a door of its own there.
  const door = tls ? Fastify(HTTP) : undefined;
  if (door) await compose(door, coordinator, [operator]);
  const operatorUrl = door ? await listen(door, '127.0.0.1', 0) : url;
  const file = addressFile(store.home);
  writeAddress(file, { url: operatorUrl, token });
  return {
    url,
    async close() {
      rmSync(file, { force: true });
      coordinator.events.close();
      await app.close();
      await door?.close();
    },
  };
}

async function listen(app: FastifyInstance, host: string, port: number): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (cause) {
    throw new AssentError(
      'REQUEST_INVALID',
      `Cannot listen on ${host} port ${port}: ${(cause as Error).message}.`,
      {},
      cause,
    );
  }
}

// The rest of the program need not know which kind of server it is.
const secure = ({ cert, key }: { cert: string; key: string }): FastifyInstance =>
  Fastify({ ...HTTP, https: { cert: pem(cert), key: pem(key) } });

const HTTP = {
  bodyLimit: servingOptions.readMaxBytes,
  requestTimeout: 300_000,
  forceCloseConnections: true,
  exposeHeadRoutes: false,
} as const;

type Routes = (router: ConnectRouter) => void;

async function compose(app: FastifyInstance, coordinator: Coordinator, services: readonly Routes[]): Promise<void> {
  await app.register(rateLimit, {
    timeWindow: 60_000,
    keyGenerator: (request) => (isEnrolment(request) ? `enrolment ${request.ip}` : request.ip),
    max: (request: FastifyRequest) => (isEnrolment(request) ? MOST_ENROLMENTS : MOST_REQUESTS),
  });
  await app.register(fastifyConnectPlugin, {
    ...servingOptions,
    routes: (router) => services.forEach((add) => add(router)),
    contextValues: (request) => createContextValues().set(remoteKey, request.ip),
  });
  await app.register(blobPlane(coordinator));
}

// The route, not what was typed: a query or an encoded letter leads to the same one.
const isEnrolment = ({ routeOptions: { url } }: FastifyRequest): boolean => url?.endsWith('/Enrol') === true;

const guarded = (guard: Interceptor) => ({ ...servingOptions, interceptors: [translating(toWire), guard, validating] });

const memberRoutes =
  (coordinator: Coordinator): Routes =>
  (router) =>
    void router.service(CoordinatorService, memberHandlers(coordinator), guarded(identifying(coordinator)));

const operatorRoutes =
  (coordinator: Coordinator, token: string, url: () => string): Routes =>
  (router) =>
    void router.service(AdminService, adminHandlers({ ...coordinator, url }), guarded(operatorOnly(token)));

function pem(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new AssentError('FILE_UNREADABLE', `${path} cannot be read: ${(cause as Error).message}`, { path }, cause);
  }
}
