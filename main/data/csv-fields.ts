// The fields of CSV rows: what their columns are, and what number each is kept as. Bytes that were seen before are not decoded again.
import {
  inferColumns,
  isMissing,
  readingsOf,
  type Column,
  type Inference,
  type Reading,
  type Refused,
  type Roles,
} from './columns.ts';
import type { CsvRow, CsvSink } from './csv.ts';
import type { CsvSettings } from './settings.ts';
import { asText, fieldMemory, plainDay, plainNumber, textReader } from './values.ts';

const MOST_REMEMBERED = 4096;

/** A sink that finds what the columns of the rows it gets are. */
export function typedBy(
  file: string,
  settings: CsvSettings,
  roles: Roles = {},
): { sink: CsvSink; rows(): number; finish(refused?: Refused): Column[] } {
  const decimal = settings.decimal.charCodeAt(0);
  const understand = textReader(settings);
  let inference: Inference;
  let readings: readonly Reading[];
  let anySaid = false; // a person said of some column what it is
  let width = 0;
  let rows = 0;
  let current: CsvRow;
  let spelled: ReturnType<typeof fieldMemory<true>>[] = [];
  let known: ReturnType<typeof fieldMemory<'missing' | 'text'>>[] = [];
  const source = {
    text: (column: number) => current.text(column).trim(),
    place: (column: number) => ({ line: current.lines[column]! }),
  };

  function number(column: number, value: number): void {
    if (!inference.number(column, value)) return;
    const { bytes, starts, ends } = current;
    if (spelled[column]!.get(bytes, starts[column]!, ends[column]!)) return;
    inference.spelling(column, source.text(column));
    spelled[column]!.set(bytes, starts[column]!, ends[column]!, true);
  }

  function text(column: number): void {
    const { bytes, starts, ends, doubled } = current;
    const memory = known[column]!;
    const before = doubled[column] === 0 ? memory.get(bytes, starts[column]!, ends[column]!) : undefined;
    if (before === 'missing') return inference.missing(column);
    if (before === 'text') return inference.again(column);
    const value = source.text(column);
    const meant = readings[column] === 'text' ? asText(value) : understand(value);
    if (meant.kind === 'number') return number(column, meant.value);
    if (meant.kind === 'day') return inference.day(column, source);
    if (meant.kind === 'missing') inference.missing(column);
    else inference.text(column, value, source);
    if (doubled[column] === 0 && value.length <= 64) memory.set(bytes, starts[column]!, ends[column]!, meant.kind);
  }

  /** A column of which a person said what it is. */
  function asSaid(column: number): void {
    if (readings[column] === 'text') text(column);
    else if (isMissing(source.text(column))) inference.missing(column);
  }

  return {
    sink: {
      header(names) {
        readings = readingsOf(file, names, roles);
        anySaid = readings.some((reading) => reading !== 'found');
        inference = inferColumns(file, names, readings);
        width = names.length;
        spelled = names.map(() => fieldMemory(64));
        known = names.map(() => fieldMemory(MOST_REMEMBERED));
      },
      row(row) {
        current = row;
        rows += 1;
        const { bytes, starts, ends } = row;
        const asked = anySaid;
        for (let column = 0; column < width; column++) {
          const from = starts[column]!;
          const to = ends[column]!;
          if (from === to) {
            inference.missing(column);
            continue;
          }
          if (asked && readings[column] !== 'found') {
            asSaid(column);
            continue;
          }
          const value = plainNumber(bytes, from, to, decimal);
          if (value === value) number(column, value);
          else if (to - from === 10 && !Number.isNaN(plainDay(bytes, from, to, settings.dates)))
            inference.day(column, source);
          else text(column);
        }
      },
    },
    rows: () => rows,
    finish: (refused) => inference.finish(refused),
  };
}

/** Of a kept column; its encoder gives undefined for a value that the first reading did not see. */
export function valueEncoder(
  column: Column,
  index: number,
  settings: CsvSettings,
): ((row: CsvRow) => number | undefined) | undefined {
  if (column.type === 'number') {
    const understand = textReader(settings);
    const decimal = settings.decimal.charCodeAt(0);
    const days = column.encoding === 'days-since-1970-01-01';
    const memory = fieldMemory<number>(MOST_REMEMBERED);
    return (row) => {
      const from = row.starts[index]!;
      const to = row.ends[index]!;
      if (from === to) return NaN;
      const plain = days ? plainDay(row.bytes, from, to, settings.dates) : plainNumber(row.bytes, from, to, decimal);
      if (plain === plain) return plain;
      const before = row.doubled[index] === 0 ? memory.get(row.bytes, from, to) : undefined;
      if (before !== undefined) return before;
      const said = understand(row.text(index).trim());
      const value = said.kind === 'missing' ? NaN : said.kind === (days ? 'day' : 'number') ? said.value : undefined;
      if (value !== undefined && row.doubled[index] === 0) memory.set(row.bytes, from, to, value);
      return value;
    };
  }
  if (column.type !== 'category') return undefined;
  const places = new Map(column.categories.map((category, place) => [category, place]));
  const memory = fieldMemory<number>(MOST_REMEMBERED);
  return (row) => {
    const from = row.starts[index]!;
    const to = row.ends[index]!;
    if (from === to) return NaN;
    const before = row.doubled[index] === 0 ? memory.get(row.bytes, from, to) : undefined;
    if (before !== undefined) return before;
    const text = row.text(index).trim();
    const place = isMissing(text) ? NaN : places.get(text);
    if (place !== undefined && row.doubled[index] === 0) memory.set(row.bytes, from, to, place);
    return place;
  };
}
