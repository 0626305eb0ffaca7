import fc from 'fast-check';
import { createHash, createPublicKey, generateKeyPairSync, hkdfSync, sign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import * as crypto from '../../platform/crypto.ts';
import { encodeUtf8, fromHex, toHex } from '../../shared/wire/canonical.ts';

test('the self-test with published answers passes on this platform', () => {
  expect(() => crypto.selfTest()).not.toThrow();
});

describe('SHA-256', () => {
  // FIPS 180-4 and its examples: empty, one block, two blocks.
  test.each([
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    [
      'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
      '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
    ],
  ])('of %j is the published digest', (text, digest) => expect(toHex(crypto.sha256(encodeUtf8(text)))).toBe(digest));

  test('in pieces is that of the whole', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array()), (pieces) => {
        const hash = crypto.createSha256();
        for (const piece of pieces) hash.update(piece);
        expect(hash.digest()).toEqual(crypto.sha256(Buffer.concat(pieces)));
      }),
    );
  });
});

// RFC 4231, test cases 1, 3 and 6 (a key longer than a block); 2 is in the self-test.
test.each([
  ['0b'.repeat(20), toHex(encodeUtf8('Hi There')), 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7'],
  ['aa'.repeat(20), 'dd'.repeat(50), '773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe'],
  [
    'aa'.repeat(131),
    toHex(encodeUtf8('Test Using Larger Than Block-Size Key - Hash Key First')),
    '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
  ],
])('HMAC-SHA-256 under %s gives the published tag', (key, message, tag) => {
  expect(toHex(crypto.hmacSha256(fromHex(key), fromHex(message)))).toBe(tag);
});

describe('HKDF-SHA-256', () => {
  // RFC 5869, test case 3: no salt, no info.
  test('without salt and info gives the published key', () => {
    const okm = crypto.hkdfSha256(new Uint8Array(22).fill(0x0b), new Uint8Array(0), new Uint8Array(0), 42);
    expect(toHex(okm)).toBe('8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8');
  });

  test('is that of the platform for any input', () => {
    const bytes = fc.uint8Array({ maxLength: 100 });
    fc.assert(
      fc.property(bytes, bytes, bytes, fc.integer({ min: 1, max: 200 }), (secret, salt, info, length) => {
        const theirs = new Uint8Array(hkdfSync('sha256', secret, salt, info, length));
        expect(crypto.hkdfSha256(secret, salt, info, length)).toEqual(theirs);
      }),
    );
  });

  test('of more than 255 blocks is refused', () => {
    const none = new Uint8Array(0);
    expect(crypto.hkdfSha256(none, none, none, 8160)).toHaveLength(8160);
    expect(() => crypto.hkdfSha256(none, none, none, 8161)).toThrow('8160');
  });
});

describe('AES-256-GCM', () => {
  const key = crypto.sha256(encodeUtf8('key'));
  const refused = expect.objectContaining({ code: 'CIPHERTEXT_INVALID' }) as Error;

  test('opens what it sealed, 28 bytes longer, under a nonce that is never the same', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ maxLength: 30 }), (plaintext, aad) => {
        const sealed = crypto.sealAes256Gcm(key, plaintext, aad);
        expect(sealed).toHaveLength(plaintext.length + 28);
        expect(crypto.openAes256Gcm(key, sealed, aad)).toEqual(Uint8Array.from(plaintext));
        expect(crypto.sealAes256Gcm(key, plaintext, aad).subarray(0, 12)).not.toEqual(sealed.subarray(0, 12));
      }),
    );
  });

  test('does not open with one bit changed, another key or other associated data, or cut short', () => {
    const aad = encodeUtf8('row group 3');
    const sealed = crypto.sealAes256Gcm(key, encodeUtf8('patient'), aad);
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const changed = Uint8Array.from(sealed);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(() => crypto.openAes256Gcm(key, changed, aad)).toThrow(refused);
    }
    expect(() => crypto.openAes256Gcm(crypto.sha256(key), sealed, aad)).toThrow(refused);
    expect(() => crypto.openAes256Gcm(key, sealed, encodeUtf8('row group 4'))).toThrow(refused);
    for (const length of [0, 12, 27, sealed.length - 1]) {
      expect(() => crypto.openAes256Gcm(key, sealed.subarray(0, length), aad)).toThrow(refused);
    }
  });
});

describe('Ed25519', () => {
  // RFC 8032, section 7.1: tests 1, 2 and 3, and SHA(abc).
  test.each([
    [
      '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
      'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
      '',
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
    ],
    [
      '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
      '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
      '72',
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    ],
    [
      '833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42',
      'ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf',
      'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
      'dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704',
    ],
  ])('with seed %s gives the published key and signature', (seed, publicKey, message, signature) => {
    expect(toHex(crypto.ed25519PublicKey(fromHex(seed)))).toBe(publicKey);
    expect(toHex(crypto.signEd25519(fromHex(seed), fromHex(message)))).toBe(signature);
    expect(crypto.verifyEd25519(fromHex(publicKey), fromHex(message), fromHex(signature))).toBe(true);
  });

  const message = encodeUtf8('message');

  test('makes pairs of 32 raw bytes that sign for each other and for nobody else', () => {
    const [mine, other] = [crypto.generateEd25519(), crypto.generateEd25519()];
    expect([mine.publicKey.length, mine.privateKey.length]).toEqual([32, 32]);
    const signature = crypto.signEd25519(mine.privateKey, message);
    expect(crypto.verifyEd25519(mine.publicKey, message, signature)).toBe(true);
    expect(crypto.verifyEd25519(other.publicKey, message, signature)).toBe(false);
    expect(crypto.verifyEd25519(mine.publicKey, encodeUtf8('other'), signature)).toBe(false);
  });

  test('verifies what the platform signs with a key of its own', () => {
    const pair = generateKeyPairSync('ed25519');
    const raw = createPublicKey(pair.privateKey).export({ format: 'der', type: 'spki' }).subarray(-32);
    expect(crypto.verifyEd25519(raw, message, sign(null, message, pair.privateKey))).toBe(true);
  });

  test('is false, and throws nothing, for keys and signatures of any other bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), fc.uint8Array({ maxLength: 70 }), (key, signature) => {
        expect(crypto.verifyEd25519(key, message, signature)).toBe(false);
      }),
    );
    const { publicKey, privateKey } = crypto.generateEd25519();
    const signature = crypto.signEd25519(privateKey, message);
    expect(crypto.verifyEd25519(publicKey.subarray(1), message, signature)).toBe(false);
    expect(crypto.verifyEd25519(publicKey, message, signature.subarray(1))).toBe(false);
    // S + L, the other form of the same number that RFC 8032 forbids.
    const order = 2n ** 252n + 27742317777372353535851937790883648493n;
    let s = order;
    for (let i = 0; i < 32; i++) s += BigInt(signature[32 + i]!) << BigInt(8 * i);
    const malleable = Uint8Array.from(signature);
    for (let i = 0; i < 32; i++) malleable[32 + i] = Number((s >> BigInt(8 * i)) & 255n);
    expect(crypto.verifyEd25519(publicKey, message, malleable)).toBe(false);
  });

  test('goes on verifying when more keys have passed than are kept', () => {
    const first = crypto.generateEd25519();
    const signature = crypto.signEd25519(first.privateKey, message);
    for (let i = 0; i < 300; i++) {
      const { publicKey, privateKey } = crypto.generateEd25519();
      expect(crypto.verifyEd25519(publicKey, message, crypto.signEd25519(privateKey, message))).toBe(true);
    }
    expect(crypto.verifyEd25519(first.publicKey, message, signature)).toBe(true);
  });

  test('does not sign with a seed of another length', () => {
    expect(() => crypto.signEd25519(new Uint8Array(31), message)).toThrow('32 bytes');
  });
});

test('timingSafeEqual compares bytes and lengths', () => {
  const [a, b] = [Uint8Array.of(1, 2), Uint8Array.of(1, 3)];
  expect([
    crypto.timingSafeEqual(a, Uint8Array.of(1, 2)),
    crypto.timingSafeEqual(a, b),
    crypto.timingSafeEqual(a, a.subarray(1)),
  ]).toEqual([true, false, false]);
});

test('answers are plain byte arrays that share no memory with a pool', () => {
  const answers = [
    crypto.sha256(encodeUtf8('a')),
    crypto.randomBytes(8),
    crypto.signEd25519(crypto.randomBytes(32), encodeUtf8('a')),
  ];
  for (const bytes of answers) {
    expect(Object.getPrototypeOf(bytes)).toBe(Uint8Array.prototype);
    expect(bytes.buffer.byteLength).toBe(bytes.length);
  }
  expect(toHex(answers[0]!)).toBe(createHash('sha256').update('a').digest('hex'));
  expect(crypto.randomUuid()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
