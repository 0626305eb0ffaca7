// What the sentences about audit records are told, and what English and Chinese ones have in common.
import type { z } from 'zod';
import { ERRORS, isErrorCode } from '../errors.ts';
import type { AUDIT_KINDS, AuditKind } from '../records/audit.ts';

export type Language = 'en' | 'zh';

/** Who and what stands behind the pseudonyms and commitments of records, in words that are safe to show. */
export type Telling = {
  /** A person, by the name or by the pseudonym. */
  who(person: string): string;
  /** The person behind a public key, or the key. */
  whose(key: string): string;
  /** A name or a free text; undefined where it is not to be told. */
  said(commitment: string): string | undefined;
};

export type Told<K extends AuditKind> = Telling & {
  /** Empty and 0 where the record is about no study or round. */
  study: string;
  round: number;
  attempt: number;
  detail: z.infer<(typeof AUDIT_KINDS)[K]>;
};

/** A sentence for every kind: one that is missing does not compile. */
export type Sentences = { [K in AuditKind]: (r: Told<K>) => string };

/** The beginning of a hash or key, as people compare it. */
export const short = (hash: string): string => hash.slice(0, 12);

/** A time of a record, which is in UTC. */
export const utc = (time: string): string => `${time.slice(0, 10)} ${time.slice(11, 19)} UTC`;

export const number = (value: number): string => value.toLocaleString('en-US');

export const problem = (code: string, language: Language): string =>
  isErrorCode(code) ? ERRORS[code][language].replace(/[.。]$/, '') : code;
