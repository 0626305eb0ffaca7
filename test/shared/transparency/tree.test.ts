import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concatBytes } from '../../../shared/transparency/bytes.ts';
import { copyFrontier, emptyFrontier, frontierRoot, pushLeaf } from '../../../shared/transparency/frontier.ts';
import {
  appendLeaf,
  consistencyProof,
  inclusionProof,
  leafHash,
  nodeHash,
  rootHash,
} from '../../../shared/transparency/tree.ts';
import { verifyConsistency, verifyInclusion } from '../../../shared/transparency/tree-proofs.ts';
import { sha256 } from '../../../platform/crypto.ts';
import { primitives, records, treeOfRecords } from '../../support/exported-log.ts';

// RFC 6962 section 2.1, word for word and without any sharing: MTH, PATH, PROOF and SUBPROOF over lists of records.
const splitOf = (n: number) => 2 ** Math.ceil(Math.log2(n) - 1);
function mth(d: readonly Uint8Array[]): Uint8Array {
  if (d.length === 0) return sha256(new Uint8Array(0));
  if (d.length === 1) return sha256(concatBytes(Uint8Array.of(0), d[0]!));
  const k = splitOf(d.length);
  return sha256(concatBytes(Uint8Array.of(1), mth(d.slice(0, k)), mth(d.slice(k))));
}
function path(m: number, d: readonly Uint8Array[]): Uint8Array[] {
  if (d.length === 1) return [];
  const k = splitOf(d.length);
  return m < k ? [...path(m, d.slice(0, k)), mth(d.slice(k))] : [...path(m - k, d.slice(k)), mth(d.slice(0, k))];
}
function subproof(m: number, d: readonly Uint8Array[], known: boolean): Uint8Array[] {
  if (m === d.length) return known ? [] : [mth(d)];
  const k = splitOf(d.length);
  return m <= k
    ? [...subproof(m, d.slice(0, k), known), mth(d.slice(k))]
    : [...subproof(m - k, d.slice(k), false), mth(d.slice(0, k))];
}

const all = records(130);
const tree = treeOfRecords(all);
const root = (size: number) => mth(all.slice(0, size));
const anySize = fc.integer({ min: 1, max: all.length });
const sizeAndIndex = anySize.chain((size) => fc.tuple(fc.constant(size), fc.integer({ min: 0, max: size - 1 })));
const twoSizes = fc.tuple(anySize, anySize).map((sizes) => sizes.toSorted((a, b) => a - b) as [number, number]);

describe('against the definition of RFC 6962', () => {
  test('the root is the same at every size, stored or streamed', () => {
    const frontier = emptyFrontier();
    for (let size = 0; size <= all.length; size++) {
      expect(tree.root(size)).toEqual(root(size));
      expect(frontierRoot(primitives, frontier)).toEqual(root(size));
      if (size < all.length) pushLeaf(primitives, frontier, leafHash(primitives, all[size]!));
    }
  });

  test('inclusion proofs are the same, and prove', () => {
    fc.assert(
      fc.property(sizeAndIndex, ([size, index]) => {
        const proof = inclusionProof(primitives, tree.read, index, size);
        expect(proof).toEqual(path(index, all.slice(0, size)));
        const leaf = leafHash(primitives, all[index]!);
        expect(verifyInclusion(primitives, { leaf, index, size, proof, root: root(size) })).toBe(true);
      }),
    );
  });

  test('consistency proofs are the same, and prove', () => {
    fc.assert(
      fc.property(twoSizes, ([oldSize, newSize]) => {
        const proof = consistencyProof(primitives, tree.read, oldSize, newSize);
        expect(proof).toEqual(subproof(oldSize, all.slice(0, newSize), true));
        const claim = { oldSize, newSize, oldRoot: root(oldSize), newRoot: root(newSize), proof };
        expect(verifyConsistency(primitives, claim)).toBe(true);
      }),
    );
  });
});

// One change to a list of hashes: a bit flipped, one left out, one added, two exchanged.
const change = fc.record({
  kind: fc.constantFrom('flip', 'drop', 'add', 'swap', 'cut'),
  at: fc.nat(),
  bit: fc.nat({ max: 255 }),
});
function changed(
  proof: readonly Uint8Array[],
  { kind, at, bit }: { kind: string; at: number; bit: number },
): Uint8Array[] {
  const other: Uint8Array[] = proof.map((hash) => Uint8Array.from(hash));
  if (kind === 'add' || proof.length === 0)
    return other.toSpliced(at % (proof.length + 1), 0, sha256(Uint8Array.of(bit)));
  const i = at % proof.length;
  if (kind === 'drop') return other.toSpliced(i, 1);
  if (kind === 'cut') return other.with(i, other[i]!.subarray(0, 31));
  if (kind === 'swap' && i > 0) return other.with(i, proof[i - 1]!).with(i - 1, proof[i]!);
  other[i]![bit >> 3]! ^= 1 << (bit & 7);
  return other;
}

describe('a changed proof proves nothing', () => {
  test('of inclusion: too long, too short, flipped, exchanged, or for another index, size, leaf or root', () => {
    fc.assert(
      fc.property(sizeAndIndex, change, anySize, ([size, index], how, otherSize) => {
        const proof = inclusionProof(primitives, tree.read, index, size);
        const claim = { leaf: leafHash(primitives, all[index]!), index, size, proof, root: root(size) };
        const check = (more: Partial<typeof claim>) => verifyInclusion(primitives, { ...claim, ...more });
        expect(check({ proof: changed(proof, how) })).toBe(false);
        if (size > 1) expect(check({ index: (index + 1) % size })).toBe(false);
        if (otherSize !== size) expect(check({ root: root(otherSize) })).toBe(false);
        expect(check({ leaf: sha256(claim.leaf) })).toBe(false);
        expect(check({ leaf: claim.leaf.subarray(1) })).toBe(false);
        expect(check({ index: size })).toBe(false);
      }),
    );
  });

  test('of consistency: too long, too short, flipped, exchanged, or between other roots', () => {
    fc.assert(
      fc.property(twoSizes, change, anySize, ([oldSize, newSize], how, otherSize) => {
        const proof = consistencyProof(primitives, tree.read, oldSize, newSize);
        const claim = { oldSize, newSize, oldRoot: root(oldSize), newRoot: root(newSize), proof };
        const check = (more: Partial<typeof claim>) => verifyConsistency(primitives, { ...claim, ...more });
        expect(check({ proof: changed(proof, how) })).toBe(false);
        if (otherSize !== oldSize) expect(check({ oldRoot: root(otherSize) })).toBe(false);
        if (otherSize !== newSize) expect(check({ newRoot: root(otherSize) })).toBe(false);
        if (oldSize !== newSize) expect(check({ oldSize: newSize, newSize: oldSize })).toBe(false);
      }),
    );
  });

  test('the empty log is the beginning of every log, with an empty proof and no other root', () => {
    const claim = { oldSize: 0, newSize: 3, oldRoot: root(0), newRoot: root(3), proof: [] };
    expect(consistencyProof(primitives, tree.read, 0, 3)).toEqual([]);
    expect(verifyConsistency(primitives, claim)).toBe(true);
    expect(verifyConsistency(primitives, { ...claim, oldRoot: root(1) })).toBe(false);
    expect(verifyConsistency(primitives, { ...claim, proof: [root(1)] })).toBe(false);
  });

  test('too short or too long is refused even with the root that it leads to', () => {
    const leaf = leafHash(primitives, all[0]!);
    const claim = { leaf, index: 0, size: 8, proof: [] as Uint8Array[], root: leaf };
    expect(verifyInclusion(primitives, claim)).toBe(false);
    const root = nodeHash(primitives, leaf, leaf);
    expect(verifyInclusion(primitives, { ...claim, size: 1, proof: [leaf], root })).toBe(false);
    // From size 1 to 4 two hashes are due: with one the new root would be that of size 2, with three that of size 8.
    const grown = (hashes: number): boolean => {
      let newRoot = leaf;
      for (let i = 0; i < hashes; i++) newRoot = nodeHash(primitives, newRoot, leaf);
      const proof = Array.from({ length: hashes }, () => leaf);
      return verifyConsistency(primitives, { oldSize: 1, oldRoot: leaf, newSize: 4, newRoot, proof });
    };
    expect([1, 2, 3].map(grown)).toEqual([false, true, false]);
    // From size 3 to 4, with one hash more on top of both roots.
    const proof = [...consistencyProof(primitives, tree.read, 3, 4), leaf];
    const [oldRoot, newRoot] = [3, 4].map((size) => nodeHash(primitives, leaf, tree.root(size))) as [
      Uint8Array,
      Uint8Array,
    ];
    expect(verifyConsistency(primitives, { oldSize: 3, oldRoot, newSize: 4, newRoot, proof })).toBe(false);
  });

  test('a proof of 10,000 hashes ends at the first one too many', () => {
    const proof = Array.from({ length: 10_000 }, () => root(1));
    const leaf = leafHash(primitives, all[0]!);
    expect(verifyInclusion(primitives, { leaf, index: 0, size: 1, proof, root: root(1) })).toBe(false);
  });
});

describe('sizes', () => {
  const none = () => new Uint8Array(32);
  const tooMuch = [2 ** 53, 2 ** 63, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY];
  test.each(tooMuch)('%d is no size of a log, for a writer or a reader', (size) => {
    const refused = expect.objectContaining({ code: 'LOG_INVALID' }) as Error;
    expect(() => appendLeaf(primitives, none, size, none())).toThrow(refused);
    expect(() => rootHash(primitives, none, size)).toThrow(refused);
    expect(() => inclusionProof(primitives, none, 0, size)).toThrow(refused);
    expect(() => consistencyProof(primitives, none, 0, size)).toThrow(refused);
    expect(verifyInclusion(primitives, { leaf: none(), index: 0, size, proof: [], root: none() })).toBe(false);
    const claim = { oldSize: 1, oldRoot: none(), newSize: size, newRoot: none(), proof: [none()] };
    expect(verifyConsistency(primitives, claim)).toBe(false);
  });

  test('the largest log, of 2^53 - 1 records, has a root and proofs, and grows no more', () => {
    // All records alike: every complete subtree of one height has the same hash.
    const heights = [leafHash(primitives, all[0]!)];
    for (let h = 1; h <= 53; h++) heights.push(nodeHash(primitives, heights[h - 1]!, heights[h - 1]!));
    const read = (level: number) => heights[level]!;
    const [size, index] = [Number.MAX_SAFE_INTEGER, 2 ** 52 + 12345];
    const newRoot = rootHash(primitives, read, size);
    const proof = inclusionProof(primitives, read, index, size);
    expect(proof).toHaveLength(53);
    expect(verifyInclusion(primitives, { leaf: heights[0]!, index, size, proof, root: newRoot })).toBe(true);
    const claim = { oldSize: index, oldRoot: rootHash(primitives, read, index), newSize: size, newRoot };
    const consistency = consistencyProof(primitives, read, index, size);
    expect(verifyConsistency(primitives, { ...claim, proof: consistency })).toBe(true);
    expect(() => appendLeaf(primitives, read, size, none())).toThrow('2^53 - 1');
  });

  test('a leaf that is no hash is refused', () => {
    expect(() => appendLeaf(primitives, none, 0, new Uint8Array(31))).toThrow('32 bytes');
  });
});

test('the copy of a frontier grows on its own', () => {
  const frontier = emptyFrontier();
  pushLeaf(primitives, frontier, leafHash(primitives, all[0]!));
  const copy = copyFrontier(frontier);
  pushLeaf(primitives, copy, leafHash(primitives, all[1]!));
  expect([frontier.size, copy.size]).toEqual([1, 2]);
  expect(frontierRoot(primitives, frontier)).toEqual(root(1));
});

test('appending to a log of n records reads no more than log2(n) + 1 nodes', () => {
  for (let size = 1; size < all.length; size++) {
    let reads = 0;
    const counting = (level: number, index: number) => (reads++, tree.read(level, index));
    appendLeaf(primitives, counting, size, leafHash(primitives, all[size]!));
    expect(reads).toBeLessThanOrEqual(Math.floor(Math.log2(size)) + 1);
  }
});
