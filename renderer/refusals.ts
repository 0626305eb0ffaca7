// What a call was refused with, as the one error type: its code from the table, the node's own words beside it.
import { Code, ConnectError } from '@connectrpc/connect';
import { AssentError, ERRORS, isErrorCode } from '../shared/errors.ts';
import { ErrorDetailSchema } from '../shared/gen/assent/v1/coordinator_pb.ts';

/** Which code a refusal has that came without one. */
const PLAIN: Partial<Record<Code, 'CANCELED' | 'REQUEST_INVALID' | 'WINDOW_REFUSED' | 'NODE_UNREACHABLE'>> = {
  [Code.Canceled]: 'CANCELED',
  [Code.InvalidArgument]: 'REQUEST_INVALID',
  [Code.ResourceExhausted]: 'REQUEST_INVALID',
  [Code.Unauthenticated]: 'WINDOW_REFUSED',
  [Code.Unavailable]: 'NODE_UNREACHABLE',
  [Code.DeadlineExceeded]: 'NODE_UNREACHABLE',
  [Code.Unknown]: 'NODE_UNREACHABLE',
};

export function refusalOf(error: unknown): AssentError {
  if (error instanceof AssentError) return error;
  const refused = ConnectError.from(error);
  const { code, rawMessage } = refused;
  const [found] = refused.findDetails(ErrorDetailSchema);
  if (found && isErrorCode(found.code)) return new AssentError(found.code, rawMessage, { ...found.detail }, error);
  const plain = PLAIN[code] ?? 'INTERNAL';
  // What a browser says of a broken connection helps nobody.
  const said = plain === 'NODE_UNREACHABLE' ? ERRORS[plain].en : rawMessage;
  return new AssentError(plain, said, {}, error);
}
