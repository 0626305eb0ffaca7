// What it means that a witness holds a state of the own log that the store does not: the store was put back from a backup, or
// there are two of it. The proof is a checkpoint that this log's own key has signed.
import { AssentError } from '../shared/errors.ts';
import type { Checkpoint } from '../shared/transparency/checkpoint.ts';
import { rootHash } from '../shared/transparency/tree.ts';
import { toHex } from '../shared/wire/canonical.ts';
import { primitives } from './crypto.ts';
import type { Journal, Reader } from './journal.ts';
import { WHILE_BEHIND } from './steps.ts';

/** `size` and `root` are the largest that a witness holds; `note` is that checkpoint, as it was signed and cosigned. */
export type LogConflict = {
  origin: string;
  witness: string;
  size: number;
  root: Uint8Array;
  note: Uint8Array;
  at: string;
};

/** Of the log of this name; undefined: nobody is known to hold anything that is not here. */
export function findConflict(read: Reader, origin: string): LogConflict | undefined {
  const row = read.get<Omit<LogConflict, 'root' | 'note'> & { root: Buffer; note: Buffer }>(
    'select * from log_conflict where origin = ? order by size desc, witness limit 1',
    origin,
  );
  return row && { ...row, root: new Uint8Array(row.root), note: new Uint8Array(row.note) };
}

/** Keeps the largest of each witness. True the first time, which is on record. */
export function keepConflict<Step extends string>(
  journal: Journal<Step | 'log.conflict' | 'anchor.keep'>,
  { witness, held, note, at }: { witness: string; held: Checkpoint; note: Uint8Array; at: number },
): boolean {
  const { origin, size, root } = held;
  const first = findConflict(journal.read, origin) === undefined;
  // Another checkpoint of this log would be one beside those that were cosigned.
  journal.signWith(null);
  const own = { size: journal.size(), root: toHex(rootHash(primitives, journal.nodes, journal.size())) };
  journal.transact(first ? 'log.conflict' : 'anchor.keep', (tx) => {
    tx.run(
      `insert into log_conflict (origin, witness, size, root, note, at) values (?, ?, ?, ?, ?, ?)
       on conflict (origin, witness) do update set
         size = excluded.size, root = excluded.root, note = excluded.note, at = excluded.at
       where excluded.size > log_conflict.size`,
      origin,
      witness,
      size,
      root,
      note,
      new Date(at).toISOString(),
    );
    if (!first) return;
    const why = size > own.size ? ('behind' as const) : ('forked' as const);
    tx.append({ kind: 'log.behind', detail: { origin, why, witness, anchored: { size, root: toHex(root) }, own } });
  });
  return first;
}

export const behindText = ({ witness, size }: LogConflict, own: number): string =>
  `${witness} has cosigned ${size} records of this log, and they are not the beginning of the ${own} that are here: this store was put back from a backup, or there is a second one. Nothing is decided, trained or sent until a successor log is started.`;

/** From now on refuses every step but those of WHILE_BEHIND. Throws LOG_BEHIND from them. */
export function guardLog<Step extends string>(journal: Journal<Step>, conflict: () => LogConflict | undefined): void {
  journal.guard((step) => {
    if (WHILE_BEHIND.has(step)) return;
    const found = conflict();
    if (found) throw new AssentError('LOG_BEHIND', behindText(found, journal.size()), { size: String(found.size) });
  });
}
