import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ed25519PublicKey, signEd25519 } from '../../../platform/crypto.ts';
import { parseCheckpoint } from '../../../shared/transparency/checkpoint.ts';
import { cosign, linesOf, noteBytes, readCosignature } from '../../../shared/transparency/cosignature.ts';
import { parseNote, verifyNote } from '../../../shared/transparency/note.ts';
import { verifierKey } from '../../../shared/transparency/verifier-key.ts';
import { decodeUtf8, encodeUtf8 } from '../../../shared/wire/canonical.ts';
import * as by from '../../support/exported-log.ts';

const { primitives, logKey } = by;
const bytes = by.checkpointOf(137, primitives.sha256(encodeUtf8('any root')));
const checkpoint = parseCheckpoint(bytes);
const TIME = 1_800_000_000;
const keyOf = (byte: number) => ({
  key: by.witness(byte),
  sign: (message: Uint8Array) => signEd25519(by.seed(byte), message),
});
const invalid = expect.objectContaining({ code: 'CHECKPOINT_INVALID' }) as Error;

test('the line of a witness is the one that the format gives, with its time', () => {
  const line = cosign(keyOf(7), checkpoint, TIME);
  expect(`${decodeUtf8(bytes)}${line}`).toBe(decodeUtf8(by.cosign(bytes, 7, TIME)));
  const { signers } = verifyNote(primitives, parseNote(encodeUtf8(decodeUtf8(bytes) + line)), [by.witness(7), logKey]);
  expect(signers.map(({ name, time }) => [name, time])).toEqual([
    [logKey.name, null],
    ['witness-7.example', TIME],
  ]);
});

test('whatever the time, what a witness signs is read back', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (time) => {
      const line = cosign(keyOf(7), checkpoint, time);
      expect(readCosignature(primitives, checkpoint, by.witness(7), encodeUtf8(line))).toEqual({ line, time });
    }),
  );
});

test('a witness signs with no time that is none, and with no key of a log', () => {
  for (const time of [-1, 1.5, 2 ** 53, Number.NaN]) expect(() => cosign(keyOf(7), checkpoint, time)).toThrow('type 4');
  const asLog = { ...keyOf(7), key: verifierKey(primitives, 'w', 1, ed25519PublicKey(by.seed(7))) };
  expect(() => cosign(asLog, checkpoint, TIME)).toThrow('type 4');
});

test('of several lines the one of the witness that was asked counts', () => {
  const [own, other] = [cosign(keyOf(7), checkpoint, TIME), cosign(keyOf(8), checkpoint, TIME)];
  expect(readCosignature(primitives, checkpoint, by.witness(7), encodeUtf8(other + own)).line).toBe(own);
});

test.each([
  ['nothing', ''],
  ['the line of another witness', cosign(keyOf(8), checkpoint, TIME)],
  ['a line without its line feed', cosign(keyOf(7), checkpoint, TIME).trimEnd()],
  ['a line with CRLF', cosign(keyOf(7), checkpoint, TIME).replace('\n', '\r\n')],
  ['a line for another checkpoint', cosign(keyOf(7), parseCheckpoint(by.checkpointOf(138, checkpoint.root)), TIME)],
  ['a byte order mark', `\uFEFF${cosign(keyOf(7), checkpoint, TIME)}`],
  ['words', 'thank you\n'],
  ['10,000 lines', cosign(keyOf(8), checkpoint, TIME).repeat(10_000)],
])('%s is no answer of the witness', (_, lines) => {
  expect(() => readCosignature(primitives, checkpoint, by.witness(7), encodeUtf8(lines))).toThrow(invalid);
});

test('a known key with a bad signature is refused, whatever stands beside it', () => {
  const good = cosign(keyOf(7), checkpoint, TIME);
  const bad = cosign(keyOf(7), parseCheckpoint(by.checkpointOf(138, checkpoint.root)), TIME);
  expect(() => readCosignature(primitives, checkpoint, by.witness(7), encodeUtf8(good + bad))).toThrow(invalid);
});

test('a line that is valid under a longer text does not become a line under this one', () => {
  const longer = { ...checkpoint, note: { text: `${checkpoint.note.text}\nmore\n`, signatures: [] } };
  const forged = encodeUtf8(`more\n\n${cosign(keyOf(7), longer, TIME)}`);
  expect(() => readCosignature(primitives, checkpoint, by.witness(7), forged)).toThrow(invalid);
});

test('a note is put together from its text and the lines that are wanted', () => {
  const cosigned = parseNote(by.cosign(by.cosign(bytes, 7, TIME), 8, TIME));
  const only = noteBytes(cosigned.text, [...linesOf(cosigned, logKey), ...linesOf(cosigned, by.witness(8))]);
  expect(decodeUtf8(only)).toBe(decodeUtf8(by.cosign(bytes, 8, TIME)));
});
