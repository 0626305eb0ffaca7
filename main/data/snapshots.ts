// The snapshots of a data set: the import, then one for each withdrawal. Only the newest has rows.
import { describeDataset } from './datasets.ts';
import type { DataDeps } from './sealing.ts';

/** `hash` is what rounds bind; `at` RFC 3339 UTC; `withdrawn` rows that the snapshot before had more. */
export type Snapshot = { number: number; hash: string; at: string; rows: number; withdrawn: number };

/** Oldest first. Throws DATASET_UNKNOWN. */
export function listSnapshots(deps: DataDeps, dataset: string): Snapshot[] {
  const { snapshot: hash, importedAt: at, rows } = describeDataset(deps, dataset);
  const kept = deps.journal.read.all<Snapshot>(
    'select number, hash, at, rows, withdrawn from snapshot where dataset = ? order by number',
    dataset,
  );
  return kept.length > 0 ? kept : [{ number: 1, hash, at, rows, withdrawn: 0 }];
}
