// The constraints written in the .proto files, checked on requests and on replies, at either end.
import type { DescMessage, Message } from '@bufbuild/protobuf';
import { pathToString } from '@bufbuild/protobuf/reflect';
import { createValidator } from '@bufbuild/protovalidate';
import type { Interceptor } from '@connectrpc/connect';
import { AssentError } from '../errors.ts';

const validator = createValidator();

/** Throws REQUEST_INVALID for what is asked, INTERNAL for what is answered, naming the fields. */
export const validating: Interceptor = (next) => async (request) => {
  const { input, output } = request.method;
  if (!request.stream) check(input, request.message, 'REQUEST_INVALID');
  const asked = request.stream ? { ...request, message: each(input, request.message, 'REQUEST_INVALID') } : request;
  const response = await next(asked);
  if (response.stream) return { ...response, message: each(output, response.message, 'INTERNAL') };
  check(output, response.message, 'INTERNAL');
  return response;
};

function check(schema: DescMessage, message: Message, code: 'REQUEST_INVALID' | 'INTERNAL'): void {
  const result = validator.validate(schema, message);
  if (result.kind === 'valid') return;
  const violations = result.violations ?? [];
  const detail = Object.fromEntries(violations.map((v) => [pathToString(v.field) || v.ruleId, v.message]));
  const what = Object.entries(detail).map(([field, problem]) => `${field}: ${problem}`);
  throw new AssentError(code, `${schema.name} is not valid. ${what.join('; ')}`, detail, result.error);
}

async function* each<T extends Message>(
  schema: DescMessage,
  source: AsyncIterable<T>,
  code: 'REQUEST_INVALID' | 'INTERNAL',
): AsyncIterable<T> {
  for await (const message of source) {
    check(schema, message, code);
    yield message;
  }
}
