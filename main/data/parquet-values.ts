// Single values of a Parquet file: as text, as a number that is kept, and as a person may look at them.
import type { Column } from './columns.ts';
import { shown } from './csv-header.ts';
import type { Said } from './values.ts';

export const DAY_MS = 86_400_000;
export const MOST_REMEMBERED = 4096;

/** How texts in columns of text are understood. */
export type Understand = (text: string) => Said;

/** Of a kept column; throws what `other` makes for a value that the first reading did not see. */
export function valueEncoder(
  column: Column,
  isDay: boolean,
  understand: Understand,
  other: () => Error,
): (value: unknown) => number {
  const places =
    column.type === 'category' ? new Map(column.categories.map((text, place) => [text, place])) : undefined;
  const known = new Map<string, number>();
  const fromText = (text: string): number => {
    const said = understand(text);
    if (said.kind === 'missing') return NaN;
    const number = places ? places.get(text) : said.kind === 'text' ? undefined : said.value;
    if (number === undefined) throw other();
    return number;
  };
  return (value) => {
    if (value === null || value === undefined) return NaN;
    if (!places && typeof value === 'number') return value;
    if (!places && typeof value === 'bigint') return Number(value);
    if (!places && value instanceof Date) return value.getTime() / DAY_MS;
    const text = written(value, isDay);
    let number = known.get(text);
    if (number === undefined) {
      number = fromText(text.trim());
      if (known.size < MOST_REMEMBERED) known.set(text, number);
    }
    return number;
  };
}

/** A value, as a person may look at it. */
export const example = (value: unknown, isDay: boolean): string => shown(written(value, isDay));

/** The values where they are numbers that need no look at each: the quick way through most pages. */
export const numbersOf = (values: ArrayLike<unknown>) =>
  values instanceof Float64Array || values instanceof Float32Array || values instanceof Int32Array ? values : undefined;

/** A value as text, as it is compared; lists and records are not kept, so they need no text of their own. */
export function written(value: unknown, isDay: boolean): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Date) return value.toISOString();
  if (isDay) return new Date(Number(value) * DAY_MS).toISOString().slice(0, 10);
  return typeof value === 'string' ||
    typeof value === 'number' ||
    typeof value === 'boolean' ||
    typeof value === 'bigint'
    ? `${value}`
    : '(a list or record)';
}
