// Writes small or large Parquet files for tests and benchmarks: plain encoding, no compression, one page a column and row group.
import { closeSync, openSync, writeSync } from 'node:fs';

export type ParquetType = 'boolean' | 'int32' | 'int64' | 'double' | 'string' | 'date' | 'timestamp';
export type ParquetColumn = { name: string; type: ParquetType };
/** null is a missing value. Days of a date, milliseconds of a timestamp. */
export type ParquetValue = number | bigint | string | boolean | null;

const PHYSICAL: Record<ParquetType, number> = {
  boolean: 0,
  int32: 1,
  int64: 2,
  double: 5,
  string: 6,
  date: 1,
  timestamp: 2,
};
const CONVERTED: Partial<Record<ParquetType, number>> = { string: 0, date: 6, timestamp: 9 };

/** `groups` gives the values of each row group, column by column. */
export function writeParquet(
  path: string,
  columns: readonly ParquetColumn[],
  groups: Iterable<readonly (readonly ParquetValue[])[]>,
): void {
  const file = openSync(path, 'w');
  let at = 0;
  let total = 0;
  const write = (bytes: Uint8Array) => {
    writeSync(file, bytes);
    at += bytes.length;
  };
  write(Buffer.from('PAR1'));
  const rowGroups: Buffer[] = [];
  for (const group of groups) {
    const rows = group[0]!.length;
    total += rows;
    const begun = at;
    const chunks = columns.map((column, index) => {
      const start = at;
      const body = Buffer.concat([levels(group[index]!), plain(column.type, group[index]!)]);
      const page = struct({
        1: i32(0),
        2: i32(body.length),
        3: i32(body.length),
        5: struct({ 1: i32(rows), 2: i32(0), 3: i32(3), 4: i32(3) }),
      });
      write(page.bytes);
      write(body);
      return struct({
        2: i64(start),
        3: struct({
          1: i32(PHYSICAL[column.type]),
          2: list([i32(0)]),
          3: list([text(column.name)]),
          4: i32(0),
          5: i64(rows),
          6: i64(at - start),
          7: i64(at - start),
          9: i64(start),
        }),
      });
    });
    rowGroups.push(struct({ 1: list(chunks), 2: i64(at - begun), 3: i64(rows) }).bytes);
  }
  const schema = [
    struct({ 4: text('schema'), 5: i32(columns.length) }),
    ...columns.map(({ name, type }) => {
      const converted = CONVERTED[type];
      return struct({
        1: i32(PHYSICAL[type]),
        3: i32(1),
        4: text(name),
        ...(converted === undefined ? {} : { 6: i32(converted) }),
      });
    }),
  ];
  const groupsList = list(rowGroups.map((bytes): Element => ({ type: 12, bytes })));
  const footer = struct({ 1: i32(1), 2: list(schema), 3: i64(total), 4: groupsList }).bytes;
  const length = Buffer.alloc(4);
  length.writeUInt32LE(footer.length);
  write(footer);
  write(length);
  write(Buffer.from('PAR1'));
  closeSync(file);
}

/** Definition levels: one bit a row, 1 where there is a value. */
function levels(values: readonly ParquetValue[]): Buffer {
  const bits = Buffer.alloc(Math.ceil(values.length / 8));
  values.forEach((value, row) => {
    if (value !== null) bits[row >> 3]! |= 1 << (row & 7);
  });
  const run = Buffer.concat([varint(BigInt((bits.length << 1) | 1)), bits]);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(run.length);
  return Buffer.concat([length, run]);
}

function plain(type: ParquetType, all: readonly ParquetValue[]): Buffer {
  const values = all.filter((value) => value !== null);
  if (type === 'double') return Buffer.from(Float64Array.from(values as number[]).buffer);
  if (type === 'int32' || type === 'date') return Buffer.from(Int32Array.from(values as number[]).buffer);
  if (type === 'int64' || type === 'timestamp')
    return Buffer.from(BigInt64Array.from(values.map((value) => BigInt(value))).buffer);
  if (type === 'boolean') {
    const bits = Buffer.alloc(Math.ceil(values.length / 8));
    values.forEach((value, row) => value === true && (bits[row >> 3]! |= 1 << (row & 7)));
    return bits;
  }
  return Buffer.concat(
    values.flatMap((value) => {
      const bytes = Buffer.from(String(value));
      const length = Buffer.alloc(4);
      length.writeUInt32LE(bytes.length);
      return [length, bytes];
    }),
  );
}

// Thrift's compact protocol, as far as a footer needs it.
type Element = { type: number; bytes: Buffer };

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  for (; value > 127n; value >>= 7n) bytes.push(Number(value & 127n) | 128);
  return Buffer.from([...bytes, Number(value)]);
}

const zigzag = (value: number) => varint(BigInt(value) * 2n);
const i32 = (value: number): Element => ({ type: 5, bytes: zigzag(value) });
const i64 = (value: number): Element => ({ type: 6, bytes: zigzag(value) });
const text = (value: string): Element => ({
  type: 8,
  bytes: Buffer.concat([varint(BigInt(Buffer.byteLength(value))), Buffer.from(value)]),
});

function list(items: readonly Element[]): Element {
  const type = items[0]?.type ?? 12;
  const head =
    items.length < 15
      ? Buffer.from([(items.length << 4) | type])
      : Buffer.concat([Buffer.from([0xf0 | type]), varint(BigInt(items.length))]);
  return { type: 9, bytes: Buffer.concat([head, ...items.map(({ bytes }) => bytes)]) };
}

/** Fields by their number, which is below 16 from one to the next. */
function struct(fields: Readonly<Record<number, Element>>): Element {
  let last = 0;
  const parts = Object.entries(fields).map(([id, { type, bytes }]) => {
    const head = Buffer.from([((Number(id) - last) << 4) | type]);
    last = Number(id);
    return Buffer.concat([head, bytes]);
  });
  return { type: 12, bytes: Buffer.concat([...parts, Buffer.from([0])]) };
}
