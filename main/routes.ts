// The node's service as every border serves it, loopback HTTP and calls within the process alike: refused, checked, answered.
import type { ConnectRouter, Interceptor, ServiceImpl } from '@connectrpc/connect';
import { NodeService } from '../shared/gen/assent/v1/node_pb.ts';
import { toWire, translating } from '../shared/rpc/errors.ts';
import { servingOptions } from '../shared/rpc/serving.ts';
import { validating } from '../shared/rpc/validate.ts';
import { permitting } from './access.ts';
import { createHandlers } from './handlers.ts';
import type { AssentNode } from './node.ts';

export const nodeRoutes = (node: AssentNode, first: Interceptor[] = []): ((router: ConnectRouter) => void) =>
  lateRoutes(() => node, first);

/** For a node that may not be open yet: `current` throws until it is. */
export const lateRoutes =
  (current: () => AssentNode, first: Interceptor[] = []) =>
  (router: ConnectRouter): void => {
    const permittingNow: Interceptor = (next) => (request) => permitting(current().sessions)(next)(request);
    router.service(NodeService, lateHandlers(current), {
      ...servingOptions,
      interceptors: [translating(toWire), ...first, permittingNow, validating],
    });
  };

type Handlers = ServiceImpl<typeof NodeService>;

function lateHandlers(current: () => AssentNode): Handlers {
  let made: { node: AssentNode; handlers: Handlers } | undefined;
  const handlers = (): Handlers => {
    const node = current();
    if (made?.node !== node) made = { node, handlers: createHandlers(node) };
    return made.handlers;
  };
  const late = Object.keys(NodeService.method).map((name) => [
    name,
    (...call: unknown[]) => (handlers()[name as keyof Handlers] as (...call: unknown[]) => unknown)(...call),
  ]);
  return Object.fromEntries(late) as Handlers;
}
