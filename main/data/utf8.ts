// Checks chunks of bytes, cut anywhere, for UTF-8, and says where they stop being it.
import { isUtf8 } from 'node:buffer';

/**
 * A checker of one stream. Of each chunk: the bytes of complete characters, and `bad`, what comes after them and is not UTF-8.
 * `end` tells of a character that the last chunk left unfinished. The bytes are the chunk's own memory where they can be.
 */
export function utf8Decoder() {
  let rest = Buffer.alloc(0); // the first bytes of a character that the next chunk completes
  return {
    decode(chunk: Uint8Array): { bytes: Uint8Array; bad?: string } {
      const view = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      const bytes = rest.length > 0 ? Buffer.concat([rest, view]) : view;
      const whole = bytes.subarray(0, wholeCharacters(bytes));
      rest = Buffer.from(bytes.subarray(whole.length)); // copied: the caller may reuse the chunk
      if (isUtf8(whole)) return { bytes: whole };
      const valid = validPrefix(whole);
      return { bytes: whole.subarray(0, valid), bad: notUtf8(whole[valid]!) };
    },
    end: (): string | undefined => (rest.length > 0 ? notUtf8(rest[0]!) : undefined),
  };
}

const notUtf8 = (byte: number) => `byte 0x${byte.toString(16).toUpperCase().padStart(2, '0')} is not UTF-8 text`;

/** How many bytes there are without an unfinished character at the end. */
export function wholeCharacters(bytes: Uint8Array): number {
  const end = bytes.length;
  for (let back = 1; back <= 3 && back <= end; back++) {
    const byte = bytes[end - back]!;
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? end - back : end;
  }
  return end;
}

/** The length of the longest valid beginning; bisected, since every beginning of a valid one is valid. */
function validPrefix(bytes: Uint8Array): number {
  let low = 0;
  let high = bytes.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    const part = bytes.subarray(0, middle);
    if (isUtf8(part.subarray(0, wholeCharacters(part)))) low = middle;
    else high = middle - 1;
  }
  return wholeCharacters(bytes.subarray(0, low));
}
