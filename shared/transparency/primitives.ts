// All that the log needs of a platform, so that an auditor's program, the node and a page in a browser run the same code.

export type Primitives = {
  /** 32 bytes. */
  sha256(bytes: Uint8Array): Uint8Array;
  /** A raw 32-byte Ed25519 key. False, never an exception, for whatever is not a valid signature. */
  verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
};
