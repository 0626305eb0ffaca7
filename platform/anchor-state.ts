// How far a log is anchored outside its own store: by whom, how many of those who were asked, and when.
import type { Reader } from './journal.ts';
import { findConflict, type LogConflict } from './log-conflict.ts';
import { cosignaturesOf, currentLog, latestAnchor, latestCheckpoint } from './own-logs.ts';
import type { Party } from './parties.ts';

export type AnchorState = {
  origin: string;
  /** Of the latest checkpoint that a witness has cosigned; 0: none was. */
  size: number;
  /** Ids of those who have cosigned it, of `of` who are asked. */
  by: string[];
  of: number;
  /** When the last of them did, as it says. */
  at: string | undefined;
  /** Nobody has cosigned anything of it for a day. */
  stale: boolean;
  /** What witnesses hold and this store does not. */
  conflict: LogConflict | undefined;
};

const STALE_MS = 24 * 3600_000;
const timeText = (seconds: number): string => new Date(seconds * 1000).toISOString();

export function anchorState(o: {
  read: Reader;
  logPublicKey: Uint8Array;
  witnesses: readonly Party[];
  now: number;
}): AnchorState {
  const { read, witnesses } = o;
  const log = currentLog(read, o.logPublicKey);
  const { size = 0 } = latestAnchor(read, log) ?? {};
  const signed = witnesses.flatMap(({ id, witness }) =>
    cosignaturesOf(read, size)
      .filter(({ witness: name }) => name === witness.name)
      .map(({ time }) => ({ id, time })),
  );
  const last = Math.max(0, ...signed.map(({ time }) => time)) * 1000;
  // Before anything is signed there is nothing to wait for.
  const first = latestCheckpoint(read, log);
  const waitedFrom = last > 0 ? last : first ? Date.parse(first.at) : o.now;
  return {
    origin: log.key.name,
    size,
    by: signed.map(({ id }) => id),
    of: witnesses.length,
    at: last > 0 ? timeText(last / 1000) : undefined,
    stale: witnesses.length > 0 && o.now - waitedFrom >= STALE_MS,
    conflict: findConflict(read, log.key.name),
  };
}

/** The latest that each of those who are asked has cosigned of the log; size 0: nothing yet. */
export function latestByWitness(
  read: Reader,
  logPublicKey: Uint8Array,
  witnesses: readonly Party[],
): { id: string; size: number; at: string }[] {
  const { since } = currentLog(read, logPublicKey);
  return witnesses.map(({ id, witness }) => {
    const row = read.get<{ size: number; time: number }>(
      'select size, time from cosignature where witness = ? and size > ? order by size desc limit 1',
      witness.name,
      since,
    );
    return { id, size: row?.size ?? 0, at: row ? timeText(row.time) : '' };
  });
}

export type Anchor = { size: number; at: string; by: string[] };

/** The latest anchored checkpoints, of all logs of this store, the last first; `by` are names of witnesses. */
export function listAnchors(read: Reader, limit: number): Anchor[] {
  const sizes = read.all<{ size: number }>('select distinct size from cosignature order by size desc limit ?', limit);
  return sizes.map(({ size }) => {
    const signed = cosignaturesOf(read, size);
    return {
      size,
      at: timeText(Math.max(...signed.map(({ time }) => time))),
      by: signed.map(({ witness }) => witness),
    };
  });
}
