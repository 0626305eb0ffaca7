// The files of an exported log, by their paths; hash tiles are where C2SP tlog-tiles has them.

import { HASH_BYTES } from './tree.ts';

/** One record a line, its exact bytes and a line feed. */
export const ENTRIES_FILE = 'entries.jsonl';
/** The signed checkpoint over exactly these records. */
export const CHECKPOINT_FILE = 'checkpoint';
/** The log's key, for reading; it came with the export, so it proves nothing about who wrote it. */
export const LOG_KEY_FILE = 'log.vkey';
/** The keys of the witnesses whose lines stand under the checkpoint, one a line; absent where there are none. */
export const WITNESS_KEYS_FILE = 'witness.vkeys';
/** Whom its owner asks to witness the log, as a policy of c2sp.org/tlog-policy; it came with the export, so compare its keys. */
export const POLICY_FILE = 'trust.policy';
/** Earlier checkpoints, each as one JSON string a line, in rising size; absent where there are none. */
export const HISTORY_FILE = 'checkpoints.jsonl';

/** Evidence only: which stretch of the log this is, and the hashes of what lies beside it (range.ts). */
export const RANGE_FILE = 'range';
/** Evidence only: the three keys of whose log this is, so that a fingerprint that was read aloud can be compared. */
export const KEYS_FILE = 'keys.json';
/** Evidence only: the records that people signed, exact bytes a line, in the order in which shown records first name them. */
export const SIGNED_FILE = 'signed.jsonl';
/** Evidence only, where names and free text were asked for: what opens the commitments, in the same order. */
export const OPENINGS_FILE = 'openings.jsonl';
/** Evidence only: explanation and programs. Nothing signs these. */
export const README_FILE = 'README.txt';
export const PROGRAM_FILES = ['verify.html', 'verify.mjs'] as const;

/** A record's exact bytes, without the line feed. */
export const MAX_RECORD_BYTES = 16 * 1024;

export const TILE_WIDTH = 256;

/** The path of a level-0 tile, the leaf hashes [256 * tile, 256 * tile + width): `tile/0/x001/x234/067`, `.p/<width>` if partial. */
export function tilePath(tile: number, width: number): string {
  const digits = String(tile);
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, '0');
  const path = padded.replace(/(...)(?=.)/g, 'x$1/');
  return `tile/0/${path}${width === TILE_WIDTH ? '' : `.p/${width}`}`;
}

/** How many leaf hashes the tile holds in a log of `size`: 256, fewer in the last one, 0 beyond it. */
export const tileWidth = (tile: number, size: number): number =>
  Math.max(0, Math.min(TILE_WIDTH, size - tile * TILE_WIDTH));

export const tileBytes = (width: number): number => width * HASH_BYTES;

export const proofPath = (index: number): string => `proof/${index}.tlog-proof`;

/** The digits of the record's index in the path of a proof file, or undefined for another path. */
export const proofIndexDigits = (path: string): string | undefined => /^proof\/([0-9]+)\.tlog-proof$/.exec(path)?.[1];
