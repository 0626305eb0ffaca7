// Records that are hashed, signed or kept: their exact bytes, and the signature over a prefix that names their kind.
import type { z } from 'zod';
import { AssentError } from '../errors.ts';
import type { Primitives } from '../transparency/primitives.ts';
import { decodeCanonical, encodeCanonical, fromHex } from '../wire/canonical.ts';

export type Signed = { bytes: Uint8Array; signature: Uint8Array };

export type RecordType<T> = {
  kind: string;
  encode(value: T): Uint8Array;
  /** Throws RECORD_INVALID unless the bytes are the canonical form of a record of this kind. */
  decode(bytes: Uint8Array): T;
};

export function defineRecord<S extends z.ZodType>(kind: string, schema: S): RecordType<z.infer<S>> {
  const check = (value: unknown): z.infer<S> => {
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    const problems = result.error.issues.map((issue) => `${issue.path.join('.') || 'record'}: ${issue.message}`);
    throw new AssentError('RECORD_INVALID', `This is no ${kind} record: ${problems.slice(0, 5).join('; ')}.`, { kind });
  };
  return { kind, encode: (value) => encodeCanonical(check(value)), decode: (bytes) => check(decodeCanonical(bytes)) };
}

/** What an Ed25519 signature of a record covers. */
export function signedMessage(kind: string, bytes: Uint8Array): Uint8Array {
  const prefix = new Uint8Array(Array.from(`assent/${kind}/v1\n`, (c) => c.charCodeAt(0)));
  const message = new Uint8Array(prefix.length + bytes.length);
  message.set(prefix);
  message.set(bytes, prefix.length);
  return message;
}

export function signRecord<T>(type: RecordType<T>, value: T, sign: (message: Uint8Array) => Uint8Array): Signed {
  const bytes = type.encode(value);
  return { bytes, signature: sign(signedMessage(type.kind, bytes)) };
}

/** Checks signature and form. `publicKeyHex` must come from the pinned keys or the member directory, never from the record. */
export function openSigned<T>(primitives: Primitives, type: RecordType<T>, signed: Signed, publicKeyHex: string): T {
  if (!primitives.verifyEd25519(fromHex(publicKeyHex), signedMessage(type.kind, signed.bytes), signed.signature))
    throw new AssentError('SIGNATURE_INVALID', `The signature of a ${type.kind} record does not verify.`, {
      kind: type.kind,
    });
  return type.decode(signed.bytes);
}
