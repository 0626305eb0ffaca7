// Which rows train, which validate, which test: fixed by a hash of the encoded row and the study's split seed.
import { sha256 } from '../../platform/crypto.ts';
import type { Study } from '../../shared/study/study.ts';
import { encodeUtf8 } from '../../shared/wire/canonical.ts';

export const SPLITS = ['train', 'validation', 'test'] as const;

/**
 * A function from an encoded row and its class to the index of its split. It depends on nothing else: equal rows share a
 * split, whatever the order of a file and whichever institution holds it. The share of SHA-256("assent/split/v1", LF,
 * seed in decimal, LF, the row's float32 values and class, little-endian), its first 48 bits, in [0, 1).
 */
export function splitter({ seed, train, validation, test }: Study['split'], width: number) {
  const prefix = encodeUtf8(`assent/split/v1\n${seed}\n`);
  const message = new Uint8Array(prefix.length + 4 * (width + 1));
  message.set(prefix);
  const values = new Float32Array(width + 1);
  const bytes = new Uint8Array(values.buffer);
  return {
    splitOf(rows: Float32Array, from: number, label: number): 0 | 1 | 2 {
      values.set(rows.subarray(from, from + width));
      values[width] = label;
      message.set(bytes, prefix.length);
      const hash = sha256(message);
      const share = new DataView(hash.buffer, hash.byteOffset).getUint32(0) * 2 ** 16 + (hash[4]! * 256 + hash[5]!);
      const uniform = share / 2 ** 48;
      if (uniform < train) return 0;
      return test === 0 || uniform < train + validation ? 1 : 2;
    },
    erase(): void {
      message.fill(0);
      values.fill(0);
    },
  };
}
