import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  completeSubtrees,
  emptyFrontier,
  frontierRoot,
  growFrontier,
  pushLeaf,
  pushSubtree,
  readFrontier,
} from '../../../shared/transparency/frontier.ts';
import { appendLeaf, leafHash } from '../../../shared/transparency/tree.ts';
import { primitives, records, treeOf } from '../../support/exported-log.ts';

const leaves = records(300).map((record) => leafHash(primitives, record));
const { read, root } = treeOf(leaves);

test('growing gives the nodes to store that appending with a reader gives, and the same root', () => {
  const frontier = emptyFrontier();
  leaves.forEach((leaf, size) => {
    expect(growFrontier(primitives, frontier, leaf)).toEqual(appendLeaf(primitives, read, size, leaf));
    expect(frontierRoot(primitives, frontier)).toEqual(root(size + 1));
  });
});

test('a frontier read from stored nodes is the one that leaves give', () => {
  const frontier = emptyFrontier();
  for (let size = 0; size <= leaves.length; size++) {
    expect(readFrontier(read, size)).toEqual(frontier);
    if (size < leaves.length) pushLeaf(primitives, frontier, leaves[size]!);
  }
});

test('leaves 5 to 13 are one leaf, the pair 6, the four from 8 on, and the leaf 12', () => {
  expect(completeSubtrees(5, 13)).toEqual([
    { level: 0, index: 5 },
    { level: 1, index: 3 },
    { level: 2, index: 2 },
    { level: 0, index: 12 },
  ]);
});

test('any stretch of a log goes by its complete subtrees as by its leaves', () => {
  const size = fc.nat({ max: leaves.length });
  fc.assert(
    fc.property(size, size, size, (...cuts) => {
      const [start, end, last] = cuts.toSorted((a, b) => a - b) as [number, number, number];
      const frontier = readFrontier(read, start);
      for (let index = start; index < end; index++) pushLeaf(primitives, frontier, leaves[index]!);
      for (const { level, index } of completeSubtrees(end, last))
        pushSubtree(primitives, frontier, level, read(level, index));
      expect(frontier).toEqual(readFrontier(read, last));
      expect(frontierRoot(primitives, frontier)).toEqual(root(last));
    }),
  );
});
