import { describe, expect, it } from 'vitest';
import { generateEd25519, primitives } from '../../../platform/crypto.ts';
import { logKey } from '../../../platform/log-origin.ts';
import type { AuditEntry } from '../../../shared/records/audit.ts';
import { parseCheckpoint, signedCheckpoint } from '../../../shared/transparency/checkpoint.ts';
import { checkHistory, checkReceipt, signedHead } from '../../../shared/transparency/receipt.ts';
import { decodeCanonical, encodeCanonical, encodeUtf8 } from '../../../shared/wire/canonical.ts';
import { receiptParts, type Records } from '../../support/receipt-parts.ts';

const other = 'ab'.repeat(32);
const codeOf = (check: () => unknown): [code: string, message: string] => {
  try {
    check();
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return [code, message];
  }
  return ['nothing refused', ''];
};

describe('what a receipt shows', () => {
  it('is where the log counts the update and names the outcome', () => {
    const { parts, key, statementHash, log } = receiptParts();
    expect(checkReceipt(primitives, parts, key)).toMatchObject({
      study: 'small',
      round: 4,
      attempt: 2,
      member: 'alpha',
      statement: statementHash,
      weight: 120,
      members: 2,
      aggregate: '66'.repeat(32),
      model: '77'.repeat(32),
      index: 0,
      outcomeIndex: 1,
      checkpoint: { origin: key.name, size: log.size() },
    });
  });

  it.each<[string, (records: Records) => [AuditEntry, AuditEntry], RegExp]>([
    ['another weight', (r) => [r.accepted({ weight: 7 }), r.aggregated()], /weight 7; it must be 120/],
    ['another statement', (r) => [r.accepted({ statement: other }), r.aggregated()], /statement abab/],
    ['another blob', (r) => [r.accepted({ blob: other }), r.aggregated()], /blob abab/],
    ['another size', (r) => [r.accepted({ bytes: 1 }), r.aggregated()], /bytes 1; it must be 1000/],
    ['another approval', (r) => [r.accepted({ approval: other }), r.aggregated()], /approval abab/],
    ['another member', (r) => [r.accepted({ member: 'beta' }), r.aggregated()], /member beta; it must be alpha/],
    ['another round', (r) => [r.accepted({}, { round: 5 }), r.aggregated()], /round 5; it must be 4/],
    ['another attempt', (r) => [r.accepted({}, { attempt: 1 }), r.aggregated()], /attempt 1; it must be 2/],
    ['another study', (r) => [r.accepted({}, { study: 'other' }), r.aggregated()], /study other/],
    ['another aggregate', (r) => [r.accepted(), r.aggregated({ aggregate: other })], /aggregate abab/],
    ['another model', (r) => [r.accepted(), r.aggregated({ model: other })], /model abab/],
    ['another outcome', (r) => [r.accepted(), r.aggregated({ outcome: other })], /outcome abab/],
    ['another plan', (r) => [r.accepted(), r.aggregated({ plan: other })], /plan abab/],
    ['another number of members', (r) => [r.accepted(), r.aggregated({ members: 3 })], /members 3; it must be 2/],
    ['other metrics', (r) => [r.accepted(), r.aggregated({ metrics: { loss: '0.1' } })], /metrics .*0\.1/],
    ['the aggregate of another round', (r) => [r.accepted(), r.aggregated({}, { round: 3 })], /round 3/],
    ['the aggregate of another attempt', (r) => [r.accepted(), r.aggregated({}, { attempt: 3 })], /attempt 3/],
    ['the aggregate of another study', (r) => [r.accepted(), r.aggregated({}, { study: 'other' })], /study other/],
    ['the two in each other’s place', (r) => [r.aggregated(), r.accepted()], /kind round\.aggregated/],
    [
      'another kind of record',
      (r) => [
        { kind: 'update.rejected', ...placeOf(r), detail: { member: 'alpha', code: 'UPDATE_LATE', statement: null } },
        r.aggregated(),
      ],
      /kind update\.rejected/,
    ],
  ])('is refused where the log says %s', (_what, say, message) => {
    const { parts, key } = receiptParts(say);
    const [code, said] = codeOf(() => checkReceipt(primitives, parts, key));
    expect([code, said]).toEqual(['RECEIPT_MISMATCH', expect.stringMatching(message)]);
  });

  it('is refused where the log counts the update after the aggregate', () => {
    const { parts, key } = receiptParts((r) => [r.aggregated(), r.accepted()]);
    const swapped = { ...parts, accepted: parts.aggregated, aggregated: parts.accepted };
    expect(codeOf(() => checkReceipt(primitives, swapped, key))).toEqual([
      'RECEIPT_MISMATCH',
      expect.stringMatching(/after the aggregate/),
    ]);
  });

  it.each<[string, Parameters<typeof receiptParts>[1]]>([
    ['gives another weight', (o) => ({ ...o, participants: o.participants.map((p) => ({ ...p, weight: 1 })) })],
    ['names another blob', (o) => ({ ...o, participants: o.participants.map((p) => ({ ...p, blob: other })) })],
    ['leaves the update out', (o) => ({ ...o, participants: o.participants.slice(1) })],
    ['counts the member twice', (o) => ({ ...o, participants: [o.participants[0]!, ...o.participants] })],
    ['is of another round', (o) => ({ ...o, round: 5 })],
    ['is of another attempt', (o) => ({ ...o, attempt: 1 })],
    ['is of another study', (o) => ({ ...o, study: 'other' })],
    ['is of another plan', (o) => ({ ...o, plan: other })],
    ['is of a round that was aborted', (o) => ({ ...o, result: 'aborted' })],
  ])('is refused where the signed outcome %s, whatever the log says', (_what, ends) => {
    const { parts, key } = receiptParts(undefined, ends);
    expect(codeOf(() => checkReceipt(primitives, parts, key))[0]).toBe('RECEIPT_MISMATCH');
  });

  it('is refused where a record is not under the checkpoint', () => {
    const { parts, key, log } = receiptParts();
    const { record, proof } = parts.accepted;
    const later = encodeCanonical({ ...(decodeCanonical(record) as object), at: '2026-01-02T03:04:06.678Z' });
    const hostile = [
      { record: later, proof },
      { record, proof: log.proof(1) },
      { record, proof: log.proof(0, log.size() - 1, log.head(log.size())) },
      { record, proof: proof.slice(0, 50) },
      { record, proof: encodeUtf8('hello') },
      { record, proof: new Uint8Array([0xff, 0xfe]) },
    ];
    for (const accepted of hostile)
      expect(codeOf(() => checkReceipt(primitives, { ...parts, accepted }, key))[0]).toBe('RECEIPT_UNPROVEN');
    const aggregated = { record: parts.aggregated.record, proof: log.proof(1, log.size() - 1) };
    expect(codeOf(() => checkReceipt(primitives, { ...parts, aggregated }, key))).toEqual([
      'RECEIPT_UNPROVEN',
      expect.stringMatching(/different checkpoints/),
    ]);
  });

  it('is refused where another key signed, a signature was changed, or the checkpoint is of another log', () => {
    const { parts, key, log, sign } = receiptParts();
    expect(codeOf(() => checkReceipt(primitives, parts, logKey(generateEd25519().publicKey)))[0]).toBe(
      'RECEIPT_UNSIGNED',
    );
    const head = log.head(log.size());
    const changed = head.slice();
    changed[changed.length - 20]! ^= 1;
    const { root } = parseCheckpoint(head);
    // By the right key, under the right name, of a log that is called otherwise.
    const renamed = signedCheckpoint({ origin: 'other.example', size: log.size(), root }, key, sign);
    for (const note of [changed, head.slice(0, -1), new Uint8Array(), renamed]) {
      const accepted = { ...parts.accepted, proof: log.proof(0, log.size(), note) };
      expect(codeOf(() => checkReceipt(primitives, { ...parts, accepted }, key))[0]).toBe('RECEIPT_UNSIGNED');
    }
  });

  it('is refused where what is shown as records are none', () => {
    const { parts, key } = receiptParts();
    for (const bytes of ['null', '[]', '{"participants":1}', '{ }', 'x'].map(encodeUtf8))
      for (const name of ['statement', 'outcome'] as const)
        expect(codeOf(() => checkReceipt(primitives, { ...parts, [name]: bytes }, key))[0]).toBe('RECEIPT_MISMATCH');
  });
});

const placeOf = (records: Records) => {
  const { study, round, attempt } = records.accepted();
  return { study: study!, round: round!, attempt: attempt! };
};

describe('two checkpoints of a log', () => {
  it('are of one history in either order, where the proof says so', () => {
    const { log } = receiptParts();
    log.grow(20);
    const [less, more] = [5, log.size()].map((size) => parseCheckpoint(log.head(size)));
    const proof = log.consistency(5, log.size());
    expect(codeOf(() => checkHistory(primitives, less!, more!, proof))[0]).toBe('nothing refused');
    expect(codeOf(() => checkHistory(primitives, more!, less!, proof))[0]).toBe('nothing refused');
    expect(codeOf(() => checkHistory(primitives, more!, more!, []))[0]).toBe('nothing refused');
  });

  it('are refused otherwise', () => {
    const { log } = receiptParts();
    log.grow(20);
    const [less, more] = [5, log.size()].map((size) => parseCheckpoint(log.head(size)));
    const forked = { ...less!, root: new Uint8Array(32) };
    const proof = log.consistency(5, log.size());
    for (const [a, b, shown] of [
      [less!, more!, []],
      [less!, more!, proof.slice(1)],
      [less!, more!, [...proof, proof[0]!]],
      [forked, more!, proof],
      [forked, less!, []],
    ] as const)
      expect(codeOf(() => checkHistory(primitives, a, b, shown))[0]).toBe('RECEIPT_HISTORY');
  });

  it('count only with the log’s own signature', () => {
    const { log, key } = receiptParts();
    expect(signedHead(primitives, log.head(3), key).size).toBe(3);
    const stranger = logKey(generateEd25519().publicKey);
    expect(codeOf(() => signedHead(primitives, log.head(3), stranger))[0]).toBe('RECEIPT_UNSIGNED');
  });
});
