// Letters in the form of coordinator.proto.
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { Letter as Sent, LetterSchema } from '../shared/gen/assent/v1/coordinator_pb.ts';
import { fromHex, toHex } from '../shared/wire/canonical.ts';
import type { Letter } from './letters.ts';

export function letterToWire(letter: Letter): MessageInitShape<typeof LetterSchema> {
  const { party } = letter;
  if (letter.kind === 'request') return { party, kind: { case: 'request', value: { body: letter.body } } };
  const { request, ...answer } = letter.answer;
  return { party, kind: { case: 'answer', value: { ...answer, request: fromHex(request) } } };
}

/** The validation of messages has seen that it has a kind. */
export function letterFromWire({ party, kind }: Sent): Letter {
  if (kind.case === 'request') return { kind: 'request', party, body: kind.value.body };
  const { request, status, contentType, body, checkpoint } = kind.value!;
  return { kind: 'answer', party, answer: { request: toHex(request), status, contentType, body, checkpoint } };
}
