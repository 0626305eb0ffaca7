// What a CSV column holds, found from all of its values: numbers, categories, free text, or nothing.
import { csvError, shown } from './csv-header.ts';

export type Column = {
  name: string;
  /** Only numbers and categories are kept; free text (names, notes) is counted and left out. */
  type: 'number' | 'category' | 'text' | 'empty';
  /** Rows without a value. */
  missing: number;
  /** The values of a category column, sorted by code unit; a row keeps a value's place in this list. */
  categories: string[];
  /** Some number, 2^24 or larger, is rounded where it is kept as float32: an identifier, not a measurement. */
  lossy: boolean;
};

const MOST_CATEGORIES = 10_000;
const LONGEST_CATEGORY = 200;
const MOST_MIXED = 20;
const EXACT = 2 ** 24;

const MISSING: ReadonlySet<string> = new Set([
  '',
  '?',
  '-',
  '--',
  '.',
  'na',
  'Na',
  'NA',
  'n/a',
  'N/A',
  '#N/A',
  'nan',
  'NaN',
  'NAN',
  'null',
  'Null',
  'NULL',
]);

/** Whether a trimmed field says that there is no value. */
export function isMissing(value: string): boolean {
  return value.length <= 4 && MISSING.has(value);
}

/** The number that a trimmed field writes in decimal, or NaN; NaN too where float32 would make it infinite. */
export function numberOf(value: string): number {
  const number = Number(value);
  const plain = value.charCodeAt(0) !== 48 || value.length < 3 || !/^0[xob]/i.test(value);
  return plain && Number.isFinite(Math.fround(number)) ? number : NaN;
}

export type Inference = {
  see(fields: readonly string[], lines: readonly number[]): void;
  /** Throws CSV_INVALID where a column of numbers holds something else. */
  finish(): Column[];
};

type Seen = {
  missing: number;
  numbers: number;
  texts: number;
  lossy: boolean;
  numberValues: Set<string>;
  textValues: Set<string>;
  tooLong: boolean;
  firstText: { line: number; value: string } | undefined;
};

export function inferColumns(file: string, names: readonly string[]): Inference {
  const columns = names.map((): Seen => ({
    missing: 0,
    numbers: 0,
    texts: 0,
    lossy: false,
    numberValues: new Set(),
    textValues: new Set(),
    tooLong: false,
    firstText: undefined,
  }));
  return {
    see(fields, lines) {
      for (let index = 0; index < columns.length; index++) {
        const seen = columns[index]!;
        const value = fields[index]!.trim();
        if (isMissing(value)) {
          seen.missing += 1;
          continue;
        }
        const number = numberOf(value);
        if (number === number) {
          seen.numbers += 1;
          if (Math.abs(number) > EXACT && Math.fround(number) !== number) seen.lossy = true;
          if (seen.numberValues.size <= MOST_MIXED) seen.numberValues.add(copy(value));
        } else {
          seen.texts += 1;
          seen.firstText ??= { line: lines[index]!, value: copy(value) };
          if (value.length > LONGEST_CATEGORY) seen.tooLong = true;
          else if (!seen.textValues.has(value) && seen.textValues.size <= MOST_CATEGORIES)
            seen.textValues.add(copy(value));
        }
      }
    },
    finish: () => columns.map((seen, index) => columnOf(seen, { file, column: index + 1, name: names[index]! })),
  };
}

function columnOf(seen: Seen, place: { file: string; column: number; name: string }): Column {
  const column = { name: place.name, missing: seen.missing, categories: [], lossy: false };
  const { numbers, texts, firstText } = seen;
  if (firstText === undefined) {
    return numbers === 0 ? { ...column, type: 'empty' } : { ...column, type: 'number', lossy: seen.lossy };
  }
  // Codes such as 0, 1, 2 and "3+" are one vocabulary: few values, each of them repeated.
  const distinct = seen.numberValues.size + seen.textValues.size;
  const vocabulary = distinct <= MOST_MIXED && distinct * 2 <= numbers + texts;
  if (!seen.tooLong && (numbers === 0 ? distinct <= MOST_CATEGORIES : vocabulary)) {
    return { ...column, type: 'category', categories: [...seen.numberValues, ...seen.textValues].sort() };
  }
  if (numbers < texts) return { ...column, type: 'text' };
  throw csvError(
    { ...place, line: firstText.line },
    `"${shown(firstText.value)}" is not a number, but ${numbers} ${numbers === 1 ? 'value' : 'values'} of this column are.`,
  );
}

/** A string that does not keep alive the chunk of the file it was cut from. */
const copy = (value: string) => (value.length < 13 ? value : Buffer.from(value, 'utf16le').toString('utf16le'));
