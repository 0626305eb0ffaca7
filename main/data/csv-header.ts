// What the first line of a CSV file tells: the names of the columns; and how errors name a place.
import { AssentError } from '../../shared/errors.ts';

/**
 * Where something stands in a file: `line` of a CSV file as an editor counts, `row` of a Parquet file, `column` the number of
 * the field; all from 1.
 */
export type Place = { file: string; line?: number; row?: number; column?: number; name?: string | undefined };

export const MOST_FIELD_BYTES = 65_536;

export const csvError = (place: Place, problem: string) => errorAt('CSV_INVALID', place, problem);
export const parquetError = (place: Place, problem: string) => errorAt('PARQUET_INVALID', place, problem);

/** A value that does not fit, in whichever kind of file the place is. */
export const placeError = (place: Place, problem: string) =>
  place.row === undefined ? csvError(place, problem) : parquetError(place, problem);

function errorAt(code: 'CSV_INVALID' | 'PARQUET_INVALID', place: Place, problem: string): AssentError {
  const { file, line, row, column, name } = place;
  let where = file;
  if (line !== undefined) where += `, line ${line}`;
  if (row !== undefined) where += `, row ${row}`;
  if (column !== undefined) where += `, column ${column}${name === undefined ? '' : ` "${shown(name)}"`}`;
  return new AssentError(code, `${where}: ${problem}`, {
    file,
    ...(line === undefined ? {} : { line: String(line) }),
    ...(row === undefined ? {} : { row: String(row) }),
    ...(column === undefined ? {} : { column: String(column) }),
  });
}

/** A value from a file as a message may show it: on one line, and not the whole of a long one. */
export function shown(value: string): string {
  const plain = value.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ');
  return plain.length <= 60 ? plain : `${plain.slice(0, 60)}…`;
}

/** `line` is that of the header of a CSV file. */
export function headerNames(file: string, line: number | undefined, fields: readonly string[]): string[] {
  const places = new Map<string, number>();
  const fail = line === undefined ? parquetError : csvError;
  return fields.map((field, index) => {
    const name = field.trim();
    const place = { file, ...(line === undefined ? {} : { line }), column: index + 1 };
    if (name === '') throw fail(place, 'the header gives this column no name.');
    const other = places.get(name);
    if (other !== undefined) throw fail({ ...place, name }, `column ${other} has the same name.`);
    places.set(name, index + 1);
    return name;
  });
}
