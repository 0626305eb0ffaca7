// npm run bench -- data: a million rows of 20 columns. CSV import against papaparse alone, Parquet import against hyparquet
// alone, and the training matrix read back. Each part is a process of its own, so that its peak memory is its own.
// npm run bench -- data --rows 100000 takes fewer rows.
import { spawnSync } from 'node:child_process';
import { closeSync, createReadStream, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { asyncBufferFromFile, parquetMetadataAsync, parquetRead } from 'hyparquet';
import Papa from 'papaparse';
import { openGroups } from '../main/data/datasets.ts';
import { importFile } from '../main/data/import.ts';
import type { DataDeps } from '../main/data/sealing.ts';
import { openStore } from '../main/store/open.ts';
import { stream } from '../shared/math/random.ts';
import { writeParquet, type ParquetColumn, type ParquetValue } from '../test/support/parquet.ts';
import { print } from './figures.ts';

/** Seconds by the clock and of CPU time (which other work on the machine disturbs less), and MiB: at rest before the work, and at the peak. */
type Figures = { seconds: number; cpu: number; resting: number; peak: number; readBack?: number };

const PARTS = {
  papaparse,
  'import CSV': (file: string) => imported(file),
  hyparquet,
  'import Parquet': (file: string) => imported(file),
};
const GROUP = 100_000;
const WARD = ['surgery', 'cardiology', 'neurology', 'paediatrics', 'oncology'];
const COLUMNS: ParquetColumn[] = Array.from({ length: 20 }, (_, at) => ({
  name: `column_${at}`,
  type: at < 13 ? 'double' : at < 16 ? 'int32' : at < 19 ? 'string' : 'date',
}));

const { values: options } = parseArgs({
  options: { rows: { type: 'string', default: '1000000' }, part: { type: 'string' }, file: { type: 'string' } },
});

if (options.part !== undefined) {
  const figures = await PARTS[options.part as keyof typeof PARTS](options.file!);
  console.log(JSON.stringify(figures));
} else compare(Number(options.rows));

function compare(rows: number): void {
  const folder = mkdtempSync(path.join(tmpdir(), 'assent-bench-'));
  try {
    const csv = path.join(folder, 'rows.csv');
    const parquet = path.join(folder, 'rows.parquet');
    write(csv, parquet, rows);
    console.log(`${rows} rows of ${COLUMNS.length} columns: 13 decimals, 3 integers, 3 categories, 1 date\n`);
    const [papa, fromCsv, hyper, fromParquet] = Object.keys(PARTS).map((part) =>
      run(part, part.includes('CSV') || part === 'papaparse' ? csv : parquet),
    );
    const line = (name: string, { seconds, cpu, resting, peak, readBack }: Figures, alone: Figures) => [
      name,
      seconds,
      `${(seconds / alone.seconds).toFixed(2)} x`,
      cpu,
      `${Math.round(peak - resting)} MiB`,
      readBack === undefined ? '' : readBack,
    ];
    print(
      ['', 'seconds', 'against alone', 'CPU s', 'above resting', 'read back, s'],
      [
        line('papaparse alone', papa!, papa!),
        line('import CSV', fromCsv!, papa!),
        line('hyparquet alone', hyper!, hyper!),
        line('import Parquet', fromParquet!, hyper!),
      ],
    );
    verdict('CSV import within 4 times papaparse alone', fromCsv!.seconds <= 4 * papa!.seconds);
    verdict('Parquet import no slower than CSV import', fromParquet!.seconds <= fromCsv!.seconds);
    verdict(
      'both within 300 MiB above resting memory',
      Math.max(fromCsv!.peak - fromCsv!.resting, fromParquet!.peak - fromParquet!.resting) < 300,
    );
    verdict('training matrix read back in under 0.3 s', fromCsv!.readBack! < 0.3);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function verdict(claim: string, holds: boolean): void {
  console.log(`${holds ? 'holds' : 'DOES NOT HOLD'}: ${claim}`);
  if (!holds) process.exitCode = 1;
}

function run(part: string, file: string): Figures {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [import.meta.filename, '--part', part, '--file', file],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`${part} failed: ${stderr}`);
  return JSON.parse(stdout) as Figures;
}

async function measured(work: () => Promise<void>): Promise<Figures> {
  const resting = process.memoryUsage.rss() / 2 ** 20;
  const started = performance.now();
  const used = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(used);
  return {
    cpu: (user + system) / 1e6,
    seconds: (performance.now() - started) / 1000,
    resting,
    peak: process.resourceUsage().maxRSS / 1024,
  };
}

function papaparse(file: string): Promise<Figures> {
  return measured(
    () =>
      new Promise((resolve, reject) => {
        Papa.parse(createReadStream(file), { chunk: () => {}, complete: () => resolve(), error: reject });
      }),
  );
}

function hyparquet(file: string): Promise<Figures> {
  return measured(async () => {
    const buffer = await asyncBufferFromFile(file);
    const metadata = await parquetMetadataAsync(buffer);
    let rowStart = 0;
    for (const group of metadata.row_groups) {
      const rowEnd = rowStart + Number(group.num_rows);
      await parquetRead({ file: buffer, metadata, rowStart, rowEnd, onChunk: () => {} });
      rowStart = rowEnd;
    }
  });
}

/** A whole import into a real store, and then every group opened and copied into one matrix. */
async function imported(file: string): Promise<Figures> {
  const home = mkdtempSync(path.join(tmpdir(), 'assent-bench-'));
  const store = await openStore(home, 'a passphrase for the bench', Date.now);
  const deps: DataDeps = {
    journal: store.journal,
    keys: {
      seal: (name, key) => store.keyring.seal('data', name, key),
      open: (name, sealed) => store.keyring.open('data', name, sealed),
    },
    now: Date.now,
  };
  try {
    let id = '';
    let rows = 0;
    const figures = await measured(async () => {
      ({ id, rows } = await importFile(deps, { path: file, name: 'rows' }));
    });
    const matrix = new Float32Array(rows * COLUMNS.length);
    const started = performance.now();
    let at = 0;
    for (const { values } of openGroups(deps, id)) {
      matrix.set(values, at);
      at += values.length;
    }
    if (at !== matrix.length) throw new Error(`${at} values came back of ${matrix.length}`);
    return { ...figures, readBack: (performance.now() - started) / 1000 };
  } finally {
    store.close();
    rmSync(home, { recursive: true });
  }
}

/** The same rows in both files; one value in fifty is missing. */
function write(csv: string, parquet: string, rows: number): void {
  const random = stream(0, 'bench', 'data');
  const value = (column: number): ParquetValue => {
    if (random.int(50) === 0) return null;
    if (column < 13) return Math.round(random.next() * 1_000_000) / 1000;
    if (column < 16) return random.int(column === 13 ? 2 : 10_000);
    if (column < 19) return WARD[random.int(5)]!;
    return random.int(20_000);
  };
  const file = openSync(csv, 'w');
  writeSync(file, `${COLUMNS.map(({ name }) => name).join(',')}\n`);
  function* groups() {
    for (let first = 0; first < rows; first += GROUP) {
      const count = Math.min(GROUP, rows - first);
      const group = COLUMNS.map((_, column) => Array.from({ length: count }, () => value(column)));
      const lines: string[] = [];
      for (let row = 0; row < count; row++)
        lines.push(group.map((values, column) => written(values[row]!, column)).join(','));
      writeSync(file, `${lines.join('\n')}\n`);
      yield group;
    }
  }
  writeParquet(parquet, COLUMNS, groups());
  closeSync(file);
}

function written(value: ParquetValue, column: number): string {
  if (value === null) return '';
  return column === 19 ? new Date(Number(value) * 86_400_000).toISOString().slice(0, 10) : String(value);
}
