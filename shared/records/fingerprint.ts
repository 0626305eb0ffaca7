// A fingerprint that two people read to each other: eight groups of five digits over one side's three public keys.
import type { Primitives } from '../transparency/primitives.ts';
import { encodeCanonical } from '../wire/canonical.ts';

/** Lowercase hex, as the signed directory has them. */
type Keys = { member: string; log: string; witness: string };

/** Forty digits, 132 bits: each group is 40 bits of the hash, modulo 100,000. */
export function fingerprint(primitives: Primitives, keys: Keys): string {
  const first = primitives.sha256(encodeCanonical({ fingerprint: 1, keys }));
  const second = primitives.sha256(first);
  const bytes = new Uint8Array([...first, ...second]);
  const groups = Array.from({ length: 8 }, (_, group) => {
    let value = 0;
    for (let i = 0; i < 5; i++) value = value * 256 + bytes[group * 5 + i]!;
    return String(value % 100_000).padStart(5, '0');
  });
  return groups.join(' ');
}

/** As typed by a person: spaces and hyphens do not matter. */
export const sameFingerprint = (typed: string, expected: string): boolean =>
  typed.replace(/[\s-]/g, '') === expected.replace(/\s/g, '');
