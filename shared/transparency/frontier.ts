// The root of a log whose leaves are read once, in order, with memory for one hash a level (RFC 9162 section 2.1.2).

import type { Primitives } from './primitives.ts';
import { nodeHash } from './tree.ts';

/** The complete subtrees of the leaves so far, the widest first: one for each 1 in the binary form of the size. */
export type Frontier = { size: number; hashes: Uint8Array[] };

export const emptyFrontier = (): Frontier => ({ size: 0, hashes: [] });

/** A copy that grows on its own; the hashes themselves are shared. */
export const copyFrontier = (frontier: Frontier): Frontier => ({ size: frontier.size, hashes: [...frontier.hashes] });

/** Appends a leaf hash in place. */
export function pushLeaf(p: Primitives, frontier: Frontier, leaf: Uint8Array): void {
  let hash = leaf;
  // Each trailing one of the size is a subtree of the same width: the two become one, as in a carry.
  for (let rest = frontier.size; rest % 2 === 1; rest = (rest - 1) / 2)
    hash = nodeHash(p, frontier.hashes.pop()!, hash);
  frontier.hashes.push(hash);
  frontier.size += 1;
}

export function frontierRoot(p: Primitives, frontier: Frontier): Uint8Array {
  if (frontier.size === 0) return p.sha256(new Uint8Array(0));
  return frontier.hashes.reduceRight((right, left) => nodeHash(p, left, right));
}
