// A CSV file read twice: first what its columns are, then its rows as float32 numbers, group by group.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { createSha256 } from '../../platform/crypto.ts';
import { AssentError } from '../../shared/errors.ts';
import { toHex } from '../../shared/wire/canonical.ts';
import { inferColumns, isMissing, numberOf, type Column, type Inference } from './columns.ts';
import { csvError } from './csv-header.ts';
import { csvReader, type CsvSink } from './csv.ts';

/** How far a reading is: `pass` 1 finds the types, 2 keeps the rows. */
export type ImportProgress = { pass: 1 | 2; bytes: number; totalBytes: number; rows: number };
export type ReadOptions = {
  progress?: ((progress: ImportProgress) => void) | undefined;
  signal?: AbortSignal | undefined;
  /** Told the text of one column of every row, just before the row is kept (second reading only). */
  identifier?: { column: string; see(text: string): void } | undefined;
};

/** A file's name (without its folder), columns and size; `sha256` (hex) and `bytes` are of the file as it is. */
export type Scan = { file: string; columns: Column[]; rows: number; bytes: number; sha256: string };

const CHUNK = 256 * 1024; // about 10 ms of reading between turns of the event loop
const GROUP_ROWS = 8192;
const GROUP_VALUES = 2 ** 22;

/** The first reading. Throws CSV_INVALID, FILE_UNREADABLE, CANCELED. */
export async function scanCsv(path: string, options: ReadOptions = {}): Promise<Scan> {
  const file = basename(path);
  let inference: Inference | undefined;
  let rows = 0;
  const read = await readThrough(path, 1, options, () => rows, {
    header: (names) => (inference = inferColumns(file, names)),
    row(fields, lines) {
      rows += 1;
      inference!.see(fields, lines);
    },
  });
  if (rows === 0) throw csvError({ file }, 'the file has a header but no rows.');
  return { file, columns: inference!.finish(), rows, ...read };
}

/** The columns that rows keep, in order. */
export function keptColumns(columns: readonly Column[]): Column[] {
  return columns.filter(({ type }) => type === 'number' || type === 'category');
}

/** Rows a group: 8,192, fewer where a row is so wide that a group would pass 16 MiB. */
export function groupRows(columns: readonly Column[]): number {
  return Math.max(1, Math.min(GROUP_ROWS, Math.floor(GROUP_VALUES / Math.max(1, keptColumns(columns).length))));
}

/**
 * The second reading: `each` gets every group as row-major values (kept columns only; a category as its place in the list,
 * a missing value as NaN). The buffer is zeroed after each call. Throws FILE_CHANGED where the file is not what was scanned.
 */
export async function readGroups(
  path: string,
  scan: Scan,
  options: ReadOptions,
  each: (values: Float32Array<ArrayBuffer>, rows: number) => void,
): Promise<void> {
  const { file } = scan;
  const changed = () =>
    new AssentError('FILE_CHANGED', `${file} changed while it was being imported; import it again.`, { file });
  const encoders = scan.columns.flatMap((column, index) => {
    const encode = valueEncoder(column);
    return encode ? [{ index, encode }] : [];
  });
  const { identifier } = options;
  const idColumn = scan.columns.findIndex(({ name }) => name === identifier?.column);
  const width = encoders.length;
  const most = groupRows(scan.columns);
  const group = new Float32Array(most * width);
  let rows = 0;
  let total = 0;
  const flush = () => {
    const values = group.subarray(0, rows * width);
    if (rows > 0) each(values, rows);
    values.fill(0);
    rows = 0;
  };
  try {
    const read = await readThrough(path, 2, options, () => total, {
      header(names) {
        if (names.length !== scan.columns.length) throw changed();
      },
      row(fields) {
        const start = rows * width;
        for (let slot = 0; slot < width; slot++) {
          const { index, encode } = encoders[slot]!;
          const value = fields[index]!.trim();
          const number = isMissing(value) ? NaN : encode(value);
          if (number === undefined) throw changed();
          group[start + slot] = number;
        }
        identifier?.see(fields[idColumn]!);
        rows += 1;
        total += 1;
        if (rows === most) flush();
      },
    });
    if (read.sha256 !== scan.sha256) throw changed();
    flush();
  } finally {
    group.fill(0);
  }
}

/** undefined: a value that the first reading did not see. */
function valueEncoder(column: Column): ((value: string) => number | undefined) | undefined {
  if (column.type === 'number') {
    return (value) => {
      const number = numberOf(value);
      return number === number ? number : undefined;
    };
  }
  if (column.type !== 'category') return undefined;
  const places = new Map(column.categories.map((category, place) => [category, place]));
  return (value) => places.get(value);
}

async function readThrough(
  path: string,
  pass: 1 | 2,
  { progress, signal }: ReadOptions,
  rows: () => number,
  sink: CsvSink,
): Promise<{ bytes: number; sha256: string }> {
  const hash = createSha256();
  const reader = csvReader(basename(path), sink);
  let bytes = 0;
  const totalBytes = await readable(path, async () => (await stat(path)).size);
  const chunks = createReadStream(path, { highWaterMark: CHUNK })[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  try {
    for (;;) {
      if (signal?.aborted) throw new AssentError('CANCELED', `The import of ${basename(path)} was cancelled.`);
      const next = await readable(path, () => chunks.next());
      if (next.done) break;
      hash.update(next.value);
      reader.write(next.value);
      bytes += next.value.length;
      progress?.({ pass, bytes, totalBytes, rows: rows() });
    }
    reader.end();
  } finally {
    await chunks.return?.();
  }
  return { bytes, sha256: toHex(hash.digest()) };
}

async function readable<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? 'unknown';
    throw new AssentError('FILE_UNREADABLE', `${path} cannot be read (${reason}).`, { path, reason }, cause);
  }
}
