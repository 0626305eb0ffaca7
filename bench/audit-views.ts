// npm run bench -- audit-views: a log of 100,000 records exported in every format. Each format is a process of its own, so that
// its peak memory is its own. npm run bench -- audit-views --records 10000 takes fewer, --formats csv,pdf only
// these formats.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { exportView, type ViewFormat } from '../main/audit/export-view.ts';
import { ed25519PublicKey, signEd25519 } from '../platform/crypto.ts';
import { openJournal, type Journal } from '../platform/journal.ts';
import { logKey } from '../platform/log-origin.ts';
import { everyKind, PLAIN } from '../test/support/audit-entries.ts';
import { print } from './figures.ts';
import { LOG_MIGRATIONS } from '../test/support/evidence-store.ts';

/** Seconds by the clock and of CPU time; MiB at rest before the export and at the peak; MiB and number of the files. */
type Figures = { seconds: number; cpu: number; resting: number; peak: number; size: number; files: number };

const FORMATS: ViewFormat[] = ['csv', 'syslog', 'fhir-ndjson', 'fhir-bundle', 'pdf'];
const BATCH = 1_000;
/** Above resting memory; that of one PDF volume does not grow with the log. */
const MOST_MIB = 300;

const { values: options } = parseArgs({
  options: {
    records: { type: 'string', default: '100000' },
    formats: { type: 'string', default: FORMATS.join(',') },
    part: { type: 'string' },
    folder: { type: 'string' },
  },
});

if (options.part !== undefined)
  console.log(JSON.stringify(await measured(options.part as ViewFormat, options.folder!)));
else compare(Number(options.records), options.formats.split(','));

function compare(records: number, asked: string[]): void {
  const folder = mkdtempSync(path.join(tmpdir(), 'assent-bench-'));
  try {
    write(folder, records);
    console.log(`${records} records of every kind, with names and free texts\n`);
    const figures = FORMATS.filter((format) => asked.includes(format)).map((format) => ({
      format,
      ...run(format, folder),
    }));
    print(
      ['', 'seconds', 'CPU s', 'records a second', 'above resting', 'MiB', 'files'],
      figures.map(({ format, seconds, cpu, resting, peak, size, files }) => [
        format,
        seconds,
        cpu,
        String(Math.round(records / seconds)),
        `${Math.round(peak - resting)} MiB`,
        String(Math.round(size)),
        String(files),
      ]),
    );
    const holds = figures.every(({ resting, peak }) => peak - resting < MOST_MIB);
    console.log(`${holds ? 'holds' : 'DOES NOT HOLD'}: every format within ${MOST_MIB} MiB above resting memory`);
    if (!holds) process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function run(format: ViewFormat, folder: string): Figures {
  const words = [import.meta.filename, '--part', format, '--folder', folder];
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${format} failed: ${stderr}`);
  return JSON.parse(stdout) as Figures;
}

function open(folder: string): { journal: Journal<string>; log: { publicKey: Uint8Array } } {
  const seed = new Uint8Array(32).fill(7);
  const publicKey = ed25519PublicKey(seed);
  const file = path.join(folder, 'audit.db');
  const migrations = LOG_MIGRATIONS;
  const journal = openJournal<string>({ file, migrations, now: Date.now });
  journal.signWith({ key: logKey(publicKey), sign: (message) => signEd25519(seed, message) });
  return { journal, log: { publicKey } };
}

function write(folder: string, records: number): void {
  const { journal } = open(folder);
  for (let left = records; left > 0; left -= BATCH)
    journal.transact('bench', (tx) => {
      let due = Math.min(BATCH, left);
      while (due > 0)
        for (const entry of everyKind(tx, PLAIN).slice(0, due)) {
          tx.append(entry);
          due--;
        }
    });
  journal.close();
}

async function measured(format: ViewFormat, folder: string): Promise<Figures> {
  const { journal, log } = open(folder);
  const about = { institution: 'North clinic', member: 'north', consortium: 'clinics', software: 'assent' };
  const asked = { format, path: path.join(folder, `log.${format}`), filter: {}, names: true, language: 'en' as const };
  const resting = process.memoryUsage.rss() / 2 ** 20;
  const started = performance.now();
  const used = process.cpuUsage();
  const { files } = await exportView({ journal, log, ...about }, asked, () => {}, new AbortController().signal);
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(used);
  const peak = process.resourceUsage().maxRSS / 1024;
  const size = files.reduce((sum, file) => sum + statSync(file).size, 0) / 2 ** 20;
  journal.close();
  for (const file of files) rmSync(file);
  return { seconds, cpu: (user + system) / 1e6, resting, peak, size, files: files.length };
}
