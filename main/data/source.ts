// Opens a file for an import or a look: its kind recognised, its settings detected where nobody said them.
import { basename } from 'node:path';
import type { Column, Refused } from './columns.ts';
import { typedBy } from './csv-fields.ts';
import { shown } from './csv-header.ts';
import { csvReader } from './csv.ts';
import { detect, refuseDoubts, type Detected } from './detect.ts';
import { recognise, type Format } from './formats.ts';
import { openParquet } from './parquet-file.ts';
import { parquetTyping } from './parquet-typing.ts';
import { example } from './parquet-values.ts';
import { parquetSource } from './parquet.ts';
import type { Source } from './reading.ts';
import { csvSource } from './scan.ts';
import { DEFAULTS, type Overrides } from './settings.ts';
import { textReader } from './values.ts';

/** Throws FILE_FORMAT, FILE_SETTINGS, FILE_UNREADABLE, REQUEST_INVALID. */
export async function openSource(path: string, said: Overrides = {}): Promise<Source> {
  const { format, sample } = await recognise(path);
  if (format === 'parquet') return parquetSource(path, said);
  const detected = detect(sample, said);
  refuseDoubts(basename(path), detected);
  return csvSource(path, detected.settings);
}

/**
 * What the file's beginning looks like. `examples` are values of the file: for the eyes of its own institution. `problem` is
 * why an import would refuse the column.
 */
export type Inspection = {
  format: Format;
  /** Of a CSV file only. */
  detected: Detected | undefined;
  columns: (Column & { examples: string[]; problem: string | undefined })[];
  /** How many rows were looked at, and whether they are all. */
  rows: number;
  whole: boolean;
};

const MOST_ROWS = 1000;
const EXAMPLES = 3;

/** Looks at the beginning of a file as an import would read it, and keeps nothing. Throws as an import does. */
export async function inspectFile(path: string, said: Overrides = {}): Promise<Inspection> {
  const { format, sample, whole } = await recognise(path);
  if (format === 'parquet') return inspectParquet(path, said);
  const detected = detect(sample, said);
  const file = basename(path);
  const typing = typedBy(file, detected.settings);
  const examples: string[][] = [];
  const stop = new Error('enough rows');
  let width = 0;
  const reader = csvReader(file, detected.settings, {
    header(names) {
      width = names.length;
      typing.sink.header(names);
    },
    row(row) {
      if (typing.rows() === MOST_ROWS) throw stop;
      typing.sink.row(row);
      if (examples.length < EXAMPLES)
        examples.push(Array.from({ length: width }, (_, index) => shown(row.text(index))));
    },
  });
  let all = whole;
  try {
    reader.write(sample);
    if (whole) reader.end();
  } catch (error) {
    if (error !== stop) throw error;
    all = false;
  }
  return {
    format,
    detected,
    columns: width === 0 ? [] : looked(typing, (index) => examples.map((row) => row[index]!)),
    rows: typing.rows(),
    whole: all,
  };
}

async function inspectParquet(path: string, said: Overrides): Promise<Inspection> {
  const file = await openParquet(path);
  try {
    const typing = parquetTyping(basename(path), file, textReader({ ...DEFAULTS, ...said }));
    const rows = Math.min(MOST_ROWS, file.groups[0] ?? 0);
    const examples: string[][] = [];
    for (const [column, flat] of file.flat.entries()) {
      const seen: string[] = [];
      if (flat && rows > 0) {
        const see = typing.pages(column, 0);
        let left = rows;
        await file.column(0, column, (page) => {
          const shorter = { ...page, rows: Math.min(left, page.rows) };
          left -= shorter.rows;
          if (shorter.rows > 0) see(shorter);
          for (let at = 0, next = 0; at < shorter.rows && seen.length < EXAMPLES; at++)
            seen.push(page.present?.[at] === 0 ? '' : example(page.values[next++], file.days[column]!));
        });
      }
      if (!flat) typing.nested(column);
      examples.push(seen);
    }
    return {
      format: 'parquet',
      detected: undefined,
      columns: looked(typing, (index) => examples[index]!),
      rows,
      whole: file.groups.length < 2 && rows === file.groups[0],
    };
  } finally {
    await file.close();
  }
}

/** A column that would end an import does not keep a person from looking at the others. */
function looked(typing: { finish(refused: Refused): Column[] }, examplesOf: (index: number) => string[]) {
  const problems = new Map<number, string>();
  const columns = typing.finish((index, { message }) => problems.set(index, message));
  return columns.map((column, index) => ({ ...column, examples: examplesOf(index), problem: problems.get(index) }));
}
