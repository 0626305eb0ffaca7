// The node's service as every border serves it, loopback HTTP and calls within the process alike: refused, checked, answered.
import type { ConnectRouter, Interceptor } from '@connectrpc/connect';
import { NodeService } from '../shared/gen/assent/v1/node_pb.ts';
import { toWire, translating } from '../shared/rpc/errors.ts';
import { servingOptions } from '../shared/rpc/serving.ts';
import { validating } from '../shared/rpc/validate.ts';
import { permitting } from './access.ts';
import { createHandlers } from './handlers.ts';
import type { AssentNode } from './node.ts';

export const nodeRoutes =
  (node: AssentNode, first: Interceptor[] = []) =>
  (router: ConnectRouter): void =>
    void router.service(NodeService, createHandlers(node), {
      ...servingOptions,
      interceptors: [translating(toWire), ...first, permitting(node.sessions), validating],
    });
