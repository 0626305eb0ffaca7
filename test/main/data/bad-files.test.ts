// 10,000 files with one thing wrong, or with no sense at all: each is refused with its place, or read; none is half imported.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deleteDataset } from '../../../main/data/datasets.ts';
import { importFile } from '../../../main/data/import.ts';
import { AssentError } from '../../../shared/errors.ts';
import { dataHome, type DataHome } from '../../support/data-home.ts';

const NAMES = ['age', 'weight', 'ward', 'born'];

/** Rows that are in order: a number, a decimal, a category and a date, each different where it can be. */
const tableOf = (rows: number): string[][] =>
  Array.from({ length: rows }, (_, row) => [
    String(20 + row),
    `${40 + row}.25`,
    ['north', 'south'][row % 2]!,
    `1960-01-${String(1 + (row % 28)).padStart(2, '0')}`,
  ]);

/** Spoils a line of the table; says on which field it shows, and with which words. */
type Defect = { spoil(fields: string[], delimiter: string): string | undefined; column: number; words: string };
const replaced = (column: number, value: string, words: string): Defect => ({
  spoil(fields) {
    fields[column - 1] = value;
    return undefined;
  },
  column,
  words,
});

const word = fc.stringMatching(/^[a-z]{3,12}$/).filter((text) => !['nan', 'null'].includes(text));
const defect: fc.Arbitrary<Defect> = fc.oneof(
  word.map((text) => replaced(1, text, `"${text}" is not a number`)),
  word.map((text) => replaced(2, text, `"${text}" is not a number`)),
  fc
    .constantFrom('1e999', '0x1F', '1..2', '12kg', '--5', '1_000')
    .map((text) => replaced(2, text, `"${text}" is not a number`)),
  fc
    .constantFrom('1960-02-30', '1960-13-01', '1960/01-02', 'spring')
    .map((text) => replaced(4, text, `"${text}" is not a date`)),
  word.map((text) => replaced(3, `"north" ${text}`, 'text follows the closing quote')),
  fc.constant(replaced(3, `"${'x'.repeat(65_537)}"`, 'the field is longer than 65536 bytes')),
  fc.constant<Defect>({
    spoil: (fields) => void fields.pop(),
    column: 4,
    words: 'the row has 3 fields where the header has 4',
  }),
  fc.constant<Defect>({
    spoil: (fields) => void fields.push('1'),
    column: 5,
    words: 'the row has more fields than the header',
  }),
);

const spoilt = fc.record({
  rows: fc.integer({ min: 5, max: 25 }),
  at: fc.nat(),
  defect,
  delimiter: fc.constantFrom(',', ';', '\t'),
  end: fc.constantFrom('\n', '\r\n', '\r'),
  encoding: fc.constantFrom('utf8', 'utf16le'),
});

const NOTHING = { datasets: 0, groups: 0, records: 0 };

async function refusal(home: DataHome, content: Uint8Array): Promise<AssentError | undefined> {
  const path = home.file('bad.csv', content);
  try {
    const { id } = await importFile(home.deps, { path, name: 'bad', again: true });
    deleteDataset(home.deps, id);
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(AssentError);
    return error as AssentError;
  }
}

describe('of 10,000 bad files', () => {
  test('7,000 with one defect are refused, each with file, line, column and value', { timeout: 120_000 }, async () => {
    const home = dataHome();
    await fc.assert(
      fc.asyncProperty(spoilt, async ({ rows, at, defect: { spoil, column, words }, delimiter, end, encoding }) => {
        const table = tableOf(rows);
        const line = at % rows;
        spoil(table[line]!, delimiter);
        const text = `\uFEFF${[NAMES, ...table].map((fields) => fields.join(delimiter)).join(end)}${end}`;
        const error = await refusal(home, Buffer.from(text, encoding));
        expect(error?.code).toBe('CSV_INVALID');
        const name = column <= NAMES.length ? ` "${NAMES[column - 1]}"` : '';
        expect(error?.message).toContain(`bad.csv, line ${line + 2}, column ${column}${name}: ${words}`);
        expect(error?.detail).toEqual({ file: 'bad.csv', line: String(line + 2), column: String(column) });
        expect(home.counts()).toEqual(NOTHING);
      }),
      { numRuns: 7000 },
    );
  });

  test('3,000 of bytes without sense are refused naming the file, or read whole', { timeout: 120_000 }, async () => {
    const home = dataHome();
    const byte = fc.constantFrom(44, 59, 9, 10, 13, 34, 39, 46, 48, 49, 97, 0, 0xc3, 0xa9, 0xff, 0xfe, 0x81, 0xd8);
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 80 }),
      fc.array(byte, { maxLength: 60 }).map((list) => Uint8Array.from(list)),
    );
    const head = fc.constantFrom<number[]>(
      [],
      [0xff, 0xfe],
      [0xfe, 0xff],
      [0xef, 0xbb, 0xbf],
      [97, 44, 98, 10],
      [80, 65, 82, 49],
    );
    await fc.assert(
      fc.asyncProperty(head, bytes, async (start, rest) => {
        const error = await refusal(home, Uint8Array.from([...start, ...rest]));
        if (error) {
          expect(['CSV_INVALID', 'PARQUET_INVALID', 'FILE_FORMAT', 'FILE_SETTINGS']).toContain(error.code);
          expect(error.message).toMatch(/^bad\.csv[,: ]/);
        }
        const { n } = home.deps.journal.read.get<{ n: number }>(
          "select count(*) as n from dataset where state <> 'deleted'",
        )!;
        expect([n, home.counts().groups]).toEqual([0, 0]);
      }),
      { numRuns: 3000 },
    );
  });
});
