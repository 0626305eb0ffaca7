// The auditor's own reading shares no code with the schemas of the product: here the two are compared.
import { describe, expect, test } from 'vitest';
import { AUDIT_KINDS } from '../../../../shared/records/audit.ts';
import { FORMS } from '../../../../shared/transparency/sense/forms.ts';
import * as read from '../../../../shared/transparency/sense/read.ts';

const kinds = (Object.keys(FORMS) as (keyof typeof FORMS)[]).filter((kind) => Object.hasOwn(AUDIT_KINDS, kind));

test.each(kinds)('%s has the fields that its schema has', (kind) => {
  const { shape } = AUDIT_KINDS[kind];
  const { fields, exact } = FORMS[kind];
  if (exact) expect(fields.toSorted()).toEqual(Object.keys(shape).toSorted());
  else expect(Object.keys(shape)).toEqual(expect.arrayContaining([...fields]));
});

describe('reading', () => {
  const form = read.object({ a: read.hash, b: read.orNull(read.count) });
  const hash = 'ab'.repeat(32);

  test('gives what the fields give', () => {
    expect(form({ a: hash, b: null }, '')).toEqual({ a: hash, b: null });
  });

  test.each<[string, unknown, string]>([
    ['a field missing', { a: hash }, 'b is missing'],
    ['a field more', { a: hash, b: 1, c: 1 }, 'c is not a field'],
    ['a field of the prototype', { a: hash, b: 1, toString: 1 }, 'toString is not a field'],
    ['a hash in capitals', { a: hash.toUpperCase(), b: 1 }, 'a is not 64 hex digits'],
    ['a count that is none', { a: hash, b: 1.5 }, 'b is not a count'],
    ['a list', [], 'it is not an object'],
    ['nothing', null, 'it is not an object'],
  ])('refuses %s', (_, value, words) => {
    expect(() => form(value, '')).toThrow(words);
  });

  test.each([
    '2026-01-02T03:04:05.678Z',
    '1970-01-01T00:00:00.000Z',
    '2028-02-29T23:59:59.999Z',
    '2026-12-31T00:00:00.000Z',
  ])('takes the time %s', (time) => {
    expect(read.time(time, 'at')).toBe(time);
  });
  test.each([
    '2026-02-30T00:00:00.000Z',
    '2026-01-02T03:04:05Z',
    '2026-01-02T24:00:00.000Z',
    '2026-02-29T00:00:00.000Z',
    '2026-04-31T00:00:00.000Z',
    '2026-13-01T00:00:00.000Z',
    '2026-01-00T00:00:00.000Z',
    '2026-01-32T00:00:00.000Z',
    '2026-01-02T03:60:05.678Z',
    '2026-01-02 03:04:05.678Z',
    5,
  ])('refuses the time %s', (time) => expect(() => read.time(time, 'at')).toThrow('at is not a time'));

  test.each<[Record<string, unknown>, string]>([
    [{ v: 2, at: '2026-01-02T03:04:05.678Z', kind: 'a', detail: {} }, 'v is not 1'],
    [{ v: 1, at: '2026-01-02T03:04:05.678Z', kind: 'a', detail: {}, more: 1 }, 'more is not a field'],
    [{ v: 1, at: 'now', kind: 'a', detail: {} }, 'at is not a time'],
    [{ v: 1, at: '2026-01-02T03:04:05.678Z', kind: 'a', study: '../x', detail: {} }, 'study is not an id'],
    [{ v: 1, at: '2026-01-02T03:04:05.678Z', kind: 'a', round: 0, detail: {} }, 'round is not a number from 1'],
  ])('refuses the record %j', (record, words) => expect(() => read.readHead(record)).toThrow(words));
});
