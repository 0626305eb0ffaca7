// A line between two programs that a test can cut: TCP passed on byte by byte, and reset after as many as was asked.
import { connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export type CuttingLine = {
  port: number;
  /** Resets the connection that carries the next `bytes` in this direction; resolves once it did. Later ones are whole. */
  cutAfter(direction: 'up' | 'down', bytes: number): Promise<void>;
  /** Resolves once so many bytes more went this way, and lets none of that direction pass until `go`. */
  holdAfter(direction: 'up' | 'down', bytes: number): Promise<void>;
  go(): void;
  /** Bytes passed on since the line was laid. */
  passed: { up: number; down: number };
  /** Connections made since then. */
  made(): number;
  /** Resolves once all that both ends had to say has passed and no connection is left. */
  quiet(): Promise<void>;
  close(): Promise<void>;
};

type Order = { kind: 'cut' | 'hold'; direction: 'up' | 'down'; at: number; done(): void };

/** Up is towards `target`, a port of this machine. */
export async function layLine(target: number): Promise<CuttingLine> {
  const sockets = new Set<Socket>();
  const passed = { up: 0, down: 0 };
  let made = 0;
  let told = () => {};
  let orders: Order[] = [];
  const held: (() => void)[] = [];
  let holding = new Set<'up' | 'down'>();

  function pass(from: Socket, to: Socket, direction: 'up' | 'down'): void {
    from.on('data', (bytes) => {
      passed[direction] += bytes.length;
      const order = orders.find((each) => each.direction === direction && passed[direction] >= each.at);
      if (order) {
        orders = orders.filter((each) => each !== order);
        if (order.kind === 'hold') holding.add(direction);
      }
      if (order?.kind === 'cut') {
        from.resetAndDestroy();
        to.resetAndDestroy();
      } else if (!to.write(bytes) || holding.has(direction)) {
        from.pause();
        if (holding.has(direction)) held.push(() => from.resume());
        else to.once('drain', () => from.resume());
      }
      order?.done();
    });
    from.on('end', () => to.end());
    from.on('error', () => to.destroy());
    from.on('close', () => {
      sockets.delete(from);
      to.destroy();
      told();
    });
  }

  const server = createServer({ noDelay: true }, (near) => {
    made++;
    const far = connect(target, '127.0.0.1').setNoDelay();
    for (const socket of [near, far]) sockets.add(socket);
    pass(near, far, 'up');
    pass(far, near, 'down');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const line: CuttingLine = {
    port: (server.address() as { port: number }).port,
    passed,
    made: () => made,
    async quiet() {
      while (sockets.size > 0) await new Promise<void>((resolve) => (told = resolve));
    },
    cutAfter: (direction, bytes) => order('cut', direction, bytes),
    holdAfter: (direction, bytes) => order('hold', direction, bytes),
    go() {
      holding = new Set();
      for (const resume of held.splice(0)) resume();
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  onTestFinished(() => line.close());
  return line;

  function order(kind: Order['kind'], direction: 'up' | 'down', bytes: number): Promise<void> {
    return new Promise((done) => orders.push({ kind, direction, at: passed[direction] + bytes, done }));
  }
}
