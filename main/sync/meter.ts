// Counts and hashes what one request hands to its connection.
import { createSha256 } from '../../platform/crypto.ts';

export type Socket = { readonly bytesWritten: number };

/** Counts what a request hands to its connection: the body as undici reports it, the head as what else went there. */
export function openMeter() {
  const hash = createSha256();
  let body = 0;
  let heads = 0;
  let current: { socket: Socket; at: number; body: number; head: number | undefined } | undefined;
  const head = ({ socket, at, body: before }: NonNullable<typeof current>) =>
    socket.bytesWritten - at - (body - before);
  const close = () => {
    if (current) heads += current.head ?? head(current);
    current = undefined;
  };
  return {
    begin(socket: Socket) {
      close(); // the connection before it broke unused
      current = { socket, at: socket.bytesWritten, body, head: undefined };
    },
    sent(piece: Uint8Array) {
      hash.update(piece);
      body += piece.byteLength;
      // Known now; a connection that breaks takes back from its count what it had not passed on.
      if (current) current.head ??= head(current);
    },
    read() {
      close();
      return { head: heads, body, sha256: body > 0 ? hash.digest() : null };
    },
  };
}

/** The system's or undici's own code of what went wrong. */
export function codeOf(error: unknown): string {
  for (let at = error; at instanceof Error; at = at.cause) {
    const { code } = at as NodeJS.ErrnoException;
    if (typeof code === 'string' && /^[A-Z][A-Z0-9_]{0,63}$/.test(code)) return code;
    if (at.name === 'AbortError') return 'CANCELED';
  }
  return 'FAILED';
}
