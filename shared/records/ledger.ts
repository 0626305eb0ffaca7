// The outbound ledger: what left a node, for what, and the exact form in which the rows of a day are hashed.
import { z } from 'zod';
import { encodeCanonical } from '../wire/canonical.ts';
import { count, hash, slug, time } from './fields.ts';

/** Why bytes leave. Whoever sends has to say one of these; there is no other. */
export const PURPOSES = [
  /** Asks the institution's proxy for a way to the coordinator. */
  'tunnel',
  'greeting',
  'watch',
  'enrolment',
  'join',
  'leave',
  'decision',
  /** A sealed update and the statement about it. */
  'update',
  /** Asks for a model, or for an update that was published to the members of its round. */
  'download',
  /** Asks for what the coordinator's log shows of an update. */
  'receipt',
  'witness',
] as const;
export const purpose = z.enum(PURPOSES);
export type Purpose = z.infer<typeof purpose>;

/** One request, once it is over. */
export const outboundRow = z.strictObject({
  id: z.int().min(1),
  at: time,
  settled: time,
  method: z.string().regex(/^[A-Z]{3,10}$/),
  url: z.string().max(4_000),
  purpose,
  study: slug.nullable(),
  round: z.int().min(1).nullable(),
  attempt: z.int().min(1).nullable(),
  /** Number of the message in the outbox; `try` counts how often it was sent to this address, this time included. */
  message: z.int().min(1).nullable(),
  try: z.int().min(1),
  /** Where in a blob the body begins. */
  start: count,
  /** Bytes of request line and headers; null where the program ended before it was known. */
  head: count.nullable(),
  /** Bytes of the body that were handed to the connection; where `head` is null, as many as were going to be. */
  body: count,
  /** Of these bytes; null for none, and where it is not known. */
  sha256: hash.nullable(),
  /** HTTP status of the answer. */
  status: z.int().min(100).max(999).nullable(),
  error: z
    .string()
    .regex(/^[A-Z][A-Z0-9_]{0,63}$/)
    .nullable(),
});
export type OutboundRow = z.infer<typeof outboundRow>;

/** A row as it is hashed: canonical JSON and a line feed. */
export const rowLine = (row: OutboundRow): Uint8Array => {
  const text = encodeCanonical(row);
  const line = new Uint8Array(text.length + 1);
  line.set(text);
  line[text.length] = 0x0a;
  return line;
};

const sums = { rows: count, bytes: count };

/** All that left on a day (UTC). `sha256` is over the lines of its rows, in the order of their ids. */
export const outboundDay = z.strictObject({
  day: z.iso.date(),
  ...sums,
  /** Rows of which it is not known how much of them left; they count in full. */
  interrupted: count,
  sha256: hash,
  purposes: z.array(z.strictObject({ purpose, ...sums })),
});
export type OutboundDay = z.infer<typeof outboundDay>;

/** Nothing that tells what happened may be removed before this many years. */
export const LEAST_YEARS = 6;
