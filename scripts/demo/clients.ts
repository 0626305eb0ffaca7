// How the demo asks the running programs, in the place of the people who operate them: over loopback, with their tokens.
import { createClient, type Client, type Interceptor, type Transport } from '@connectrpc/connect';
import { localTransport, type Address } from '../../platform/local-client.ts';
import { AdminService } from '../../shared/gen/assent/v1/admin_pb.ts';
import { SESSION_HEADER } from '../../main/access.ts';
import { NodeService } from '../../shared/gen/assent/v1/node_pb.ts';

export type NodeCalls = Client<typeof NodeService>;
export type AdminCalls = Client<typeof AdminService>;

export const nodeCalls = (address: Address): NodeCalls => createClient(NodeService, localTransport(address));

/** The node as one person uses it, who signs in at the first call. */
export function personCalls(
  transport: (interceptors: Interceptor[]) => Transport,
  { login, password }: { login: string; password: string },
): NodeCalls {
  const anyone = createClient(NodeService, transport([]));
  let session: Promise<string> | undefined;
  const signedIn: Interceptor = (next) => async (request) => {
    session ??= anyone.signIn({ login, password }).then(({ token }) => token);
    request.header.set(SESSION_HEADER, await session);
    return next(request);
  };
  return createClient(NodeService, transport([signedIn]));
}

export const adminCalls = (address: Address): AdminCalls => createClient(AdminService, localTransport(address));

/** Asks until the answer is there; for what another process does in its own time. Throws after 30 seconds. */
export async function eventually<T>(what: string, ask: () => Promise<T | undefined>, signal: AbortSignal): Promise<T> {
  const until = performance.now() + 30_000;
  for (;;) {
    const found = await ask();
    if (found !== undefined) return found;
    signal.throwIfAborted();
    if (performance.now() > until) throw new Error(`Waited 30 seconds in vain until ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
