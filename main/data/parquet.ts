// A Parquet file read twice, row group by row group and column by column: first what its columns are, then its rows.
import { basename } from 'node:path';
import { parquetError } from './csv-header.ts';
import { groupBuffer } from './group-buffer.ts';
import { openParquet, type ParquetFile } from './parquet-file.ts';
import { parquetTyping } from './parquet-typing.ts';
import { numbersOf, valueEncoder, written, type Understand } from './parquet-values.ts';
import {
  changed,
  keptColumns,
  refuseCancelled,
  type EachGroup,
  type ReadOptions,
  type Scan,
  type Source,
} from './reading.ts';
import { DEFAULTS, type Overrides } from './settings.ts';
import { textReader } from './values.ts';

const MOST_VALUES = 2 ** 26; // of a row group, as float32: 256 MiB

/** `said` is for texts in columns of text: their decimal mark, thousands separator and dates. */
export function parquetSource(path: string, said: Overrides): Source {
  const understand = textReader({ ...DEFAULTS, ...said });
  return {
    format: 'parquet',
    scan: (options) => using(path, (file) => scanParquet(file, basename(path), understand, options)),
    groups: (scan, options, each) => using(path, (file) => readParquet(file, scan, understand, options, each)),
  };
}

async function using<T>(path: string, work: (file: ParquetFile) => Promise<T>): Promise<T> {
  const file = await openParquet(path);
  try {
    return await work(file);
  } finally {
    await file.close();
  }
}

async function scanParquet(
  file: ParquetFile,
  name: string,
  understand: Understand,
  options: ReadOptions,
): Promise<Scan> {
  const typing = parquetTyping(name, file, understand, options.roles);
  let first = 0;
  for (const [group, rows] of file.groups.entries()) {
    for (const [column, flat] of file.flat.entries()) {
      refuseCancelled(name, options.signal);
      if (flat) await file.column(group, column, typing.pages(column, first));
      else typing.nested(column);
      options.progress?.({ pass: 1, bytes: file.bytesRead(), totalBytes: file.bytes, rows: first });
    }
    first += rows;
  }
  if (first === 0) throw parquetError({ file: name }, 'the file has columns but no rows.');
  const sha256 = await file.sha256(() => refuseCancelled(name, options.signal));
  return { file: name, columns: typing.finish(), rows: first, bytes: file.bytes, sha256 };
}

async function readParquet(
  file: ParquetFile,
  scan: Scan,
  understand: Understand,
  options: ReadOptions,
  each: EachGroup,
): Promise<void> {
  const kept = keptColumns(scan.columns).map((column) => {
    const index = scan.columns.indexOf(column);
    return { column, index, encode: valueEncoder(column, file.days[index]!, understand, () => changed(scan.file)) };
  });
  const identifier = scan.columns.findIndex(({ name }) => name === options.roles?.identifier);
  if (file.names.join('\n') !== scan.columns.map(({ name }) => name).join('\n')) throw changed(scan.file);
  const buffer = groupBuffer(scan.columns, each);
  const { width, values: out } = buffer;
  let total = 0;
  let columns: Float32Array[] = [];
  const keep = (row: number) => {
    const place = buffer.row();
    for (let slot = 0; slot < width; slot++) out[place + slot] = columns[slot]![row]!;
  };
  /** The pages of the identifiers come last and carry the rows with them, so that no more than a page of ids is in memory. */
  const keepIdentified = async (group: number) => {
    refuseCancelled(scan.file, options.signal);
    let row = 0;
    await file.column(group, identifier, ({ rows, values, present }) => {
      let next = 0;
      for (let at = 0; at < rows; at++) {
        keep(row++);
        options.identify?.(present?.[at] === 0 ? '' : written(values[next++], file.days[identifier]!));
      }
    });
  };
  try {
    for (const [group, rows] of file.groups.entries()) {
      if (rows * width > MOST_VALUES)
        throw parquetError(
          { file: scan.file },
          `row group ${group + 1} holds ${rows} rows; write the file with row groups of at most ${Math.floor(MOST_VALUES / width)} rows.`,
        );
      columns = [];
      for (const { column, index, encode } of kept) {
        refuseCancelled(scan.file, options.signal);
        const encoded = new Float32Array(rows);
        columns.push(encoded);
        let row = 0;
        await file.column(group, index, ({ rows: count, values, present }) => {
          let next = 0;
          const plain = column.type === 'number' ? numbersOf(values) : undefined;
          if (plain) for (let at = 0; at < count; at++) encoded[row++] = present?.[at] === 0 ? NaN : plain[next++]!;
          else for (let at = 0; at < count; at++) encoded[row++] = present?.[at] === 0 ? NaN : encode(values[next++]);
        });
        options.progress?.({ pass: 2, bytes: file.bytesRead(), totalBytes: file.bytes, rows: total });
      }
      if (identifier < 0) for (let row = 0; row < rows; row++) keep(row);
      else await keepIdentified(group);
      total += rows;
      for (const column of columns) column.fill(0);
    }
    if (total !== scan.rows) throw changed(scan.file);
    if ((await file.sha256(() => refuseCancelled(scan.file, options.signal))) !== scan.sha256) throw changed(scan.file);
    buffer.flush();
    options.progress?.({ pass: 2, bytes: file.bytes, totalBytes: file.bytes, rows: total });
  } finally {
    buffer.erase();
    for (const column of columns) column.fill(0);
  }
}
