// The reference tree of the Certificate Transparency project: eight leaves, whose roots and proofs its own C++ code produced.
// (github.com/google/certificate-transparency, merkle_tree_test.cc; indexes here count from 0.)

import { expect, test } from 'vitest';
import { leafHash, consistencyProof, inclusionProof } from '../../shared/transparency/tree.ts';
import { verifyConsistency, verifyInclusion } from '../../shared/transparency/tree-proofs.ts';
import { fromHex, toHex } from '../../shared/wire/canonical.ts';
import { primitives, treeOfRecords } from '../support/exported-log.ts';

const LEAVES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];

const ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

const PATHS: [index: number, size: number, proof: string[]][] = [
  [0, 1, []],
  [1, 2, ['6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d']],
  [
    0,
    8,
    [
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ],
  ],
  [
    5,
    8,
    [
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ],
  ],
  [2, 3, ['fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125']],
  [
    1,
    5,
    [
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
    ],
  ],
];

const CONSISTENCY: [oldSize: number, newSize: number, proof: string[]][] = [
  [1, 1, []],
  [
    1,
    8,
    [
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ],
  ],
  [
    6,
    8,
    [
      '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ],
  ],
  [
    2,
    5,
    [
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
    ],
  ],
];

const records = LEAVES.map(fromHex);
const tree = treeOfRecords(records);

test('the roots of the reference tree at every size are the published ones', () => {
  expect(ROOTS.map((_, size) => toHex(tree.root(size)))).toEqual(ROOTS);
});

test.each(PATHS)('the inclusion proof of leaf %i in size %i is the published one, and verifies', (index, size, expected) => {
  const proof = inclusionProof(primitives, tree.read, index, size);
  expect(proof.map(toHex)).toEqual(expected);
  const leaf = leafHash(primitives, records[index]!);
  expect(verifyInclusion(primitives, { leaf, index, size, proof, root: fromHex(ROOTS[size]!) })).toBe(true);
});

test.each(CONSISTENCY)('the consistency proof from size %i to %i is the published one, and verifies', (from, to, expected) => {
  const proof = consistencyProof(primitives, tree.read, from, to);
  expect(proof.map(toHex)).toEqual(expected);
  const [oldRoot, newRoot] = [fromHex(ROOTS[from]!), fromHex(ROOTS[to]!)];
  expect(verifyConsistency(primitives, { oldSize: from, oldRoot, newSize: to, newRoot, proof })).toBe(true);
});
