// The only importer of node:crypto. An allow-list (SHA-2, HMAC, HKDF, AES-256-GCM, Ed25519) of what both OpenSSL and the
// BoringSSL inside Electron have; selfTest() compares each with published answers at start.

import * as nodeCrypto from 'node:crypto';
import { AssentError } from '../shared/errors.ts';
import { concatBytes, sameBytes } from '../shared/transparency/bytes.ts';
import { encodeUtf8, fromHex, toHex } from '../shared/wire/canonical.ts';
import type { Primitives, SignatureClaim } from '../shared/transparency/primitives.ts';

// node:crypto answers with Buffers; their own type must not travel into records and tests.
const plain = (buffer: Buffer): Uint8Array<ArrayBuffer> => new Uint8Array(buffer);

export const sha256 = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => plain(nodeCrypto.hash('sha256', bytes, 'buffer'));

export type Sha256 = {
  update(bytes: Uint8Array): void;
  /** The hash of what came so far; more may come afterwards. */
  digest(): Uint8Array<ArrayBuffer>;
};

/** SHA-256 of what comes in pieces. */
export function createSha256(): Sha256 {
  const hash = nodeCrypto.createHash('sha256');
  return { update: (bytes) => void hash.update(bytes), digest: () => plain(hash.copy().digest()) };
}

export const hmacSha256 = (key: Uint8Array, bytes: Uint8Array): Uint8Array<ArrayBuffer> =>
  plain(nodeCrypto.createHmac('sha256', key).update(bytes).digest());

/** RFC 5869 with SHA-256; `length` is at most 8160 bytes. `info` says what the key is for and in which direction. */
export function hkdfSha256(
  secret: Uint8Array,
  salt: Uint8Array,
  info: Uint8Array,
  length: number,
): Uint8Array<ArrayBuffer> {
  if (length > 255 * 32) throw new AssentError('INTERNAL', `HKDF-SHA-256 gives at most 8160 bytes, not ${length}.`);
  const pseudorandom = hmacSha256(salt.length === 0 ? new Uint8Array(32) : salt, secret);
  const blocks: Uint8Array[] = [];
  let block = new Uint8Array(0);
  for (let counter = 1; blocks.length * 32 < length; counter++) {
    block = hmacSha256(pseudorandom, concatBytes(block, info, Uint8Array.of(counter)));
    blocks.push(block);
  }
  return concatBytes(...blocks).slice(0, length);
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** AES-256-GCM under a fresh random nonce: nonce (12) || ciphertext || tag (16). At most 2^32 messages a key. */
export function sealAes256Gcm(key: Uint8Array, plaintext: Uint8Array, aad: Uint8Array): Uint8Array<ArrayBuffer> {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = nodeCrypto.createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(aad);
  const body = cipher.update(plaintext);
  return concatBytes(nonce, body, cipher.final(), cipher.getAuthTag());
}

/** The plaintext; throws CIPHERTEXT_INVALID for another key, other associated data or changed bytes. */
export function openAes256Gcm(key: Uint8Array, sealed: Uint8Array, aad: Uint8Array): Uint8Array<ArrayBuffer> {
  const end = sealed.length - TAG_BYTES;
  if (end < NONCE_BYTES) throw unopened();
  const options = { authTagLength: TAG_BYTES };
  const decipher = nodeCrypto.createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES), options);
  decipher.setAAD(aad);
  decipher.setAuthTag(sealed.subarray(end));
  const plaintext = plain(decipher.update(sealed.subarray(NONCE_BYTES, end)));
  try {
    decipher.final();
  } catch (cause) {
    throw unopened(cause);
  }
  return plaintext;
}

const unopened = (cause?: unknown) =>
  new AssentError(
    'CIPHERTEXT_INVALID',
    'Sealed bytes do not open: they were changed, or this is not their key.',
    {},
    cause,
  );

// DER in front of the 32 raw bytes (RFC 8410): SubjectPublicKeyInfo and PKCS #8.
const PUBLIC_PREFIX = fromHex('302a300506032b6570032100');
const PRIVATE_PREFIX = fromHex('302e020100300506032b657004220420');

const MAX_CACHED_KEYS = 256;
const publicKeys = new Map<string, nodeCrypto.KeyObject>();

function publicKeyObject(publicKey: Uint8Array): nodeCrypto.KeyObject {
  const id = toHex(publicKey);
  const cached = publicKeys.get(id);
  if (cached !== undefined) return cached;
  const der = Buffer.from(concatBytes(PUBLIC_PREFIX, publicKey));
  const key = nodeCrypto.createPublicKey({ key: der, format: 'der', type: 'spki' });
  // The oldest goes first: a consortium has few keys, and only a flood of foreign ones gets here.
  if (publicKeys.size >= MAX_CACHED_KEYS) publicKeys.delete(publicKeys.keys().next().value!);
  publicKeys.set(id, key);
  return key;
}

function privateKeyObject(seed: Uint8Array): nodeCrypto.KeyObject {
  if (seed.length !== 32) throw new AssentError('KEY_INVALID', `An Ed25519 seed has 32 bytes, not ${seed.length}.`);
  const der = Buffer.from(concatBytes(PRIVATE_PREFIX, seed));
  const key = nodeCrypto.createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  der.fill(0);
  return key;
}

/** The raw public key (32 bytes) of a raw private one (the 32-byte seed of RFC 8032). */
export function ed25519PublicKey(seed: Uint8Array): Uint8Array<ArrayBuffer> {
  const spki = nodeCrypto.createPublicKey(privateKeyObject(seed)).export({ format: 'der', type: 'spki' });
  return plain(spki.subarray(PUBLIC_PREFIX.length));
}

/** A fresh key pair, 32 raw bytes each. */
export function generateEd25519(): { publicKey: Uint8Array<ArrayBuffer>; privateKey: Uint8Array<ArrayBuffer> } {
  const privateKey = randomBytes(32);
  return { publicKey: ed25519PublicKey(privateKey), privateKey };
}

/** 64 bytes, the same for the same message. */
export const signEd25519 = (seed: Uint8Array, message: Uint8Array): Uint8Array<ArrayBuffer> =>
  plain(nodeCrypto.sign(null, message, privateKeyObject(seed)));

/** False, never an exception, for whatever is not a valid signature by a valid key. */
export function verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  try {
    return nodeCrypto.verify(null, message, publicKeyObject(publicKey), signature);
  } catch {
    return false;
  }
}

/** So many are handed to the platform's threads at a time that reading files, which they do too, need not wait. */
const VERIFYING = 16;

/** Many at once, on the platform's own threads, so that reading goes on meanwhile. */
async function verifyAllEd25519(claims: readonly SignatureClaim[]): Promise<readonly boolean[]> {
  const answers: boolean[] = [];
  let next = 0;
  const lane = async () => {
    for (let i = next++; i < claims.length; i = next++) answers[i] = await verifyBeside(claims[i]!);
  };
  await Promise.all(Array.from({ length: VERIFYING }, lane));
  return answers;
}

const verifyBeside = ({ publicKey, message, signature }: SignatureClaim): Promise<boolean> =>
  new Promise((resolve) => {
    if (publicKey.length !== 32 || signature.length !== 64) return resolve(false);
    try {
      const key = publicKeyObject(publicKey);
      nodeCrypto.verify(null, message, key, signature, (error, ok) => resolve(error === null && ok));
    } catch {
      resolve(false);
    }
  });

/** Throws when the PEM text is not one X.509 certificate. */
export function checkCertificate(pem: string): void {
  void new nodeCrypto.X509Certificate(pem);
}

/** SHA-256 of a PEM certificate's DER bytes, hex: by it a client pins the certificate. Throws like `checkCertificate`. */
export const certificateHash = (pem: string): string =>
  new nodeCrypto.X509Certificate(pem).fingerprint256.replaceAll(':', '').toLowerCase();

export const randomBytes = (length: number): Uint8Array<ArrayBuffer> => plain(nodeCrypto.randomBytes(length));

/** A random (version 4) UUID. */
export const randomUuid = (): string => nodeCrypto.randomUUID();

/** Compares secrets in a time that does not depend on where they differ; false for different lengths. */
export const timingSafeEqual = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && nodeCrypto.timingSafeEqual(a, b);

/** Throws when a primitive of this platform does not give its published answer: nothing may be hashed or signed then. */
export function selfTest(): void {
  const check = (name: string, ok: boolean) => {
    if (!ok) throw new AssentError('INTERNAL', `The cryptography of this platform fails its self-test: ${name}.`);
  };
  const gives = (name: string, value: Uint8Array, expected: string) => check(name, sameBytes(value, fromHex(expected)));

  const abc = encodeUtf8('abc');
  // FIPS 180-4, example "abc".
  const digest = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
  gives('SHA-256', sha256(abc), digest);
  const pieces = createSha256();
  for (const byte of abc) pieces.update(Uint8Array.of(byte));
  gives('SHA-256 in pieces', pieces.digest(), digest);

  // RFC 4231, test case 2.
  const hmac = '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843';
  gives('HMAC-SHA-256', hmacSha256(encodeUtf8('Jefe'), encodeUtf8('what do ya want for nothing?')), hmac);

  // RFC 5869, test case 1.
  const [salt, info] = [fromHex('000102030405060708090a0b0c'), fromHex('f0f1f2f3f4f5f6f7f8f9')];
  const okm = '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865';
  gives('HKDF-SHA-256', hkdfSha256(new Uint8Array(22).fill(0x0b), salt, info, 42), okm);

  // McGrew and Viega, "The Galois/Counter Mode of Operation", test case 16 (a vector of the NIST submission).
  const key = fromHex('feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308');
  const aad = fromHex('feedfacedeadbeeffeedfacedeadbeefabaddad2');
  const sealed = fromHex(
    'cafebabefacedbaddecaf888' +
      '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662' +
      '76fc6ece0f4e1768cddf8853bb2d551b',
  );
  const opened =
    'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39';
  gives('AES-256-GCM', openAes256Gcm(key, sealed, aad), opened);
  gives('AES-256-GCM, sealing', openAes256Gcm(key, sealAes256Gcm(key, abc, aad), aad), toHex(abc));

  // RFC 8032, section 7.1, test 3.
  const seed = fromHex('c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7');
  const message = fromHex('af82');
  const signature = fromHex(
    '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
  );
  const publicKey = ed25519PublicKey(seed);
  gives('Ed25519 key', publicKey, 'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025');
  gives('Ed25519 signature', signEd25519(seed, message), toHex(signature));
  check('Ed25519 verification', verifyEd25519(publicKey, message, signature));
  check('Ed25519 refusal', !verifyEd25519(publicKey, abc, signature));
}

/** What shared/transparency and shared/records ask of a platform. */
export const primitives: Primitives = { sha256, verifyEd25519, verifyAllEd25519 };
