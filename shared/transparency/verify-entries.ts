// The second half of checking an export: every record against its leaf hash, and both against the checkpoint's root.
// When the two disagree, the root tells which of them was changed.

import { decodeCanonical, encodeUtf8, toHex } from '../wire/canonical.ts';
import { sameBytes } from './bytes.ts';
import { type ExportFiles, fault, type Listing, readingFrom, readLines } from './export-files.ts';
import { copyFrontier, type Frontier, frontierRoot, pushLeaf } from './frontier.ts';
import * as layout from './layout.ts';
import type { Primitives } from './primitives.ts';
import { frontierBefore, type LogRange, rootAfter } from './range.ts';
import { HASH_BYTES, leafHash } from './tree.ts';
import { checkSignedCheckpoint, type Head } from './verify-head.ts';

// A checkpoint of 512 KiB at most, as a JSON string.
const MAX_HISTORY_LINE = 1024 * 1024;

type Earlier = { size: number; root: Uint8Array; where: string };

/** The earlier checkpoints, their signatures checked, in strictly rising size. */
async function* readHistory(p: Primitives, files: ExportFiles, listing: Listing, head: Head): AsyncGenerator<Earlier> {
  const path = layout.HISTORY_FILE;
  if (!listing.has(path)) return;
  let number = 0;
  let previous = -1;
  for await (const line of readLines(files.stream(path), MAX_HISTORY_LINE)) {
    number++;
    const where = `${path} line ${number}`;
    if (line.problem !== null)
      throw fault(where, line.problem === 'too long' ? 'is too long.' : 'does not end with a line feed.');
    const text = readingFrom(where, () => decodeCanonical(line.bytes));
    if (typeof text !== 'string') throw fault(where, 'is not a JSON string.');
    const { checkpoint } = checkSignedCheckpoint(p, where, encodeUtf8(text), head.keys);
    const { size, root } = checkpoint;
    if (size <= previous)
      throw fault(where, `is over ${size} records, not more than the ${previous} of the line before.`);
    if (size > head.checkpoint.size) throw fault(where, `is over ${size} records, more than the export holds.`);
    previous = size;
    yield { size, root, where };
  }
  if (number === 0) throw fault(path, 'is empty.');
}

/** What a record says; undefined for one that is withheld. */
export type RecordValue = Readonly<Record<string, unknown>>;

/** Sees every record that fits its leaf hash, in order. A promise is waited for. */
export type Observer = (index: number, record: RecordValue | undefined) => Promise<void> | undefined;

function readRecord(bytes: Uint8Array, index: number): RecordValue {
  const record = readingFrom(index, () => decodeCanonical(bytes));
  if (typeof record !== 'object' || record === null || Array.isArray(record)) {
    throw fault(index, 'is not a JSON object.');
  }
  return record as RecordValue;
}

/** Where the records first differ from the leaf hashes, and the two logs that grow from there. */
type Parting = { index: number; byTiles: Frontier };

/**
 * Reads all records of the range once, with memory for one tile; throws EXPORT_INVALID at the first that is wrong. Returns the
 * leaf hashes of the records whose index is in `wanted`. With an observer an empty line is a record that is withheld.
 */
export async function checkEntries(
  p: Primitives,
  files: ExportFiles,
  listing: Listing,
  head: Head,
  range: LogRange,
  wanted: ReadonlyMap<number, unknown>,
  observe: Observer | null,
): Promise<Map<number, Uint8Array>> {
  const { size, root } = head.checkpoint;
  const leaves = new Map<number, Uint8Array>();
  const byEntries = frontierBefore(range);
  let withheld = 0;
  let parting: Parting | null = null;
  let surplus = false;
  let tile = new Uint8Array(0);

  const history = readHistory(p, files, listing, head);
  let earlier = await history.next();
  const forks: Earlier[] = [];
  const compareHistory = async () => {
    if (earlier.done || earlier.value.size !== byEntries.size) return;
    if (!sameBytes(frontierRoot(p, byEntries), earlier.value.root)) forks.push(earlier.value);
    earlier = await history.next();
  };
  let coming: Promise<Uint8Array> | undefined;
  const readTile = async (index: number) => {
    tile = Uint8Array.from(await (coming ?? files.read(tileOf(index, size))));
    // The next one is read while this one is looked at.
    const next = index + layout.TILE_WIDTH;
    coming = next < range.to ? files.read(tileOf(next, size)) : undefined;
    coming?.catch(() => {});
  };
  /** The leaf hash of record `index` as its tile has it. */
  const toldLeaf = (index: number): Uint8Array => {
    const slot = index % layout.TILE_WIDTH;
    return tile.subarray(slot * HASH_BYTES, (slot + 1) * HASH_BYTES);
  };

  await compareHistory();
  for await (const line of readLines(files.stream(layout.ENTRIES_FILE), layout.MAX_RECORD_BYTES)) {
    const index = byEntries.size;
    if (index === range.to) {
      surplus = true;
      break;
    }
    if (line.problem === 'too long') throw fault(parting?.index ?? index, 'is longer than 16 KiB.');
    if (line.problem !== null) throw fault(parting?.index ?? index, 'does not end with a line feed.');
    if (index % layout.TILE_WIDTH === 0) await readTile(index);
    const told = toldLeaf(index);
    const kept = observe === null || line.bytes.length > 0;
    const leaf = kept ? leafHash(p, line.bytes) : told;
    if (!kept) withheld++;
    if (parting === null && !sameBytes(leaf, told)) parting = { index, byTiles: copyFrontier(byEntries) };
    if (parting !== null) pushLeaf(p, parting.byTiles, told);
    else {
      const record = kept ? readRecord(line.bytes, index) : undefined;
      const wait = observe?.(index, record);
      if (wait !== undefined) await wait;
    }
    pushLeaf(p, byEntries, leaf);
    if (wanted.has(index)) leaves.set(index, leaf);
    if (parting === null && !earlier.done) await compareHistory();
  }

  const count = byEntries.size;
  if (count < range.to) parting ??= { index: count, byTiles: copyFrontier(byEntries) };
  if (parting !== null) {
    for (let index = count; index < range.to; index++) {
      if (index % layout.TILE_WIDTH === 0) await readTile(index);
      pushLeaf(p, parting.byTiles, toldLeaf(index));
    }
    throw blame(p, head, range, byEntries, surplus, parting);
  }
  if (surplus) throw fault(range.to, `is one too many: the ${covers(range, size)} records.`);
  if (withheld !== range.withheld)
    throw fault(layout.RANGE_FILE, `says that ${range.withheld} records are withheld, but ${withheld} are.`);
  const found = rootAfter(p, byEntries, range, size);
  if (!sameBytes(found, root)) {
    const beside = range.left.length + range.right.length > 0 ? `, with the hashes of ${layout.RANGE_FILE},` : '';
    const these = `these ${range.to - range.from} records${beside} give ${toHex(found)}`;
    throw fault(layout.CHECKPOINT_FILE, `has the root ${toHex(root)}, but ${these}.`);
  }
  const [fork] = forks;
  if (fork !== undefined) {
    throw fault(
      fork.where,
      `has another root than the first ${fork.size} records give: the log was rewritten or forked.`,
    );
  }
  return leaves;
}

const covers = ({ to }: LogRange, size: number): string =>
  to === size ? `checkpoint covers ${size}` : `range ends after ${to}`;

const tileOf = (index: number, size: number): string => {
  const tile = Math.floor(index / layout.TILE_WIDTH);
  return layout.tilePath(tile, layout.tileWidth(tile, size));
};

/** Records and tiles disagree: whichever gives the checkpoint's root is right, and the other is to blame. */
function blame(
  p: Primitives,
  { checkpoint }: Head,
  range: LogRange,
  byEntries: Frontier,
  surplus: boolean,
  { index, byTiles }: Parting,
) {
  const { size, root } = checkpoint;
  const path = tileOf(index, size);
  const gives = (frontier: Frontier) =>
    frontier.size === range.to && sameBytes(rootAfter(p, copyFrontier(frontier), range, size), root);
  const tilesHold = gives(byTiles);
  if (!surplus && gives(byEntries)) {
    return fault(
      path,
      `does not hold the leaf hash of record ${index}; the records themselves agree with the checkpoint.`,
    );
  }
  const message =
    index === byEntries.size
      ? `is missing: the export ends after ${index} records, the ${covers(range, size)}.`
      : `does not match its leaf hash in ${path}.`;
  return fault(index, tilesHold ? message : `${message} The leaf hashes do not give the checkpoint's root either.`);
}
