import { performance } from 'node:perf_hooks';
import { expect, test } from 'vitest';
import { parseFilter, type SaidFilter } from '../../../main/audit/filter.ts';
import { listRecords, type Listed } from '../../../main/audit/list.ts';
import type { Reader } from '../../../platform/journal.ts';
import { everyKind, PERSON, PLAIN } from '../../support/audit-entries.ts';
import { auditLog, type AuditLog } from '../../support/audit-log.ts';
import { damage } from '../../support/damaged-store.ts';

const NOTHING: SaidFilter = { from: '', to: '', studies: [], persons: [], kinds: [] };
type Asked = Partial<SaidFilter> & { text?: string; before?: number; limit?: number; language?: 'en' | 'zh' };

function page({ read, size }: { read: Reader; size: number }, asked: Asked): Listed {
  const { text = '', before, limit = 100, language = 'en', ...said } = asked;
  const filter = parseFilter({ ...NOTHING, ...said });
  return listRecords(read, size, filter, { text, before, limit }, { language, names: true });
}

/** All pages, one after the other, as a window that scrolls to the end. */
function all(source: { read: Reader; size: number }, asked: Asked = {}): Listed['rows'] {
  const rows: Listed['rows'] = [];
  let before: number | undefined;
  do {
    const found = page(source, { ...asked, ...(before !== undefined && { before }) });
    rows.push(...found.rows);
    if (found.next !== undefined) expect(found.next).toBeLessThan(before ?? source.size);
    before = found.next;
  } while (before !== undefined);
  return rows;
}

const sourceOf = ({ journal }: AuditLog) => ({ read: journal.read, size: journal.size() });

function log(): AuditLog {
  const made = auditLog();
  made.write((tx) => everyKind(tx, PLAIN));
  return made;
}

test('pages go from the newest record to the first, without a gap and without a record twice', () => {
  const source = sourceOf(log());
  const rows = all(source, { limit: 7 });
  expect(rows.map(({ index }) => index)).toEqual(Array.from({ length: source.size }, (_, i) => source.size - 1 - i));
  expect(page(source, {}).total).toBe(source.size);
  expect(page(source, { before: 0 })).toMatchObject({ rows: [], next: undefined });
  expect(page(source, { before: 10, limit: 2 })).toMatchObject({ rows: [{ index: 9 }, { index: 8 }], next: 8 });
});

test('a row says who did it, to whom, and what happened, in the language that is asked for', () => {
  const source = sourceOf(log());
  const row = (asked: Asked) => page(source, { kinds: ['account.key-issued'], ...asked }).rows[0]!;
  expect(row({})).toMatchObject({ actors: [{ name: 'Berta Meier' }], about: PERSON, aboutName: 'Anna Nowak' });
  expect(row({}).sentence).toMatch(/^Berta Meier \(p-.*\) issued a new key/);
  expect(row({ language: 'zh' }).sentence).toMatch(/\p{Script=Han}/u);
});

test('kinds, studies, people and times restrict what is listed; a count is told where an index knows it', () => {
  const source = sourceOf(log());
  const of = (asked: Asked) => all(source, asked).map(({ kind }) => kind);
  expect(of({ kinds: ['approval'] }).toSorted()).toEqual([
    'approval.declined',
    'approval.deferred',
    'approval.granted',
    'approval.revoked',
  ]);
  expect(page(source, { kinds: ['approval'] }).total).toBe(4);
  const rounds = all(source, { studies: ['heart'] });
  expect(rounds.length).toBeGreaterThan(20);
  expect(rounds.every(({ study }) => study === 'heart')).toBe(true);
  expect(page(source, { studies: ['heart'] }).total).toBeUndefined();
  const about = all(source, { persons: [PERSON] });
  expect(about.every((row) => row.about === PERSON || row.actors.some(({ person }) => person === PERSON))).toBe(true);
  expect(about.length).toBeGreaterThan(10);
  expect(of({ to: '2026-01-02T03:04:30Z' })).toEqual(['account.added']);
  expect(of({ from: '2026-01-03' })).toEqual([]);
  expect(() => page(source, { kinds: ['nothing'] })).toThrow('There is no kind of audit record');
});

test('all words have to stand in the row: its sentence, who, kind, study, number or leaf hash', () => {
  const source = sourceOf(log());
  const found = (text: string) => all(source, { text }).map(({ kind }) => kind);
  expect(found('anna APPROVED training')).toEqual(['approval.granted']);
  expect(found('approval.revoked')).toEqual(['approval.revoked']);
  const { leaf, kind } = page(source, { before: 12, limit: 1 }).rows[0]!;
  expect(found(leaf.slice(0, 16))).toEqual([kind]);
  expect(found('no such words')).toEqual([]);
  expect(page(source, { text: 'anna' }).total).toBeUndefined();
});

test('a name that was erased is found no more, and its record says so', () => {
  const made = log();
  made.journal.transact('audit.export', (tx) => {
    tx.run("delete from opening where value like '%Anna Nowak%'");
    tx.append({ kind: 'account.password-changed', detail: { person: PERSON } });
  });
  const source = sourceOf(made);
  expect(all(source, { text: 'Anna Nowak' })).toEqual([]);
  expect(page(source, { limit: 1 }).rows[0]!.sentence).toContain('(erased)');
});

test('a record whose bytes were damaged is listed as such, by what it is filed under', () => {
  const made = log();
  damage(made.journal, (db) => db.exec("update record set bytes = x'7b' where position in (0, 5)"));
  const source = sourceOf(made);
  const rows = all(source);
  expect(rows).toHaveLength(source.size);
  expect(rows.at(-6)).toMatchObject({ index: 5, kind: expect.stringMatching(/\./), actors: [] });
  expect(rows.at(-6)!.sentence).toBe('The bytes of this record were damaged; it cannot be read.');
});

test('a call ends after its time, however many records there are and however few of them are wanted', () => {
  const made = log();
  for (let i = 0; i < 10; i++)
    made.write(() =>
      Array.from({ length: 1_000 }, () => ({
        kind: 'session.opened',
        detail: { person: PERSON, roles: ['approver'] },
      })),
    );
  const source = sourceOf(made);
  for (const asked of [
    {},
    { text: 'nowhere to be found' },
    { persons: ['p-0000000000000001'] },
    { studies: ['none'] },
  ]) {
    let before: number | undefined;
    do {
      const since = performance.now();
      before = page(source, { ...asked, ...(before !== undefined && { before }) }).next;
      // The bound is 20 ms of work; a machine that does other things, too, may take the processor away meanwhile.
      expect(performance.now() - since).toBeLessThan(250);
    } while (before !== undefined);
  }
  expect(all(source, { studies: ['heart'], kinds: ['round.offered'] })).toHaveLength(1);
}, 60_000);
