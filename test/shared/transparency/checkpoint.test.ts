import { describe, expect, test } from 'vitest';
import { toBase64 } from '../../../shared/transparency/bytes.ts';
import { checkpointText, parseCheckpoint } from '../../../shared/transparency/checkpoint.ts';
import { parseNote, verifyNote } from '../../../shared/transparency/note.ts';
import { encodeVkey, parseVkey, parseVkeyFile, verifierKey } from '../../../shared/transparency/verifier-key.ts';
import { decodeUtf8, encodeUtf8 } from '../../../shared/wire/canonical.ts';
import { checkpointOf, cosign, logKey, ORIGIN, primitives, seed, witness } from '../../support/exported-log.ts';
import { ed25519PublicKey } from '../../../platform/crypto.ts';

const root = primitives.sha256(encodeUtf8('any root'));
const good = checkpointOf(137, root);
const text = decodeUtf8(good);
const refused = (words: string, code = 'CHECKPOINT_INVALID') =>
  expect.objectContaining({ code, message: expect.stringContaining(words) as string }) as Error;

describe('a signed checkpoint', () => {
  test('reads back, and its signature is the log’s', () => {
    const checkpoint = parseCheckpoint(good);
    expect(checkpoint).toEqual({ origin: ORIGIN, size: 137, root, note: parseNote(good) });
    expect(verifyNote(primitives, checkpoint.note, [logKey])).toEqual({
      signers: [{ name: ORIGIN, keyId: logKey.keyId, type: 1, time: null }],
      unknown: [],
    });
  });

  test('is three lines, a blank one and the signature line with an em dash', () => {
    expect(text).toMatch(
      /^assent\.example\/st-mary\n137\n[A-Za-z0-9+/]{43}=\n\n\u2014 assent\.example\/st-mary [A-Za-z0-9+/]{91}=\n$/,
    );
  });

  test('is not written with an origin, size or root that could not be read back', () => {
    for (const origin of ['', 'two words', 'a+b', 'a\nb']) {
      expect(() => checkpointText({ origin, size: 1, root })).toThrow(refused('origin'));
    }
    for (const size of [-1, 1.5, 2 ** 53])
      expect(() => checkpointText({ origin: ORIGIN, size, root })).toThrow(refused('size'));
    expect(() => checkpointText({ origin: ORIGIN, size: 1, root: root.subarray(1) })).toThrow(refused('32 bytes'));
  });

  test('may have extension lines, which the signature covers', () => {
    expect(parseCheckpoint(encodeUtf8(text.replace('\n\n', '\nextension\n\n'))).size).toBe(137);
    const extended = parseCheckpoint(encodeUtf8(text.replace('\n\n', '\nextension\n\n')));
    expect(() => verifyNote(primitives, extended.note, [logKey])).toThrow(refused('does not verify'));
  });
});

describe('a malformed checkpoint is refused', () => {
  const withSize = (size: string) => text.replace('\n137\n', `\n${size}\n`);
  const base64 = toBase64(root);
  test.each([
    ['a size with a leading zero', withSize('0137'), 'size'],
    ['a size of 2^53', withSize('9007199254740992'), 'size'],
    ['a size of 2^63', withSize('9223372036854775808'), 'size'],
    ['a negative size', withSize('-1'), 'size'],
    ['a size with a sign', withSize('+137'), 'size'],
    ['a size with a space', withSize('137 '), 'size'],
    ['a size in hexadecimal', withSize('0x89'), 'size'],
    ['a size in other digits', withSize('١٣٧'), 'size'],
    ['an empty size', withSize(''), 'size'],
    ['CRLF line ends', text.replaceAll('\n', '\r\n'), 'control character'],
    ['a NUL', text.replace('st-mary', 'st\u0000mary'), 'control character'],
    ['a tab', text.replace('st-mary', 'st\tmary'), 'control character'],
    ['a byte order mark', `\uFEFF${text}`, 'byte order mark'],
    ['no final line feed', text.slice(0, -1), 'line feed'],
    [
      'a root that is not canonical base64',
      text.replace(base64, `${base64.slice(0, -2)}${base64.at(-2) === 'A' ? 'B' : 'A'}=`),
      '',
    ],
    ['a root without padding', text.replace(base64, base64.slice(0, -1)), 'base64'],
    ['a root of 31 bytes', text.replace(base64, toBase64(root.subarray(1))), 'base64'],
    ['an empty origin', text.slice(ORIGIN.length), 'empty'],
    ['two lines', text.replace('137\n', ''), 'three lines'],
    ['no signature line', text.slice(0, text.indexOf('\u2014')), ''],
    ['no blank line', text.replace('\n\n', '\n'), 'blank line'],
    ['a hyphen for the em dash', text.replace('\u2014', '-'), 'signature line 1'],
    ['two spaces in a signature line', text.replace('\u2014 ', '\u2014  '), 'signature line 1'],
    ['a signature without its base64', text.replace(/ [^ ]*\n$/, '\n'), 'signature line 1'],
    ['a signature with base64 cut', text.replace(/=\n$/, '\n'), 'base64'],
    ['a signature of a key id alone', text.replace(/ [^ ]*\n$/, ' AAAAAA==\n'), 'no signature'],
    ['a plus sign in a key name', text.replace('\u2014 assent', '\u2014 as+ent'), 'signature line 1'],
    ['a no-break space in a key name', text.replace('\u2014 assent', '\u2014 as\u00a0ent'), 'signature line 1'],
    ['101 signature lines', text + text.slice(text.indexOf('\u2014')).repeat(100), '100 signature lines'],
    ['10,000 signature lines', text + text.slice(text.indexOf('\u2014')).repeat(9_999), 'longer than'],
    ['nothing', '', 'line feed'],
  ])('%s', (_, changed, words) => {
    expect(changed).not.toBe(text);
    const act = () => verifyNote(primitives, parseCheckpoint(encodeUtf8(changed)).note, [logKey]);
    expect(act).toThrow(refused(words));
  });

  test('broken UTF-8', () => {
    const bytes = Uint8Array.from(good);
    bytes[0] = 0xff;
    expect(() => parseCheckpoint(bytes)).toThrow(refused('UTF-8'));
  });
});

describe('signatures', () => {
  const other = verifierKey(primitives, ORIGIN, 1, ed25519PublicKey(seed(9)));

  test('by keys that nobody knows are ignored, and leave the note unauthenticated', () => {
    const { signers, unknown } = verifyNote(primitives, parseNote(good), [other]);
    expect(signers).toEqual([]);
    expect(unknown.map((line) => line.keyId)).toEqual([logKey.keyId]);
  });

  test('by a known key that do not verify refuse the whole note, whoever else has signed', () => {
    const cosigned = cosign(good, 7, 1_800_000_000);
    const forged = decodeUtf8(cosign(checkpointOf(138, root), 8, 1_800_000_000))
      .split('\n')
      .at(-2)!;
    const note = parseNote(encodeUtf8(`${decodeUtf8(cosigned)}${forged}\n`));
    expect(verifyNote(primitives, note, [logKey, witness(7)]).signers).toHaveLength(2);
    expect(() => verifyNote(primitives, note, [logKey, witness(7), witness(8)])).toThrow(refused('witness-8.example'));
  });

  test('by a witness carry its time, and cover it', () => {
    const cosigned = cosign(good, 7, 1_800_000_000);
    const { signers } = verifyNote(primitives, parseNote(cosigned), [witness(7)]);
    expect(signers).toEqual([{ name: 'witness-7.example', keyId: witness(7).keyId, type: 4, time: 1_800_000_000 }]);
    const note = parseNote(cosigned);
    note.signatures[1]!.signature[7]! ^= 1;
    expect(() => verifyNote(primitives, note, [witness(7)])).toThrow(refused('does not verify'));
  });

  test('by a witness at a time beyond 2^53 do not count', () => {
    const note = parseNote(cosign(good, 7, 2 ** 53));
    expect(() => verifyNote(primitives, note, [witness(7)])).toThrow(refused('does not verify'));
  });

  test('of the log are not taken for those of a witness with the same key', () => {
    const asWitness = verifierKey(primitives, ORIGIN, 4, logKey.publicKey);
    expect(asWitness.keyId).not.toBe(logKey.keyId);
    expect(verifyNote(primitives, parseNote(good), [asWitness]).signers).toEqual([]);
  });
});

describe('a verifier key', () => {
  const vkey = encodeVkey(logKey);
  test('reads back from its text', () => {
    expect(parseVkey(primitives, vkey)).toEqual({ ...logKey, publicKey: Uint8Array.from(logKey.publicKey) });
    expect(parseVkeyFile(primitives, encodeUtf8(`${vkey}\n`)).keyId).toBe(logKey.keyId);
  });

  test('with any one character changed is refused', () => {
    for (let i = 0; i < vkey.length; i++) {
      const changed = `${vkey.slice(0, i)}${vkey[i] === 'b' ? 'c' : 'b'}${vkey.slice(i + 1)}`;
      expect(() => parseVkey(primitives, changed), changed).toThrow(refused('', 'KEY_INVALID'));
    }
  });

  test.each([
    ['nothing', ''],
    ['no plus signs', 'name'],
    ['an uppercase id', vkey.replace(logKey.keyId, logKey.keyId.toUpperCase())],
    ['a space in front', ` ${vkey}`],
    ['a line feed behind', `${vkey}\n`],
    ['a type that is not known', 'a+00000000+BgAA'],
  ])('with %s is refused', (_, bad) => expect(() => parseVkey(primitives, bad)).toThrow(refused('', 'KEY_INVALID')));

  test.each([
    ['two lines', `${vkey}\n${vkey}\n`],
    ['no line feed', vkey],
    ['a byte order mark', `\uFEFF${vkey}\n`],
    ['CRLF', `${vkey}\r\n`],
  ])('a key file with %s is refused', (_, bad) =>
    expect(() => parseVkeyFile(primitives, encodeUtf8(bad))).toThrow(refused('', 'KEY_INVALID')),
  );

  test('of 31 bytes or with a space in its name is not made', () => {
    expect(() => verifierKey(primitives, 'a', 1, new Uint8Array(31))).toThrow(refused('32 bytes', 'KEY_INVALID'));
    expect(() => verifierKey(primitives, 'a b', 1, new Uint8Array(32))).toThrow(refused('name', 'KEY_INVALID'));
  });
});
