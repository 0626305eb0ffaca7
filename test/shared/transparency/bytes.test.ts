import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromBase64, toBase64 } from '../../../shared/transparency/bytes.ts';

test('base64 is that of the platform, and reads back', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      const text = toBase64(bytes);
      expect(text).toBe(Buffer.from(bytes).toString('base64'));
      expect(fromBase64(text)).toEqual(Uint8Array.from(bytes));
    }),
  );
});

test.each([
  'A',
  'AA',
  'AAA',
  'AA=A',
  'AB==',
  'AAB=',
  '=',
  '====',
  'A===',
  'AAA-',
  'AAA_',
  'AAA\n',
  ' AAA',
  'AA==AA==',
  'AAAé',
])('base64 that nobody writes is refused: %j', (text) => expect(fromBase64(text)).toBeUndefined());
