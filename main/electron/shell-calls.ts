// The desktop app's own service (shell.proto), spoken as Connect's JSON: its main process carries no library for it.
import type { NodeRequest } from '../../renderer/bridge.ts';
import type { CallNode, NodeReply } from './tunnel.ts';

/** `session`: with which the window called; empty where nobody is signed in. Throws with a sentence that the window may show. */
export type ShellMethods = Record<string, (asked: Record<string, unknown>, session: string) => object>;

const PREFIX = '/assent.v1.ShellService/';

/** The same calls, with those of the shell answered here. */
export function withShell(methods: ShellMethods, next: CallNode): CallNode {
  return (request) => {
    if (!request.path.startsWith(PREFIX)) return next(request);
    return { reply: Promise.resolve(answer(methods, request)), cancel: () => {} };
  };
}

function answer(methods: ShellMethods, { path, header, body }: NodeRequest): NodeReply {
  const name = path.slice(PREFIX.length);
  if (!Object.prototype.hasOwnProperty.call(methods, name))
    return json(404, { code: 'unimplemented', message: 'There is no such call.' });
  try {
    const asked: unknown = JSON.parse(Buffer.from(body).toString('utf8') || '{}');
    if (typeof asked !== 'object' || asked === null || Array.isArray(asked)) throw new Error('A request is an object.');
    const session = header.find(([each]) => each === 'assent-session')?.[1] ?? '';
    return json(200, methods[name]!(asked as Record<string, unknown>, session));
  } catch (error) {
    return json(400, { code: 'invalid_argument', message: error instanceof Error ? error.message : 'refused' });
  }
}

const json = (status: number, value: object): NodeReply => ({
  status,
  header: [['content-type', 'application/json']],
  body: once(Buffer.from(JSON.stringify(value))),
});

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}
