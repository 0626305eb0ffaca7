// Refusals where no call carries them (the tensor plane): an HTTP status and the same code and detail, as JSON.
import { AssentError, ERRORS, type ErrorCode, type Status } from '../errors.ts';

const HTTP: Record<Status, number> = {
  invalid_argument: 400,
  failed_precondition: 412,
  not_found: 404,
  already_exists: 409,
  permission_denied: 403,
  unauthenticated: 401,
  resource_exhausted: 413,
  deadline_exceeded: 410,
  canceled: 409,
  unavailable: 503,
  internal: 500,
};

export type WireBody = { code: ErrorCode; message: string; detail: Readonly<Record<string, string>> };

/** What the other side may know: an AssentError whole, anything else as "internal error" without its message. */
export function toWireBody(error: unknown): { status: number; body: WireBody } {
  if (!(error instanceof AssentError))
    return { status: 500, body: { code: 'INTERNAL', message: 'internal error', detail: {} } };
  const { code, message, detail } = error;
  return { status: HTTP[ERRORS[code].status], body: { code, message, detail } };
}
