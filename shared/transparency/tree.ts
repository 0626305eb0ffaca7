// The Merkle tree of the log (RFC 6962 section 2.1, RFC 9162 section 2.1) over stored complete subtrees.
// Appending and proving cost O(log n) node reads; what a proof proves is in tree-proofs.ts.

import { AssentError } from '../errors.ts';
import { concatBytes } from './bytes.ts';
import type { Primitives } from './primitives.ts';

/** Reads the hash of the complete subtree over leaves [index * 2^level, (index + 1) * 2^level); level 0 is the leaf hashes. */
export type NodeReader = (level: number, index: number) => Uint8Array;

/** One complete subtree to store: see NodeReader. */
export type TreeNode = { level: number; index: number; hash: Uint8Array };

export const HASH_BYTES = 32;
/** 2^53 - 1: sizes above it have no exact number here. A log of one record a microsecond reaches it in 285 years. */
const MAX_SIZE = Number.MAX_SAFE_INTEGER;

export const isSize = (size: number): boolean => Number.isSafeInteger(size) && size >= 0;

const refuse = (message: string) => new AssentError('LOG_INVALID', message);

// A log has two hashes a record: their inputs are put together in the same two places, and read before anything else runs.
const leafInput = new Uint8Array(1 + 16 * 1024);
const nodeInput = new Uint8Array(1 + 2 * HASH_BYTES);
nodeInput[0] = 1;

/** SHA-256(0x00 || record). */
export function leafHash(p: Primitives, record: Uint8Array): Uint8Array {
  const length = 1 + record.length;
  if (length > leafInput.length) return p.sha256(concatBytes(Uint8Array.of(0), record));
  leafInput.set(record, 1);
  return p.sha256(leafInput.subarray(0, length));
}

/** SHA-256(0x01 || left || right). */
export function nodeHash(p: Primitives, left: Uint8Array, right: Uint8Array): Uint8Array {
  if (left.length !== HASH_BYTES || right.length !== HASH_BYTES)
    return p.sha256(concatBytes(Uint8Array.of(1), left, right));
  nodeInput.set(left, 1);
  nodeInput.set(right, 1 + HASH_BYTES);
  return p.sha256(nodeInput);
}

/** The largest power of two below n; n >= 2. The split of RFC 6962: the left subtree is complete. */
function splitPoint(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

/**
 * The nodes to store when a leaf hash joins a log of `size` leaves: the leaf first, then each subtree that it completes.
 * The new size is `size + 1`.
 */
export function appendLeaf(p: Primitives, read: NodeReader, size: number, leaf: Uint8Array): TreeNode[] {
  if (!isSize(size) || size >= MAX_SIZE) throw refuse(`A log cannot grow from size ${size}; 2^53 - 1 is the largest.`);
  if (leaf.length !== HASH_BYTES) throw refuse(`A leaf hash has 32 bytes, not ${leaf.length}.`);
  const nodes: TreeNode[] = [{ level: 0, index: size, hash: leaf }];
  let hash = leaf;
  let index = size;
  for (let level = 0; index % 2 === 1; level++) {
    hash = nodeHash(p, read(level, index - 1), hash);
    index = (index - 1) / 2;
    nodes.push({ level: level + 1, index, hash });
  }
  return nodes;
}

/** The root over leaves [start, end), of which every complete subtree is stored; start must be aligned as RFC 6962 splits. */
function rangeHash(p: Primitives, read: NodeReader, start: number, end: number): Uint8Array {
  const parts: Uint8Array[] = [];
  let at = start;
  while (at < end) {
    let level = 0;
    let width = 1;
    while (width * 2 <= end - at) {
      width *= 2;
      level++;
    }
    parts.push(read(level, at / width));
    at += width;
  }
  return parts.reduceRight((right, left) => nodeHash(p, left, right));
}

/** The root hash of the first `size` leaves; SHA-256 of nothing for an empty log. */
export function rootHash(p: Primitives, read: NodeReader, size: number): Uint8Array {
  if (!isSize(size)) throw refuse(`${size} is not the size of a log.`);
  return size === 0 ? p.sha256(new Uint8Array(0)) : rangeHash(p, read, 0, size);
}

/** The hashes, from the leaf's sibling upwards, that lead from leaf `index` to the root of size `size` (RFC 6962, 2.1.1). */
export function inclusionProof(p: Primitives, read: NodeReader, index: number, size: number): Uint8Array[] {
  if (!isSize(index) || !isSize(size) || index >= size) throw refuse(`A log of size ${size} has no record ${index}.`);
  const proof: Uint8Array[] = [];
  let start = 0;
  let end = size;
  while (end - start > 1) {
    const middle = start + splitPoint(end - start);
    if (index < middle) {
      proof.push(rangeHash(p, read, middle, end));
      end = middle;
    } else {
      proof.push(rangeHash(p, read, start, middle));
      start = middle;
    }
  }
  return proof.reverse();
}

/** The hashes that show the first `oldSize` leaves of the log of `newSize` to be what they were (RFC 6962, 2.1.2). */
export function consistencyProof(p: Primitives, read: NodeReader, oldSize: number, newSize: number): Uint8Array[] {
  if (!isSize(oldSize) || !isSize(newSize) || oldSize > newSize) {
    throw refuse(`A log cannot grow from size ${oldSize} to ${newSize}.`);
  }
  if (oldSize === 0) return [];
  const proof: Uint8Array[] = [];
  let start = 0;
  let end = newSize;
  while (end !== oldSize) {
    const middle = start + splitPoint(end - start);
    if (oldSize <= middle) {
      proof.push(rangeHash(p, read, middle, end));
      end = middle;
    } else {
      proof.push(rangeHash(p, read, start, middle));
      start = middle;
    }
  }
  // The verifier knows the old root already, unless the old tree ends inside the new one.
  if (start > 0) proof.push(rangeHash(p, read, start, end));
  return proof.reverse();
}
