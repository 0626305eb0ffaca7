// The node over loopback HTTP, for its own command line: a token file that only this user can read opens it.
import { fastifyConnectPlugin } from '@connectrpc/connect-fastify';
import Fastify from 'fastify';
import { rmSync } from 'node:fs';
import { servingOptions } from '../shared/rpc/serving.ts';
import { toHex } from '../shared/wire/canonical.ts';
import { randomBytes, timingSafeEqual } from '../platform/crypto.ts';
import { writeAddress } from '../platform/local-client.ts';
import type { AssentNode } from './node.ts';
import { nodeRoutes } from './routes.ts';
import { addressFile } from './store/open.ts';

export async function serve(node: AssentNode, port: number): Promise<{ url: string; close(): Promise<void> }> {
  const token = toHex(randomBytes(32));
  const expected = Buffer.from(`Bearer ${token}`);
  const app = Fastify({ bodyLimit: servingOptions.readMaxBytes });
  app.addHook('onRequest', async (request, reply) => {
    const given = Buffer.from(request.headers.authorization ?? '');
    if (given.length === expected.length && timingSafeEqual(given, expected)) return;
    await reply.code(401).send({ code: 'unauthenticated', message: 'The token of this node’s folder is needed.' });
  });
  await app.register(fastifyConnectPlugin, {
    ...servingOptions,
    routes: nodeRoutes(node),
  });
  const url = await app.listen({ host: '127.0.0.1', port });
  const file = addressFile(node.store.home);
  writeAddress(file, { url, token });
  return {
    url,
    async close() {
      rmSync(file, { force: true });
      await app.close();
    },
  };
}
