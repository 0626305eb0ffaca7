import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { exportView, type Asked, type ExportProgress } from '../../../main/audit/export-view.ts';
import { MOST_CHARACTERS } from '../../../shared/text/visible.ts';
import { rootHash } from '../../../shared/transparency/tree.ts';
import { primitives } from '../../../platform/crypto.ts';
import { ADMIN, everyKind, PERSON, PLAIN } from '../../support/audit-entries.ts';
import { auditLog, type AuditLog } from '../../support/audit-log.ts';

const never = new AbortController().signal;
const FORMATS = ['csv', 'syslog', 'fhir-bundle', 'fhir-ndjson', 'pdf'] as const;

function out(log: AuditLog): string {
  const folder = join(log.folder, 'out');
  mkdirSync(folder, { recursive: true });
  return folder;
}

const exporting = (log: AuditLog, more: Partial<Asked> = {}, signal = never, tell = (_: ExportProgress) => {}) =>
  exportView(
    log,
    { format: 'csv', path: join(out(log), 'log'), filter: {}, names: false, language: 'en', ...more },
    tell,
    signal,
  );

function full(): AuditLog {
  const log = auditLog();
  log.write((tx) => everyKind(tx, PLAIN));
  return log;
}
/** What stands in the column `kind` of a CSV. */
const kindsIn = (path: string): string[] =>
  readFileSync(path, 'utf8')
    .split('\r\n')
    .slice(1, -1)
    .map((line) => line.split('","')[3]!);
const records = (log: AuditLog) =>
  log.journal.read
    .all<{ bytes: Buffer }>('select bytes from record order by position')
    .map(({ bytes }) => JSON.parse(bytes.toString('utf8')) as { kind: string; detail: Record<string, unknown> });

describe('an export', () => {
  test.each(FORMATS)('as %s is a record of the log first, and holds it as its last row', async (format) => {
    const log = full();
    const before = log.journal.size();
    const root = Buffer.from(rootHash(primitives, log.journal.nodes, before)).toString('hex');
    const done = await exporting(log, { format });
    expect(records(log).at(-1)).toMatchObject({ kind: 'log.exported', detail: { size: before, root, format } });
    expect(done).toEqual({
      size: before + 1,
      root: rootHash(primitives, log.journal.nodes, before + 1),
      rows: before + 1,
      files: [join(out(log), 'log')],
      anchoredBy: [],
      missing: [],
    });
    if (format !== 'pdf') expect(readFileSync(done.files[0]!, 'utf8')).toMatch(/log\.exported[^\n]*(\n\]\})?\n$/);
  });

  test('records its bounds and whether it has names, without any personal data', async () => {
    const log = full();
    const filter = { from: '2026-01-01T00:00:00.000Z', persons: [PERSON], kinds: ['approval.granted'] };
    await exporting(log, { filter, names: true });
    const { size: _size, root: _root, ...said } = records(log).at(-1)!.detail;
    expect(said).toEqual({ format: 'csv', filter, names: true });
  });

  test('tells its progress and ends at the size of the log', async () => {
    const log = auditLog();
    for (let i = 0; i < 600; i++)
      log.write(() => [{ kind: 'quality.kept', detail: { dataset: 'd', snapshot: 'a'.repeat(64) } }]);
    const told: ExportProgress[] = [];
    await exporting(log, {}, never, (progress) => told.push(progress));
    expect(told).toEqual([256, 512, 602].map((seen) => ({ records: seen, of: 602 })));
  });

  test('is for the eyes of its user alone', async ({ skip }) => {
    if (process.platform === 'win32') skip('Windows has other permissions');
    const log = full();
    const { files } = await exporting(log);
    expect(statSync(files[0]!).mode & 0o777).toBe(0o600);
  });
});

describe('a filter', () => {
  const kept = async (filter: Asked['filter']) => {
    const log = full();
    const { files, rows } = await exporting(log, { filter });
    const kinds = kindsIn(files[0]!);
    expect(kinds).toHaveLength(rows);
    return kinds;
  };

  test('by kind, study and time keeps what it names, and leaves the places in the log as they are', async () => {
    expect(await kept({ kinds: ['update.sent', 'study.joined'] })).toEqual(['study.joined', 'update.sent']);
    expect(await kept({ studies: ['heart'], kinds: ['update.sent', 'log.created'] })).toEqual(['update.sent']);
    expect(await kept({ studies: ['other'] })).toEqual([]);
    expect(await kept({ to: '2026-01-02T03:04:05.678Z' })).toEqual(['account.added']);
    expect(await kept({ to: '2026-01-02T03:04:05.677Z' })).toEqual([]);
    expect((await kept({ from: '2026-01-02T03:04:05.679Z' })).slice(0, 2)).toEqual(['log.created', 'program.started']);
  });

  test('by person keeps what somebody did, signed with a key, or had done to them', async () => {
    const person = await kept({ persons: [PERSON] });
    expect(person).toContain('approval.granted');
    expect(person).toContain('session.opened');
    expect(person).toContain('account.changed');
    expect(person).not.toContain('rules.changed');
    const admin = await kept({ persons: [ADMIN] });
    expect(admin).toEqual([
      'account.added',
      'log.succeeded',
      'account.added',
      'account.changed',
      'account.deactivated',
      'account.key-issued',
      'account.single-admin',
      'rules.changed',
      'opening.erased',
      'retention.changed',
    ]);
  });
});

describe('names and texts', () => {
  test('that were erased are said to be, and the export goes on', async () => {
    const log = full();
    const db = new Database(join(log.folder, 'audit.db'));
    db.exec('delete from opening');
    db.close();
    const { files } = await exporting(log, { names: true });
    const text = readFileSync(files[0]!, 'utf8');
    expect(text).toContain('(erased) (p-00000000000000a1) approved training');
    expect(text).not.toContain('Anna');
  });

  test('that were changed in the store are not passed off as those on record', async () => {
    const log = full();
    const db = new Database(join(log.folder, 'audit.db'));
    db.exec(`update opening set value = '"Somebody else"'`);
    db.close();
    const text = readFileSync((await exporting(log, { names: true })).files[0]!, 'utf8');
    expect(text).toContain('(changed in the store since: it does not fit the record)');
    expect(text).not.toContain('Somebody else');
  });

  test.each(FORMATS)('of 1 MB are shown from their beginning in %s, saying how much is left out', async (format) => {
    const log = auditLog();
    const texts = { ...PLAIN, reason: 'x'.repeat(1_000_000) };
    log.write((tx) => everyKind(tx, texts).filter(({ kind }) => kind === 'study.left'));
    const { files } = await exporting(log, { format, names: true });
    const text = readFileSync(files[0]!, 'utf8');
    expect(text.length).toBeLessThan(200_000);
    if (format === 'syslog') expect(text).toMatch(/x…\n/);
    else if (format !== 'pdf')
      expect(text).toContain(`… (${(1_000_000 - MOST_CHARACTERS).toLocaleString('en-US')} more characters)”`);
  });
});

test.each(FORMATS)(
  'an empty log gives a whole file as %s: what the export itself recorded, or nothing at all',
  async (format) => {
    const log = auditLog();
    const none = await exporting(log, { format, filter: { studies: ['none'] } });
    expect(none).toMatchObject({ rows: 0, size: 2 });
    const text = readFileSync(none.files[0]!, 'utf8');
    if (format === 'csv') expect(text.split('\r\n')).toHaveLength(2);
    if (format === 'syslog' || format === 'fhir-ndjson') expect(text).toBe('');
    if (format === 'fhir-bundle') expect(JSON.parse(text)).not.toHaveProperty('entry');
    if (format === 'pdf') expect(text.startsWith('%PDF-1.7')).toBe(true);
  },
);

describe('what goes wrong leaves nothing behind', () => {
  test('a file that is there already is not replaced, and no export is recorded', async () => {
    const log = full();
    const size = log.journal.size();
    writeFileSync(join(out(log), 'log'), 'mine');
    await expect(exporting(log)).rejects.toMatchObject({ code: 'FILE_EXISTS' });
    expect(readFileSync(join(out(log), 'log'), 'utf8')).toBe('mine');
    expect([log.journal.size(), readdirSync(out(log))]).toEqual([size, ['log']]);
  });

  test('a folder that is not there or cannot be written is named, and no export is recorded', async () => {
    const log = full();
    const size = log.journal.size();
    const path = join(out(log), 'nowhere', 'log');
    await expect(exporting(log, { path })).rejects.toMatchObject({ code: 'FILE_UNWRITABLE', detail: { path } });
    expect(log.journal.size()).toBe(size);
  });

  test.each(FORMATS)('cancelled half way as %s', async (format) => {
    const log = auditLog();
    for (let i = 0; i < 30; i++) log.write((tx) => everyKind(tx, PLAIN));
    const stop = new AbortController();
    const work = exporting(log, { format }, stop.signal, ({ records: seen }) => seen > 500 && stop.abort());
    await expect(work).rejects.toMatchObject({ code: 'CANCELED' });
    expect(readdirSync(out(log))).toEqual([]);
  });

  test('a file that came there meanwhile stays as it is', async () => {
    const log = full();
    const path = join(out(log), 'log');
    await expect(exporting(log, {}, never, () => writeFileSync(path, 'theirs'))).rejects.toMatchObject({
      code: 'FILE_EXISTS',
    });
    expect([readFileSync(path, 'utf8'), readdirSync(out(log))]).toEqual(['theirs', ['log']]);
  });

  test('disk full half way: it says so, for every format', { timeout: 240_000 }, ({ skip }) => {
    if (process.platform !== 'linux') skip('makes a small disk with unshare and tmpfs');
    const log = auditLog();
    for (let i = 0; i < 15; i++) log.write((tx) => everyKind(tx, PLAIN));
    const disk = join(log.folder, 'disk');
    mkdirSync(disk);
    const program = join(import.meta.dirname, 'full-disk-process.ts');
    const said = spawnSync(
      'unshare',
      [
        '-rm',
        'sh',
        '-c',
        'mount -t tmpfs -o size=64k none "$1" && exec "$2" "$3" "$0" "$1"',
        log.folder,
        disk,
        process.execPath,
        program,
      ],
      { encoding: 'utf8' },
    );
    expect(said.stderr).toBe('');
    expect(JSON.parse(said.stdout)).toEqual(FORMATS.map((format) => ({ format, code: 'DISK_FULL', left: [] })));
  });
});
