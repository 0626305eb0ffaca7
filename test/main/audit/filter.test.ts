import { expect, test } from 'vitest';
import { parseFilter, restrictsNothing } from '../../../main/audit/filter.ts';

const nothing = { from: '', to: '', studies: [], persons: [], kinds: [] };

test('nothing said restricts nothing', () => {
  expect(parseFilter(nothing)).toEqual({});
  expect(restrictsNothing(parseFilter(nothing))).toBe(true);
});

test('a day counts from its first to its last millisecond; a time is taken as it is', () => {
  expect(parseFilter({ ...nothing, from: '2026-01-31', to: '2026-01-31' })).toEqual({
    from: '2026-01-31T00:00:00.000Z',
    to: '2026-01-31T23:59:59.999Z',
  });
  expect(parseFilter({ ...nothing, from: '2026-01-31T10:00Z', to: '2026-01-31T10:00:00.5Z' })).toEqual({
    from: '2026-01-31T10:00:00.000Z',
    to: '2026-01-31T10:00:00.500Z',
  });
});

test('the first word of a kind means all kinds that begin with it; lists are in order and without doubles', () => {
  expect(
    parseFilter({ ...nothing, kinds: ['approval', 'update.sent', 'approval.granted'], studies: ['b', 'a', 'b'] }),
  ).toEqual({
    kinds: ['approval.declined', 'approval.deferred', 'approval.granted', 'approval.revoked', 'update.sent'],
    studies: ['a', 'b'],
  });
});

test.each([
  [{ from: '2026-02-30' }, '2026-02-30 is no time'],
  [{ from: 'yesterday' }, 'yesterday is no time'],
  [{ to: '2026-01-31T10:00:00+01:00' }, 'is no time'],
  [{ from: '2026-02-01', to: '2026-01-31' }, 'Nothing lies from'],
  [{ kinds: ['approval.given'] }, 'no kind of audit record named approval.given'],
  [{ kinds: ['constructor'] }, 'no kind of audit record named constructor'],
  [{ studies: ['../x'] }, 'studies.0'],
  [{ persons: ['Anna'] }, 'persons.0'],
])('%j is refused', (said, why) => {
  expect(() => parseFilter({ ...nothing, ...said })).toThrow(why);
});
