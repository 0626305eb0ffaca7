// Brings a blob of the coordinator into the store, over a connection that may break as often as it likes.
import { AssentError } from '../../shared/errors.ts';
import type { BlobFiles } from '../../platform/blob-files.ts';
import { wait, type Clock } from '../../platform/clock.ts';
import { calling, type CoordinatorClient } from './client.ts';

const FIRST_WAIT = 500;
/** Waits in a row, each twice the one before, while nothing comes; then whoever asked has to come back later. */
const MOST_WAITS = 5;

/** Goes on while something comes. Throws COORDINATOR_UNREACHABLE, CANCELED, BLOB_HASH, BLOB_SIZE, BLOB_UNKNOWN. */
export async function fetchBlob(
  deps: { client(): CoordinatorClient; blobs: BlobFiles; clock: Clock },
  hash: string,
  most: number,
  signal: AbortSignal,
): Promise<void> {
  const { blobs, clock } = deps;
  if ((await blobs.size(hash)) !== undefined) return;
  for (let waits = 0; ;) {
    const before = await blobs.uploaded(hash);
    try {
      return await calling(deps.client().download(hash, most, blobs, signal));
    } catch (error) {
      if (!(error instanceof AssentError) || error.code !== 'COORDINATOR_UNREACHABLE') throw error;
      if ((await blobs.uploaded(hash)) > before) waits = 0;
      if (waits === MOST_WAITS || !(await wait(clock, FIRST_WAIT * 2 ** waits, signal))) throw error;
      waits++;
    }
  }
}
