import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { csvReader } from '../../../main/data/csv.ts';
import { detect } from '../../../main/data/detect.ts';
import { DEFAULTS } from '../../../main/data/settings.ts';
import { AssentError } from '../../../shared/errors.ts';

type Read = { names: string[]; rows: string[][]; lines: number[][] };

/** UTF-8, which is what these tests are about; `settings` else as the bytes tell. */
function readAll(chunks: Iterable<Uint8Array>, whole = Buffer.concat([...chunks])): Read {
  const read: Read = { names: [], rows: [], lines: [] };
  const { settings } = detect(whole, { encoding: 'utf-8', quote: '"' });
  const reader = csvReader('patients.csv', settings, {
    header: (names) => read.names.push(...names),
    row(row) {
      const all = read.names.map((_, column) => column);
      read.rows.push(all.map((column) => row.text(column)));
      read.lines.push(all.map((column) => row.lines[column]!));
    },
  });
  for (const chunk of chunks) reader.write(chunk);
  reader.end();
  return read;
}

const read = (content: string | Uint8Array) => readAll([Buffer.from(content as string)]);

function pieces(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const cut: Uint8Array[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length]!;
    cut.push(bytes.slice(at, at + size));
    at += size;
  }
  return cut;
}

function refusal(content: string | Uint8Array): AssentError {
  try {
    read(content);
  } catch (error) {
    expect(error).toBeInstanceOf(AssentError);
    return error as AssentError;
  }
  throw new Error('nothing was refused');
}

describe('what is read', () => {
  test('quotes, doubled quotes, delimiters and line ends inside quotes, and the line where each field begins', () => {
    const text = 'a,b\r\n"x,""y""","three\nlong\r\nlines"\r\n\r\n1,2';
    const wanted = {
      names: ['a', 'b'],
      rows: [
        ['x,"y"', 'three\nlong\r\nlines'],
        ['1', '2'],
      ],
      lines: [
        [2, 2],
        [6, 6],
      ],
    };
    expect(read(text)).toEqual(wanted);
    expect(readAll(pieces(Buffer.from(text), [1]))).toEqual(wanted);
  });

  test('a header whose quoted names hold other delimiters, or a byte order mark that is not at the start', () => {
    expect(read('"a;b;c",d\n1,2\n').names).toEqual(['a;b;c', 'd']);
    expect(readAll(pieces(Buffer.from('\uFEFF"a",x\uFEFFy\n1,2\n'), [1])).names).toEqual(['a', 'x\uFEFFy']);
  });

  test('a byte order mark, semicolons, tabs, and lines that end with CR alone', () => {
    expect(read('\uFEFFa;b\n1;2,5\n').rows).toEqual([['1', '2,5']]);
    expect(read('\uFEFFa;b\n1;2,5\n').names).toEqual(['a', 'b']);
    expect(read('a\tb\n1\t2\n').rows).toEqual([['1', '2']]);
    expect(read('a,b\r1,2\r3,4\r')).toEqual({
      names: ['a', 'b'],
      rows: [
        ['1', '2'],
        ['3', '4'],
      ],
      lines: [
        [2, 2],
        [3, 3],
      ],
    });
  });

  test('empty fields at the end of a row count, and a quoted empty field is a row where an empty line is none', () => {
    expect(read('a,b\n1,\n,\n').rows).toEqual([
      ['1', ''],
      ['', ''],
    ]);
    expect(read('a,b\n1,').rows).toEqual([['1', '']]);
    expect(read('a\n\n""\n1\n').rows).toEqual([[''], ['1']]);
  });

  test('a field of 65,536 characters', () => {
    expect(read(`a\n${'x'.repeat(65_536)}\n`).rows[0]![0]).toHaveLength(65_536);
  });

  const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 6 }).filter((text) => text.trim() !== '');
  const names = fc.uniqueArray(name, { minLength: 1, maxLength: 4, selector: (text) => text.trim() });
  const troubled = fc.string({
    unit: fc.constantFrom('"', ',', ';', '\n', '\r', '\t', ' ', 'a', 'é', '漢', '😀', '\uFEFF'),
  });
  const table = names.chain((header) =>
    fc.record({
      header: fc.constant(header),
      rows: fc.array(
        fc.array(fc.oneof(troubled, fc.string({ unit: 'binary' })), {
          minLength: header.length,
          maxLength: header.length,
        }),
      ),
      end: fc.constantFrom('\n', '\r\n', '\r'),
      last: fc.boolean(),
      mark: fc.boolean(),
    }),
  );
  const written = ({ header, rows, end, last, mark }: typeof table extends fc.Arbitrary<infer T> ? T : never) => {
    const quote = (text: string) => `"${text.replaceAll('"', '""')}"`;
    const plain = (text: string) => (/[",;\t\r\n\uFEFF]/.test(text) || text === '' ? quote(text) : text);
    const lines = [header.map(quote), ...rows.map((row) => row.map(plain))].map((fields) => fields.join(','));
    return Buffer.from(`${mark ? '\uFEFF' : ''}${lines.join(end)}${last ? end : ''}`);
  };

  test('any table that was written comes back', () => {
    fc.assert(
      fc.property(table, (wanted) => {
        const found = read(written(wanted));
        expect(found.names).toEqual(wanted.header.map((text) => text.trim()));
        expect(found.rows).toEqual(wanted.rows);
      }),
      { numRuns: 500 },
    );
  });

  test('the same comes back however the bytes are cut into chunks', () => {
    fc.assert(
      fc.property(table, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }), (wanted, sizes) => {
        const bytes = written(wanted);
        const whole = read(bytes);
        expect(readAll(pieces(bytes, [1]))).toEqual(whole);
        expect(readAll(pieces(bytes, sizes))).toEqual(whole);
      }),
      { numRuns: 300 },
    );
  });

  test('any bytes at all are read or refused with CSV_INVALID naming the file, the same in any chunks', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc
        .array(fc.constantFrom(44, 10, 13, 34, 97, 0xc3, 0xa9, 0xff, 0xef, 0xbb, 0xbf), { maxLength: 40 })
        .map((list) => Uint8Array.from(list)),
    );
    const outcome = (chunks: Iterable<Uint8Array>) => {
      try {
        return readAll(chunks);
      } catch (error) {
        expect(error).toMatchObject({ code: 'CSV_INVALID' });
        return (error as AssentError).message;
      }
    };
    fc.assert(
      fc.property(bytes, fc.integer({ min: 1, max: 5 }), (content, size) => {
        const whole = outcome([content]);
        if (typeof whole === 'string') expect(whole).toMatch(/^patients\.csv[,:]/);
        expect(outcome(pieces(content, [size]))).toEqual(whole);
      }),
      { numRuns: 3000 },
    );
  });
});

describe('what is refused, with file, line and column', () => {
  const message = (content: string | Uint8Array) => refusal(content).message;

  test('ragged rows', () => {
    expect(message('age,chol,sex\n63,233,M\n67,286\n')).toBe(
      'patients.csv, line 3, column 3 "sex": the row has 2 fields where the header has 3; this is the first one missing.',
    );
    expect(message('age,chol\n63,233\n"6\n7",286,M\n')).toBe(
      'patients.csv, line 4, column 3: the row has more fields than the header, which has 2.',
    );
    expect(refusal('age,chol\n63\n').detail).toEqual({ file: 'patients.csv', line: '2', column: '2' });
  });

  test('broken UTF-8', () => {
    const latin = Buffer.from('age,name\n63,Ren\u00e9\n', 'latin1');
    const wanted =
      'patients.csv, line 2, column 2 "name": byte 0xE9 is not UTF-8 text; say which encoding the file has, or save it as "CSV UTF-8", and import it again.';
    expect(message(latin)).toBe(wanted);
    const cut = Buffer.from('age,name\n63,\u6f22').subarray(0, -1);
    expect(message(cut)).toBe(
      'patients.csv, line 2, column 2 "name": byte 0xE6 is not UTF-8 text; say which encoding the file has, or save it as "CSV UTF-8", and import it again.',
    );
    expect(message(Buffer.from('a,b\n1,2\n', 'utf16le').fill(0xff, 0, 1))).toContain(
      'patients.csv, line 1, column 1: byte 0xFF',
    );
  });

  test('an empty file', () => {
    expect(message('')).toBe('patients.csv: the file is empty; its first line must name the columns.');
    expect(message('\uFEFF\n\n')).toBe('patients.csv: the file is empty; its first line must name the columns.');
  });

  test('a field of 10 million characters, without keeping it', () => {
    const chunk = Buffer.alloc(65_536, 'x');
    let written = 0;
    const reader = csvReader('patients.csv', DEFAULTS, { header() {}, row() {} });
    reader.write(Buffer.from('age,note\n63,"'));
    expect(() => {
      for (; written < 10_000_000; written += chunk.length) reader.write(chunk);
    }).toThrow(
      'patients.csv, line 2, column 2 "note": the field is longer than 65536 bytes; is the quote that opens it never closed?',
    );
    expect(written).toBe(65_536); // refused at the second chunk
    expect(message(`age,note\n63,${'x'.repeat(10_000_000)}\n`)).toBe(
      'patients.csv, line 2, column 2 "note": the field is longer than 65536 bytes.',
    );
  });

  test('a quote that is never closed, named where it opened', () => {
    expect(message('age,note\n63,"ok"\n64,"never\nclosed,\n')).toBe(
      'patients.csv, line 3, column 2 "note": the quote that opens this field is never closed.',
    );
  });

  test('text after a closing quote', () => {
    expect(message('age,note\n63,"ok" not\n')).toBe(
      'patients.csv, line 2, column 2 "note": text follows the closing quote of the field; a quote inside a field is written twice.',
    );
  });

  test('columns without a name or with the same name', () => {
    expect(message('age,,sex\n')).toBe('patients.csv, line 1, column 2: the header gives this column no name.');
    expect(message('age,sex, age\n')).toBe('patients.csv, line 1, column 3 "age": column 1 has the same name.');
  });

  test('more columns than any table has', () => {
    expect(message(`${'a,'.repeat(20_000)}\n`)).toBe('patients.csv, line 1, column 16385: more than 16384 columns.');
  });
});
