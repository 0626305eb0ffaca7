// One error across every border: thrown as AssentError, carried as a Connect error detail, caught as AssentError.
import { create } from '@bufbuild/protobuf';
import { Code, ConnectError, type Interceptor } from '@connectrpc/connect';
import { AssentError, ERRORS, isErrorCode, type ErrorCode, type Status } from '../errors.ts';
import { ErrorDetailSchema } from '../gen/assent/v1/coordinator_pb.ts';

const CODES: Record<Status, Code> = {
  invalid_argument: Code.InvalidArgument,
  failed_precondition: Code.FailedPrecondition,
  not_found: Code.NotFound,
  already_exists: Code.AlreadyExists,
  permission_denied: Code.PermissionDenied,
  unauthenticated: Code.Unauthenticated,
  resource_exhausted: Code.ResourceExhausted,
  deadline_exceeded: Code.DeadlineExceeded,
  canceled: Code.Canceled,
  unavailable: Code.Unavailable,
  internal: Code.Internal,
};

/** What the other side may know: an AssentError whole, anything else as "internal error" without its message. */
export function toWire(error: unknown): ConnectError {
  if (error instanceof ConnectError) return error; // deadline, cancellation, protocol
  if (!(error instanceof AssentError))
    return new ConnectError('internal error', Code.Internal, undefined, undefined, error);
  const { code, detail } = error;
  const value = create(ErrorDetailSchema, { code, detail });
  return new ConnectError(
    error.message,
    CODES[ERRORS[code].status],
    undefined,
    [{ desc: ErrorDetailSchema, value }],
    error,
  );
}

/** `unreachable` is the code for a peer that did not answer at all. */
export function fromWire(error: unknown, unreachable: ErrorCode): AssentError {
  if (error instanceof AssentError) return error;
  const e = ConnectError.from(error);
  if (e.cause instanceof AssentError) return e.cause; // thrown on this side, wrapped by Connect
  const found = e.findDetails(ErrorDetailSchema)[0];
  if (found && isErrorCode(found.code)) return new AssentError(found.code, e.rawMessage, { ...found.detail }, e);
  if (e.code === Code.Canceled) return new AssentError('CANCELED', e.rawMessage, {}, e);
  if (e.code === Code.Unavailable || e.code === Code.DeadlineExceeded || e.code === Code.Unknown)
    return new AssentError(unreachable, `${ERRORS[unreachable].en} (${e.rawMessage})`, {}, e);
  if (e.code === Code.InvalidArgument) return new AssentError('REQUEST_INVALID', e.rawMessage, {}, e);
  return new AssentError('INTERNAL', e.rawMessage, {}, e);
}

/** Wraps a call and, for streams, every message of it. An interceptor must throw ConnectError itself: Connect would hide others. */
export const translating =
  (translate: (error: unknown) => Error): Interceptor =>
  (next) =>
  async (request) => {
    try {
      const response = await next(request);
      return response.stream ? { ...response, message: each(response.message, translate) } : response;
    } catch (error) {
      throw translate(error);
    }
  };

async function* each<T>(source: AsyncIterable<T>, translate: (error: unknown) => Error): AsyncIterable<T> {
  try {
    yield* source;
  } catch (error) {
    throw translate(error);
  }
}
