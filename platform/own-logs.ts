// The logs of one store: the one that is written now, and those whose place it took. They share their records; each has a key,
// a name and checkpoints of its own.
import { AssentError } from '../shared/errors.ts';
import { verifierKey, type VerifierKey } from '../shared/transparency/verifier-key.ts';
import { primitives } from './crypto.ts';
import type { Reader } from './journal.ts';
import { findConflict } from './log-conflict.ts';
import { logKey } from './log-origin.ts';
import type { Party } from './parties.ts';

/** Checkpoints of more than `since` and at most `until` records are this log's; `until` null: it is written now. */
export type OwnLog = { key: VerifierKey; since: number; until: number | null };
export type OwnCheckpoint = { size: number; at: string; root: Uint8Array; note: Uint8Array };

/** The oldest first. */
export function ownLogs(read: Reader, publicKey: Uint8Array): OwnLog[] {
  const past = read
    .all<{ public_key: Buffer; since: number; until: number }>('select * from past_log order by until')
    .map((row): OwnLog => ({ key: logKey(new Uint8Array(row.public_key)), since: row.since, until: row.until }));
  return [...past, { key: logKey(publicKey), since: past.at(-1)?.until ?? 0, until: null }];
}

export const currentLog = (read: Reader, publicKey: Uint8Array): OwnLog => ownLogs(read, publicKey).at(-1)!;

type Row = { size: number; at: string; root: Buffer; note: Buffer };
const of = (row: Row | undefined): OwnCheckpoint | undefined =>
  row && { size: row.size, at: row.at, root: new Uint8Array(row.root), note: new Uint8Array(row.note) };

/** The log's latest checkpoint, of at most `most` records. */
export const latestCheckpoint = (
  read: Reader,
  log: OwnLog,
  most = Number.MAX_SAFE_INTEGER,
): OwnCheckpoint | undefined =>
  of(
    read.get<Row>(
      'select * from checkpoint where size > ? and size <= ? order by size desc limit 1',
      log.since,
      Math.min(log.until ?? most, most),
    ),
  );

/** The latest that somebody cosigned. */
export const latestAnchor = (read: Reader, log: OwnLog): OwnCheckpoint | undefined =>
  of(
    read.get<Row>(
      `select checkpoint.* from checkpoint join (select max(size) as size from cosignature where size > ? and size <= ?)
       using (size)`,
      log.since,
      log.until ?? Number.MAX_SAFE_INTEGER,
    ),
  );

export type Cosignature = { witness: string; key: Uint8Array; line: string; time: number };

/** In the order of the witnesses' ids. */
export const cosignaturesOf = (read: Reader, size: number): Cosignature[] =>
  read
    .all<{ witness: string; key: Buffer; line: string; time: number }>(
      'select witness, key, line, time from cosignature where size = ? order by witness, key',
      size,
    )
    .map((row) => ({ ...row, key: new Uint8Array(row.key) }));

/** A checkpoint with the cosignatures that it has: their keys, whom its owner asks, and who of them has signed or not. */
export type CosignedHead = {
  note: Uint8Array;
  witnesses: VerifierKey[];
  asked: VerifierKey[];
  anchoredBy: string[];
  missing: string[];
};

export function cosignedHead(
  read: Reader,
  { size, note }: Pick<OwnCheckpoint, 'size' | 'note'>,
  asked: readonly Party[],
): CosignedHead {
  const cosignatures = cosignaturesOf(read, size);
  const signed = new Set(cosignatures.map(({ witness }) => witness));
  const of = (has: boolean) => asked.filter(({ witness: { name } }) => signed.has(name) === has).map(({ id }) => id);
  return {
    note: Buffer.concat([note, ...cosignatures.map(({ line }) => Buffer.from(line, 'utf8'))]),
    witnesses: cosignatures.map(({ witness, key }) => verifierKey(primitives, witness, 4, key)),
    asked: asked.map(({ witness }) => witness),
    anchoredBy: of(true),
    missing: of(false),
  };
}

/** Those who are asked to cosign the own log. */
export type Cosigners = {
  all: readonly Party[];
  /** Waits until those who can be reached have cosigned this size, or gives up. */
  reach(size: number): Promise<void>;
};
export const NO_COSIGNERS: Cosigners = { all: [], reach: () => Promise.resolve() };

/**
 * The checkpoint that an export of this log ends with, cosigned by those who can be reached. A log that signs no more, because
 * another took its place or it is behind its anchor, ends where others last saw it. Throws LOG_UNKNOWN.
 */
export async function exportHead(
  read: Reader,
  log: OwnLog,
  cosigners: Cosigners = NO_COSIGNERS,
): Promise<OwnCheckpoint & CosignedHead> {
  const ended = log.until !== null || findConflict(read, log.key.name) !== undefined;
  const head = (ended ? latestAnchor(read, log) : undefined) ?? latestCheckpoint(read, log);
  if (!head) throw new AssentError('LOG_UNKNOWN', `The log ${log.key.name} has no signed checkpoint.`);
  if (!ended) await cosigners.reach(head.size);
  return { ...head, ...cosignedHead(read, head, cosigners.all) };
}
