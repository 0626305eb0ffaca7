import { expect, test } from 'vitest';
import { exportLog } from '../../../shared/transparency/export.ts';
import { leafHash } from '../../../shared/transparency/tree.ts';
import { concatBytes } from '../../../shared/transparency/bytes.ts';
import { encodeVkey } from '../../../shared/transparency/verifier-key.ts';
import { decodeUtf8 } from '../../../shared/wire/canonical.ts';
import {
  checkpointOf,
  exported,
  fullExport,
  logKey,
  primitives,
  records,
  treeOfRecords,
} from '../../support/exported-log.ts';

test('an export of three records is their lines, their leaf hashes, the key and the checkpoint', () => {
  const files = exported(3);
  const all = records(3);
  expect([...files.keys()]).toEqual(['entries.jsonl', 'tile/0/000.p/3', 'log.vkey', 'checkpoint']);
  expect(decodeUtf8(files.get('entries.jsonl')!)).toBe(all.map((record) => `${decodeUtf8(record)}\n`).join(''));
  expect(files.get('tile/0/000.p/3')).toEqual(concatBytes(...all.map((record) => leafHash(primitives, record))));
  expect(decodeUtf8(files.get('log.vkey')!)).toBe(`${encodeVkey(logKey)}\n`);
  expect(files.get('checkpoint')).toEqual(checkpointOf(3, treeOfRecords(all).root(3)));
});

test('an export of an empty log has an empty file of records and no tile', () => {
  const files = exported(0);
  expect([...files.keys()]).toEqual(['entries.jsonl', 'log.vkey', 'checkpoint']);
  expect(files.get('entries.jsonl')).toHaveLength(0);
});

test.each([
  [255, ['tile/0/000.p/255']],
  [256, ['tile/0/000']],
  [257, ['tile/0/000', 'tile/0/001.p/1']],
])('an export of %i records has the tiles %j', (count, tiles) => {
  expect([...exported(count).keys()].filter((path) => path.startsWith('tile/'))).toEqual(tiles);
});

test('witness keys, the trust policy, earlier checkpoints and proofs have files of their own', () => {
  const files = fullExport(4);
  expect([...files.keys()].toSorted()).toEqual([
    'checkpoint',
    'checkpoints.jsonl',
    'entries.jsonl',
    'log.vkey',
    'proof/0.tlog-proof',
    'proof/3.tlog-proof',
    'tile/0/000.p/4',
    'trust.policy',
    'witness.vkeys',
  ]);
  const lines = decodeUtf8(files.get('checkpoints.jsonl')!).trimEnd().split('\n');
  expect(lines.map((line) => (JSON.parse(line) as string).split('\n')[1])).toEqual(['0', '1', '2']);
});

test('records that are not those of the checkpoint are not exported', () => {
  const checkpoint = checkpointOf(3, treeOfRecords(records(3)).root(3));
  const refused = expect.objectContaining({ code: 'LOG_INVALID' }) as Error;
  for (const wrong of [records(2), records(4), records(3).toReversed()]) {
    expect(() => [...exportLog(primitives, { records: wrong, checkpoint, logKey })]).toThrow(refused);
  }
  const long = [new Uint8Array(16 * 1024 + 1)];
  expect(() => [...exportLog(primitives, { records: long, checkpoint, logKey })]).toThrow('16 KiB');
});

test('records are read and written a tile at a time', () => {
  const all = records(600);
  const checkpoint = checkpointOf(600, treeOfRecords(all).root(600));
  let read = 0;
  function* counted() {
    for (const record of all) {
      read++;
      yield record;
    }
  }
  const seen: [string, number][] = [];
  for (const { path } of exportLog(primitives, { records: counted(), checkpoint, logKey })) seen.push([path, read]);
  expect(seen.slice(0, 4)).toEqual([
    ['entries.jsonl', 256],
    ['tile/0/000', 256],
    ['entries.jsonl', 512],
    ['tile/0/001', 512],
  ]);
});
