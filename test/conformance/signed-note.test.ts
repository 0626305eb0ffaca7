// Notes, keys and checkpoints made by other implementations.

import { expect, test } from 'vitest';
import { ed25519PublicKey, signEd25519 } from '../../platform/crypto.ts';
import { fromBase64 } from '../../shared/transparency/bytes.ts';
import { parseCheckpoint } from '../../shared/transparency/checkpoint.ts';
import { parseNote, signatureLine, verifyNote } from '../../shared/transparency/note.ts';
import { encodeVkey, parseVkey, verifierKey } from '../../shared/transparency/verifier-key.ts';
import { encodeUtf8, toHex } from '../../shared/wire/canonical.ts';
import { primitives } from '../support/exported-log.ts';

// golang.org/x/mod/sumdb/note, the package that defined the format: its example key pair and note.
const GO_KEY = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const GO_SEED = fromBase64('AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz')!.slice(1);
const GO_TEXT =
  "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const GO_NOTE = `${GO_TEXT}
— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
`;

test("the note of Go's sumdb verifies, and ours over its text is the same byte for byte", () => {
  const key = parseVkey(primitives, GO_KEY);
  expect(verifyNote(primitives, parseNote(encodeUtf8(GO_NOTE)), [key]).signers.map((signer) => signer.name)).toEqual([
    'PeterNeumann',
  ]);
  const own = verifierKey(primitives, 'PeterNeumann', 1, ed25519PublicKey(GO_SEED));
  expect(encodeVkey(own)).toBe(GO_KEY);
  expect(`${GO_TEXT}\n${signatureLine(own, signEd25519(GO_SEED, encodeUtf8(GO_TEXT)))}`).toBe(GO_NOTE);
});

test.each([
  'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
  'EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop',
  'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k',
  'TEST+7997405c+AQcC+FTVKf0jlTdHDY3rbevmnKxxPjigCXlVtGe6RIr6',
  'remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2',
])('the published key %s parses, and is written as it was', (vkey) => {
  expect(encodeVkey(parseVkey(primitives, vkey))).toBe(vkey);
});

// A checkpoint of a public staging log with the cosignatures of public witnesses, and two of their keys.
const PUBLIC_CHECKPOINT = `arche2025h1.staging.ct.transparency.dev
1432088532
U7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=

— arche2025h1.staging.ct.transparency.dev zTM8sQAAAZ5W0WdjBAMARjBEAiBjW5IQf9pvsYLfQFX6hoGREPMHbdQ3urbllzalApkptQIgIpwtEroeW2BXaHAI4kJXFbon5Ch9MNL5zRNZ55lvGt0=
— arche2025h1.staging.ct.transparency.dev ui8GwCF1+kWqZrxGdhj4aX3gcw7XUlXQQabg/27lefwhUkzbC3NygNI75MdhL1bfTW9g8Ei59RA23oHP7Ry1k3ZFWwQ=
— transparency.dev/DEV:witness-little-garden 2AQqhwAAAABqEiEgzgFIqqhbUoDwjMWE6UP8nd8/KYTzwZ2rhIgcqoXHAwVkjZr4AscylP3v7sEodkRAErumC2q44vdgJY096st5BQ==
— witness1.smartit.nu/witness1 pIyCDwAAAABqEiEghIp82KWebrw7/oHQwlTAm3g2RKS4+eebl8eO0WH+/iEcxZ75W3u5hNI7TOQtmJbqmNWVuE0tgh0XwzdZsDsUAQ==
— remora.n621.de 2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX9sXTynk5XeU/zZ0WBxtqB0DrAWfBw==
— witness.stagemole.eu Z/euoAAAAABqEiEgw0i+7g2ENfDAWHmtRzCfKTHSDwYDJA2NmKeGi9Y8FtEyOUvVr+AJmIY/2TUFucgKi7lI7cUiOvKFYe/TmN9DAg==
`;
const PUBLIC_KEYS = [
  'arche2025h1.staging.ct.transparency.dev+ba2f06c0+AU0vHmlGCS/PdN8b2OaGmKprLI8HKM+dJ472xgFYh15f',
  'remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2',
];

test('a real checkpoint verifies for its log and its witness, with the time that the witness gave', () => {
  const checkpoint = parseCheckpoint(encodeUtf8(PUBLIC_CHECKPOINT));
  expect({ ...checkpoint, root: toHex(checkpoint.root), note: null }).toEqual({
    origin: 'arche2025h1.staging.ct.transparency.dev',
    size: 1432088532,
    root: '53b58cefd8ebcf2846679fc65014e933b373c1dc9f171eb5b77468be0702e11a',
    note: null,
  });
  const keys = PUBLIC_KEYS.map((vkey) => parseVkey(primitives, vkey));
  const { signers, unknown } = verifyNote(primitives, checkpoint.note, keys);
  expect(signers).toEqual([
    { name: 'arche2025h1.staging.ct.transparency.dev', keyId: 'ba2f06c0', type: 1, time: null },
    { name: 'remora.n621.de', keyId: 'da77ade7', type: 4, time: 0x6a122120 },
  ]);
  expect(unknown.map((line) => line.name)).toHaveLength(4);
});

test('the real checkpoint with another size is refused, for the log and for the witness', () => {
  const checkpoint = parseCheckpoint(encodeUtf8(PUBLIC_CHECKPOINT.replace('1432088532', '1432088533')));
  for (const vkey of PUBLIC_KEYS) {
    const keys = [parseVkey(primitives, vkey)];
    expect(() => verifyNote(primitives, checkpoint.note, keys)).toThrow('does not verify');
  }
});
