// What the columns of a Parquet file are, found from the values of their pages.
import { inferColumns, isMissing, readingsOf, type Column, type Refused, type Roles } from './columns.ts';
import { parquetError } from './csv-header.ts';
import type { ParquetFile } from './parquet-file.ts';
import type { Page } from './parquet-pages.ts';
import { DAY_MS, MOST_REMEMBERED, numbersOf, written, type Understand } from './parquet-values.ts';
import { asText, type Said } from './values.ts';

const MOST_FLOAT = 3.4028234663852886e38;
const EXACT_IN_DOUBLE = 2n ** 53n;
const NO_IDENTIFIER = 'the column holds lists, records or bytes, which cannot identify rows.';

/** Finds what columns are from their values. */
export function parquetTyping(
  file: string,
  { names, days }: Pick<ParquetFile, 'names' | 'days'>,
  understand: Understand,
  roles: Roles = {},
) {
  const readings = readingsOf(file, names, roles);
  const inference = inferColumns(file, names, readings);
  const left = new Set<number>(); // columns that are not kept, whatever else is known of them
  let current: unknown;
  let row = 0; // of the file, from 1
  let isDay = false;
  const source = { text: () => written(current, isDay).trim(), place: () => ({ row }) };
  const refuse = (column: number, problem: string) =>
    parquetError({ file, ...(row > 0 && { row }), column: column + 1, name: names[column] }, problem);
  const known = names.map(() => new Map<string, Said['kind']>());
  const text = (column: number, raw: string) => {
    const before = known[column]!.get(raw);
    if (before === 'missing') return inference.missing(column);
    if (before === 'text') return inference.again(column);
    const value = raw.trim();
    const said = readings[column] === 'text' ? asText(value) : understand(value);
    if (raw.length <= 64 && known[column]!.size < MOST_REMEMBERED) known[column]!.set(raw, said.kind);
    if (said.kind === 'missing') inference.missing(column);
    else if (said.kind === 'day') inference.day(column, source);
    else if (said.kind === 'text') inference.text(column, value, source);
    else if (inference.number(column, said.value)) inference.spelling(column, value);
  };
  const identifier = (column: number, value: unknown) => {
    if (typeof value === 'number' && !(Math.abs(value) <= Number.MAX_SAFE_INTEGER))
      throw refuse(
        column,
        `${value} is not exact, so it cannot identify a row; write identifiers as whole numbers or text.`,
      );
    if (typeof value === 'object' && !(value instanceof Date)) throw refuse(column, NO_IDENTIFIER);
    if (isMissing(source.text())) inference.missing(column);
  };
  const see = (column: number, value: unknown) => {
    if (value === null || value === undefined || value !== value) inference.missing(column);
    else if (readings[column] === 'identifier') identifier(column, value);
    else if (readings[column] === 'text' && isSimple(value)) text(column, written(value, isDay));
    else if (typeof value === 'number' && isDay) inference.day(column, source);
    else if (typeof value === 'number') {
      if (!Number.isFinite(Math.fround(value)))
        throw refuse(column, `${value} is too large for a number that is kept here.`);
      inference.number(column, value);
    } else if (typeof value === 'bigint')
      inference.number(column, Number(value), value <= EXACT_IN_DOUBLE && value >= -EXACT_IN_DOUBLE);
    else if (typeof value === 'string') text(column, value);
    else if (typeof value === 'boolean') inference.text(column, written(value, false), source);
    else if (value instanceof Date) {
      inference.day(column, source);
      if (value.getTime() % DAY_MS !== 0) left.add(column);
    } else left.add(column);
  };
  return {
    /** Sees the pages of a column in order; `first` is the number of rows before them. */
    pages(column: number, first: number): (page: Page) => void {
      row = first;
      isDay = days[column]!;
      return ({ rows, values, present }) => {
        let next = 0;
        const plain = isDay || readings[column] !== 'found' ? undefined : numbersOf(values);
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
    nested(column: number): void {
      row = 0;
      if (readings[column] === 'identifier') throw refuse(column, NO_IDENTIFIER);
      left.add(column);
    },
    finish: (refused?: Refused): Column[] =>
      inference.finish(refused).map((column, index): Column => {
        if (!left.has(index)) return column;
        return { name: column.name, type: 'text', missing: column.missing, categories: [], lossy: false };
      }),
  };
}

const isSimple = (value: unknown) => typeof value !== 'object' || value instanceof Date;
