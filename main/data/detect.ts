// How a CSV file is written, told from its beginning: encoding, delimiter, quote, decimal mark, thousands separator, dates.
import { AssentError } from '../../shared/errors.ts';
import { csvReader } from './csv.ts';
import { toUtf8 } from './encodings.ts';
import { DEFAULTS, refuseContradictions, type CsvSettings, type Overrides } from './settings.ts';

/** `doubts` are settings of which the file's beginning allows two answers that would give other values. */
export type Detected = { settings: CsvSettings; doubts: ('decimal' | 'dates')[] };

const MOST_ROWS = 1000;
const DELIMITERS = [',', ';', '\t', '|'] as const;

/**
 * What the sample (the file's first bytes) tells, where nobody said it. Reading the whole file then holds it to that: a value
 * that does not fit is refused with its place. Throws REQUEST_INVALID where what was said contradicts itself.
 */
export function detect(sample: Uint8Array, said: Overrides = {}): Detected {
  const encoding = said.encoding ?? encodingOf(sample);
  const opening = Buffer.from(toUtf8(encoding).decode(sample).bytes).toString('utf8');
  const quote = said.quote ?? quoteOf(opening);
  const delimiter = said.delimiter ?? delimiterOf(opening, quote);
  const written: CsvSettings = { ...DEFAULTS, encoding, quote, delimiter };
  const fields = fieldsOf(sample, written);
  const numbers = numbersOf(fields, said);
  const dates = said.dates ?? datesOf(fields);
  const settings = { ...written, ...numbers.found, dates: dates ?? 'ymd' };
  refuseContradictions(settings);
  return { settings, doubts: [...(numbers.sure ? [] : ['decimal' as const]), ...(dates ? [] : ['dates' as const])] };
}

/** Throws FILE_SETTINGS: two answers are possible, and a guess would change values. */
export function refuseDoubts(file: string, { doubts }: Detected): void {
  const [doubt] = doubts;
  if (doubt === undefined) return;
  const message =
    doubt === 'decimal'
      ? `${file}: "1,234" can be read as 1.234 or as 1234 here; say which with --decimal , or --thousands ,`
      : `${file}: 03/04/2026 can be read as 3 April or as 4 March here; say which with --date-format dmy or mdy (or none, to leave dates out)`;
  throw new AssentError('FILE_SETTINGS', `${message}.`, { file, setting: doubt });
}

/**
 * By the byte order mark; else UTF-8, unless the sample has bytes that are not and no character of more than one byte that is:
 * then Windows-1252. A UTF-8 file with damage so stays one, and its damage is named when it is read.
 */
function encodingOf(sample: Uint8Array): CsvSettings['encoding'] {
  if (sample[0] === 0xff && sample[1] === 0xfe) return 'utf-16le';
  if (sample[0] === 0xfe && sample[1] === 0xff) return 'utf-16be';
  if (sample[0] === 0xef && sample[1] === 0xbb && sample[2] === 0xbf) return 'utf-8';
  const { bad } = toUtf8('utf-8').decode(sample);
  if (bad === undefined) return 'utf-8';
  const text = Buffer.from(sample).toString('utf8');
  return /[^\u0000-\u007f\ufffd]/.test(text) || toUtf8('windows-1252').decode(sample).bad ? 'utf-8' : 'windows-1252';
}

/** Apostrophes, where fields stand in them and none stands in quotation marks. */
function quoteOf(text: string): CsvSettings['quote'] {
  if (/(?:^|[,;\t|\r\n])"/.test(text)) return '"';
  const fields = text.match(/(?<=^|[,;\t|\r\n])'[^'\r\n]*'(?=[,;\t|\r\n]|$)/g);
  return (fields?.length ?? 0) > 1 ? "'" : '"';
}

/** The most frequent one of the first line that is not empty. */
function delimiterOf(text: string, quote: string): CsvSettings['delimiter'] {
  const counts = DELIMITERS.map(() => 0);
  let inQuotes = false;
  let any = false;
  for (const character of text) {
    if (character === quote) inQuotes = !inQuotes;
    const ends = !inQuotes && (character === '\n' || character === '\r');
    if (ends && any) break;
    if (!ends && character !== '\uFEFF') any = true;
    const which = inQuotes ? -1 : DELIMITERS.indexOf(character as ',');
    if (which >= 0) counts[which]! += 1;
  }
  return DELIMITERS[counts.indexOf(Math.max(...counts))]!;
}

/** The trimmed fields of the first rows; what cannot be read ends them, and is named when the file is read. */
function fieldsOf(sample: Uint8Array, settings: CsvSettings): string[][] {
  const rows: string[][] = [];
  const enough = new Error('enough');
  let width = 0;
  const reader = csvReader('', settings, {
    header: (names) => (width = names.length),
    row(row) {
      rows.push(Array.from({ length: width }, (_, column) => row.text(column).trim()));
      if (rows.length === MOST_ROWS) throw enough;
    },
  });
  try {
    reader.write(sample);
    reader.end();
  } catch (error) {
    if (error !== enough && !(error instanceof AssentError)) throw error;
  }
  return rows;
}

const PATTERNS = {
  commaGroups: /^[+-]?\d{1,3}(?:(?:,\d{3}){2,}|(?:,\d{3})+\.\d*)$/,
  dotGroups: /^[+-]?\d{1,3}(?:(?:\.\d{3}){2,}|(?:\.\d{3})+,\d*)$/,
  spaceGroups: /^[+-]?\d{1,3}(?:[ \u00a0\u2009\u202f]\d{3})+(?:[.,]\d*)?$/,
  apostropheGroups: /^[+-]?\d{1,3}(?:'\d{3})+(?:[.,]\d*)?$/,
  decimalComma:
    /^[+-]?(?:\d*,(?:\d{1,2}|\d{4,})|0\d*,\d{3}|\d{4,},\d{3}|\d{1,3}(?:\.\d{3})+,\d*|\d{1,3}(?:[ '\u00a0\u2009\u202f]\d{3})+,\d*)$/,
  decimalPoint:
    /^[+-]?(?:\d*\.(?:\d{1,2}|\d{4,})|0\d*\.\d{3}|\d{4,}\.\d{3}|\d{1,3}(?:,\d{3})+\.\d*|\d{1,3}(?:[ '\u00a0\u2009\u202f]\d{3})+\.\d*)$/,
  eitherComma: /^[+-]?[1-9]\d{0,2},\d{3}$/,
};

/** `sure` is false where values such as "1,234" are all there is to go by. */
function numbersOf(rows: readonly string[][], said: Overrides) {
  const counts = Object.fromEntries(Object.keys(PATTERNS).map((name) => [name, 0])) as Record<
    keyof typeof PATTERNS,
    number
  >;
  for (const field of rows.flat()) {
    if (field.length > 30 || !/^[+-]?[\d.,]/.test(field)) continue;
    for (const name of Object.keys(PATTERNS) as (keyof typeof PATTERNS)[])
      if (PATTERNS[name].test(field)) counts[name] += 1;
  }
  const byThousands = said.thousands === ',' ? '.' : said.thousands === '.' ? ',' : undefined;
  const decimal =
    said.decimal ?? byThousands ?? (counts.decimalComma > counts.decimalPoint && counts.commaGroups === 0 ? ',' : '.');
  const groups: [CsvSettings['thousands'], number][] = [
    [',', decimal === '.' ? counts.commaGroups + counts.eitherComma : 0],
    ['.', decimal === ',' ? counts.dotGroups : 0],
    [' ', counts.spaceGroups],
    ["'", counts.apostropheGroups],
  ];
  const [best, most] = groups.reduce((a, b) => (b[1] > a[1] ? b : a));
  const found = { decimal, thousands: said.thousands ?? (most > 0 ? best : 'none') } as const;
  const told = said.decimal ?? said.thousands ?? counts.decimalComma + counts.decimalPoint + counts.commaGroups > 0;
  return { found, sure: counts.eitherComma === 0 || Boolean(told) };
}

/** The order of day, month and year; undefined where every date allows two. */
function datesOf(rows: readonly string[][]): 'ymd' | 'dmy' | 'mdy' | undefined {
  let [dotted, dayFirst, monthFirst, any] = [0, 0, 0, 0];
  for (const field of rows.flat()) {
    const found = /^(\d{1,2})([-/.])(\d{1,2})\2\d{4}$/.exec(field);
    if (!found) continue;
    any += 1;
    if (found[2] === '.') dotted += 1;
    if (Number(found[1]) > 12) dayFirst += 1;
    if (Number(found[3]) > 12) monthFirst += 1;
  }
  if (any === 0) return 'ymd';
  if (dayFirst > monthFirst) return 'dmy';
  if (monthFirst > dayFirst) return 'mdy';
  return dotted === any ? 'dmy' : undefined;
}
