// What every view of the log is made from.
import type { ViewWords } from '../../shared/text/view-en.ts';
import type { AuditFilter } from './filter.ts';
import type { Manner, Row } from './rows.ts';

export type View = Manner & {
  words: ViewWords;
  /** Page by page. */
  rows: AsyncIterable<Row[]>;
  filter: AuditFilter;
  /** The log's name, and its key as a verifier takes it. */
  origin: string;
  vkey: string;
  /** The member and its consortium, empty before the enrolment; `institution` is its name, or its id. */
  member: string;
  institution: string;
  consortium: string;
  software: string;
  /** The signed state of the log that the view is of. */
  checkpoint: { size: number; at: string; root: string; note: string };
};

/** JSON on one line of printable characters: what would act on a screen is escaped, and reads back as it was. */
export const printableJson = (value: unknown): string =>
  JSON.stringify(value).replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (character) =>
    // A character beyond the first plane is two in JSON.
    Array.from({ length: character.length }, (_, at) => unitOf(character.charCodeAt(at))).join(''),
  );

const unitOf = (unit: number): string => `\\u${unit.toString(16).padStart(4, '0')}`;
