import fc from 'fast-check';
import { expect, test } from 'vitest';
import { numberOf } from '../../../main/data/columns.ts';
import { DEFAULTS } from '../../../main/data/settings.ts';
import { dayOf, fieldMemory, plainDay, plainNumber, textReader } from '../../../main/data/values.ts';

const plain = (text: string, decimal = '.') => {
  const bytes = Buffer.from(`9${text}9`); // what stands beside the field does not count
  return plainNumber(bytes, 1, bytes.length - 1, decimal.charCodeAt(0));
};

test('a plain number is read from its bytes as exactly as from its text, or left to the text', () => {
  const text = fc.stringMatching(/^[+-]?\d{0,16}(\.\d{0,16})?(e\d)?$/);
  fc.assert(
    fc.property(fc.oneof(text, fc.string({ maxLength: 8 })), (written) => {
      const number = plain(written);
      if (!Number.isNaN(number)) expect(number).toBe(numberOf(written));
    }),
    { numRuns: 5000 },
  );
  expect(['1', '-0.5', '+.5', '1.', '007', '123456789012345'].map((written) => plain(written))).toEqual([
    1, -0.5, 0.5, 1, 7, 123_456_789_012_345,
  ]);
  expect(plain('1,5', ',')).toBe(1.5);
  for (const written of ['', '.', '-', '1e3', ' 1', '1.2.3', '1234567890123456'])
    expect(plain(written), written).toBeNaN();
});

test('a date is the number of days since 1970-01-01, from its bytes and from its text alike', () => {
  const date = fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true });
  fc.assert(
    fc.property(date, fc.constantFrom('-', '/', '.'), (at, separator) => {
      const [year, month, day] = at.toISOString().slice(0, 10).split('-') as [string, string, string];
      const days = Math.floor(at.getTime() / 86_400_000);
      for (const [parts, order] of [
        [[year, month, day], 'ymd'],
        [[day, month, year], 'dmy'],
        [[month, day, year], 'mdy'],
      ] as const) {
        const text = parts.join(separator);
        expect(plainDay(Buffer.from(text), 0, 10, order)).toBe(days);
        expect(dayOf(text, order)).toBe(days);
      }
      expect(Math.fround(days)).toBe(days);
    }),
  );
  expect(dayOf('3.4.2026', 'dmy')).toBe(dayOf('2026-04-03', 'dmy'));
  for (const text of [
    '2026-02-29',
    '2026-13-01',
    '2026-00-10',
    '2026-01-32',
    '1900-02-29',
    '2026-01/02',
    '31.12.2025',
  ]) {
    expect(dayOf(text, 'ymd'), text).toBeUndefined();
    expect(plainDay(Buffer.from(text), 0, 10, 'ymd'), text).toBeNaN();
  }
});

test('numbers with thousands separators are numbers only where the groups are whole', () => {
  const reader = (thousands: typeof DEFAULTS.thousands, decimal: typeof DEFAULTS.decimal) => (text: string) => {
    const said = textReader({ ...DEFAULTS, thousands, decimal })(text);
    return said.kind === 'number' ? said.value : said.kind;
  };
  expect(['1,234', '-1,234,567.5', '12', '1,23', '1234,567', ',123'].map(reader(',', '.'))).toEqual([
    1234,
    -1_234_567.5,
    12,
    'text',
    'text',
    'text',
  ]);
  expect(['1.234,5', '1,5', '1.5', '1.234.567'].map(reader('.', ','))).toEqual([1234.5, 1.5, 'text', 1_234_567]);
  expect(['1 234,5', '1\u00a0234', '1\u202f234', '1 23'].map(reader(' ', ','))).toEqual([1234.5, 1234, 1234, 'text']);
  expect(["1'234.5", "1'2"].map(reader("'", '.'))).toEqual([1234.5, 'text']);
});

test('a memory of fields tells only what the very bytes meant', () => {
  const memory = fieldMemory<string>(2);
  const bytes = Buffer.from('abab');
  memory.set(bytes, 0, 2, 'first');
  expect([memory.get(bytes, 2, 4), memory.get(bytes, 1, 3), memory.get(bytes, 0, 3)]).toEqual([
    'first',
    undefined,
    undefined,
  ]);
  memory.set(bytes, 1, 3, 'second');
  memory.set(bytes, 0, 3, 'third');
  expect([memory.get(bytes, 1, 3), memory.get(bytes, 0, 3)]).toEqual(['second', undefined]);
});
