// Reads CSV (RFC 4180) as it arrives, in any chunks, holding no more than one row; every error names file, line and column.
// It works on UTF-8 bytes and makes no text of a field unless asked to: most fields of a table are numbers.
import { csvError, headerNames, MOST_FIELD_BYTES } from './csv-header.ts';
import { toUtf8 } from './encodings.ts';
import type { CsvSettings } from './settings.ts';

/** One row: the field of a column is `bytes[starts[column]..ends[column])`, without its quotes. Reused from row to row. */
export type CsvRow = {
  bytes: Uint8Array;
  starts: Int32Array;
  ends: Int32Array;
  /** On which line of the file each field began. */
  lines: Int32Array;
  /** Not 0 where quotes inside the field are still doubled: its bytes are not its text. */
  doubled: Uint8Array;
  text(column: number): string;
};

export type CsvSink = {
  header(names: readonly string[]): void;
  /** As many fields as the header has names. */
  row(row: CsvRow): void;
};

export type CsvReader = { write(chunk: Uint8Array): void; end(): void };

const MOST_COLUMNS = 16_384;
const MOST_ROW_BYTES = 16 * 2 ** 20;

const LF = 10;
const CR = 13;
const FIRST = 0; // at the first byte of a field
const PLAIN = 1;
const QUOTED = 2;
const CLOSED = 3; // after a quote inside a quoted field: its end, or the first half of a doubled quote

/**
 * A reader of one file, `file` being its name in messages. `write` takes the next bytes, `end` says there are no more.
 * Lines end with LF, CRLF or CR; empty lines are skipped. Throws CSV_INVALID, after which it must not be used.
 */
export function csvReader(file: string, settings: CsvSettings, sink: CsvSink): CsvReader {
  const decoder = toUtf8(settings.encoding);
  const delimiter = settings.delimiter.charCodeAt(0);
  const mark = settings.quote.charCodeAt(0);
  const twice = settings.quote + settings.quote;
  let bytes: Buffer = Buffer.alloc(0); // from the beginning of the row that is not finished
  let at = 0;
  let rowStart = 0;
  let state = FIRST;
  let line = 1;
  let column = 0; // fields of this row that are complete
  let start = 0; // of the field
  let quoted = false;
  let hasDoubled = 0;
  let afterCr = false; // the last byte was CR, so a LF belongs to it
  let names: readonly string[] | undefined;
  let fieldLine = 1;
  let [starts, ends, lines] = [new Int32Array(64), new Int32Array(64), new Int32Array(64)];
  let doubled = new Uint8Array(64);
  let row = rowOf();

  function rowOf(): CsvRow {
    return { bytes, starts, ends, lines, doubled, text };
  }

  function text(index: number): string {
    const field = bytes.toString('utf8', starts[index], ends[index]);
    return doubled[index] === 0 ? field : field.replaceAll(twice, settings.quote);
  }

  function fail(problem: string, where = line): never {
    throw csvError({ file, line: where, column: column + 1, name: names?.[column] }, problem);
  }

  function refuseLength(length: number): void {
    if (length <= MOST_FIELD_BYTES) return;
    const why = quoted ? '; is the quote that opens it never closed?' : '.';
    fail(`the field is longer than ${MOST_FIELD_BYTES} bytes${why}`, fieldLine);
  }

  function endField(end: number): void {
    if (end - start > MOST_FIELD_BYTES) refuseLength(end - start);
    if (column === (names?.length ?? MOST_COLUMNS))
      fail(names ? `the row has more fields than the header, which has ${column}.` : `more than ${column} columns.`);
    if (column === starts.length) grow();
    starts[column] = start;
    ends[column] = end;
    lines[column] = fieldLine;
    doubled[column] = hasDoubled;
    column += 1;
  }

  function grow(): void {
    const larger = (old: Int32Array): Int32Array<ArrayBuffer> => {
      const made = new Int32Array(old.length * 4);
      made.set(old);
      return made;
    };
    [starts, ends, lines] = [larger(starts), larger(ends), larger(lines)];
    const flags = new Uint8Array(starts.length);
    flags.set(doubled);
    doubled = flags;
    row = rowOf();
  }

  function endRow(): void {
    const empty = column === 1 && !quoted && starts[0] === ends[0];
    if (!empty && !names) {
      names = headerNames(
        file,
        fieldLine,
        Array.from({ length: column }, (_, index) => text(index)),
      );
      sink.header(names);
    } else if (!empty && names) {
      const count = `${column} ${column === 1 ? 'field' : 'fields'}`;
      if (column < names.length)
        fail(`the row has ${count} where the header has ${names.length}; this is the first one missing.`);
      sink.row(row);
    }
    column = 0;
    line += 1;
  }

  function separate(byte: number): void {
    state = FIRST;
    if (byte === delimiter) return;
    endRow();
    rowStart = at + 1;
    afterCr = byte === CR;
  }

  function countLines(from: number, to: number): void {
    for (let i = from; i < to; i++) {
      const byte = bytes[i]!;
      if (byte === CR || (byte === LF && !afterCr)) line += 1;
      afterCr = byte === CR;
    }
  }

  /**
   * The common case, in one tight loop: fields without quotes that are whole in these bytes. Leaves everything else, a
   * header and any error included, to `read`, which it puts at the first byte of the field that it did not take.
   */
  function readPlain(width: number): void {
    const [input, end, split, quote]: [Uint8Array, number, number, number] = [bytes, bytes.length, delimiter, mark];
    let next = at;
    let complete = column;
    while (!afterCr && complete < width && next < end && input[next] !== quote) {
      const from = next;
      let byte = input[next]!;
      while (byte !== split && byte !== LF && byte !== CR && ++next < end) byte = input[next]!;
      if (next === end || next - from > MOST_FIELD_BYTES) {
        next = from;
        break;
      }
      starts[complete] = from;
      ends[complete] = next;
      lines[complete] = line;
      doubled[complete] = 0;
      complete += 1;
      if (byte !== split) {
        at = next;
        column = complete;
        quoted = false;
        fieldLine = line;
        separate(byte);
        complete = 0;
      }
      next += 1;
    }
    at = next;
    column = complete;
  }

  function read(): void {
    const split = delimiter;
    const input: Uint8Array = bytes;
    const end = input.length;
    while (at < end) {
      if (state === FIRST && names) readPlain(names.length);
      if (at === end) return;
      let byte = input[at]!;
      if (state === FIRST) {
        const joined = afterCr && byte === LF;
        afterCr = false;
        if (joined) rowStart = at + 1;
        else {
          fieldLine = line;
          quoted = byte === mark;
          hasDoubled = 0;
          state = quoted ? QUOTED : PLAIN;
          start = quoted ? at + 1 : at;
        }
        if (joined || quoted) at += 1;
      } else if (state === PLAIN) {
        while (byte !== split && byte !== LF && byte !== CR && ++at < end) byte = input[at]!;
        if (at === end) return refuseLength(at - start);
        endField(at);
        separate(byte);
        at += 1;
      } else if (state === QUOTED) {
        const close = bytes.indexOf(mark, at);
        const to = close === -1 ? end : close;
        countLines(at, to);
        refuseLength(to - start);
        if (close !== -1) state = CLOSED;
        at = to + (close === -1 ? 0 : 1);
      } else {
        afterCr = false;
        if (byte === mark) {
          hasDoubled = 1;
          state = QUOTED;
        } else if (byte === split || byte === LF || byte === CR) {
          endField(at - 1);
          separate(byte);
        } else {
          fail('text follows the closing quote of the field; a quote inside a field is written twice.');
        }
        at += 1;
      }
    }
  }

  /** From here on `bytes` are `next`, in which the row that is not finished begins at its first byte. */
  function rebase(next: Buffer): void {
    bytes = next;
    row.bytes = next;
    at -= rowStart;
    start -= rowStart;
    for (let index = 0; index < column; index++) {
      starts[index]! -= rowStart;
      ends[index]! -= rowStart;
    }
    rowStart = 0;
  }

  function refuse(bad: string): never {
    return fail(`${bad}; say which encoding the file has, or save it as "CSV UTF-8", and import it again.`);
  }

  return {
    write(chunk) {
      const { bytes: more, bad } = decoder.decode(chunk);
      if (bytes.length > MOST_ROW_BYTES) fail(`the row is longer than ${MOST_ROW_BYTES} bytes.`, fieldLine);
      const view = Buffer.from(more.buffer, more.byteOffset, more.byteLength);
      rebase(bytes.length === 0 ? view : Buffer.concat([bytes, view]));
      read();
      if (bad !== undefined) refuse(bad);
      rebase(Buffer.from(bytes.subarray(rowStart))); // copied: the caller may reuse the chunk
    },
    end() {
      const bad = decoder.end();
      if (bad !== undefined) refuse(bad);
      if (state === QUOTED) fail('the quote that opens this field is never closed.', fieldLine);
      if (state === FIRST) {
        fieldLine = line;
        quoted = false;
        hasDoubled = 0;
        start = at;
      }
      if (state !== FIRST || column > 0) {
        endField(state === CLOSED ? at - 1 : at);
        endRow();
      }
      if (!names) throw csvError({ file }, 'the file is empty; its first line must name the columns.');
    },
  };
}
