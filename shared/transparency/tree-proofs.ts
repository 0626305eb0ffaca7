// What a proof proves: the checks of RFC 9162 sections 2.1.3.2 and 2.1.4.2. Everything here may be hostile; the answer is yes or no.

import { sameBytes } from './bytes.ts';
import type { Primitives } from './primitives.ts';
import { HASH_BYTES, isSize, nodeHash } from './tree.ts';

export type Inclusion = {
  leaf: Uint8Array;
  index: number;
  size: number;
  proof: readonly Uint8Array[];
  root: Uint8Array;
};

export type Consistency = {
  oldSize: number;
  oldRoot: Uint8Array;
  newSize: number;
  newRoot: Uint8Array;
  proof: readonly Uint8Array[];
};

const half = (n: number) => Math.floor(n / 2);
const isHash = (bytes: Uint8Array) => bytes.length === HASH_BYTES;

/** Whether the leaf hash stands at `index` of the log with this size and root. */
export function verifyInclusion(p: Primitives, { leaf, index, size, proof, root }: Inclusion): boolean {
  if (!isSize(index) || !isSize(size) || index >= size || !isHash(leaf)) return false;
  let node = index;
  let last = size - 1;
  let hash = leaf;
  for (const sibling of proof) {
    if (last === 0 || !isHash(sibling)) return false;
    if (node % 2 === 1 || node === last) {
      hash = nodeHash(p, sibling, hash);
      // A node without a right neighbour is carried up unhashed.
      while (node % 2 === 0 && node !== 0) {
        node = half(node);
        last = half(last);
      }
    } else {
      hash = nodeHash(p, hash, sibling);
    }
    node = half(node);
    last = half(last);
  }
  return last === 0 && sameBytes(hash, root);
}

/** Whether the log of the new size and root begins with exactly the records of the old one. */
export function verifyConsistency(p: Primitives, claim: Consistency): boolean {
  const { oldSize, oldRoot, newSize, newRoot, proof } = claim;
  if (!isSize(oldSize) || !isSize(newSize) || oldSize > newSize) return false;
  if (!isHash(oldRoot) || !isHash(newRoot) || !proof.every(isHash)) return false;
  if (oldSize === newSize) return proof.length === 0 && sameBytes(oldRoot, newRoot);
  if (oldSize === 0) return proof.length === 0 && sameBytes(oldRoot, p.sha256(new Uint8Array(0)));
  let node = oldSize - 1;
  let last = newSize - 1;
  while (node % 2 === 1) {
    node = half(node);
    last = half(last);
  }
  // An old size that is a power of two is one complete subtree: its root is known and left out of the proof.
  const [first, ...rest] = node === 0 ? [oldRoot, ...proof] : proof;
  if (first === undefined) return false;
  let oldHash = first;
  let newHash = first;
  for (const sibling of rest) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      oldHash = nodeHash(p, sibling, oldHash);
      newHash = nodeHash(p, sibling, newHash);
      while (node % 2 === 0 && node !== 0) {
        node = half(node);
        last = half(last);
      }
    } else {
      newHash = nodeHash(p, newHash, sibling);
    }
    node = half(node);
    last = half(last);
  }
  return last === 0 && sameBytes(oldHash, oldRoot) && sameBytes(newHash, newRoot);
}
