// Writes a log as files that anybody can check offline (layout.ts): streamed, with memory for one tile.

import { AssentError } from '../errors.ts';
import { decodeUtf8, encodeCanonical, encodeUtf8, toHex } from '../wire/canonical.ts';
import { concatBytes, sameBytes } from './bytes.ts';
import { parseCheckpoint } from './checkpoint.ts';
import { emptyFrontier, frontierRoot, pushLeaf } from './frontier.ts';
import * as layout from './layout.ts';
import { encodeProof } from './proof.ts';
import { encodePolicy } from './policy.ts';
import type { Primitives } from './primitives.ts';
import { inclusionProof, leafHash, type NodeReader } from './tree.ts';
import { encodeVkey, type VerifierKey } from './verifier-key.ts';

/** Bytes to append to the file at `path` (relative, `/`-separated). An empty chunk still makes the file. */
export type ExportChunk = { path: string; bytes: Uint8Array };

export type LogExport = {
  /** The exact bytes of every record that the checkpoint covers, in order. */
  records: Iterable<Uint8Array>;
  /** The signed checkpoint's exact bytes, with whatever cosignatures it has. */
  checkpoint: Uint8Array;
  logKey: VerifierKey;
  /** The keys of all cosignatures under the checkpoints; each must stand under the final one. */
  witnessKeys?: readonly VerifierKey[];
  /** All that are asked to witness the log, for the trust policy; undefined writes none. */
  witnesses?: readonly VerifierKey[];
  /** Exact bytes of earlier checkpoints in strictly rising size. */
  history?: Iterable<Uint8Array>;
  /** Records that get a proof file of their own, to be handed on singly. */
  proofs?: { indexes: readonly number[]; read: NodeReader };
};

const LINE_FEED = encodeUtf8('\n');

const refuse = (message: string) => new AssentError('LOG_INVALID', `The log cannot be exported: ${message}.`);

/**
 * The files of an export, piece by piece: append each chunk to its file, in order. Throws LOG_INVALID when the records are
 * not exactly those of the checkpoint, after some chunks already: write to a temporary folder and rename it at the end.
 */
export function* exportLog(p: Primitives, log: LogExport): Generator<ExportChunk> {
  const checkpoint = parseCheckpoint(log.checkpoint);
  const frontier = emptyFrontier();
  let lines: Uint8Array[] = [];
  let leaves: Uint8Array[] = [];

  function* finishTile(): Generator<ExportChunk> {
    yield { path: layout.ENTRIES_FILE, bytes: concatBytes(...lines) };
    const tile = Math.ceil(frontier.size / layout.TILE_WIDTH) - 1;
    if (leaves.length > 0) yield { path: layout.tilePath(tile, leaves.length), bytes: concatBytes(...leaves) };
    lines = [];
    leaves = [];
  }

  for (const record of log.records) {
    if (record.length > layout.MAX_RECORD_BYTES) throw refuse(`record ${frontier.size} is longer than 16 KiB`);
    const leaf = leafHash(p, record);
    pushLeaf(p, frontier, leaf);
    lines.push(record, LINE_FEED);
    leaves.push(leaf);
    if (leaves.length === layout.TILE_WIDTH) yield* finishTile();
  }
  if (leaves.length > 0 || frontier.size === 0) yield* finishTile();

  const root = frontierRoot(p, frontier);
  if (frontier.size !== checkpoint.size || !sameBytes(root, checkpoint.root)) {
    const [has, says] = [
      `${frontier.size} records with root ${toHex(root)}`,
      `${checkpoint.size} and ${toHex(checkpoint.root)}`,
    ];
    throw refuse(`it holds ${has}, its checkpoint says ${says}`);
  }
  yield { path: layout.LOG_KEY_FILE, bytes: encodeUtf8(`${encodeVkey(log.logKey)}\n`) };
  for (const key of log.witnessKeys ?? []) {
    yield { path: layout.WITNESS_KEYS_FILE, bytes: encodeUtf8(`${encodeVkey(key)}\n`) };
  }
  if (log.witnesses) yield { path: layout.POLICY_FILE, bytes: encodePolicy(log.logKey, log.witnesses) };
  for (const earlier of log.history ?? []) {
    yield { path: layout.HISTORY_FILE, bytes: concatBytes(encodeCanonical(decodeUtf8(earlier)), LINE_FEED) };
  }
  for (const index of log.proofs?.indexes ?? []) {
    const hashes = inclusionProof(p, log.proofs!.read, index, checkpoint.size);
    yield {
      path: layout.proofPath(index),
      bytes: encodeProof({ index, hashes, checkpoint: log.checkpoint, extra: null }),
    };
  }
  yield { path: layout.CHECKPOINT_FILE, bytes: log.checkpoint };
}
