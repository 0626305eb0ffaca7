import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exportView } from '../../../main/audit/export-view.ts';
import { everyKind, PERSON, PLAIN, type Texts } from '../../support/audit-entries.ts';
import { auditLog, type AuditLog } from '../../support/audit-log.ts';
import { everywhere, HOSTILE } from '../../support/hostile-texts.ts';

async function lines(log: AuditLog, more: object = {}): Promise<string[]> {
  const path = join(log.folder, 'log.syslog');
  const asked = { format: 'syslog' as const, path, filter: {}, names: true, language: 'en' as const, ...more };
  await exportView(log, asked, () => {}, new AbortController().signal);
  const text = readFileSync(path, 'utf8');
  expect(text.endsWith('\n')).toBe(true);
  return text.slice(0, -1).split('\n');
}

function log(texts: Texts = PLAIN): AuditLog {
  const made = auditLog(texts);
  made.write((tx) => everyKind(tx, texts));
  return made;
}

// The grammar of RFC 5424, section 6, as it stands there.
const VALUE = String.raw`(?:[^"\\\]]|\\["\\\]])*`;
const NAME = String.raw`[!#-<>-\\^-~]{1,32}`;
const ELEMENT = String.raw`\[${NAME}(?: ${NAME}="${VALUE}")*\]`;
const MESSAGE = new RegExp(
  String.raw`^<(\d{1,3})>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,6}Z) ([!-~]{1,255}) ([!-~]{1,48}) ([!-~]{1,128}) ([!-~]{1,32}) ((?:${ELEMENT})+|-) \ufeff(.*)$`,
  'u',
);

function parse(line: string) {
  const [, priority, time, host, app, process, id, data, message] = MESSAGE.exec(line) ?? [];
  expect(message, line).toBeDefined();
  const values: Record<string, string[]> = {};
  for (const [, name, value] of data!.matchAll(new RegExp(String.raw` (${NAME})="(${VALUE})"`, 'gu')))
    (values[name!] ??= []).push(value!.replaceAll(/\\(["\\\]])/g, '$1'));
  return {
    facility: Number(priority) >> 3,
    severity: Number(priority) & 7,
    time,
    host,
    app,
    process,
    id,
    values,
    message,
  };
}

test('a message has facility 13, its place in the log as structured data, and the sentence', async () => {
  const made = log();
  const all = (await lines(made)).map(parse);
  expect(all).toHaveLength(made.journal.size());
  const index = all.findIndex(({ id }) => id === 'approval.granted');
  const { leaf } = made.journal.read.get<{ leaf: Buffer }>('select leaf from record where position = ?', index)!;
  expect(all[index]).toMatchObject({
    facility: 13,
    severity: 5,
    time: '2026-01-02T03:05:05.678Z',
    host: 'north',
    app: 'assent-node',
    process: '-',
    values: {
      index: [String(index)],
      leaf: [leaf.toString('hex')],
      study: ['heart'],
      round: ['3'],
      attempt: ['2'],
      person: [PERSON, PERSON],
      name: ['Anna Nowak'],
      approval: ['8'.repeat(64)],
    },
    message: expect.stringMatching(/^Anna Nowak \(p-00000000000000a1\) approved training/),
  });
  expect(all.find(({ id }) => id === 'update.refused')!.severity).toBe(4);
});

test.each(HOSTILE)('$name: one line a record, in the grammar of RFC 5424, within 2048 octets', async ({ text }) => {
  const made = log(everywhere(text));
  const all = await lines(made);
  expect(all).toHaveLength(made.journal.size());
  for (const line of all) {
    parse(line);
    expect(Buffer.byteLength(line) + 1).toBeLessThanOrEqual(2049);
    expect(line).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069\u2028\u2029]/u);
  }
});

test('] and " and \\ in a value are escaped, and read back as they were', async () => {
  const name = String.raw`a ] b \] c \ d "] [x@1 y="z"]`;
  const made = log({ ...PLAIN, name });
  const granted = (await lines(made)).map(parse).find(({ id }) => id === 'approval.granted')!;
  expect(granted.values['name']).toEqual([name]);
});

test('1 MB of reason text is cut at a whole character, with a sign', async () => {
  const made = auditLog();
  const texts = { ...PLAIN, name: '名'.repeat(10_000), reason: '字'.repeat(340_000) };
  made.write((tx) => everyKind(tx, texts).filter(({ kind }) => kind === 'account.added' || kind === 'study.left'));
  const line = (await lines(made)).find((each) => each.includes(' study.left '))!;
  expect(Buffer.byteLength(line)).toBeLessThanOrEqual(2048);
  expect(Buffer.byteLength(line)).toBeGreaterThan(2040);
  expect(parse(line).message).toMatch(/^名+…$/);
});

test('a node that belongs to no consortium has a hyphen for its name', async () => {
  const made = { ...log(), member: '', institution: '', consortium: '' };
  expect(parse((await lines(made))[0]!).host).toBe('-');
});
