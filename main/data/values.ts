// What a field of a CSV file says: nothing, a number, a day, or a text; read from bytes where that is all it takes.
import { isMissing, numberOf } from './columns.ts';
import type { CsvSettings } from './settings.ts';

const POWERS = Array.from({ length: 16 }, (_, exponent) => 10 ** exponent);
const MOST_DIGITS = 15;

/**
 * The number that the bytes write plainly: a sign, digits, one decimal mark; at most 15 digits, so that one division rounds
 * as exactly as Number() does. NaN for whatever else: spaces, exponents, more digits, texts.
 */
export function plainNumber(bytes: Uint8Array, from: number, to: number, decimal: number): number {
  let at = from;
  const sign = bytes[at]!;
  if (sign === 45 || sign === 43) at += 1;
  if (to - at > MOST_DIGITS + 1) return NaN;
  let value = 0;
  let digits = 0;
  let decimals = -1;
  for (; at < to; at++) {
    const digit = bytes[at]! - 48;
    if (digit >= 0 && digit <= 9) {
      value = value * 10 + digit;
      digits += 1;
      if (decimals >= 0) decimals += 1;
    } else if (digit + 48 === decimal && decimals < 0) decimals = 0;
    else return NaN;
  }
  if (digits === 0 || digits > MOST_DIGITS) return NaN;
  if (decimals > 0) value /= POWERS[decimals]!;
  return sign === 45 ? -value : value;
}

/** What a trimmed text says; a day is a number of days since 1970-01-01. */
export type Said = { kind: 'missing' } | { kind: 'number' | 'day'; value: number } | { kind: 'text' };

const MISSING: Said = { kind: 'missing' };
const TEXT: Said = { kind: 'text' };

/** A trimmed text in a column that a person calls text. */
export const asText = (text: string): Said => (isMissing(text) ? MISSING : TEXT);

/** How the texts of a file with these settings are understood. */
export function textReader({ decimal, thousands, dates }: CsvSettings): (text: string) => Said {
  const escaped = (character: string) =>
    character === '.' ? '\\.' : character === ' ' ? '[ \u00a0\u2009\u202f]' : character;
  const group = thousands === 'none' ? undefined : escaped(thousands);
  const grouped = group && new RegExp(`^[+-]?\\d{1,3}(?:${group}\\d{3})+(?:${escaped(decimal)}\\d*)?$`);
  const separators = group && new RegExp(group, 'g');
  const number = (text: string): number => {
    if (grouped && grouped.test(text)) text = text.replace(separators!, '');
    else if (decimal === ',' && text.includes('.')) return NaN;
    return numberOf(decimal === ',' ? text.replace(',', '.') : text);
  };
  return (text) => {
    if (isMissing(text)) return MISSING;
    const value = number(text);
    if (value === value) return { kind: 'number', value };
    const day = dates === 'none' ? undefined : dayOf(text, dates);
    return day === undefined ? TEXT : { kind: 'day', value: day };
  };
}

const YEAR_FIRST = /^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})$/;
const YEAR_LAST = /^(\d{1,2})([-/.])(\d{1,2})\2(\d{4})$/;

type Order = Exclude<CsvSettings['dates'], 'none'>;

/** Days since 1970-01-01 of a date such as 2026-11-23, 23.11.2026 or 11/23/2026; undefined for what is no day of a calendar. */
export function dayOf(text: string, order: Order): number | undefined {
  if (text.length < 8 || text.length > 10) return undefined;
  const first = YEAR_FIRST.exec(text);
  const last = first || order === 'ymd' ? null : YEAR_LAST.exec(text);
  if (!first && !last) return undefined;
  const [a, b, c] = first ? [first[1], first[3], first[4]] : [last![4], last![3], last![1]];
  const monthFirst = !first && order === 'mdy';
  const day = daysOf(Number(a), Number(monthFirst ? c : b), Number(monthFirst ? b : c));
  return day === day ? day : undefined;
}

/** The same of ten bytes with two digits for day and month, or NaN: dates written otherwise are for `dayOf`. */
export function plainDay(bytes: Uint8Array, from: number, to: number, dates: CsvSettings['dates']): number {
  if (to - from !== 10 || dates === 'none') return NaN;
  const number = (at: number, digits: number): number => {
    let value = 0;
    for (let i = from + at; i < from + at + digits; i++) {
      const digit = bytes[i]! - 48;
      if (digit < 0 || digit > 9) return NaN;
      value = value * 10 + digit;
    }
    return value;
  };
  const separator = (at: number) => {
    const byte = bytes[from + at]!;
    return byte >= 45 && byte <= 47 ? byte : 0; // - . /
  };
  if (separator(4) > 0) return separator(7) === separator(4) ? daysOf(number(0, 4), number(5, 2), number(8, 2)) : NaN;
  if (dates === 'ymd' || separator(2) === 0 || separator(5) !== separator(2)) return NaN;
  const [a, b] = [number(0, 2), number(3, 2)];
  return dates === 'dmy' ? daysOf(number(6, 4), b, a) : daysOf(number(6, 4), a, b);
}

const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Howard Hinnant's days_from_civil, for years from 0; NaN where the calendar has no such day. */
function daysOf(year: number, month: number, day: number): number {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  if (!(year >= 0 && month >= 1 && month <= 12 && day >= 1)) return NaN;
  if (day > MONTH_DAYS[month - 1]! && !(leap && month === 2 && day === 29)) return NaN;
  const shifted = month > 2 ? year : year - 1; // years that begin in March
  const era = Math.floor(shifted / 400);
  const ofEra = shifted - era * 400;
  const ofYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  return era * 146_097 + ofEra * 365 + Math.floor(ofEra / 4) - Math.floor(ofEra / 100) + ofYear - 719_468;
}

/**
 * Remembers what fields meant by their bytes, so that a text that repeats is decoded once. Holds at most `most`, forgets
 * nothing, and is not asked for more than it can answer: undefined means "look yourself".
 */
export function fieldMemory<T>(most: number) {
  const entries = new Map<number, { bytes: Uint8Array; value: T }>();
  return {
    get(bytes: Uint8Array, from: number, to: number): T | undefined {
      const entry = entries.get(hashOf(bytes, from, to));
      if (entry === undefined || entry.bytes.length !== to - from) return undefined;
      const known = entry.bytes;
      for (let i = 0; i < known.length; i++) if (known[i] !== bytes[from + i]) return undefined;
      return entry.value;
    },
    set(bytes: Uint8Array, from: number, to: number, value: T): void {
      if (entries.size < most) entries.set(hashOf(bytes, from, to), { bytes: bytes.slice(from, to), value });
    },
  };
}

/** FNV-1a, in the 30 bits of a small integer. */
function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0x811c9dc5;
  for (let i = from; i < to; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return hash & 0x3fffffff;
}
