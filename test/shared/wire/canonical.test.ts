import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeCanonical,
  decodeUtf8,
  encodeCanonical,
  encodeUtf8,
  fromHex,
  toHex,
} from '../../../shared/wire/canonical.ts';

const refused = (act: () => unknown, words: string) =>
  expect(act).toThrow(
    expect.objectContaining({ code: 'RECORD_INVALID', message: expect.stringContaining(words) as string }),
  );

const nested = (levels: number): unknown => (levels === 0 ? 0 : [nested(levels - 1)]);

describe('encodeCanonical', () => {
  test('sorts keys, adds no space and keeps the order of arrays', () => {
    expect(decodeUtf8(encodeCanonical({ b: [3, 1], a: { d: null, c: 'ż' } }))).toBe(
      '{"a":{"c":"ż","d":null},"b":[3,1]}',
    );
  });

  test.each([
    ['NaN', Number.NaN, 'not a number'],
    ['an infinity deep inside', { a: [Number.POSITIVE_INFINITY] }, 'not a number'],
    ['undefined', undefined, 'undefined'],
    ['a member that is undefined', { a: undefined }, 'undefined'],
    ['a hole in an array', [1, , 2], 'undefined'], // oxlint-disable-line no-sparse-arrays
    ['a bigint', 1n, 'bigint'],
    ['a function', () => 1, 'function'],
    ['a date', new Date(0), 'plain objects'],
    ['a map', new Map(), 'plain objects'],
    ['bytes', new Uint8Array(1), 'plain objects'],
    ['an own toJSON', { toJSON: () => 'other' }, 'function'],
    ['a lone surrogate', 'a\ud800', 'surrogate'],
    ['a lone surrogate in a key', { '\udc00': 1 }, 'surrogate'],
    ['33 levels', nested(33), 'deeper than 32'],
  ])('refuses %s', (_, value, words) => refused(() => encodeCanonical(value), words));

  test('takes 32 levels', () => {
    expect(decodeUtf8(encodeCanonical(nested(32)))).toBe(`${'['.repeat(32)}0${']'.repeat(32)}`);
  });

  test('an object that holds itself is refused, not followed', () => {
    const loop: Record<string, unknown> = {};
    loop['self'] = loop;
    refused(() => encodeCanonical(loop), 'deeper than 32');
  });
});

describe('decodeCanonical', () => {
  test.each([
    ['a space', '{"a": 1}'],
    ['keys out of order', '{"b":1,"a":2}'],
    ['keys out of order in an object of an array', '[{"a":1},{"b":1,"a":2}]'],
    ['a key twice', '{"a":1,"a":1}'],
    ['a byte order mark', '\uFEFF{}'],
    ['1.0 for 1', '[1.0]'],
    ['1e2 for 100', '[1e2]'],
    ['minus zero', '[-0]'],
    ['an escape that is not needed', '["\\u0061"]'],
    ['an escaped slash', '["\\/"]'],
    ['a line feed at the end', '{}\n'],
    ['an integer beyond 2^53', '[9007199254740993]'],
    ['a number too large', '[1e999]'],
    ['an escaped lone surrogate', '["\\ud800"]'],
    ['no JSON', '{a:1}'],
    ['nothing', ''],
    ['33 levels', '['.repeat(33) + ']'.repeat(33)],
    ['100,000 levels', '['.repeat(100_000) + ']'.repeat(100_000)],
  ])('refuses %s', (_, text) => refused(() => decodeCanonical(encodeUtf8(text)), ''));

  test.each([
    ['keys that look like numbers, which a program may order otherwise', '{"1":1,"10":2,"2":3}'],
    ['a pair of surrogates that are escaped letters of a text', '["\\\\ud800"]'],
    ['an emoji', '["😀"]'],
  ])('takes %s', (_, text) => {
    expect(decodeUtf8(encodeCanonical(decodeCanonical(encodeUtf8(text))))).toBe(text);
  });

  test('refuses broken UTF-8', () => refused(() => decodeCanonical(Uint8Array.of(0x22, 0xff, 0x22)), 'UTF-8'));

  test('a member named __proto__ stays a member and reaches no prototype', () => {
    const text = '{"__proto__":{"admin":true},"a":1}';
    const value = decodeCanonical(encodeUtf8(text)) as Record<string, unknown>;
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(value['admin']).toBeUndefined();
    expect(decodeUtf8(encodeCanonical(value))).toBe(text);
  });

  test('gives back every JSON value, and its bytes are the only ones accepted', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        const bytes = encodeCanonical(value);
        // Minus zero is written 0, as RFC 8785 says: compare by what JSON itself keeps.
        expect(decodeCanonical(bytes)).toEqual(JSON.parse(JSON.stringify(value)));
        const spaced = encodeUtf8(JSON.stringify(value, null, 1));
        if (toHex(spaced) !== toHex(bytes)) refused(() => decodeCanonical(spaced), 'canonical');
      }),
    );
  });
});

describe('hex', () => {
  test('is lowercase, two digits a byte, both ways', () => {
    expect(toHex(Uint8Array.of(0, 10, 255))).toBe('000aff');
    expect(fromHex('000aff')).toEqual(Uint8Array.of(0, 10, 255));
  });
  test.each(['0', 'FF', '0x', ' 00', '00 ', '0g', 'ff\n'])('refuses %j', (text) =>
    refused(() => fromHex(text), 'hexadecimal'),
  );
});
