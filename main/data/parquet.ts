// A Parquet file read twice, row group by row group and column by column: first what its columns are, then its rows.
import { basename } from 'node:path';
import { DEFAULTS, type Overrides } from './settings.ts';
import { inferColumns, type Column } from './columns.ts';
import { parquetError, shown } from './csv-header.ts';
import { groupBuffer } from './group-buffer.ts';
import { openParquet, type ParquetFile } from './parquet-file.ts';
import type { Page } from './parquet-pages.ts';
import {
  changed,
  keptColumns,
  refuseCancelled,
  type EachGroup,
  type ReadOptions,
  type Scan,
  type Source,
} from './reading.ts';
import { textReader, type Said } from './values.ts';

const DAY_MS = 86_400_000;
const MOST_VALUES = 2 ** 26; // of a row group, as float32: 256 MiB
const MOST_FLOAT = 3.4028234663852886e38;
const MOST_REMEMBERED = 4096;
const EXACT_IN_DOUBLE = 2n ** 53n;

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

type Understand = (text: string) => Said;

async function scanParquet(
  file: ParquetFile,
  name: string,
  understand: Understand,
  options: ReadOptions,
): Promise<Scan> {
  const typing = parquetTyping(name, file, understand);
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

/** Finds what columns are from their values. */
export function parquetTyping(
  file: string,
  { names, days }: Pick<ParquetFile, 'names' | 'days'>,
  understand: Understand,
) {
  const inference = inferColumns(file, names);
  const left = new Set<number>(); // columns that are not kept, whatever else is known of them
  let current: unknown;
  let row = 0; // of the file, from 1
  const source = { text: () => textOf(current).trim(), place: () => ({ row }) };
  const known = names.map(() => new Map<string, Said['kind']>());
  const text = (column: number, raw: string) => {
    const before = known[column]!.get(raw);
    if (before === 'missing') return inference.missing(column);
    if (before === 'text') return inference.again(column);
    const value = raw.trim();
    const said = understand(value);
    if (raw.length <= 64 && known[column]!.size < MOST_REMEMBERED) known[column]!.set(raw, said.kind);
    if (said.kind === 'missing') inference.missing(column);
    else if (said.kind === 'day') inference.day(column, source);
    else if (said.kind === 'text') inference.text(column, value, source);
    else if (inference.number(column, said.value)) inference.spelling(column, value);
  };
  const see = (column: number, value: unknown) => {
    if (value === null || value === undefined || value !== value) inference.missing(column);
    else if (typeof value === 'number' && days[column]) inference.day(column, source);
    else if (typeof value === 'number') {
      if (!Number.isFinite(Math.fround(value)))
        throw parquetError(
          { file, row, column: column + 1, name: names[column] },
          `${value} is too large for a number that is kept here.`,
        );
      inference.number(column, value);
    } else if (typeof value === 'bigint')
      inference.number(column, Number(value), value <= EXACT_IN_DOUBLE && value >= -EXACT_IN_DOUBLE);
    else if (typeof value === 'string') text(column, value);
    else if (typeof value === 'boolean') inference.text(column, textOf(value), source);
    else if (value instanceof Date) {
      inference.day(column, source);
      if (value.getTime() % DAY_MS !== 0) left.add(column);
    } else left.add(column);
  };
  return {
    /** Sees the pages of a column in order; `first` is the number of rows before them. */
    pages(column: number, first: number): (page: Page) => void {
      row = first;
      return ({ rows, values, present }) => {
        let next = 0;
        const plain = days[column] ? undefined : numbersOf(values);
        for (let at = 0; at < rows; at++) {
          row += 1;
          if (plain && !(present && present[at] === 0) && Math.abs(plain[next]!) <= MOST_FLOAT) {
            inference.number(column, plain[next++]!);
            continue;
          }
          current = present && present[at] === 0 ? null : values[next++];
          see(column, current);
        }
      };
    },
    nested: (column: number) => void left.add(column),
    finish: (): Column[] =>
      inference.finish().map((column, index): Column => {
        if (!left.has(index)) return column;
        return { name: column.name, type: 'text', missing: column.missing, categories: [], lossy: false };
      }),
  };
}

async function readParquet(
  file: ParquetFile,
  scan: Scan,
  understand: Understand,
  options: ReadOptions,
  each: EachGroup,
): Promise<void> {
  const kept = keptColumns(scan.columns).map((column) => ({
    index: scan.columns.indexOf(column),
    encode: valueEncoder(column, understand, () => changed(scan.file)),
  }));
  if (file.names.join('\n') !== scan.columns.map(({ name }) => name).join('\n')) throw changed(scan.file);
  const buffer = groupBuffer(scan.columns, each);
  const { width, values: out } = buffer;
  let total = 0;
  let columns: Float32Array[] = [];
  try {
    for (const [group, rows] of file.groups.entries()) {
      if (rows * width > MOST_VALUES)
        throw parquetError(
          { file: scan.file },
          `row group ${group + 1} holds ${rows} rows; write the file with row groups of at most ${Math.floor(MOST_VALUES / width)} rows.`,
        );
      columns = [];
      for (const { index, encode } of kept) {
        refuseCancelled(scan.file, options.signal);
        const encoded = new Float32Array(rows);
        columns.push(encoded);
        let row = 0;
        await file.column(group, index, ({ rows: count, values, present }) => {
          let next = 0;
          const plain = numbersOf(values);
          if (plain) for (let at = 0; at < count; at++) encoded[row++] = present?.[at] === 0 ? NaN : plain[next++]!;
          else for (let at = 0; at < count; at++) encoded[row++] = present?.[at] === 0 ? NaN : encode(values[next++]);
        });
        options.progress?.({ pass: 2, bytes: file.bytesRead(), totalBytes: file.bytes, rows: total });
      }
      for (let row = 0; row < rows; row++) {
        const start = buffer.start();
        for (let slot = 0; slot < width; slot++) out[start + slot] = columns[slot]![row]!;
        buffer.added();
      }
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

function valueEncoder(column: Column, understand: Understand, other: () => Error): (value: unknown) => number {
  const places =
    column.type === 'category' ? new Map(column.categories.map((text, place) => [text, place])) : undefined;
  const known = new Map<string, number>();
  const fromText = (text: string): number => {
    const said = understand(text);
    if (said.kind === 'missing') return NaN;
    const number = places ? places.get(text) : said.kind === 'text' ? undefined : said.value;
    if (number === undefined) throw other();
    return number;
  };
  return (value) => {
    if (typeof value === 'number') return value;
    if (value === null || value === undefined) return NaN;
    if (typeof value === 'bigint') return Number(value);
    if (value instanceof Date) return value.getTime() / DAY_MS;
    const text = textOf(value);
    let number = known.get(text);
    if (number === undefined) {
      number = fromText(text.trim());
      if (known.size < MOST_REMEMBERED) known.set(text, number);
    }
    return number;
  };
}

/** A value, as a person may look at it. */
export function example(value: unknown, isDay: boolean): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Date) return value.toISOString();
  return shown(isDay ? new Date(Number(value) * DAY_MS).toISOString().slice(0, 10) : textOf(value));
}

/** The values where they are numbers that need no look at each: the quick way through most pages. */
const numbersOf = (values: ArrayLike<unknown>) =>
  values instanceof Float64Array || values instanceof Float32Array || values instanceof Int32Array ? values : undefined;

/** Texts and booleans as they are compared; lists and records are not kept, so they need no text of their own. */
const textOf = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint'
    ? `${value}`
    : '(a list or record)';
