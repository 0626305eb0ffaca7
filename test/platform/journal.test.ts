import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { sha256, primitives, generateEd25519, signEd25519 } from '../../platform/crypto.ts';
import * as journalSchema from '../../platform/journal-schema.ts';
import { openJournal, type Journal, type Tx } from '../../platform/journal.ts';
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
  { name: '0002-openings', sql: journalSchema.openings },
  { name: '0003-thing', sql: 'create table thing (name text primary key) strict;' },
];
const NOW = Date.parse('2026-01-02T03:04:05.678Z');
const exported = (size: number): AuditEntry => ({
  kind: 'log.exported',
  detail: { size, root: '00'.repeat(32), format: 'x' },
});
const started: AuditEntry = { kind: 'program.started', detail: { software: 'assent', node: 'v24', platform: 'linux' } };

/** Of all files that the store has on disk. */
const bytesOf = (file: string) =>
  Buffer.concat(
    ['', '-wal', '-shm']
      .map((end) => `${file}${end}`)
      .filter(existsSync)
      .map((name) => readFileSync(name)),
  );

function open(folder = temporaryFolder(), now = () => NOW): { journal: Journal<string>; file: string } {
  const file = join(folder, 'journal.db');
  const journal = openJournal<string>({ file, migrations: MIGRATIONS, now });
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
  expect(bytesOf(file).includes('Distinctive')).toBe(true);
  journal.transact('two', (tx) => {
    tx.run('delete from opening where commitment = ?', name);
    tx.append(started);
    tx.forget();
  });
  expect(toHex(rootHash(primitives, journal.nodes, 1))).toBe(before);
  expect(bytesOf(file).includes('Distinctive')).toBe(false);
});

test('what is to be forgotten while somebody reads is gone from the files as soon as nobody does', () => {
  const { journal, file } = open();
  journal.transact('one', (tx) => (tx.run("insert into thing values ('Distinctive')"), tx.append(started)));
  const reading = journal.read.iterate('select * from thing');
  reading.next();
  const forget = (tx: Tx) => (tx.run('delete from thing'), tx.append(started), tx.forget());
  journal.transact('two', forget);
  expect(bytesOf(file).includes('Distinctive')).toBe(true);
  reading.return!();
  journal.transact('three', (tx) => tx.append(started));
  expect(bytesOf(file).includes('Distinctive')).toBe(false);
});

test('a program that is killed before it could empty the write-ahead log does so at its next start', () => {
  const folder = temporaryFolder();
  const at = (path: string) => JSON.stringify(new URL(`../../${path}`, import.meta.url).href);
  const script = `
    import { openJournal } from ${at('platform/journal.ts')};
    import * as schema from ${at('platform/journal-schema.ts')};
    const migrations = [{ name: '1', sql: schema.sql }, { name: '2', sql: schema.openings }, { name: '3', sql: 'create table thing (name text) strict' }];
    const journal = openJournal({ file: process.argv[1], migrations, now: Date.now });
    const append = (tx) => tx.append(${JSON.stringify(started)});
    journal.transact('one', (tx) => (tx.run("insert into thing values ('Distinctive')"), append(tx)));
    journal.transact('two', (tx) => (tx.run('delete from thing'), append(tx)));
    process.kill(process.pid, 'SIGKILL');`;
  const file = join(folder, 'journal.db');
  expect(() => execFileSync(process.execPath, ['--input-type=module', '-e', script, file], { stdio: 'pipe' })).toThrow(
    'SIGKILL',
  );
  expect(bytesOf(file).includes('Distinctive')).toBe(true);
  expect(open(folder).journal.size()).toBe(2);
  expect(bytesOf(file).includes('Distinctive')).toBe(false);
});

test('an opening knows the record that names it, or the one of its transaction that names what names it', () => {
  const { journal } = open();
  const removed = (reason: string | null): AuditEntry => ({
    kind: 'member.removed',
    detail: { member: 'a', directory: '00'.repeat(32), sequence: 1, reason },
  });
  const made = journal.transact('one', (tx) => {
    const [first, second, inner] = [tx.commit('first'), tx.commit('second'), tx.commit('in a signed record')];
    tx.append(removed(first));
    tx.append(removed(second));
    tx.append(removed(null));
    return [first, second, inner];
  });
  const position = (commitment: string) =>
    journal.read.get<{ position: number }>('select position from opening where commitment = ?', commitment)!.position;
  expect(made.map(position)).toEqual([0, 1, 2]);
});

test('rows of the ledger do not wait for the disk, but for a minute at most; whatever else is changed does', () => {
  let now = NOW;
  const { journal } = open(undefined, () => now);
  const synchronous = (step: string) =>
    journal.transact(step, (tx) => {
      if (step === 'one') tx.append(started);
      return tx.get<{ synchronous: number }>('pragma synchronous')!.synchronous;
    });
  const [NORMAL, FULL] = [1, 2];
  expect(synchronous('ledger.note')).toBe(FULL); // nothing is known to be on the disk yet
  expect(synchronous('ledger.note')).toBe(NORMAL);
  expect(synchronous('ledger.intend')).toBe(FULL);
  now += 59_999;
  expect(synchronous('ledger.note')).toBe(NORMAL);
  expect(synchronous('one')).toBe(FULL);
  now += 60_000;
  expect(synchronous('ledger.note')).toBe(FULL);
  now -= 3600_000; // a clock that is set back
  expect(synchronous('ledger.note')).toBe(FULL);
});

test('records that come by themselves every day bring no checkpoint, and neither do rows of the ledger', () => {
  let now = NOW;
  const { journal } = open(undefined, () => now);
  const { publicKey, privateKey } = generateEd25519();
  journal.signWith({ key: logKey(publicKey), sign: (message) => signEd25519(privateKey, message) });
  const sizes = () => journal.read.all<{ size: number }>('select size from checkpoint').map(({ size }) => size);
  const day = { day: '2026-01-01', rows: 0, bytes: 0, interrupted: 0, sha256: '00'.repeat(32), purposes: [] };
  journal.transact('one', (tx) => tx.append(exported(0)));
  for (let i = 0; i < 3; i++) {
    now += 24 * 3600_000;
    journal.transact('ledger.sum', (tx) => tx.append({ kind: 'ledger.summed', detail: day }));
    journal.transact('ledger.note', () => {});
  }
  expect(sizes()).toEqual([1]);
  journal.transact('one', (tx) => tx.append(started));
  expect(sizes()).toEqual([1, 5]);
});

test('a store of a newer version is refused', () => {
  const folder = temporaryFolder();
  openJournal<string>({ file: join(folder, 'journal.db'), migrations: MIGRATIONS, now: () => NOW }).close();
  expect(() =>
    openJournal<string>({ file: join(folder, 'journal.db'), migrations: MIGRATIONS.slice(0, 1), now: () => NOW }),
  ).toThrow('is at version 3; this program knows 1');
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
