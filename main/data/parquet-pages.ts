// The pages of one column in one row group of a Parquet file, one after another, each checked before anything is allocated for
// it: a damaged length must end in a message, not in the memory of the machine.
import type { CompressionCodec, PageHeader, ParquetType, SchemaElement, SchemaTree } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import { convert, DEFAULT_PARSERS } from 'hyparquet/src/convert.js';
import { decompressPage } from 'hyparquet/src/datapage.js';
import { deltaBinaryUnpack, deltaByteArray, deltaLengthByteArray } from 'hyparquet/src/delta.js';
import { byteStreamSplit } from 'hyparquet/src/encoding.js';
import { readPlain } from 'hyparquet/src/plain.js';
import { compressors } from 'hyparquet-compressors';
import { readRuns } from './parquet-runs.ts';
import { fieldMemory } from './values.ts';

/** `present` has a 1 for each row that has a value; undefined where all have. `values` are those that are there. */
export type Page = { rows: number; values: ArrayLike<unknown>; present: Uint8Array | undefined };
export type ColumnChunk = {
  name: string;
  type: ParquetType;
  codec: CompressionCodec;
  element: SchemaElement;
  schemaPath: SchemaTree[];
};

const MOST_PAGE_BYTES = 2 ** 28;

/** `bytes` are the column's chunk; `rows` is what its row group claims. Throws Error, whose message says what is wrong. */
export function* pagesOf(bytes: ArrayBuffer, column: ColumnChunk, rows: number): Generator<Page, void> {
  const decode = decoderOf(column);
  const reader = { view: new DataView(bytes), offset: 0 };
  let dictionary: ArrayLike<unknown> | undefined;
  let left = rows;
  while (left > 0) {
    if (reader.offset >= bytes.byteLength - 1) throw new Error(`it has ${rows - left} values for ${rows} rows`);
    const header = parquetHeader(reader);
    const packed = header.compressed_page_size;
    const large = header.uncompressed_page_size;
    if (!(large >= 0 && large <= MOST_PAGE_BYTES)) throw new Error(`a page claims ${large} bytes`);
    if (!(packed >= 0 && reader.offset + packed <= bytes.byteLength)) throw new Error('a page is cut off');
    const body = new Uint8Array(bytes, reader.offset, packed);
    reader.offset += packed;
    const count =
      (header.data_page_header ?? header.data_page_header_v2 ?? header.dictionary_page_header)?.num_values ?? 0;
    if (!(count >= 0 && count <= rows)) throw new Error(`a page claims ${count} values in a row group of ${rows} rows`);
    if (header.type === 'DICTIONARY_PAGE') {
      const page = unpacked(body, large, column.codec);
      dictionary = decode.plain({ view: viewOf(page), offset: 0 }, count);
    } else if (header.type === 'DATA_PAGE' || header.type === 'DATA_PAGE_V2') {
      if (count > left) throw new Error(`it has more values than the ${rows} rows of its row group`);
      left -= count;
      yield header.type === 'DATA_PAGE'
        ? firstKind(body, header, column, decode, dictionary)
        : secondKind(body, header, column, decode, dictionary);
    }
  }
}

type Decoder = ReturnType<typeof decoderOf>;
type Reader = { view: DataView; offset: number };

const viewOf = (page: Uint8Array) => new DataView(page.buffer, page.byteOffset, page.byteLength);
const unpacked = (body: Uint8Array, size: number, codec: CompressionCodec) =>
  decompressPage(body, size, codec, compressors);

/** A page of version 1: levels and values are compressed together. */
function firstKind(
  body: Uint8Array,
  header: PageHeader,
  column: ColumnChunk,
  decode: Decoder,
  dictionary: ArrayLike<unknown> | undefined,
): Page {
  const { num_values: rows, encoding } = header.data_page_header!;
  const page = unpacked(body, header.uncompressed_page_size, column.codec);
  const reader = { view: viewOf(page), offset: 0 };
  let present: Uint8Array | undefined;
  if (column.element.repetition_type !== 'REQUIRED') {
    const length = reader.view.getUint32(0, true);
    present = levels(page.subarray(4, 4 + length), rows);
    reader.offset = 4 + length;
  }
  return { rows, present, values: decode.data(reader, encoding, countOf(present, rows), dictionary) };
}

/** A page of version 2: levels stand before the values and are never compressed. */
function secondKind(
  body: Uint8Array,
  header: PageHeader,
  column: ColumnChunk,
  decode: Decoder,
  dictionary: ArrayLike<unknown> | undefined,
): Page {
  const about = header.data_page_header_v2!;
  const { num_values: rows, encoding, definition_levels_byte_length: length } = about;
  const skipped = about.repetition_levels_byte_length;
  const optional = column.element.repetition_type !== 'REQUIRED';
  const present = optional ? levels(body.subarray(skipped, skipped + length), rows) : undefined;
  const rest = body.subarray(skipped + length);
  const size = header.uncompressed_page_size - skipped - length;
  const page = about.is_compressed === false ? rest : unpacked(rest, size, column.codec);
  return {
    rows,
    present,
    values: decode.data({ view: viewOf(page), offset: 0 }, encoding, countOf(present, rows), dictionary),
  };
}

function levels(bytes: Uint8Array, rows: number): Uint8Array | undefined {
  const present = new Uint8Array(rows);
  readRuns(bytes, 1, present);
  return present.includes(0) ? present : undefined;
}

function countOf(present: Uint8Array | undefined, rows: number): number {
  if (!present) return rows;
  let count = 0;
  for (let row = 0; row < present.length; row++) count += present[row]!;
  return count;
}

function decoderOf(column: ColumnChunk) {
  const { type, element } = column;
  const isDay = element.converted_type === 'DATE' || element.logical_type?.type === 'DATE';
  const texts = fieldMemory<string>(4096);
  const textOf = (bytes: Uint8Array, from: number, to: number): string => {
    const known = texts.get(bytes, from, to);
    if (known !== undefined) return known;
    const text = Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('utf8');
    if (to - from <= 64) texts.set(bytes, from, to, text);
    return text;
  };
  const parsers = { ...DEFAULT_PARSERS, stringFromBytes: (bytes: Uint8Array) => textOf(bytes, 0, bytes.length) };
  const about = { ...column, pathInSchema: [column.name], parsers, compressors };
  const isText =
    type === 'BYTE_ARRAY' && (element.converted_type === 'UTF8' || element.logical_type?.type === 'STRING');
  /** Days stay numbers. */
  const rich = (values: Parameters<typeof convert>[0]): ArrayLike<unknown> => (isDay ? values : convert(values, about));
  return {
    plain(reader: Reader, count: number): ArrayLike<unknown> {
      const least =
        type === 'BOOLEAN'
          ? count / 8
          : type === 'INT32' || type === 'FLOAT' || type === 'BYTE_ARRAY'
            ? 4 * count
            : count;
      if (reader.view.byteLength - reader.offset < least) throw new Error('a page is shorter than its values');
      if (isText) return plainTexts(reader, count, textOf);
      return rich(readPlain(reader, type, count, element.type_length));
    },
    data(
      reader: Reader,
      encoding: string,
      count: number,
      dictionary: ArrayLike<unknown> | undefined,
    ): ArrayLike<unknown> {
      if (encoding === 'PLAIN') return this.plain(reader, count);
      if (encoding === 'PLAIN_DICTIONARY' || encoding === 'RLE_DICTIONARY') {
        if (!dictionary) throw new Error('a page refers to a dictionary that is not there');
        return looked(reader, count, dictionary);
      }
      if (encoding === 'RLE' && type === 'BOOLEAN') {
        const bits = new Uint8Array(count);
        readRuns(rest(reader, 4), 1, bits);
        return Array.from(bits, (bit) => bit === 1);
      }
      if (encoding === 'BYTE_STREAM_SPLIT') return rich(byteStreamSplit(reader, count, type, element.type_length));
      if (encoding === 'DELTA_BINARY_PACKED') {
        const numbers = type === 'INT32' ? new Int32Array(count) : new BigInt64Array(count);
        deltaBinaryUnpack(reader, count, numbers);
        return rich(numbers);
      }
      const parts: Uint8Array[] = new Array<Uint8Array>(count);
      if (encoding === 'DELTA_LENGTH_BYTE_ARRAY') deltaLengthByteArray(reader, count, parts);
      else if (encoding === 'DELTA_BYTE_ARRAY') deltaByteArray(reader, count, parts);
      else throw new Error(`the encoding ${encoding} is not known here`);
      return rich(parts);
    },
  };
}

/** The same as the library reads, without an array for the bytes of each text. */
function plainTexts(
  { view, offset }: Reader,
  count: number,
  textOf: (bytes: Uint8Array, from: number, to: number) => string,
): string[] {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  const values: string[] = new Array<string>(count);
  for (let i = 0; i < count; i++) {
    const from = offset + 4;
    offset = from + view.getUint32(offset, true);
    if (offset > bytes.length) throw new Error('a text is cut off');
    values[i] = textOf(bytes, from, offset);
  }
  return values;
}

const rest = ({ view, offset }: Reader, skip: number) =>
  new Uint8Array(view.buffer, view.byteOffset + offset + skip, Math.max(0, view.byteLength - offset - skip));

function looked(reader: Reader, count: number, dictionary: ArrayLike<unknown>): ArrayLike<unknown> {
  const places = new Uint32Array(count);
  if (count > 0) {
    const width = reader.view.getUint8(reader.offset);
    if (width > 32) throw new Error(`a dictionary has no places of ${width} bits`);
    readRuns(rest(reader, 1), width, places);
  }
  const values: unknown[] = new Array<unknown>(count);
  for (let i = 0; i < count; i++) {
    const place = places[i]!;
    if (place >= dictionary.length) throw new Error('a page refers to what its dictionary does not have');
    values[i] = dictionary[place];
  }
  return values;
}
