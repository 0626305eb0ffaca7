// What the desktop app itself asks of the node, as Connect's JSON: how many rounds wait, whether it trains, an end of sessions.
import type { CallNode } from './tunnel.ts';

export type NodeState = { waiting: number; training: boolean };

export type Asking = {
  /** Undefined while the node does not answer, or is not open yet. */
  state(): Promise<NodeState | undefined>;
  /** Ends a session as a lock does. */
  lock(session: string): Promise<void>;
};

export function askingNode(call: CallNode): Asking {
  async function ask(method: string, asked: object, header: [string, string][] = []): Promise<unknown> {
    const { reply } = call({
      path: `/assent.v1.NodeService/${method}`,
      header: [['content-type', 'application/json'], ['connect-protocol-version', '1'], ...header],
      body: Buffer.from(JSON.stringify(asked)),
    });
    const { status, body } = await reply;
    const parts: Uint8Array[] = [];
    for await (const part of body) parts.push(part);
    if (status !== 200) throw new Error(`${method}: ${status}`);
    return JSON.parse(Buffer.concat(parts).toString('utf8'));
  }
  return {
    async state() {
      try {
        const { waiting, training } = (await ask('GetStatus', {})) as { waiting?: number; training?: object };
        return { waiting: waiting ?? 0, training: training !== undefined };
      } catch {
        return undefined;
      }
    },
    async lock(session) {
      try {
        await ask('SignOut', { locked: true }, [['assent-session', session]]);
      } catch {
        // it ends by itself after ten minutes
      }
    },
  };
}
