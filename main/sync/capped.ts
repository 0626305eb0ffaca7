// Answers of the coordinator are read up to a size: it is trusted with no memory of this machine.
import { AssentError } from '../../shared/errors.ts';

/** Throws COORDINATOR_UNREACHABLE from the body of an answer as soon as that has more than `most` bytes. */
export function capped(answer: Response, most: number): Response {
  if (answer.body === null) return answer;
  let bytes = 0;
  const counting = new TransformStream<Uint8Array, Uint8Array>({
    transform(piece, out) {
      bytes += piece.length;
      if (bytes > most)
        throw new AssentError(
          'COORDINATOR_UNREACHABLE',
          `What answers at ${answer.url} sends more than ${most} bytes; it was not read on.`,
          { url: answer.url },
        );
      out.enqueue(piece);
    },
  });
  const { status, statusText, headers } = answer;
  return new Response(answer.body.pipeThrough(counting), { status, statusText, headers });
}
