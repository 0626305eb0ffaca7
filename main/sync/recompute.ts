// Computes a published round again: the updates of all that counted, one after another from the coordinator's files, averaged by
// the very code that the coordinator runs, a mebibyte at a time.
import { AssentError } from '../../shared/errors.ts';
import { outcomeRecord, planRecord } from '../../shared/records/round.ts';
import { aggregate } from '../../platform/aggregate.ts';
import { checkUpdate } from '../../platform/check-update.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Reader } from '../../platform/journal.ts';
import type { About } from '../audit/ledger.ts';
import type { RoundKey } from '../stages.ts';
import type { Store } from '../store/open.ts';
import { dueReceipts } from '../store/receipts.ts';
import { roundOf, type RoundRow } from '../store/rounds.ts';
import type { CoordinatorClient } from './client.ts';
import { fetchBlob } from './fetch-blob.ts';

export type RecomputeDeps = {
  store: Store;
  clock: Clock;
  client(about?: About): CoordinatorClient;
  /** Bytes free where the store is. */
  free(): Promise<number>;
};

/**
 * What the published updates give. What was fetched stays in `store.published` when the work is broken off, and is not fetched
 * again. Throws DISK_SPACE, CANCELED, COORDINATOR_UNREACHABLE; BLOB_UNKNOWN, BLOB_HASH, BLOB_SIZE for what is not handed over;
 * TENSORS_INVALID, UPDATE_SHAPE, UPDATE_NOT_FINITE, UPDATE_NORM for updates that could not have counted.
 */
export async function recompute(
  { store, clock, client, free }: RecomputeDeps,
  key: RoundKey,
  signal: AbortSignal,
): Promise<{ aggregate: string; model: string }> {
  const { study, update, inputModel, participants } = neededFor(roundOf(store.journal.read, key));
  const files = store.published;
  const hashes = new Set(participants.map(({ blob }) => blob));
  await makeRoom(files, new Set([...hashes, inputModel.sha256]));
  await checkRoom(store, (hashes.size + 1) * update.bytes + 2 * inputModel.bytes, free);
  const wanted = [...hashes].map((hash): [string, number] => [hash, update.bytes]);
  const { study: id, round, attempt } = key;
  const about = { study: id, round, attempt };
  for (const [hash, most] of [...wanted, [inputModel.sha256, inputModel.bytes] as const]) {
    stopIf(signal);
    await fetchBlob({ client: () => client(about), blobs: files, clock }, hash, most, signal);
  }
  for (const hash of hashes) {
    stopIf(signal);
    await checkUpdate(study, files, hash, update.bytes);
  }
  const updates = () => files;
  const contributions = participants;
  return aggregate({ study, models: files, updates, inputModel: inputModel.sha256, contributions, signal });
}

function neededFor(row: RoundRow) {
  const { definition: study, update, inputModel } = planRecord.decode(row.bytes);
  return { study, update, inputModel, participants: outcomeRecord.decode(row.outcome_bytes!).participants };
}

/** What earlier rounds left, and what came of a computation that was broken off. */
async function makeRoom(files: Store['published'], needed: ReadonlySet<string>): Promise<void> {
  for (const { hash } of await files.list()) if (!needed.has(hash)) await files.remove(hash);
}

/** A full disk would stop the store itself: half of what is free is left alone. */
async function checkRoom({ published, home }: Store, bytes: number, free: () => Promise<number>): Promise<void> {
  const here = (await published.list()).reduce((sum, each) => sum + each.bytes, 0);
  const left = await free();
  if ((bytes - here) * 2 > left)
    throw new AssentError(
      'DISK_SPACE',
      `The round takes ${bytes - here} more bytes in ${home} while it is computed again; ${left} are free, and half of them are left alone.`,
    );
}

function stopIf(signal: AbortSignal): void {
  if (signal.aborted) throw new AssentError('CANCELED', 'The node is stopping.');
}

/** For the start, and once a round was computed: nothing stays but what a round that is still due needs. */
export async function sweepPublished({ journal: { read }, published }: Store): Promise<void> {
  await makeRoom(published, neededNext(read));
}

function neededNext(read: Reader): Set<string> {
  const next = dueReceipts(read).find(({ state }) => state === 'recomputed');
  if (!next) return new Set();
  const { inputModel, participants } = neededFor(roundOf(read, next));
  return new Set([inputModel.sha256, ...participants.map(({ blob }) => blob)]);
}
