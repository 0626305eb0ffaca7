// How a CSV file is written: what is detected from its beginning, and what a person may say instead.
import { z } from 'zod';
import { AssentError } from '../../shared/errors.ts';

/**
 * `thousands` and `dates` are 'none' where the file has no such thing. `dates` is the order of day, month and year; a date
 * that begins with its year is understood in any order but 'none'.
 */
const settings = z.strictObject({
  encoding: z.enum(['utf-8', 'utf-16le', 'utf-16be', 'windows-1252']),
  delimiter: z.enum([',', ';', '\t', '|']),
  quote: z.enum(['"', "'"]),
  decimal: z.enum(['.', ',']),
  thousands: z.enum(['none', ',', '.', ' ', "'"]),
  dates: z.enum(['none', 'ymd', 'dmy', 'mdy']),
});

export type CsvSettings = z.infer<typeof settings>;

/** What a person said about a file; the rest is detected. */
export type Overrides = Partial<CsvSettings>;

export const DEFAULTS: CsvSettings = {
  encoding: 'utf-8',
  delimiter: ',',
  quote: '"',
  decimal: '.',
  thousands: 'none',
  dates: 'ymd',
};

/** Overrides from outside, where an empty text means that it is to be detected. Throws REQUEST_INVALID. */
export function parseOverrides(said: Readonly<Partial<Record<keyof CsvSettings, string>>>): Overrides {
  const given = Object.entries(said).filter(([, value]) => value !== '');
  const parsed = settings.partial().safeParse(Object.fromEntries(given));
  if (parsed.success) return parsed.data as Overrides; // only what was given is in it
  const { path, message } = parsed.error.issues[0]!;
  throw new AssentError('REQUEST_INVALID', `How the file is written: ${path.join('.')}: ${message}`);
}

/** Throws REQUEST_INVALID where two settings contradict each other. */
export function refuseContradictions(found: CsvSettings): void {
  if (found.thousands === found.decimal)
    throw new AssentError(
      'REQUEST_INVALID',
      `"${found.decimal}" cannot be the decimal mark and the thousands separator of one file.`,
    );
}
