// The name of a log: taken from its own key, so that it is fixed from the first record on.
import { toHex } from '../shared/wire/canonical.ts';
import { verifierKey, type VerifierKey } from '../shared/transparency/verifier-key.ts';
import { primitives, sha256 } from './crypto.ts';

export const logOrigin = (logPublicKey: Uint8Array): string => `assent/${toHex(sha256(logPublicKey)).slice(0, 16)}`;

/** The key under whose name checkpoints of this log are signed. */
export const logKey = (publicKey: Uint8Array): VerifierKey =>
  verifierKey(primitives, logOrigin(publicKey), 1, publicKey);
