// Which stretch of a log an evidence package carries, and the hashes that stand for what lies before and after it, so that
// the stretch alone gives the root of the signed checkpoint. Whole tiles of 256 records, so that tiles stay those of the log.

import { AssentError } from '../errors.ts';
import { decodeUtf8, encodeUtf8 } from '../wire/canonical.ts';
import { fromBase64, toBase64 } from './bytes.ts';
import { parseSize } from './checkpoint.ts';
import { completeSubtrees, type Frontier, frontierRoot, pushSubtree } from './frontier.ts';
import { TILE_WIDTH } from './layout.ts';
import type { Primitives } from './primitives.ts';
import { HASH_BYTES, type NodeReader } from './tree.ts';

/** Records [from, to); `left` are the complete subtrees of [0, from), `right` those of [to, size), each from left to right. */
export type LogRange = {
  from: number;
  to: number;
  /** How many records of the stretch are there by their leaf hash alone. */
  withheld: number;
  left: readonly Uint8Array[];
  right: readonly Uint8Array[];
};

const HEADER = 'assent/range/v1';

export const wholeLog = (size: number): LogRange => ({ from: 0, to: size, withheld: 0, left: [], right: [] });

/** The least stretch of whole tiles that holds records [from, to) of a log of `size`. */
export function wholeTiles(from: number, to: number, size: number): { from: number; to: number } {
  const start = Math.floor(from / TILE_WIDTH) * TILE_WIDTH;
  return { from: start, to: Math.min(Math.ceil(to / TILE_WIDTH) * TILE_WIDTH, size) };
}

/** The range with its hashes, read from the stored tree. */
export function rangeOf(read: NodeReader, from: number, to: number, size: number, withheld: number): LogRange {
  const hashes = (start: number, end: number) => completeSubtrees(start, end).map((at) => read(at.level, at.index));
  return { from, to, withheld, left: hashes(0, from), right: hashes(to, size) };
}

export function encodeRange({ from, to, withheld, left, right }: LogRange): Uint8Array<ArrayBuffer> {
  const hashes = (side: string, all: readonly Uint8Array[]) => all.map((hash) => `${side} ${toBase64(hash)}`);
  const lines = [HEADER, `from ${from}`, `to ${to}`, `withheld ${withheld}`, ...hashes('left', left)];
  return encodeUtf8(`${[...lines, ...hashes('right', right)].join('\n')}\n`);
}

const invalid = (problem: string) =>
  new AssentError('LOG_INVALID', `Not the range of an evidence package: ${problem}.`, { problem });

/** Strict: exactly the hashes that this stretch of a log of `size` needs. Throws LOG_INVALID. */
export function parseRange(bytes: Uint8Array, size: number): LogRange {
  const text = decodeUtf8(bytes);
  if (!text.endsWith('\n')) throw invalid('it does not end with a line feed');
  const lines = text.slice(0, -1).split('\n');
  if (lines.shift() !== HEADER) throw invalid(`its first line is not ${HEADER}`);
  const number = (word: string) => {
    const line = lines.shift() ?? '';
    const value = line.startsWith(`${word} `) ? parseSize(line.slice(word.length + 1)) : undefined;
    if (value === undefined) throw invalid(`the line "${word} N" is missing or wrong`);
    return value;
  };
  const [from, to, withheld] = [number('from'), number('to'), number('withheld')];
  if (from > to || to > size || (from === to && size > 0) || withheld > to - from)
    throw invalid(`records ${from} to ${to} with ${withheld} withheld are no stretch of a log of ${size}`);
  if (from % TILE_WIDTH !== 0 || (to % TILE_WIDTH !== 0 && to !== size))
    throw invalid(`it is not cut at multiples of ${TILE_WIDTH}`);
  const hashes = (side: string, count: number) =>
    Array.from({ length: count }, () => {
      const line = lines.shift() ?? '';
      const hash = line.startsWith(`${side} `) ? fromBase64(line.slice(side.length + 1)) : undefined;
      if (hash?.length !== HASH_BYTES) throw invalid(`a line "${side} HASH" is missing or wrong`);
      return hash;
    });
  const left = hashes('left', completeSubtrees(0, from).length);
  const right = hashes('right', completeSubtrees(to, size).length);
  if (lines.length > 0) throw invalid('it has lines too many');
  return { from, to, withheld, left, right };
}

/** The frontier before the first record of the range. */
export const frontierBefore = ({ from, left }: LogRange): Frontier => ({ size: from, hashes: [...left] });

/** The root of the log of `size`, from the frontier after the last record of the range; that frontier is used up. */
export function rootAfter(p: Primitives, frontier: Frontier, { to, right }: LogRange, size: number): Uint8Array {
  completeSubtrees(to, size).forEach(({ level }, i) => pushSubtree(p, frontier, level, right[i]!));
  return frontierRoot(p, frontier);
}
