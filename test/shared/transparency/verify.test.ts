import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concatBytes } from '../../../shared/transparency/bytes.ts';
import { parsePolicy, trustLog } from '../../../shared/transparency/policy.ts';
import { leafHash } from '../../../shared/transparency/tree.ts';
import { encodeVkey, verifierKey } from '../../../shared/transparency/verifier-key.ts';
import { verifyExport } from '../../../shared/transparency/verify.ts';
import { decodeUtf8, encodeUtf8, toHex } from '../../../shared/wire/canonical.ts';
import {
  checkpointOf,
  cosign,
  exported,
  type Files,
  fullExport,
  inMemory,
  logKey,
  ORIGIN,
  primitives,
  records,
  treeOf,
  treeOfRecords,
  witness,
} from '../../support/exported-log.ts';

const trust = trustLog(logKey);
const verify = (files: Files, policy: typeof trust | null = trust, chunk = 64) =>
  verifyExport(primitives, inMemory(files, chunk), policy);
const rootOf = (count: number) => treeOfRecords(records(count)).root(count);
const copy = (files: Files): Files => new Map([...files].map(([path, bytes]) => [path, Uint8Array.from(bytes)]));

/** An export whose entries file is made of other lines. */
function withLines(count: number, change: (lines: string[]) => string[]): Files {
  const files = exported(count);
  const lines = decodeUtf8(files.get('entries.jsonl')!).split('\n').slice(0, -1);
  return files.set(
    'entries.jsonl',
    encodeUtf8(
      change(lines)
        .map((line) => `${line}\n`)
        .join(''),
    ),
  );
}

describe('a sound export', () => {
  test.each([0, 1, 2, 255, 256, 257, 600])('of %i records verifies, with its root and signer', async (count) => {
    expect(await verify(exported(count))).toEqual({
      ok: true,
      size: count,
      root: toHex(rootOf(count)),
      origin: ORIGIN,
      authenticated: true,
      signers: [{ name: ORIGIN, keyId: logKey.keyId, type: 1, time: null }],
      unconfirmed: [],
      proofs: 0,
    });
  });

  test('with history, proofs and a cosignature verifies, however its bytes are cut into chunks', async () => {
    for (const chunk of [1, 7, 64, 1_000_000]) {
      const result = await verify(fullExport(300), trust, chunk);
      expect(result).toMatchObject({
        ok: true,
        size: 300,
        proofs: 2,
        signers: [{ type: 1 }, { type: 4, time: 1_800_000_000 }],
      });
    }
  });

  test('says which signers have keys that came with the export alone', async () => {
    const unconfirmed = async (policy: typeof trust | null) => {
      const result = await verify(fullExport(8), policy);
      return result.ok ? result.unconfirmed.map(({ name }) => name) : result;
    };
    expect(await unconfirmed(trust)).toEqual([witness(7).name]);
    expect(await unconfirmed({ ...trust, witnesses: [witness(7)] })).toEqual([]);
    expect(await unconfirmed(null)).toEqual([ORIGIN, witness(7).name]);
  });

  test('without a trusted key is consistent but not authenticated', async () => {
    expect(await verify(exported(3), null)).toMatchObject({ ok: true, authenticated: false });
  });

  test('verifies by a policy whose quorum has signed, and not by one whose quorum has not', async () => {
    const files = fullExport(8);
    const policy = (witnesses: number[], quorum: string) => {
      const lines = witnesses.map((byte) => `witness w${byte} ${encodeVkey(witness(byte))}\n`).join('');
      return parsePolicy(primitives, encodeUtf8(`log ${encodeVkey(logKey)}\n${lines}quorum ${quorum}\n`));
    };
    expect(await verify(files, policy([7], 'w7'))).toMatchObject({ ok: true, authenticated: true });
    expect(await verify(files, policy([7, 8], 'w8'))).toMatchObject({ ok: false, where: 'checkpoint' });
  });
});

describe('any byte changed in any file', () => {
  const sound = fullExport(9);
  /** The record that a byte of entries.jsonl belongs to, line feed included. */
  const recordAt = (position: number) =>
    decodeUtf8(sound.get('entries.jsonl')!.subarray(0, position)).split('\n').length - 1;

  async function expectFound(path: string, position: number, flip: number) {
    const files = copy(sound);
    files.get(path)![position]! ^= flip;
    const where = path === 'entries.jsonl' ? `record ${recordAt(position)}` : path;
    const index = path === 'entries.jsonl' ? recordAt(position) : null;
    for (const policy of [trust, null]) {
      const result = await verify(files, policy);
      expect(result, `${path} at ${position} by ${flip}`).toMatchObject({ ok: false, index });
      if (!result.ok) expect(result.where.split(' line ')[0], `${path} at ${position} by ${flip}`).toBe(where);
    }
  }

  test('is found, and the answer names the record or the file', async () => {
    const places = [...sound].map(([path, bytes]) => fc.tuple(fc.constant(path), fc.nat({ max: bytes.length - 1 })));
    const place = fc.oneof(...places);
    const flip = fc.oneof(
      fc.integer({ min: 1, max: 255 }),
      fc.nat({ max: 7 }).map((bit) => 1 << bit),
    );
    await fc.assert(
      fc.asyncProperty(place, flip, ([path, position], by) => expectFound(path, position, by)),
      { numRuns: 500 },
    );
  });

  test.each(['log.vkey', 'witness.vkeys', 'trust.policy', 'checkpoint'])(
    'is found at every position of %s',
    async (path) => {
      for (let position = 0; position < sound.get(path)!.length; position++) await expectFound(path, position, 1);
    },
  );
});

describe('records', () => {
  test('cut off at the end are missed by index', async () => {
    expect(await verify(withLines(5, (lines) => lines.slice(0, 3)))).toEqual({
      ok: false,
      where: 'record 3',
      index: 3,
      message: 'is missing: the export ends after 3 records, the checkpoint covers 5.',
    });
  });

  test('all gone are missed from the first', async () => {
    expect(await verify(withLines(5, () => []))).toMatchObject({ where: 'record 0', index: 0 });
  });

  test('gone from the middle are missed where they stood', async () => {
    expect(await verify(withLines(600, (lines) => lines.toSpliced(300, 1)))).toEqual({
      ok: false,
      where: 'record 300',
      index: 300,
      message: 'does not match its leaf hash in tile/0/001.',
    });
  });

  test('exchanged are found at the first of the two', async () => {
    const swapped = withLines(9, (lines) => lines.with(4, lines[6]!).with(6, lines[4]!));
    expect(await verify(swapped)).toMatchObject({ where: 'record 4', index: 4 });
  });

  test('put in between are found where they stand', async () => {
    expect(await verify(withLines(5, (lines) => lines.toSpliced(2, 0, '{"a":1}')))).toMatchObject({
      where: 'record 2',
    });
  });

  test('added at the end are one too many', async () => {
    expect(await verify(withLines(5, (lines) => [...lines, '{"a":1}']))).toEqual({
      ok: false,
      where: 'record 5',
      index: 5,
      message: 'is one too many: the checkpoint covers 5 records.',
    });
  });

  test('without the last line feed are refused', async () => {
    const files = exported(5);
    files.set('entries.jsonl', files.get('entries.jsonl')!.slice(0, -1));
    expect(await verify(files)).toMatchObject({ where: 'record 4', message: 'does not end with a line feed.' });
  });

  test('of more than 16 KiB are refused before they are held in memory', async () => {
    const files = withLines(5, (lines) => lines.with(2, `"${'x'.repeat(10_000_000)}"`));
    const memory = inMemory(files, 4096);
    let chunks = 0;
    async function* stream(path: string) {
      for await (const chunk of memory.stream(path)) {
        chunks++;
        yield chunk;
      }
    }
    const result = await verifyExport(primitives, { ...memory, stream }, trust);
    expect(result).toMatchObject({ where: 'record 2', message: 'is longer than 16 KiB.' });
    expect(chunks).toBeLessThan(10);
  });

  test.each([
    ['no JSON', 'step'],
    ['a JSON text with spaces', '{"a": 1}'],
    ['a list', '[1]'],
    ['null', 'null'],
    ['a record with a key twice', '{"a":1,"a":1}'],
  ])('that the log really holds but are %s are refused', async (_, line) => {
    const all = [...records(2), encodeUtf8(line)];
    const checkpoint = checkpointOf(3, treeOfRecords(all).root(3));
    expect(await verify(exported(3, { records: all, checkpoint }))).toMatchObject({
      ok: false,
      where: 'record 2',
      index: 2,
    });
  });
});

describe('leaf hashes', () => {
  test('that are wrong while the records agree with the checkpoint put the blame on the tile', async () => {
    const files = exported(600);
    files.get('tile/0/001')![32 * 10]! ^= 1;
    expect(await verify(files)).toEqual({
      ok: false,
      where: 'tile/0/001',
      index: null,
      message: 'does not hold the leaf hash of record 266; the records themselves agree with the checkpoint.',
    });
  });

  test('that are changed together with their record are found by the root', async () => {
    const files = withLines(5, (lines) => lines.with(3, '{"forged":true}'));
    files.get('tile/0/000.p/5')!.set(leafHash(primitives, encodeUtf8('{"forged":true}')), 3 * 32);
    expect(await verify(files)).toMatchObject({
      where: 'checkpoint',
      message: expect.stringContaining('these 5 records') as string,
    });
  });

  test('and records that are both wrong are said to be', async () => {
    const files = withLines(5, (lines) => lines.with(3, '{"forged":true}'));
    files.get('tile/0/000.p/5')![0]! ^= 1;
    expect(await verify(files)).toMatchObject({
      where: 'record 0',
      message: expect.stringContaining('either') as string,
    });
  });
});

describe('files', () => {
  test.each(['checkpoint', 'log.vkey', 'entries.jsonl', 'tile/0/001', 'tile/0/002.p/88'])(
    '%s missing is named',
    async (path) => {
      const files = exported(600);
      files.delete(path);
      expect(await verify(files)).toEqual({
        ok: false,
        where: path,
        index: null,
        message: 'is missing from the export.',
      });
    },
  );

  test('nothing at all is a missing key', async () => {
    expect(await verify(new Map())).toMatchObject({ ok: false, where: 'log.vkey' });
  });

  test.each([
    'README.txt',
    'tile/0/001',
    'tile/0/000.p/4',
    'tile/1/000.p/1',
    'proof/5.tlog-proof',
    'proof/00.tlog-proof',
    'proof/1.tlog-proof.bak',
    'entries.jsonl~',
    'checkpoint/x',
  ])('%s, which nothing covers, is named', async (path) => {
    const files = exported(5).set(path, encodeUtf8('{}\n'));
    expect(await verify(files)).toMatchObject({
      where: path,
      message: expect.stringContaining('not covered') as string,
    });
  });

  test.each(['checkpoint', 'log.vkey', 'entries.jsonl', 'tile/0/000.p/5'])(
    '%s that is a link or a device is refused, and never opened',
    async (path) => {
      const memory = inMemory(exported(5));
      const list = async () => (await memory.list()).map((file) => (file.path === path ? { ...file, size: -1 } : file));
      const opened: string[] = [];
      const read = (other: string) => (opened.push(other), memory.read(other));
      const result = await verifyExport(primitives, { ...memory, list, read }, trust);
      expect(result).toEqual({ ok: false, where: path, index: null, message: 'is not a plain file.' });
      expect(opened).not.toContain(path);
    },
  );

  test('a key or checkpoint of a size that none has is refused, and never opened', async () => {
    for (const path of ['log.vkey', 'checkpoint']) {
      const memory = inMemory(exported(5));
      const list = async () =>
        (await memory.list()).map((file) => (file.path === path ? { ...file, size: 1e12 } : file));
      const read = (other: string) => (other === path ? Promise.reject(new Error('opened')) : memory.read(other));
      const result = await verifyExport(primitives, { ...memory, list, read }, trust);
      expect(result).toMatchObject({ where: path, message: expect.stringContaining('longer') as string });
    }
  });

  test('a tile cut short or too long is named', async () => {
    const files = exported(5);
    const tile = files.get('tile/0/000.p/5')!;
    expect(await verify(files.set('tile/0/000.p/5', tile.subarray(1)))).toMatchObject({ where: 'tile/0/000.p/5' });
    expect(await verify(files.set('tile/0/000.p/5', concatBytes(tile, tile)))).toMatchObject({
      where: 'tile/0/000.p/5',
    });
  });

  test('a checkpoint of 2^53 - 1 records ends at the first tile that is not there', async () => {
    const files = exported(300, {}).set('checkpoint', checkpointOf(Number.MAX_SAFE_INTEGER, rootOf(5)));
    expect(await verify(files)).toMatchObject({ where: 'tile/0/001' });
  });
});

describe('the checkpoint', () => {
  test('of a backup, over fewer records, does not cover the later ones', async () => {
    const files = exported(5).set('checkpoint', checkpointOf(3, rootOf(3)));
    expect(await verify(files)).toMatchObject({ ok: false, where: 'tile/0/000.p/3' });
  });

  test('of a fork, over as many other records, does not fit', async () => {
    const fork = treeOf(records(5).map((record) => leafHash(primitives, concatBytes(record, record))));
    const files = exported(5).set('checkpoint', checkpointOf(5, fork.root(5)));
    expect(await verify(files)).toMatchObject({ ok: false, where: 'checkpoint' });
  });

  test('by another key than the one trusted is refused, though the export agrees with itself', async () => {
    const other = trustLog(verifierKey(primitives, ORIGIN, 1, witness(9).publicKey));
    const result = await verify(exported(5), other);
    expect(result).toMatchObject({ where: 'log.vkey', message: expect.stringContaining('you trust') as string });
  });

  test('with a cosignature that no key in the export can check is refused', async () => {
    const checkpoint = cosign(checkpointOf(5, rootOf(5)), 7, 1_800_000_000);
    expect(await verify(exported(5, { checkpoint }))).toMatchObject({
      where: 'checkpoint',
      message: expect.stringContaining('witness-7.example') as string,
    });
  });

  test('with a witness’s signature and none of the log is refused', async () => {
    const cosigned = decodeUtf8(cosign(checkpointOf(5, rootOf(5)), 7, 1_800_000_000));
    const checkpoint = encodeUtf8(cosigned.replace(/\u2014 assent\..*\n/, ''));
    expect(await verify(exported(5, { checkpoint, witnessKeys: [witness(7)] }))).toMatchObject({
      where: 'checkpoint',
      message: 'is not signed by the key of log.vkey.',
    });
  });

  test('without the cosignature of a witness whose key is there is refused', async () => {
    expect(await verify(exported(5, { witnessKeys: [witness(7)] }))).toMatchObject({ where: 'witness.vkeys' });
  });

  test('of a log of another name than its key is refused', async () => {
    const files = exported(5, { checkpoint: checkpointOf(5, rootOf(5), 'other.example') });
    expect(await verify(files)).toMatchObject({
      where: 'checkpoint',
      message: expect.stringContaining('other.example') as string,
    });
  });

  test('by a witness key in the place of the log’s is refused', async () => {
    const files = exported(5).set('log.vkey', encodeUtf8(`${encodeVkey(witness(7))}\n`));
    expect(await verify(files, null)).toMatchObject({ where: 'log.vkey' });
  });
});

describe('earlier checkpoints', () => {
  const history = (...checkpoints: Uint8Array[]) => verify(exported(9, { history: checkpoints }));
  const at = (size: number) => checkpointOf(size, rootOf(size));

  test('of the same log, at every size up to the last, verify', async () => {
    expect(await history(...Array.from({ length: 10 }, (_, size) => at(size)))).toMatchObject({ ok: true });
  });

  test('of a history that was rewritten afterwards prove it', async () => {
    const forked = checkpointOf(4, primitives.sha256(encodeUtf8('what the log held then')));
    expect(await history(at(2), forked, at(6))).toEqual({
      ok: false,
      where: 'checkpoints.jsonl line 2',
      index: null,
      message: 'has another root than the first 4 records give: the log was rewritten or forked.',
    });
  });

  test('of an empty log with another root are refused', async () => {
    expect(await history(checkpointOf(0, rootOf(1)))).toMatchObject({ where: 'checkpoints.jsonl line 1' });
  });

  test('over more records than there are, or not rising, are refused', async () => {
    expect(await history(at(2), checkpointOf(10, rootOf(9)))).toMatchObject({ where: 'checkpoints.jsonl line 2' });
    expect(await history(at(3), at(3))).toMatchObject({ where: 'checkpoints.jsonl line 2' });
    expect(await history(at(3), at(2))).toMatchObject({ where: 'checkpoints.jsonl line 2' });
  });

  test.each([
    ['an empty file', ''],
    ['an empty line', '\n'],
    ['no JSON string', '{}\n'],
    ['no checkpoint', '"a"\n'],
    ['no line feed at the end', 'x'],
  ])('with %s are refused', async (_, text) => {
    const files = exported(9).set('checkpoints.jsonl', encodeUtf8(text));
    expect(await verify(files)).toMatchObject({
      ok: false,
      where: expect.stringMatching(/^checkpoints\.jsonl/) as string,
    });
  });
});

describe('proof files', () => {
  test('of another record under this name are refused', async () => {
    const files = fullExport(9);
    files.set('proof/0.tlog-proof', files.get('proof/8.tlog-proof')!);
    expect(await verify(files)).toMatchObject({ where: 'proof/0.tlog-proof', message: 'is a proof for record 8.' });
  });

  test('with another checkpoint, or with extra data, are refused', async () => {
    const files = fullExport(9);
    const text = decodeUtf8(files.get('proof/0.tlog-proof')!);
    const uncosigned = text.slice(0, text.lastIndexOf('\u2014'));
    expect(await verify(files.set('proof/0.tlog-proof', encodeUtf8(uncosigned)))).toMatchObject({
      where: 'proof/0.tlog-proof',
    });
    const extra = text.replace('index 0', 'extra AAAA\nindex 0');
    expect(await verify(files.set('proof/0.tlog-proof', encodeUtf8(extra)))).toMatchObject({
      message: expect.stringContaining('extra data') as string,
    });
  });
});

test('a file that cannot be read rejects, for it says nothing about the log', async () => {
  const memory = inMemory(exported(5));
  const read = () => Promise.reject(new Error('disk on fire'));
  await expect(verifyExport(primitives, { ...memory, read }, trust)).rejects.toThrow('disk on fire');
});
