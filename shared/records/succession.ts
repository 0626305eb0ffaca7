// A log that goes on under another key: what admins sign in the institution, and what the coordinator is told of it.
import { z } from 'zod';
import { count, hash, nonce, publicKey, slug, time, version } from './fields.ts';
import { defineRecord } from './signed.ts';

const head = z.strictObject({ size: count, root: hash });

/** Signed by each key of `by`: admins of the institution. Kept there; others learn its hash. */
export const successionRecord = defineRecord(
  'succession',
  z.strictObject({
    v: version,
    consortium: slug,
    member: slug,
    /** The last anchored state of the log that ends. */
    predecessor: head.extend({ origin: z.string(), log: publicKey }),
    /** All that is left of it: the records from which the successor goes on. */
    kept: head,
    /** The successor's key. */
    log: publicKey,
    /** The statement that was signed, word for word. */
    meaning: z.string().min(1).max(4_000),
    locale: z.enum(['en', 'zh']),
    by: z.array(publicKey).min(1).max(2),
    at: time,
    nonce,
  }),
);

/** Signed by the member key and by the key that it names, for the coordinator. */
export const successorRecord = defineRecord(
  'successor',
  z.strictObject({
    v: version,
    consortium: slug,
    member: slug,
    predecessor: head.extend({ origin: z.string() }),
    log: publicKey,
    decision: hash,
    at: time,
  }),
);
