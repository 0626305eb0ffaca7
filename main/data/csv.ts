// Reads CSV (RFC 4180) as it arrives, in any chunks, holding no more than one row; every error names file, line and column.
import { csvError, delimiterOf, headerNames, MOST_FIELD_CHARACTERS } from './csv-header.ts';
import { utf8Decoder } from './utf8.ts';

/** What a reader calls. The arrays are reused from row to row: copy what must last. */
export type CsvSink = {
  header(names: readonly string[]): void;
  /** As many fields as the header has names; `lines` says on which line each began. */
  row(fields: readonly string[], lines: readonly number[]): void;
};

export type CsvReader = { write(chunk: Uint8Array): void; end(): void };

const MOST_COLUMNS = 16_384;

const LF = 10;
const CR = 13;
const QUOTE = 34;
const FIRST = 0; // at the first character of a field
const PLAIN = 1;
const QUOTED = 2;
const CLOSED = 3; // after a quote inside a quoted field: its end, or the first half of a doubled quote

/**
 * A reader of one file, `file` being its name in messages. `write` takes the next bytes, `end` says there are no more.
 * UTF-8 only, with or without a byte order mark; lines end with LF, CRLF or CR; empty lines are skipped; the delimiter
 * (comma, semicolon or tab) is the one most frequent in the header. Throws CSV_INVALID, after which it must not be used.
 */
export function csvReader(file: string, sink: CsvSink): CsvReader {
  const utf8 = utf8Decoder();
  let opening: string | undefined = ''; // text kept until the delimiter is known
  let marked = false; // past the place of a byte order mark
  let delimiter = 0;
  let state = FIRST;
  let line = 1;
  let column = 0; // fields of this row that are complete
  let pending = ''; // what earlier chunks and doubled quotes added to the field
  let quoted = false;
  let afterCr = false; // the last character was CR, so a LF belongs to it
  let names: readonly string[] | undefined;
  let fields: string[] = [];
  let lines: number[] = [];
  let fieldLine = 1;

  function fail(problem: string, at = line): never {
    throw csvError({ file, line: at, column: column + 1, name: names?.[column] }, problem);
  }

  function extend(text: string): void {
    pending += text;
    if (pending.length <= MOST_FIELD_CHARACTERS) return;
    const why = quoted ? '; is the quote that opens it never closed?' : '.';
    fail(`the field is longer than ${MOST_FIELD_CHARACTERS} characters${why}`, fieldLine);
  }

  function endField(text: string): void {
    if (pending !== '' || text.length > MOST_FIELD_CHARACTERS) {
      extend(text);
      text = pending;
      pending = '';
    }
    if (column === (names?.length ?? MOST_COLUMNS))
      fail(names ? `the row has more fields than the header, which has ${column}.` : `more than ${column} columns.`);
    fields[column] = text;
    lines[column] = fieldLine;
    column += 1;
  }

  function endRow(): void {
    const empty = column === 1 && !quoted && fields[0] === '';
    if (!empty && !names) {
      names = headerNames(file, fieldLine, fields);
      fields = names.map(() => '');
      lines = names.map(() => 0);
      sink.header(names);
    } else if (!empty && names) {
      const count = `${column} ${column === 1 ? 'field' : 'fields'}`;
      if (column < names.length)
        fail(`the row has ${count} where the header has ${names.length}; this is the first one missing.`);
      sink.row(fields, lines);
    }
    column = 0;
    line += 1;
  }

  function separate(code: number): void {
    state = FIRST;
    if (code === delimiter) return;
    endRow();
    afterCr = code === CR;
  }

  function countLines(text: string, from: number, to: number): void {
    for (let i = from; i < to; i++) {
      const code = text.charCodeAt(i);
      if (code === CR || (code === LF && !afterCr)) line += 1;
      afterCr = code === CR;
    }
  }

  function read(text: string): void {
    const split = delimiter;
    for (let at = 0; at < text.length;) {
      let code = text.charCodeAt(at);
      if (state === FIRST) {
        const joined = afterCr && code === LF;
        afterCr = false;
        if (!joined) {
          fieldLine = line;
          quoted = code === QUOTE;
          state = quoted ? QUOTED : PLAIN;
        }
        if (joined || quoted) at += 1;
      } else if (state === PLAIN) {
        const from = at;
        while (code !== split && code !== LF && code !== CR && ++at < text.length) code = text.charCodeAt(at);
        if (at === text.length) return extend(text.slice(from));
        endField(text.slice(from, at));
        separate(code);
        at += 1;
      } else if (state === QUOTED) {
        const close = text.indexOf('"', at);
        const to = close === -1 ? text.length : close;
        countLines(text, at, to);
        extend(text.slice(at, to));
        if (close !== -1) state = CLOSED;
        at = to + 1;
      } else {
        afterCr = false;
        if (code === QUOTE) {
          extend('"');
          state = QUOTED;
        } else if (code === split || code === LF || code === CR) {
          endField('');
          separate(code);
        } else {
          fail('text follows the closing quote of the field; a quote inside a field is written twice.');
        }
        at += 1;
      }
    }
  }

  function take(text: string, complete: boolean): void {
    if (opening === undefined) return read(text);
    if (!marked && text !== '') {
      if (text.startsWith('\uFEFF')) text = text.slice(1);
      marked = true;
    }
    opening += text;
    const found = delimiterOf(opening, complete);
    if (found === undefined) return;
    delimiter = found.charCodeAt(0);
    const kept = opening;
    opening = undefined;
    read(kept);
  }

  function refuse(byte: number): never {
    const hex = byte.toString(16).toUpperCase().padStart(2, '0');
    return fail(`byte 0x${hex} is not UTF-8 text; save the file as "CSV UTF-8" and import it again.`);
  }

  return {
    write(chunk) {
      const { text, bad } = utf8.decode(chunk);
      take(text, bad !== undefined);
      if (bad !== undefined) refuse(bad);
    },
    end() {
      take('', true);
      const bad = utf8.end();
      if (bad !== undefined) refuse(bad);
      if (state === QUOTED) fail('the quote that opens this field is never closed.', fieldLine);
      if (state === FIRST) {
        fieldLine = line;
        quoted = false;
      }
      if (state !== FIRST || column > 0) {
        endField('');
        endRow();
      }
      if (!names) throw csvError({ file }, 'the file is empty; its first line must name the columns.');
    },
  };
}
