// A log of a million records: how fast it is appended in bulk, exported as evidence and verified, in how much memory, and how
// fast a browser checks 100,000. Beside them what the same disk, hash and page do without any of it.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { primitives, randomBytes, sha256 } from '../platform/crypto.ts';
import { exportEvidence } from '../platform/export-evidence.ts';
import { openJournal } from '../platform/journal.ts';
import type { AuditEntry } from '../shared/records/audit.ts';
import { leafHash, nodeHash } from '../shared/transparency/tree.ts';
import { encodeCanonical, toHex } from '../shared/wire/canonical.ts';
import { findBrowser, startBrowser } from '../test/support/browser.ts';
import { MIGRATIONS } from '../test/support/evidence-store.ts';
import { ann, bob, INSTALLATION, keyOf, nodeLog, OWN_KEYS, OWN_LOG_KEY } from '../test/support/node-log.ts';
import { checkedBy, openVerifyPage } from '../test/support/verify-page.ts';
import { print } from './figures.ts';

const MILLION = 1_000_000;
const PAGE_RECORDS = 100_000;
const BATCH = 10_000;
/** One round in ten is approved by people, the others by their policy. */
const BY_PEOPLE = 10;

type Batch = {
  entries: AuditEntry[];
  signed: [string, string, Uint8Array][];
  openings: [string, Uint8Array, string][];
};
type Built = { seconds: number; cpu: number; bare: number; records: number };

/** Appends batches of entries that were made, and signed, before the clock runs; the same bytes go into a bare table. */
function build(folder: string, records: number): Built {
  mkdirSync(folder, { recursive: true });
  let batch: Batch = { entries: [], signed: [], openings: [] };
  const log = nodeLog((work) =>
    work({
      append: (entry) => void batch.entries.push(entry),
      keep(kind, bytes) {
        const hash = toHex(sha256(bytes));
        batch.signed.push([hash, kind, bytes]);
        return hash;
      },
      commit(value) {
        const salt = randomBytes(32);
        const text = encodeCanonical(value);
        const hash = toHex(sha256(Buffer.concat([salt, text])));
        batch.openings.push([hash, salt, Buffer.from(text).toString('utf8')]);
        return hash;
      },
    }),
  );
  const journal = openJournal<string>({ file: join(folder, 'log.db'), migrations: MIGRATIONS, now: log.now });
  journal.signWith({ key: OWN_LOG_KEY, sign: INSTALLATION.log.sign });
  const bare = new Database(join(folder, 'bare.db'));
  bare.pragma('journal_mode = WAL');
  bare.pragma('synchronous = FULL');
  bare.exec('create table record (position integer primary key, bytes blob not null) strict');
  const insert = bare.prepare('insert into record (bytes) values (?)');
  const time = { seconds: 0, cpu: 0, bare: 0 };
  let written = 0;
  /** How many records there are now. */
  const write = (): number => {
    const start = performance.now();
    const cpu = process.cpuUsage();
    journal.transact('bulk', (tx) => {
      for (const [hash, kind, bytes] of batch.signed)
        tx.run('insert or ignore into signed_record (hash, kind, bytes) values (?, ?, ?)', hash, kind, bytes);
      for (const [hash, salt, value] of batch.openings)
        tx.run('insert into opening (commitment, salt, value) values (?, ?, ?)', hash, salt, value);
      for (const entry of batch.entries) tx.append(entry);
    });
    time.seconds += (performance.now() - start) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    time.cpu += (user + system) / 1e6;
    const bytes = journal.read.all<{ bytes: Buffer }>('select bytes from record where position >= ?', written);
    written += batch.entries.length;
    const again = performance.now();
    bare.transaction(() => {
      for (const row of bytes) insert.run(row.bytes);
    })();
    time.bare += (performance.now() - again) / 1000;
    batch = { entries: [], signed: [], openings: [] };
    return written;
  };

  log.founded();
  const policy = log.policy('small', [ann, bob]);
  let round = 0;
  for (let done = write(); done < records; done = write()) {
    log.advance(60_000);
    log.atOnce(() => {
      const wanted = Math.min(BATCH, records - done);
      while (batch.entries.length < wanted) {
        const key = keyOf(++round);
        log.offered(key);
        const given = round % BY_PEOPLE === 0 ? log.approvedBy(key, ann, bob).at(-1)! : log.decided(key, { policy });
        log.carriedOut(given);
        log.besides(given);
      }
    });
  }
  journal.close();
  bare.close();
  return { ...time, records: written };
}

type Exported = { seconds: number; cpu: number; restingMb: number; peakMb: number; bytes: number };

/** In a process of its own, so that its memory is that of the export alone. */
async function exportHere(folder: string): Promise<void> {
  const journal = openJournal<string>({ file: join(folder, 'log.db'), migrations: MIGRATIONS, now: Date.now });
  journal.signWith({ key: OWN_LOG_KEY, sign: INSTALLATION.log.sign });
  const restingMb = process.memoryUsage.rss() / 2 ** 20;
  const start = performance.now();
  const file = join(folder, 'evidence.zip');
  const { bytes } = await exportEvidence({ journal, keys: OWN_KEYS, file, filter: {}, names: true });
  const seconds = (performance.now() - start) / 1000;
  journal.close();
  const { user, system } = process.cpuUsage();
  const exported: Exported = {
    seconds,
    cpu: (user + system) / 1e6,
    restingMb,
    peakMb: process.resourceUsage().maxRSS / 1024,
    bytes,
  };
  console.log(JSON.stringify(exported));
}

type Run = { out: string; seconds: number; cpu: number; peakMb: number };

/** Says at the end what the process took, whatever it runs. */
const TAKEN = `process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  process.stderr.write('taken ' + JSON.stringify({ cpu: (userCPUTime + systemCPUTime) / 1e6, peakMb: maxRSS / 1024 }));
})`;

function run(file: string, ...args: string[]): Run {
  const start = performance.now();
  const options = { encoding: 'utf8' as const, maxBuffer: 2 ** 28 };
  const watched = ['--import', `data:text/javascript,${encodeURIComponent(TAKEN)}`, file, ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, watched, options);
  if (status !== 0) throw new Error(`${file} ended with ${status}: ${stdout.slice(-2000)}${stderr}`);
  const taken = JSON.parse(stderr.slice(stderr.lastIndexOf('taken ') + 6)) as { cpu: number; peakMb: number };
  return { out: stdout, seconds: (performance.now() - start) / 1000, ...taken };
}

/** What verification cannot do without: the hashes of leaves and nodes, and reading the file. */
function hashesAlone(zip: string, records: number): number {
  const start = performance.now();
  readFileSync(zip);
  const record = new Uint8Array(480);
  let hash = primitives.sha256(record);
  for (let i = 0; i < records; i++) hash = nodeHash(primitives, hash, leafHash(primitives, record));
  return (performance.now() - start) / 1000;
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'assent-bench-'));
  const verifier = join(import.meta.dirname, '../platform/gen/verify.mjs');
  try {
    const large = join(folder, 'large');
    const built = build(large, MILLION);
    const exported = JSON.parse(run(import.meta.filename, 'export', large).out) as Exported;
    const zip = join(large, 'evidence.zip');
    const hashes = hashesAlone(zip, built.records);
    const verified = run(verifier, zip);
    const small = join(folder, 'small');
    build(small, PAGE_RECORDS);
    run(import.meta.filename, 'export', small);
    const page = await inBrowser(join(small, 'evidence.zip'));
    report(built, exported, statSync(zip).size, hashes, verified, page);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function inBrowser(zip: string): Promise<number | null> {
  const path = findBrowser();
  if (path === undefined) return null;
  const browser = startBrowser(path);
  try {
    const said = await checkedBy(await openVerifyPage(browser), [zip]);
    if (said.verdict !== 'ok') throw new Error(said.report);
    return said.seconds;
  } finally {
    await browser.close();
  }
}

function report(built: Built, exported: Exported, bytes: number, hashes: number, verified: Run, page: number | null) {
  const perSecond = built.records / built.seconds;
  const memory = exported.peakMb - exported.restingMb;
  const ratio = (value: number, of: string) => `${value.toFixed(2)} of ${of}`;
  print(
    ['', 'measured', 'of it CPU', 'wanted', 'ratio'],
    [
      [
        'append in bulk, records/s',
        perSecond,
        built.records / built.cpu,
        '20000 or more',
        ratio(built.bare / built.seconds, 'bare inserts'),
      ],
      ['export, s', exported.seconds, exported.cpu, '', ratio(exported.seconds / verified.seconds, 'verifying')],
      ['export, MB above resting', memory, '', '300 or less', ratio(memory / (bytes / 2 ** 20), 'the zip')],
      [
        'verify.mjs, s',
        verified.seconds,
        verified.cpu,
        '15 or less',
        ratio(verified.seconds / hashes, 'hashing alone'),
      ],
      ['verify.mjs, MB', verified.peakMb, '', '', ratio(verified.peakMb / (bytes / 2 ** 20), 'the zip')],
      [
        'verify.html, 100,000, s',
        page ?? 'no browser',
        '',
        '5 or less',
        page === null ? '' : ratio((10 * page) / verified.seconds, 'verify.mjs'),
      ],
    ],
  );
  console.log(
    verified.out
      .split('\n')
      .filter((line) => !line.startsWith('ok '))
      .join('\n'),
  );
  const { out: _, ...verify } = verified;
  console.log(JSON.stringify({ bench: 'audit', ...built, perSecond, exported, bytes, hashes, verify, page }));
  if (perSecond < 20_000 || memory > 300 || verified.seconds > 15 || (page !== null && page > 5)) process.exitCode = 1;
}

if (process.argv[2] === 'export') await exportHere(process.argv[3]!);
else await main();
