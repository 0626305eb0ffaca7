// Who is behind the keys and pseudonyms of a log, as the log itself says; names only where they are to be told.
import { z } from 'zod';
import { encodeUtf8, toHex } from '../../shared/wire/canonical.ts';
import { sha256 } from '../../platform/crypto.ts';
import type { Reader } from '../../platform/journal.ts';

export type People = {
  /** The person to whom a key was given; undefined for the installation's, or one that the log does not know. */
  holder(key: string): string | undefined;
  /** Undefined where names are not told. */
  name(person: string): string | undefined;
};

/** What stands behind a commitment: the value's text, or why there is none. */
export type Opened = { text: string } | { missing: 'erased' | 'wrong' };

const given = z.object({ person: z.string(), key: z.string(), name: z.string().optional() });
const KINDS = "('account.added', 'account.key-issued')";

/** From the first `size` records. `open` is absent where names are not to be told. */
export function peopleOf(read: Reader, size: number, open?: (commitment: string) => string): People {
  const holders = new Map<string, string>();
  const names = new Map<string, string>();
  const rows = read.all<{ bytes: Buffer }>(
    `select bytes from record where kind in ${KINDS} and position < ? order by position`,
    size,
  );
  for (const { bytes } of rows) {
    const detail = given.safeParse(readJson(bytes)?.detail);
    if (!detail.success) continue;
    const { person, key, name } = detail.data;
    holders.set(key, person);
    if (name !== undefined && open) names.set(person, open(name));
  }
  return { holder: (key) => holders.get(key), name: (person) => names.get(person) };
}

/** Undefined where the bytes were damaged: people have to see the rest of their log, and which record it is. */
export function readJson(bytes: Uint8Array): { detail?: unknown } | undefined {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8')) as { detail?: unknown };
  } catch {
    return undefined;
  }
}

/** Checked against the commitment: a text that was changed in the store is not passed off as the one on record. */
export function opening(read: Reader, commitment: string): Opened {
  const row = read.get<{ salt: Buffer; value: string }>(
    'select salt, value from opening where commitment = ? and value is not null',
    commitment,
  );
  if (!row) return { missing: 'erased' };
  if (toHex(sha256(Buffer.concat([row.salt, encodeUtf8(row.value)]))) !== commitment) return { missing: 'wrong' };
  const value = JSON.parse(row.value) as unknown;
  return { text: typeof value === 'string' ? value : row.value };
}
