// All that the log needs of a platform, so that an auditor's program, the node and a page in a browser run the same code.

export type Primitives = {
  /** 32 bytes. */
  sha256(bytes: Uint8Array): Uint8Array;
  /** A raw 32-byte Ed25519 key. False, never an exception, for whatever is not a valid signature. */
  verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
  /** Many at once, where the platform can check them beside other work: the answers of verifyEd25519, in order. */
  verifyAllEd25519?(claims: readonly SignatureClaim[]): Promise<readonly boolean[]>;
};

export type SignatureClaim = { publicKey: Uint8Array; message: Uint8Array; signature: Uint8Array };
