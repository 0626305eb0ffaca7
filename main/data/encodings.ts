// Turns the bytes of a file in any encoding that is read here into UTF-8, chunk by chunk, and says where they stop making sense.
import { isAscii } from 'node:buffer';
import type { CsvSettings } from './settings.ts';
import { utf8Decoder } from './utf8.ts';

/** Of each chunk: the UTF-8 that is complete, and `bad`, what comes after it and is no text in this encoding. */
export type ToUtf8 = {
  decode(chunk: Uint8Array): { bytes: Uint8Array; bad?: string };
  end(): string | undefined;
};

/** The byte order mark is not part of what comes out. */
export function toUtf8(encoding: CsvSettings['encoding']): ToUtf8 {
  if (encoding === 'windows-1252') return fromWindows1252();
  return withoutMark(encoding === 'utf-8' ? utf8Decoder() : fromUtf16(encoding === 'utf-16be'));
}

const hex = (value: number, digits: number) => `0x${value.toString(16).toUpperCase().padStart(digits, '0')}`;

// 0x80 to 0x9F as Windows-1252 has them (the WHATWG table); 0 where it has nothing.
const WINDOWS_1252 = [
  0x20ac, 0, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017d, 0, 0,
  0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0, 0x017e, 0x0178,
];

function fromWindows1252(): ToUtf8 {
  return {
    decode(chunk) {
      if (isAscii(chunk)) return { bytes: Buffer.from(chunk) };
      const codes = new Uint16Array(chunk.length);
      let length = 0;
      let bad: string | undefined;
      for (const byte of chunk) {
        const code = byte >= 0x80 && byte < 0xa0 ? WINDOWS_1252[byte - 0x80]! : byte;
        if (code === 0 && byte !== 0) {
          bad = `byte ${hex(byte, 2)} is not Windows-1252 text`;
          break;
        }
        codes[length++] = code;
      }
      const bytes = Buffer.from(Buffer.from(codes.buffer, 0, length * 2).toString('utf16le'), 'utf8');
      return bad === undefined ? { bytes } : { bytes, bad };
    },
    end: () => undefined,
  };
}

function fromUtf16(bigEndian: boolean): ToUtf8 {
  let rest = Buffer.alloc(0); // half a code unit, or the first half of a surrogate pair
  return {
    decode(chunk) {
      const all = Buffer.concat([rest, chunk]);
      const even = all.length & ~1;
      const units = all.subarray(0, even);
      const last = even < 2 ? 0 : units[even - (bigEndian ? 2 : 1)]!;
      const whole = last >= 0xd8 && last < 0xdc ? even - 2 : even;
      rest = Buffer.from(all.subarray(whole));
      const own = Buffer.from(all.subarray(0, whole));
      const text = (bigEndian ? own.swap16() : own).toString('utf16le');
      if (text.isWellFormed()) return { bytes: Buffer.from(text, 'utf8') };
      const at = text.search(/\p{Surrogate}/u);
      return {
        bytes: Buffer.from(text.slice(0, at), 'utf8'),
        bad: `${hex(text.charCodeAt(at), 4)}, half of a character, is not UTF-16 text`,
      };
    },
    end: () => (rest.length > 0 ? `byte ${hex(rest[0]!, 2)} at the end is not UTF-16 text` : undefined),
  };
}

function withoutMark(inner: ToUtf8): ToUtf8 {
  let begun = false;
  return {
    decode(chunk) {
      const found = inner.decode(chunk);
      if (begun || found.bytes.length === 0) return found;
      begun = true; // a mark is one character, so it is never cut
      const { bytes } = found;
      const marked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
      return marked ? { ...found, bytes: bytes.subarray(3) } : found;
    },
    end: () => inner.end(),
  };
}
