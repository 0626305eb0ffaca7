import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Papa from 'papaparse';
import { expect, test } from 'vitest';
import { field } from '../../../main/audit/csv.ts';
import { exportView } from '../../../main/audit/export-view.ts';
import { everyKind, KEYS, PERSON, PLAIN, type Texts } from '../../support/audit-entries.ts';
import { auditLog, type AuditLog } from '../../support/audit-log.ts';
import { everywhere, HOSTILE } from '../../support/hostile-texts.ts';

async function exported(log: AuditLog, more: object = {}): Promise<string> {
  const path = join(log.folder, `${Object.keys(more).join('-')}.csv`);
  const asked = { format: 'csv' as const, path, filter: {}, names: true, language: 'en' as const, ...more };
  await exportView(log, asked, () => {}, new AbortController().signal);
  return readFileSync(path, 'utf8');
}

const parsed = (text: string): Record<string, string>[] => {
  const { data, errors } = Papa.parse<Record<string, string>>(text.slice(1), { header: true, skipEmptyLines: true });
  expect(errors).toEqual([]);
  return data;
};

function log(texts: Texts = PLAIN): AuditLog {
  const made = auditLog(texts);
  made.write((tx) => everyKind(tx, texts));
  return made;
}

test('is UTF-8 with its mark and CRLF, every field quoted, one row a record with its place and leaf hash', async () => {
  const made = log();
  const text = await exported(made);
  expect(text.startsWith('\ufeff"index","leaf_hash","time","kind","what",')).toBe(true);
  for (const line of text.slice(1).trimEnd().split('\r\n'))
    expect(line).toMatch(/^"(?:[^"\r\n]|"")*"(?:,"(?:[^"\r\n]|"")*"){12}$/);
  const leaves = made.journal.read
    .all<{ leaf: Buffer }>('select leaf from record order by position')
    .map(({ leaf }) => leaf.toString('hex'));
  const rows = parsed(text);
  expect(rows.map((row) => [row['index'], row['leaf_hash']])).toEqual(leaves.map((leaf, at) => [String(at), leaf]));
  expect(rows.find(({ kind }) => kind === 'approval.granted')).toEqual({
    index: expect.any(String),
    leaf_hash: expect.any(String),
    time: '2026-01-02T03:05:05.678Z',
    kind: 'approval.granted',
    what: 'Anna Nowak (p-00000000000000a1) approved training for round 3 (attempt 2) of study heart, approval 1 of 2, valid until 2026-01-05 10:00:00 UTC. Reason: “Agreed with the data board.”',
    study: 'heart',
    round: '3',
    attempt: '2',
    people: PERSON,
    names: 'Anna Nowak',
    keys: KEYS.person,
    about: '',
    detail: expect.stringMatching(/^\{"approval":"8{64}",/),
  });
});

test.each(HOSTILE)('$name: no cell begins like a formula and the table keeps its form', async ({ text }) => {
  const made = log(everywhere(text));
  const csv = await exported(made);
  expect(csv.slice(1)).not.toMatch(/(?![\r\n])[\p{Cc}\u202a-\u202e\u2066-\u2069\u2028\u2029\ufeff]/u);
  const rows = parsed(csv);
  expect(rows).toHaveLength(made.journal.size());
  for (const row of rows)
    for (const cell of Object.values(row)) expect(cell).not.toMatch(/^\s*[=+\-@＝＋－＠﹦﹢﹣﹫]|[\t\r\n]/);
});

test.each([
  ['=HYPERLINK("http://x","y")', `"'=HYPERLINK(""http://x"",""y"")"`],
  ['＝1+1', `"'＝1+1"`],
  ['+49 30 1', `"'+49 30 1"`],
  ['－5', `"'－5"`],
  ['@SUM(A1)', `"'@SUM(A1)"`],
  ['\t=1', `"' =1"`],
  ['\r\n=1', `"' =1"`],
  ['\0=1', `"[U+0000]=1"`],
  ['5 = 5', '"5 = 5"'],
])('%j becomes the field %s', (text, expected) => {
  expect(field(text)).toBe(expected);
});

test('a detail is JSON that reads back as the record has it, whatever stands in it', async () => {
  const said = 'a\u202eb\u0085c\u2028d 😀 \u{e0001}';
  const made = log({ ...PLAIN, said });
  const row = parsed(await exported(made)).find(({ kind }) => kind === 'study.paused')!;
  expect(JSON.parse(row['detail']!)).toEqual({ reason: said });
});

test('without names there is none, in any cell', async () => {
  const texts = { name: 'NAME', admin: 'ADMIN', reason: 'REASON', dataset: 'DATASET', said: 'SAID' };
  const made = auditLog(texts);
  const own = /^(study|round)\.(paused|ended|aborted)$/;
  made.write((tx) => everyKind(tx, texts).filter(({ kind }) => !own.test(kind)));
  const text = await exported(made, { names: false });
  expect(text).not.toMatch(/NAME|ADMIN|REASON|DATASET|SAID/);
  expect(parsed(text).find(({ kind }) => kind === 'approval.declined')).toMatchObject({
    names: '',
    people: PERSON,
    keys: KEYS.person,
  });
});
