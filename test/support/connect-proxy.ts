// A real HTTP proxy that opens tunnels (CONNECT) to the one host it knows, for those who give user and password.
import { createServer, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export type ConnectProxy = {
  port: number;
  /** Every CONNECT that was asked for, and how it was answered. */
  asked: { target: string; status: number }[];
};

/** `host` is where tunnels may lead: they end at `port` of this machine, whatever the name is. */
export async function openProxy(o: {
  host: string;
  port: number;
  user?: string;
  password?: string;
}): Promise<ConnectProxy> {
  const asked: ConnectProxy['asked'] = [];
  const sockets = new Set<Socket>();
  const wanted = o.user && `Basic ${Buffer.from(`${o.user}:${o.password}`).toString('base64')}`;
  const server = createServer((_request, answer) => answer.writeHead(405).end());
  server.on('connect', (request: IncomingMessage, near: Socket) => {
    const target = request.url ?? '';
    const status =
      wanted && request.headers['proxy-authorization'] !== wanted ? 407 : target.startsWith(`${o.host}:`) ? 200 : 403;
    asked.push({ target, status });
    near.on('error', () => near.destroy());
    if (status !== 200) {
      near.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const far = connect(o.port, '127.0.0.1', () => {
      near.write('HTTP/1.1 200 Connection established\r\n\r\n');
      far.pipe(near).pipe(far);
    });
    for (const socket of [near, far]) sockets.add(socket);
    far.on('error', () => near.destroy());
    near.on('close', () => far.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return { port: (server.address() as { port: number }).port, asked };
}
