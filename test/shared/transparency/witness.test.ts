// What a witness decides, over all that it may have seen and be asked.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { signEd25519 } from '../../../platform/crypto.ts';
import { concatBytes, toBase64 } from '../../../shared/transparency/bytes.ts';
import { parseCheckpoint, signedCheckpoint } from '../../../shared/transparency/checkpoint.ts';
import { consistencyProof } from '../../../shared/transparency/tree.ts';
import { verifierKey } from '../../../shared/transparency/verifier-key.ts';
import {
  cosignedAnswer,
  encodeAddCheckpoint,
  judgeCheckpoint,
  parseAddCheckpoint,
  refusal,
  sizeOfConflict,
  type WatchedLog,
} from '../../../shared/transparency/witness.ts';
import { decodeUtf8, encodeCanonical, encodeUtf8 } from '../../../shared/wire/canonical.ts';
import {
  checkpointOf,
  logKey,
  ORIGIN,
  primitives,
  records,
  seed,
  treeOfRecords,
  witness,
} from '../../support/exported-log.ts';

const SIZE = 40;
const tree = treeOfRecords(records(SIZE));
/** The same log up to record 20, and other records from there on. */
const forked = treeOfRecords([
  ...records(20),
  ...Array.from({ length: SIZE - 20 }, (_, i) => encodeCanonical({ kind: 'other', number: i })),
]);
const proofOf = (from: number, to: number, of = tree) => consistencyProof(primitives, of.read, from, to);
const request = (from: number, to: number, of = tree) =>
  encodeAddCheckpoint({ oldSize: from, proof: proofOf(from, to, of), checkpoint: checkpointOf(to, of.root(to)) });
const seen = (size: number | null): WatchedLog => ({
  key: logKey,
  last: size === null ? null : { size, root: tree.root(size) },
});
const judge = (bytes: Uint8Array, log: WatchedLog = seen(null)) =>
  judgeCheckpoint(primitives, bytes, (origin) => (origin === ORIGIN ? log : undefined));
const size = fc.nat({ max: SIZE });

describe('a request', () => {
  test('is the old size, the hashes, a blank line and the checkpoint as it is', () => {
    const text = decodeUtf8(request(3, 7));
    expect(text).toMatch(/^old 3\n([A-Za-z0-9+/]{43}=\n)+\nassent\.example/);
    expect(text.endsWith(`\n\n${decodeUtf8(checkpointOf(7, tree.root(7)))}`)).toBe(true);
  });

  test('reads back, whatever the sizes', () => {
    fc.assert(
      fc.property(size, size, (a, b) => {
        const [from, to] = [Math.min(a, b), Math.max(a, b)];
        const read = parseAddCheckpoint(request(from, to));
        expect([read.oldSize, read.proof, read.checkpoint]).toEqual([
          from,
          proofOf(from, to),
          parseCheckpoint(checkpointOf(to, tree.root(to))),
        ]);
      }),
    );
  });
});

describe('a witness', () => {
  test('cosigns a log that has grown from what it saw, or that it sees for the first time', () => {
    fc.assert(
      fc.property(size, size, (a, b) => {
        const [from, to] = [Math.min(a, b), Math.max(a, b)];
        expect(judge(request(from, to), seen(from))).toMatchObject({ status: 200, checkpoint: { size: to } });
        expect(judge(request(0, to))).toMatchObject({ status: 200, checkpoint: { size: to } });
      }),
    );
  });

  test('cosigns the same head again', () => {
    expect(judge(request(7, 7), seen(7))).toMatchObject({ status: 200 });
  });

  test('cosigns an empty log', () => {
    expect(judge(request(0, 0))).toMatchObject({ status: 200, checkpoint: { size: 0 } });
  });

  test('asked from another size than it cosigned last, says which that was, and nothing is held against the log', () => {
    expect(judge(request(3, 9), seen(7))).toMatchObject({ status: 409, size: 7, contradiction: null });
    expect(judge(request(0, 9), seen(7))).toMatchObject({ status: 409, size: 7, contradiction: null });
    expect(judge(request(7, 9))).toMatchObject({ status: 409, size: 0, contradiction: null });
  });

  test('does not know a log of another origin: 404', () => {
    const head = { origin: 'other.example', size: 3, root: tree.root(3) };
    const checkpoint = signedCheckpoint(head, { ...logKey, name: 'other.example' }, (m) => signEd25519(seed(1), m));
    const bytes = encodeAddCheckpoint({ oldSize: 0, proof: [], checkpoint });
    expect(judge(bytes)).toMatchObject({ status: 404, problem: 'No log other.example is witnessed here.' });
  });

  test('takes no checkpoint that the log has not signed: 403', () => {
    const other = verifierKey(primitives, ORIGIN, 1, witness(9).publicKey);
    expect(judge(request(0, 3), { key: other, last: null })).toMatchObject({ status: 403 });
  });

  test('ignores lines of other keys beside the log’s own', () => {
    const more = decodeUtf8(request(0, 3));
    const stranger = `\u2014 stranger.example ${toBase64(new Uint8Array(68))}\n`;
    expect(judge(encodeUtf8(more + stranger))).toMatchObject({ status: 200 });
  });
});

describe('rollback, fork and truncation', () => {
  test('rollback to a backup: a smaller checkpoint is refused with the size that was cosigned', () => {
    fc.assert(
      fc.property(size, size, (a, b) => {
        fc.pre(a !== b);
        const [smaller, larger] = [Math.min(a, b), Math.max(a, b)];
        const judged = judge(request(0, smaller), seen(larger));
        expect(judged).toMatchObject({ status: 409, size: larger, contradiction: 'smaller' });
      }),
    );
  });

  test('fork: another root at the size that was cosigned is refused, whatever old size is named', () => {
    for (const old of [0, 20, 30])
      expect(judge(request(old, 30, forked), seen(30))).toMatchObject({ status: 409, contradiction: 'fork' });
  });

  test('fork: a log that parted from what was cosigned and grew on shows no proof: 422', () => {
    fc.assert(
      fc.property(fc.integer({ min: 21, max: SIZE - 1 }), (from) => {
        for (const proof of [proofOf(from, SIZE, forked), proofOf(from, SIZE), []]) {
          const checkpoint = checkpointOf(SIZE, forked.root(SIZE));
          const judged = judge(encodeAddCheckpoint({ oldSize: from, proof, checkpoint }), seen(from));
          expect(judged).toMatchObject({ status: 422, contradiction: 'inconsistent' });
        }
      }),
    );
  });

  test('fork: while it is still the same log, nobody can tell', () => {
    expect(judge(request(20, 30, forked), seen(20))).toMatchObject({ status: 200 });
  });

  test('truncation: a log that was cut and has grown past its old size again is refused', () => {
    const cut = treeOfRecords([...records(10), ...records(SIZE).slice(15)]);
    const checkpoint = checkpointOf(35, cut.root(35));
    const bytes = encodeAddCheckpoint({ oldSize: 25, proof: proofOf(25, 35, cut), checkpoint });
    expect(judge(bytes, seen(25))).toMatchObject({ status: 422, contradiction: 'inconsistent' });
  });
});

describe('proofs', () => {
  const good = proofOf(21, 37);
  const withProof = (proof: readonly Uint8Array[]) =>
    judge(encodeAddCheckpoint({ oldSize: 21, proof, checkpoint: checkpointOf(37, tree.root(37)) }), seen(21)).status;

  test('too long or too short, exchanged or changed, are refused: 422', () => {
    expect(withProof(good)).toBe(200);
    expect(withProof([...good, good[0]!])).toBe(422);
    for (let i = 0; i < good.length; i++) {
      expect(withProof(good.toSpliced(i, 1))).toBe(422);
      expect(withProof(good.with(i, primitives.sha256(good[i]!)))).toBe(422);
    }
    expect(withProof(good.toReversed())).toBe(422);
    expect(withProof([])).toBe(422);
  });

  test('from the empty log, or to the same size, have no hash', () => {
    const bytes = (oldSize: number) =>
      encodeAddCheckpoint({ oldSize, proof: [good[0]!], checkpoint: checkpointOf(37, tree.root(37)) });
    expect(judge(bytes(0)).status).toBe(422);
    expect(judge(bytes(37), seen(37)).status).toBe(422);
  });

  test('of 63 hashes are read, and of 64 not', () => {
    const many = (count: number) => Array.from({ length: count }, () => good[0]!);
    expect(withProof(many(63))).toBe(422);
    expect(withProof(many(64))).toBe(400);
  });
});

describe('a malformed request is refused: 400', () => {
  const text = decodeUtf8(request(21, 37));
  const hash = text.split('\n')[1]!;
  const signature = text.slice(text.indexOf('\u2014'));
  test.each([
    ['an old size with a leading zero', text.replace('old 21', 'old 021')],
    ['an old size of 2^53', text.replace('old 21', 'old 9007199254740992')],
    ['an old size of 2^63', text.replace('old 21', 'old 9223372036854775808')],
    ['a negative old size', text.replace('old 21', 'old -21')],
    ['an old size above the checkpoint’s', text.replace('old 21', 'old 38')],
    ['no old size', text.replace('old 21\n', '')],
    ['two old sizes', text.replace('old 21\n', 'old 21\nold 21\n')],
    ['a tab for the space', text.replace('old 21', 'old\t21')],
    ['a size with a leading zero', text.replace('\n37\n', '\n037\n')],
    ['a size of 2^63', text.replace('\n37\n', '\n9223372036854775808\n')],
    ['a negative size', text.replace('\n37\n', '\n-37\n')],
    ['CRLF line ends', text.replaceAll('\n', '\r\n')],
    ['CRLF in the proof', text.replace(`${hash}\n`, `${hash}\r\n`)],
    ['a NUL', text.replace('st-mary', 'st\u0000mary')],
    ['a byte order mark', `\uFEFF${text}`],
    ['no final line feed', text.slice(0, -1)],
    [
      'a hash that is not canonical base64',
      text.replace(hash, `${hash.slice(0, -2)}${hash.at(-2) === 'E' ? 'F' : 'B'}=`),
    ],
    ['a hash without padding', text.replace(hash, hash.slice(0, -1))],
    ['a hash of 31 bytes', text.replace(hash, toBase64(new Uint8Array(31)))],
    ['no blank line', text.replaceAll('\n\n', '\n')],
    ['no checkpoint', text.slice(0, text.indexOf('\n\n') + 2)],
    ['101 signature lines', text + signature.repeat(100)],
    ['10,000 signature lines', text + signature.repeat(9_999)],
    ['nothing', ''],
  ])('%s', (_, changed) => {
    expect(changed).not.toBe(text);
    expect(judge(encodeUtf8(changed), seen(21)).status).toBe(400);
  });

  test('broken UTF-8', () => {
    expect(judge(concatBytes(request(0, 3), Uint8Array.of(0xff)))).toMatchObject({ status: 400 });
  });

  test('any bytes at all get an answer, and never a signature', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expect(judge(bytes).status).not.toBe(200);
      }),
    );
  });

  test('any one bit changed of a good request gets no signature', () => {
    const bytes = request(21, 37);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = Uint8Array.from(bytes);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(judge(changed, seen(21)).status, `bit ${bit}`).not.toBe(200);
    }
  });

  test('a known key with a bad signature is refused: 403, whatever good one stands beside it', () => {
    const [line] = signature.split('\n');
    const bad = `${line!.slice(0, -3)}${line!.at(-3) === 'A' ? 'B' : 'A'}${line!.slice(-2)}\n`;
    expect(judge(encodeUtf8(text.replace(signature, bad)), seen(21)).status).toBe(403);
    expect(judge(encodeUtf8(text + bad), seen(21)).status).toBe(403);
  });
});

describe('answers', () => {
  test('are those of the protocol: a size, or the lines', () => {
    const conflict = judge(request(3, 9), seen(7));
    if (conflict.status === 200) throw new Error('cosigned');
    const answer = refusal(conflict);
    expect({ ...answer, body: decodeUtf8(answer.body) }).toEqual({
      status: 409,
      contentType: 'text/x.tlog.size',
      body: '7\n',
    });
    expect(sizeOfConflict(answer)).toBe(7);
    expect(decodeUtf8(cosignedAnswer('\u2014 a b\n').body)).toBe('\u2014 a b\n');
  });

  test.each(['', '7', '07\n', '-7\n', '7\n\n', '9223372036854775808\n', 'seven\n'])('%j is no size', (body) => {
    const answer = { status: 409, contentType: 'text/x.tlog.size', body: encodeUtf8(body) };
    expect(sizeOfConflict(answer)).toBeUndefined();
  });

  test('of another kind hold no size', () => {
    const body = encodeUtf8('7\n');
    expect(sizeOfConflict({ status: 409, contentType: 'text/plain', body })).toBeUndefined();
    expect(sizeOfConflict({ status: 422, contentType: 'text/x.tlog.size', body })).toBeUndefined();
  });

  test('of a refusal say why in a line', () => {
    const judged = judge(encodeUtf8(''));
    if (judged.status === 200) throw new Error('cosigned');
    expect(decodeUtf8(refusal(judged).body)).toMatch(/^Not a valid add-checkpoint request: .*\n$/);
  });
});
