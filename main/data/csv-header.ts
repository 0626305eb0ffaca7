// What the first line of a CSV file tells: the names of the columns and the delimiter; and how errors name a place.
import { AssentError } from '../../shared/errors.ts';

/** Where something stands in a file: `line` as an editor counts, `column` the number of the field; both from 1. */
export type Place = { file: string; line?: number; column?: number; name?: string | undefined };

export const MOST_FIELD_CHARACTERS = 65_536;

const DELIMITERS = [',', ';', '\t'];

export function csvError(place: Place, problem: string): AssentError {
  const { file, line, column, name } = place;
  let where = file;
  if (line !== undefined) where += `, line ${line}`;
  if (column !== undefined) where += `, column ${column}${name === undefined ? '' : ` "${shown(name)}"`}`;
  return new AssentError('CSV_INVALID', `${where}: ${problem}`, {
    file,
    ...(line === undefined ? {} : { line: String(line) }),
    ...(column === undefined ? {} : { column: String(column) }),
  });
}

/** A value from a file as a message may show it: on one line, and not the whole of a long one. */
export function shown(value: string): string {
  const plain = value.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ');
  return plain.length <= 60 ? plain : `${plain.slice(0, 60)}…`;
}

export function headerNames(file: string, line: number, fields: readonly string[]): string[] {
  const places = new Map<string, number>();
  return fields.map((field, index) => {
    const name = field.trim();
    const place = { file, line, column: index + 1 };
    if (name === '') throw csvError(place, 'the header gives this column no name.');
    const other = places.get(name);
    if (other !== undefined) throw csvError({ ...place, name }, `column ${other} has the same name.`);
    places.set(name, index + 1);
    return name;
  });
}

/** The most frequent delimiter of the first line that is not empty; undefined while more text could change the answer. */
export function delimiterOf(text: string, complete: boolean): string | undefined {
  const counts = DELIMITERS.map(() => 0);
  const end = Math.min(text.length, MOST_FIELD_CHARACTERS);
  let inQuotes = false;
  let any = false;
  let decided = complete || text.length >= MOST_FIELD_CHARACTERS;
  for (let i = 0; i < end; i++) {
    const character = text[i]!;
    if (character === '"') inQuotes = !inQuotes;
    const ends = !inQuotes && (character === '\n' || character === '\r');
    if (ends && any) {
      decided = true;
      break;
    }
    if (!ends) any = true;
    const which = inQuotes ? -1 : DELIMITERS.indexOf(character);
    if (which >= 0) counts[which]! += 1;
  }
  return decided ? DELIMITERS[counts.indexOf(Math.max(...counts))] : undefined;
}
