import { describe, expect, test } from 'vitest';
import { encodeProof, parseProof, verifyProof } from '../../../shared/transparency/proof.ts';
import { trustLog } from '../../../shared/transparency/policy.ts';
import { inclusionProof } from '../../../shared/transparency/tree.ts';
import { verifierKey } from '../../../shared/transparency/verifier-key.ts';
import { decodeUtf8, encodeUtf8 } from '../../../shared/wire/canonical.ts';
import {
  checkpointOf,
  logKey,
  ORIGIN,
  primitives,
  records,
  treeOfRecords,
  witness,
} from '../../support/exported-log.ts';

const all = records(5);
const tree = treeOfRecords(all);
const checkpoint = checkpointOf(5, tree.root(5));
const proofOf = (index: number, extra: Uint8Array | null = null) =>
  encodeProof({ index, hashes: inclusionProof(primitives, tree.read, index, 5), checkpoint, extra });
const trust = trustLog(logKey);

describe('a proof file', () => {
  test('is a header, the index, the hashes, a blank line and the checkpoint as it is', () => {
    const text = decodeUtf8(proofOf(4));
    expect(text).toMatch(/^c2sp\.org\/tlog-proof@v1\nindex 4\n[A-Za-z0-9+/]{43}=\n\nassent\.example/);
    expect(text.endsWith(`\n\n${decodeUtf8(checkpoint)}`)).toBe(true);
  });

  test('proves each record of the log, with or without extra data, and in a log of one', () => {
    for (const [index, record] of all.entries()) {
      for (const extra of [null, encodeUtf8('context'), new Uint8Array(0)]) {
        expect(parseProof(proofOf(index, extra)).extra).toEqual(extra);
        expect(verifyProof(primitives, proofOf(index, extra), record, trust)).toMatchObject({ ok: true, index });
      }
    }
    const one = encodeProof({ index: 0, hashes: [], checkpoint: checkpointOf(1, tree.root(1)), extra: null });
    expect(verifyProof(primitives, one, all[0]!, trust)).toMatchObject({ ok: true, index: 0 });
  });

  test('proves no other record and no other index', () => {
    expect(verifyProof(primitives, proofOf(2), all[3]!, trust)).toEqual({
      ok: false,
      message: 'The proof does not show this record at index 2.',
    });
    const moved = encodeUtf8(decodeUtf8(proofOf(2)).replace('index 2', 'index 3'));
    expect(verifyProof(primitives, moved, all[2]!, trust).ok).toBe(false);
  });

  test('proves nothing to whom trusts another log, or wants a witness', () => {
    const other = verifierKey(primitives, ORIGIN, 1, witness(9).publicKey);
    expect(verifyProof(primitives, proofOf(2), all[2]!, trustLog(other)).ok).toBe(false);
    const quorum = { name: 'w', kind: 'witness' as const, key: witness(2) };
    const strict = { logs: [logKey], witnesses: [witness(2)], quorum };
    expect(verifyProof(primitives, proofOf(2), all[2]!, strict)).toMatchObject({ ok: false });
  });

  const text = decodeUtf8(proofOf(2, encodeUtf8('context')));
  test.each([
    ['another version', text.replace('@v1', '@v2'), 'first line'],
    ['extra data that is not base64', text.replace('extra Y', 'extra !'), 'extra'],
    ['extra data twice', text.replace(/(extra .*\n)/, '$1$1'), 'index N'],
    ['extra data after the index', text.replace(/(extra .*\n)(index .*\n)/, '$2$1'), 'hash 1'],
    ['no index', text.replace(/index .*\n/, ''), 'index N'],
    ['an index with a leading zero', text.replace('index 2', 'index 02'), 'index N'],
    ['a negative index', text.replace('index 2', 'index -2'), 'index N'],
    ['an index and more', text.replace('index 2', 'index 2 '), 'index N'],
    ['a hash cut short', text.replace(/(index 2\n)..../, '$1'), 'hash 1'],
    ['54 hashes', text.replace(/(index 2\n)(.*\n)/, (_, a: string, b: string) => a + b.repeat(54)), '53 hashes'],
    ['a hash too many', text.replace(/(index 2\n)(.*\n)/, '$1$2$2'), 'does not show'],
    ['a hash too few', text.replace(/(index 2\n)(.*\n)/, '$1'), 'does not show'],
    ['no checkpoint', text.slice(0, text.indexOf('\n\n') + 2), 'signed note'],
    ['no blank line', text.replaceAll('\n\n', '\n'), 'blank line'],
    ['CRLF line ends', text.replaceAll('\n', '\r\n'), ''],
    ['nothing', '', 'blank line'],
  ])('with %s is refused in words, not by an exception', (_, changed, words) => {
    const result = verifyProof(primitives, encodeUtf8(changed), all[2]!, trust);
    expect(result).toEqual({ ok: false, message: expect.stringContaining(words) as string });
  });

  test('with any one bit changed, extra data aside, proves nothing', () => {
    const proof = proofOf(2);
    for (let bit = 0; bit < proof.length * 8; bit++) {
      const changed = Uint8Array.from(proof);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(verifyProof(primitives, changed, all[2]!, trust).ok).toBe(false);
    }
  });
});
