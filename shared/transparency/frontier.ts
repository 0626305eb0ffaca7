// The root of a log whose leaves are read once, in order, with memory for one hash a level (RFC 9162 section 2.1.2).

import type { Primitives } from './primitives.ts';
import { nodeHash, type NodeReader, type TreeNode } from './tree.ts';

/** The complete subtrees of the leaves so far, the widest first: one for each 1 in the binary form of the size. */
export type Frontier = { size: number; hashes: Uint8Array[] };

export const emptyFrontier = (): Frontier => ({ size: 0, hashes: [] });

/** A copy that grows on its own; the hashes themselves are shared. */
export const copyFrontier = (frontier: Frontier): Frontier => ({ size: frontier.size, hashes: [...frontier.hashes] });

/** The frontier of a log of `size` whose complete subtrees are stored. */
export function readFrontier(read: NodeReader, size: number): Frontier {
  return { size, hashes: completeSubtrees(0, size).map(({ level, index }) => read(level, index)) };
}

/**
 * The complete subtrees that leaves [start, end) of a log fall into, from left to right: as wide as their place and the
 * end allow. Together with the frontier at `start` they give the frontier at `end`, without a leaf.
 */
export function completeSubtrees(start: number, end: number): { level: number; index: number }[] {
  const found: { level: number; index: number }[] = [];
  for (let at = start; at < end;) {
    let level = 0;
    let width = 1;
    while (at % (width * 2) === 0 && at + width * 2 <= end) {
      width *= 2;
      level++;
    }
    found.push({ level, index: at / width });
    at += width;
  }
  return found;
}

/** Appends a leaf hash in place. */
export function pushLeaf(p: Primitives, frontier: Frontier, leaf: Uint8Array): void {
  pushSubtree(p, frontier, 0, leaf);
}

/** Appends a complete subtree of 2^level leaves in place; the frontier's size must be a multiple of its width. */
export function pushSubtree(p: Primitives, frontier: Frontier, level: number, subtree: Uint8Array): void {
  const width = 2 ** level;
  let hash = subtree;
  // Each trailing one of the size is a subtree of the same width: the two become one, as in a carry.
  for (let rest = frontier.size / width; rest % 2 === 1; rest = (rest - 1) / 2)
    hash = nodeHash(p, frontier.hashes.pop()!, hash);
  frontier.hashes.push(hash);
  frontier.size += width;
}

/** Appends a leaf hash in place; returns the nodes to store, as appendLeaf does, without reading any. */
export function growFrontier(p: Primitives, frontier: Frontier, leaf: Uint8Array): TreeNode[] {
  let hash = leaf;
  let index = frontier.size;
  const nodes: TreeNode[] = [{ level: 0, index, hash }];
  for (let level = 1; index % 2 === 1; level++) {
    hash = nodeHash(p, frontier.hashes.pop()!, hash);
    index = (index - 1) / 2;
    nodes.push({ level, index, hash });
  }
  frontier.hashes.push(hash);
  frontier.size += 1;
  return nodes;
}

export function frontierRoot(p: Primitives, frontier: Frontier): Uint8Array {
  if (frontier.size === 0) return p.sha256(new Uint8Array(0));
  return frontier.hashes.reduceRight((right, left) => nodeHash(p, left, right));
}
