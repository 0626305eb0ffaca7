// Fields that the records have in common. Records hold no floats: a decimal travels as a string.
import { z } from 'zod';

export const hash = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lowercase hex digits');
export const publicKey = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lowercase hex digits');
/** Ed25519, as hex. */
export const signature = z.string().regex(/^[0-9a-f]{128}$/, 'must be 128 lowercase hex digits');
export const nonce = z.string().regex(/^[0-9a-f]{32}$/, 'must be 32 lowercase hex digits');
/** Names that appear in paths, logs and file names. */
export const slug = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,62}$/, 'must be lowercase letters, digits and hyphens, 63 at most');
export const name = z.string().min(1).max(200);
export const time = z.iso.datetime({ precision: 3 });
export const count = z.int().min(0);
export const decimal = z.string().regex(/^-?\d{1,40}(\.\d{1,40})?(e[+-]?\d{1,3})?$/, 'must be a decimal number');
export const version = z.literal(1);
/** Free text that terminals show: no control characters but line feed and tab. */
export const reason = z
  .string()
  .max(2_000)
  .regex(/^(?:[^\p{Cc}]|[\n\t])*$/u, 'must not hold control characters');

export const keys = z.strictObject({ member: publicKey, log: publicKey, witness: publicKey });
export type Keys = z.infer<typeof keys>;

/** A number as a record carries it: the shortest text that reads back as the same number. */
export const decimalOf = (value: number): string => String(value);
