// The cryptography of verify.html: SHA-256 by @noble/hashes, since WebCrypto takes 40 times as long for something so short;
// Ed25519 by the browser where it has it, many at a time, and by @noble/curves elsewhere.

import { ed25519 } from '@noble/curves/ed25519.js';
import { sha256 } from '@noble/hashes/sha2.js';
import type { Primitives, SignatureClaim } from '../shared/transparency/primitives.ts';

function verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  try {
    return ed25519.verify(signature, message, publicKey, { zip215: false });
  } catch {
    return false;
  }
}

const keys = new Map<string, Promise<CryptoKey>>();

/** A browser imports a key about as slowly as it checks a signature, and a log has few keys. */
function imported(publicKey: Uint8Array): Promise<CryptoKey> {
  const id = publicKey.join();
  let key = keys.get(id);
  if (key === undefined) {
    key = crypto.subtle.importKey('raw', Uint8Array.from(publicKey), 'Ed25519', false, ['verify']);
    keys.set(id, key);
  }
  return key;
}

async function verifyByBrowser({ publicKey, message, signature }: SignatureClaim): Promise<boolean> {
  const [said, by] = [Uint8Array.from(message), Uint8Array.from(signature)];
  return crypto.subtle.verify('Ed25519', await imported(publicKey), by, said).catch(() => false);
}

/** RFC 8032, section 7.1, test 3, and the same with another message: an old browser, or a broken one, is not relied on. */
async function browserVerifies(): Promise<boolean> {
  const bytes = (hex: string) => Uint8Array.from(hex.match(/../g)!, (two) => Number.parseInt(two, 16));
  const claim = {
    publicKey: bytes('fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025'),
    message: bytes('af82'),
    signature: bytes(
      '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
    ),
  };
  try {
    return (await verifyByBrowser(claim)) && !(await verifyByBrowser({ ...claim, message: bytes('af83') }));
  } catch {
    return false;
  }
}

export async function browserPrimitives(): Promise<Primitives> {
  const alone: Primitives = { sha256, verifyEd25519 };
  if (!(await browserVerifies())) return alone;
  return { ...alone, verifyAllEd25519: (claims) => Promise.all(claims.map(verifyByBrowser)) };
}
