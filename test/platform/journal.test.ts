import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { sha256, primitives, generateEd25519, signEd25519 } from '../../platform/crypto.ts';
import * as journalSchema from '../../platform/journal-schema.ts';
import { openJournal, type Journal } from '../../platform/journal.ts';
import { logKey } from '../../platform/log-origin.ts';
import { lockFolder } from '../../platform/sqlite.ts';
import { auditRecordBytes, type AuditEntry } from '../../shared/records/audit.ts';
import { parseCheckpoint } from '../../shared/transparency/checkpoint.ts';
import { verifyNote } from '../../shared/transparency/note.ts';
import { leafHash, nodeHash, rootHash } from '../../shared/transparency/tree.ts';
import { encodeCanonical, toHex } from '../../shared/wire/canonical.ts';
import { treeOf } from '../support/exported-log.ts';
import { temporaryFolder } from '../support/temporary.ts';

const MIGRATIONS = [
  { name: '0001-journal', sql: journalSchema.sql },
  { name: '0002-thing', sql: 'create table thing (name text primary key) strict;' },
];
const NOW = Date.parse('2026-01-02T03:04:05.678Z');
const exported = (size: number): AuditEntry => ({
  kind: 'log.exported',
  detail: { size, root: '00'.repeat(32), format: 'x' },
});
const started: AuditEntry = { kind: 'program.started', detail: { software: 'assent', node: 'v24', platform: 'linux' } };

function open(folder = temporaryFolder()): { journal: Journal<string>; file: string } {
  const file = join(folder, 'journal.db');
  const journal = openJournal<string>({ file, migrations: MIGRATIONS, now: () => NOW });
  onTestFinished(() => journal.close());
  return { journal, file };
}

test('a change and its record are committed together, with the exact bytes and the tree above them', () => {
  const { journal } = open();
  journal.transact('one', (tx) => {
    tx.run("insert into thing values ('a')");
    tx.append(started);
    tx.append(exported(1));
  });
  const first = auditRecordBytes(started, '2026-01-02T03:04:05.678Z');
  const second = auditRecordBytes(exported(1), '2026-01-02T03:04:05.678Z');
  expect(
    journal.read.all<{ bytes: Buffer }>('select bytes from record order by position').map((r) => Buffer.from(r.bytes)),
  ).toEqual([Buffer.from(first), Buffer.from(second)]);
  const root = nodeHash(primitives, leafHash(primitives, first), leafHash(primitives, second));
  expect(toHex(rootHash(primitives, journal.nodes, 2))).toBe(toHex(root));
  expect(journal.read.all('select name from thing')).toEqual([{ name: 'a' }]);
});

test('a step that fails leaves neither its change nor its record', () => {
  const { journal } = open();
  expect(() =>
    journal.transact('one', (tx) => {
      tx.run("insert into thing values ('a')");
      tx.append(started);
      throw new Error('half way');
    }),
  ).toThrow('half way');
  expect(journal.size()).toBe(0);
  expect(journal.read.all('select * from thing')).toEqual([]);
});

test('a step without a record changes nothing', () => {
  const { journal } = open();
  expect(() => journal.transact('one', (tx) => tx.run("insert into thing values ('a')"))).toThrow('appended no record');
  expect(journal.read.all('select * from thing')).toEqual([]);
});

test('nothing can be written outside a step', () => {
  const { journal } = open();
  expect(() => journal.read.get("insert into thing values ('a') returning name")).toThrow('readonly');
});

test('records are neither changed nor deleted', () => {
  const { journal } = open();
  journal.transact('one', (tx) => tx.append(started));
  expect(() => journal.transact('two', (tx) => (tx.append(started), tx.run("update record set kind = 'x'")))).toThrow(
    'never changed',
  );
  expect(() => journal.transact('two', (tx) => (tx.append(started), tx.run('delete from record')))).toThrow(
    'never deleted',
  );
  expect(journal.size()).toBe(1);
});

test('an entry that does not have its kind’s form is refused, naming the field', () => {
  const { journal } = open();
  const wrong = { kind: 'log.exported', detail: { size: 0.5, root: '00'.repeat(32), format: 'x' } } as AuditEntry;
  expect(() => journal.transact('one', (tx) => tx.append(wrong))).toThrow('log.exported is not valid: size');
});

test('a checkpoint over everything follows what others rely on, signed by the log’s key', () => {
  const { journal } = open();
  const { publicKey, privateKey } = generateEd25519();
  const key = logKey(publicKey);
  journal.signWith({ key, sign: (message) => signEd25519(privateKey, message) });
  journal.transact('one', (tx) => tx.append(started));
  expect(journal.read.all('select size from checkpoint')).toEqual([]);
  journal.transact('two', (tx) => tx.append(exported(1)));
  const [row] = journal.read.all<{ size: number; note: Buffer }>('select size, note from checkpoint');
  const checkpoint = parseCheckpoint(new Uint8Array(row!.note));
  expect({ origin: checkpoint.origin, size: checkpoint.size, root: toHex(checkpoint.root) }).toEqual({
    origin: key.name,
    size: 2,
    root: toHex(rootHash(primitives, journal.nodes, 2)),
  });
  expect(verifyNote(primitives, checkpoint.note, [key]).signers.map(({ keyId }) => keyId)).toEqual([key.keyId]);
});

test('a checkpoint follows every hundred records even if nobody relies on them', () => {
  const { journal } = open();
  const { publicKey, privateKey } = generateEd25519();
  journal.signWith({ key: logKey(publicKey), sign: (message) => signEd25519(privateKey, message) });
  for (let i = 0; i < 250; i++) journal.transact('one', (tx) => tx.append(started));
  expect(journal.read.all('select size from checkpoint')).toEqual([{ size: 100 }, { size: 200 }]);
});

test('free text enters as a salted commitment whose opening can be erased without breaking the tree', () => {
  const { journal, file } = open();
  const name = journal.transact('one', (tx) => {
    const commitment = tx.commit('Dr Ada Distinctive');
    tx.append({
      kind: 'member.removed',
      detail: { member: 'a', directory: '00'.repeat(32), sequence: 1, reason: commitment },
    });
    return commitment;
  });
  const opening = journal.read.get<{ salt: Buffer; value: string }>(
    'select salt, value from opening where commitment = ?',
    name,
  )!;
  expect(toHex(sha256(Buffer.concat([opening.salt, encodeCanonical('Dr Ada Distinctive')])))).toBe(name);
  const { bytes } = journal.read.get<{ bytes: Buffer }>('select bytes from record')!;
  expect(bytes.includes('Distinctive')).toBe(false);
  const before = toHex(rootHash(primitives, journal.nodes, 1));
  journal.transact('two', (tx) => (tx.run('delete from opening where commitment = ?', name), tx.append(started)));
  expect(toHex(rootHash(primitives, journal.nodes, 1))).toBe(before);
  journal.read.get('select 1');
  expect(readFileSync(file).includes('Distinctive')).toBe(false);
});

test('a store of a newer version is refused', () => {
  const folder = temporaryFolder();
  openJournal<string>({ file: join(folder, 'journal.db'), migrations: MIGRATIONS, now: () => NOW }).close();
  expect(() =>
    openJournal<string>({ file: join(folder, 'journal.db'), migrations: MIGRATIONS.slice(0, 1), now: () => NOW }),
  ).toThrow('is at version 2; this program knows 1');
});

test('a folder belongs to one process, until that process is gone', () => {
  const folder = temporaryFolder();
  const lock = lockFolder(folder);
  expect(() => lockFolder(folder)).toThrow('Another process has');
  lock.release();
  const script = `import { lockFolder } from ${JSON.stringify(new URL('../../platform/sqlite.ts', import.meta.url).href)}; lockFolder(process.argv[1]); process.kill(process.pid, 'SIGKILL');`;
  expect(() =>
    execFileSync(process.execPath, ['--input-type=module', '-e', script, folder], { stdio: 'pipe' }),
  ).toThrow('SIGKILL');
  lockFolder(folder).release();
});

test('a step that fails after records leaves the tree as it was: the next one grows from what is committed', () => {
  const { journal } = open();
  journal.transact('one', (tx) => {
    for (let i = 0; i < 5; i++) tx.append(started);
  });
  expect(() =>
    journal.transact('two', (tx) => {
      for (let i = 0; i < 6; i++) tx.append(exported(i));
      throw new Error('half way');
    }),
  ).toThrow('half way');
  journal.transact('three', (tx) => {
    for (let i = 0; i < 3; i++) tx.append(started);
  });
  const leaf = leafHash(primitives, auditRecordBytes(started, '2026-01-02T03:04:05.678Z'));
  expect(journal.size()).toBe(8);
  expect(toHex(rootHash(primitives, journal.nodes, 8))).toBe(toHex(treeOf(Array(8).fill(leaf)).root(8)));
});
