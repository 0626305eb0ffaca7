// How every service of Assent is served: errors translated outermost, both directions validated, Connect's protocol only.
import type { ConnectRouterOptions } from '@connectrpc/connect';
import { toWire, translating } from './errors.ts';
import { validating } from './validate.ts';

const MOST_BYTES = 16 * 1024 * 1024;

export const servingOptions = {
  interceptors: [translating(toWire), validating],
  readMaxBytes: MOST_BYTES,
  writeMaxBytes: MOST_BYTES,
  grpc: false,
  grpcWeb: false,
} satisfies ConnectRouterOptions;
