// Carries the window's calls as bytes to the node, in this process or elsewhere; it knows no message and no method. What comes
// from a window is a stranger's: its form and its size are checked, and its calls end with the page that made them.
import type { Head, NodeRequest } from '../../renderer/bridge.ts';

export type NodeReply = { status: number; header: [string, string][]; body: AsyncIterable<Uint8Array> };
/** One call to the node: in this process (in-process.ts) or over HTTPS (remote.ts). */
export type CallNode = (request: NodeRequest) => { reply: Promise<NodeReply>; cancel(): void };
export type Sender = { id: number };

export type Tunnel = {
  open(sender: Sender, id: unknown, request: unknown): Promise<Head>;
  /** All that has arrived, or null at the end: small messages travel together, a slow reader slows the node. */
  pull(sender: Sender, id: unknown): Promise<Uint8Array | null>;
  cancel(sender: Sender, id: unknown): void;
  /** The page went away or was loaded again: its ids start over. */
  closeAll(sender: Sender): void;
  /** The sessions with which windows called, to be ended when the machine is locked. */
  sessions(): string[];
  size(): number;
};

type Call = { cancel(): void; pull?: () => Promise<Uint8Array | null> };

/** What deciding takes, and no more: who it is, what is asked, the decision, and hearing of a change. */
const DECIDING = ['WhoAmI', 'Watch', 'GetStudy', 'GetRound', 'GetRelease', 'DecideRound', 'DeferRound'].map(
  (method) => `/assent.v1.NodeService/${method}`,
);
const DECISION = '/assent.v1.NodeService/DecideRound';

/** The calls of the app's own window: it decides on no round, whoever asks it to. */
export const exceptDeciding =
  (call: CallNode): CallNode =>
  (request) => {
    if (request.path === DECISION) throw new Error('Rounds are decided on in a window of their own.');
    return call(request);
  };

/** The calls of the window in which this person decides: its page neither knows the session nor can name another. */
export const decidingAs =
  (session: string, call: CallNode): CallNode =>
  ({ path, header, body }) => {
    if (!DECIDING.includes(path)) throw new Error('This window only decides.');
    const others = header.filter(([name]) => name !== 'assent-session');
    return call({ path, header: [...others, ['assent-session', session]], body });
  };

const AHEAD = 1024 * 1024; // bytes read ahead of a window that does not ask
const MOST_BYTES = 17 * 1024 * 1024; // the node reads messages of 16 MiB
const MOST_CALLS = 64;
const PATH = /^\/assent\.v1\.(?:NodeService|WindowService|ShellService)\/[A-Za-z]{1,64}$/;
const HEADERS = /^(?:content-type|connect-[a-z-]+|assent-session|accept|user-agent)$/;

export function createTunnel(callNode: CallNode): Tunnel {
  const open = new Map<string, Call>();
  const sessions = new Map<number, string>();
  const keyOf = (sender: Sender, id: unknown): string => {
    if (!Number.isSafeInteger(id)) throw new Error('A call has a number.');
    return `${sender.id}/${String(id)}`;
  };
  const of = (sender: Sender) => [...open.keys()].filter((key) => key.startsWith(`${sender.id}/`));

  return {
    async open(sender, id, asked) {
      const key = keyOf(sender, id);
      const request = checked(asked);
      if (open.has(key) || of(sender).length >= MOST_CALLS) throw new Error('Too many calls are open.');
      const session = request.header.find(([name]) => name === 'assent-session');
      if (session) sessions.set(sender.id, session[1]);
      const call = callNode(request);
      open.set(key, { cancel: call.cancel });
      try {
        const { status, header, body } = await call.reply;
        const streams = header.some(
          ([name, value]) => name === 'content-type' && value.startsWith('application/connect+'),
        );
        if (streams) {
          open.set(key, { cancel: call.cancel, pull: batched(body) });
          return { status, header, body: null };
        }
        const parts: Uint8Array[] = [];
        for await (const part of body) parts.push(part);
        open.delete(key);
        return { status, header, body: join(parts) };
      } catch (error) {
        open.delete(key);
        throw error;
      }
    },
    async pull(sender, id) {
      const key = keyOf(sender, id);
      const pull = open.get(key)?.pull;
      const bytes = pull ? await pull() : null;
      if (!bytes) open.delete(key);
      return bytes;
    },
    cancel(sender, id) {
      const key = keyOf(sender, id);
      open.get(key)?.cancel();
      open.delete(key);
    },
    closeAll(sender) {
      for (const key of of(sender)) {
        open.get(key)!.cancel();
        open.delete(key);
      }
    },
    sessions() {
      const all = [...sessions.values()];
      sessions.clear();
      return all;
    },
    size: () => open.size,
  };
}

function checked(asked: unknown): NodeRequest {
  const { path, header, body } = (typeof asked === 'object' && asked !== null ? asked : {}) as Partial<NodeRequest>;
  if (typeof path !== 'string' || !PATH.test(path)) throw new Error('There is no such call.');
  if (!(body instanceof Uint8Array) || body.byteLength > MOST_BYTES) throw new Error('The call is too large.');
  if (!Array.isArray(header) || header.length > 32) throw new Error('The headers of a call are pairs.');
  const pairs = (header as unknown[]).map((pair): [string, string] => {
    const [name, value, more] = Array.isArray(pair) ? (pair as unknown[]) : [];
    if (typeof name !== 'string' || typeof value !== 'string' || more !== undefined || value.length > 1024)
      throw new Error('The headers of a call are pairs.');
    return [name.toLowerCase(), value];
  });
  return { path, header: pairs.filter(([name]) => HEADERS.test(name)), body };
}

/** Reads ahead a little, and hands on what came together as one piece. */
function batched(source: AsyncIterable<Uint8Array>): () => Promise<Uint8Array | null> {
  const now = { parts: [] as Uint8Array[], held: 0, done: false, failure: undefined as { error: unknown } | undefined };
  let wake = () => {};
  const changed = () => new Promise<void>((resolve) => (wake = resolve));
  const pump = async () => {
    try {
      for await (const part of source) {
        now.parts.push(part);
        now.held += part.length;
        wake();
        while (now.held >= AHEAD) await changed();
      }
    } catch (error) {
      now.failure = { error };
    }
    now.done = true;
    wake();
  };
  void pump();
  return async () => {
    while (now.held === 0 && !now.done) await changed();
    if (now.held === 0 && now.failure) throw now.failure.error as Error;
    const bytes = now.held > 0 ? join(now.parts) : null;
    [now.parts, now.held] = [[], 0];
    wake();
    return bytes;
  };
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
