// What a column of a file holds, found from all of its values: numbers, days, categories, free text, or nothing.
import { AssentError } from '../../shared/errors.ts';
import { placeError, shown, type Place } from './csv-header.ts';

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
  /**
   * What a kept number stands for, where it is not the number of the file: a day as days since 1970-01-01 (exact for any
   * year up to 9999), or the nearest float32 to a number that has more than 24 bits (then `lossy` too).
   */
  encoding?: 'days-since-1970-01-01' | 'nearest-float32';
};

/** What a person said about columns, by name: the one that identifies rows, and those whose values are texts. */
export type Roles = { identifier?: string | undefined; texts?: readonly string[] | undefined };

/** How a column is read: by what its values turn out to be, as identifiers (counted, not kept), or as texts whatever they look like. */
export type Reading = 'found' | 'identifier' | 'text';

/** Of each column; throws REQUEST_INVALID where a column that was said something about is not there. */
export function readingsOf(file: string, names: readonly string[], { identifier, texts = [] }: Roles): Reading[] {
  const missing = [...(identifier === undefined ? [] : [identifier]), ...texts].find((name) => !names.includes(name));
  if (missing !== undefined) {
    const what = missing === identifier ? 'to identify rows by' : 'to read as text';
    throw new AssentError('REQUEST_INVALID', `${file} has no column "${missing}" ${what}.`, { file, column: missing });
  }
  return names.map((name) => (name === identifier ? 'identifier' : texts.includes(name) ? 'text' : 'found'));
}

const MOST_CATEGORIES = 10_000;
const LONGEST_CATEGORY = 200;
const MOST_MIXED = 20;
const EXACT = 2 ** 24;
const NUMERIC = /^[+-]?[\d\s.,']*\d[\d\s.,']*$/;

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

/** Where a value stands, asked only when it matters. */
export type Source = { text(column: number): string; place(column: number): Pick<Place, 'line' | 'row'> };

export type Inference = {
  missing(column: number): void;
  /** A number (`exact`: of at most 53 bits); whether its spelling must be told too, because the column may turn out to be a vocabulary of codes. */
  number(column: number, value: number, exact?: boolean): boolean;
  spelling(column: number, text: string): void;
  day(column: number, from: Source): void;
  /** A text that is new, as far as the caller knows; `again` is for one that was told before. */
  text(column: number, text: string, from: Source): void;
  again(column: number): void;
  /**
   * Throws CSV_INVALID or PARQUET_INVALID where a column of numbers or days holds something else; with `refused` it is told
   * that instead, and such a column comes back as text.
   */
  finish(refused?: Refused): Column[];
};
export type Refused = (column: number, error: AssentError) => void;

type First = { place: Pick<Place, 'line' | 'row'>; value: string };
type Seen = {
  missing: number;
  numbers: number;
  days: number;
  texts: number;
  lossy: boolean;
  numberValues: Set<string>;
  textValues: Set<string>;
  tooLong: boolean;
  firstText: First | undefined;
  firstDay: First | undefined;
};

/** Of a column that is read as identifiers only missing values are told. */
export function inferColumns(file: string, names: readonly string[], readings: readonly Reading[]): Inference {
  const columns = names.map((): Seen => ({
    missing: 0,
    numbers: 0,
    days: 0,
    texts: 0,
    lossy: false,
    numberValues: new Set(),
    textValues: new Set(),
    tooLong: false,
    firstText: undefined,
    firstDay: undefined,
  }));
  return {
    missing(column) {
      columns[column]!.missing += 1;
    },
    number(column, value, exact = true) {
      const seen = columns[column]!;
      seen.numbers += 1;
      if (!exact) seen.lossy = true;
      if ((value > EXACT || value < -EXACT) && Math.fround(value) !== value) seen.lossy = true;
      return seen.numberValues.size <= MOST_MIXED;
    },
    spelling(column, text) {
      columns[column]!.numberValues.add(copy(text));
    },
    day(column, from) {
      const seen = columns[column]!;
      seen.days += 1;
      seen.firstDay ??= { place: from.place(column), value: copy(from.text(column)) };
    },
    text(column, text, from) {
      const seen = columns[column]!;
      seen.texts += 1;
      seen.firstText ??= { place: from.place(column), value: copy(text) };
      if (text.length > LONGEST_CATEGORY) seen.tooLong = true;
      else if (seen.textValues.size <= MOST_CATEGORIES) seen.textValues.add(copy(text));
    },
    again(column) {
      columns[column]!.texts += 1;
    },
    finish: (refused) =>
      columns.map((seen, index) => {
        const name = names[index]!;
        const text: Column = { name, type: 'text', missing: seen.missing, categories: [], lossy: false };
        if (readings[index] === 'identifier') return text;
        try {
          return columnOf(seen, { file, column: index + 1, name });
        } catch (error) {
          if (!refused || !(error instanceof AssentError)) throw error;
          refused(index, error);
          return text;
        }
      }),
  };
}

function columnOf(seen: Seen, place: { file: string; column: number; name: string }): Column {
  const column: Omit<Column, 'type'> = { name: place.name, missing: seen.missing, categories: [], lossy: false };
  const { numbers, days, texts, firstText, firstDay } = seen;
  if (days > 0) {
    if (numbers + texts === 0) return { ...column, type: 'number', encoding: 'days-since-1970-01-01' };
    if (days < numbers + texts && numbers > texts) throw mixed(firstDay!, numbers, 'number', place);
    if (days < numbers + texts || !firstText) return { ...column, type: 'text' };
    throw mixed(firstText, days, 'date', place);
  }
  if (firstText === undefined) {
    if (numbers === 0) return { ...column, type: 'empty' };
    if (!seen.lossy) return { ...column, type: 'number' };
    return { ...column, type: 'number', lossy: true, encoding: 'nearest-float32' };
  }
  // Codes such as 0, 1, 2 and "3+" are one vocabulary: few values, each of them repeated.
  const distinct = seen.numberValues.size + seen.textValues.size;
  const misread = numbers > 0 && NUMERIC.test(firstText.value); // a number in another spelling is no code
  const vocabulary = !misread && distinct <= MOST_MIXED && distinct * 2 <= numbers + texts;
  if (!seen.tooLong && (numbers === 0 ? distinct <= MOST_CATEGORIES : vocabulary)) {
    return { ...column, type: 'category', categories: [...seen.numberValues, ...seen.textValues].sort() };
  }
  if (numbers < texts && !misread) return { ...column, type: 'text' };
  throw mixed(firstText, numbers, 'number', place);
}

function mixed(first: First, count: number, kind: 'number' | 'date', place: Place) {
  const others = `${count} ${count === 1 ? 'value' : 'values'} of this column are.`;
  return placeError(
    { ...place, ...first.place },
    `"${shown(first.value)}" is not a ${kind}, but ${others} ${hint(first.value, kind, shown(place.name ?? ''))}`,
  );
}

/** What a person can do who finds the value right: options of an import. */
function hint(value: string, kind: 'number' | 'date', name: string): string {
  const written =
    kind === 'date'
      ? 'Its order of day, month and year can be said (--date-format). '
      : NUMERIC.test(value)
        ? 'The decimal mark and the thousands separator can be said (--decimal, --thousands). '
        : '';
  return `${written}If the value is right: --id-column "${name}" where the column identifies rows, or --text-column "${name}" to read all of it as text.`;
}

/** A string that does not keep alive the chunk of the file it was cut from. */
const copy = (value: string) => (value.length < 13 ? value : Buffer.from(value, 'utf16le').toString('utf16le'));
