import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openNode } from '../../../main/node.ts';
import { receiptsOf } from '../../../main/store/receipts.ts';
import { sha256 } from '../../../platform/crypto.ts';
import type { Vector } from '../../../shared/math/vector.ts';
import { initialWeights } from '../../../shared/model/initial.ts';
import { formsOf } from '../../../shared/study/forms.ts';
import { readRecomputed } from '../../../shared/transparency/receipt-file.ts';
import { decodeCanonical, toHex } from '../../../shared/wire/canonical.ts';
import { decodeMessage, encodeMessage } from '../../../shared/wire/update.ts';
import { PASSPHRASE, smallStudy } from '../../support/institution.ts';
import { KEY, sentRound, type SentRound } from '../../support/receipt-coordinator.ts';

const hashOf = (bytes: Uint8Array) => toHex(sha256(bytes));
const study = smallStudy(['publication', 'members']);
const { layout } = formsOf(study);
const updateOf = (delta: Vector) => encodeMessage({ delta }, layout);
const other = 'ab'.repeat(32);

type Lie = {
  /** What beta is said to have sent. */
  beta?: Uint8Array;
  /** What the outcome names instead of what the updates give. */
  told?: { aggregate?: string; model?: string };
};

/** A round that alpha and beta took part in, closed as the coordinator says; the log is silent. */
async function closedRound(lie: Lie = {}) {
  const here = await sentRound({ study });
  const mine = new Uint8Array(await here.node.store.blobs.read(here.mine.blob));
  const beta = lie.beta ?? updateOf(Float32Array.of(0.25, -0.5));
  const [x, y] = [mine, updateOf(Float32Array.of(0.25, -0.5))].map(
    (b) => decodeMessage(b, ['delta'], layout)['delta']!,
  );
  const [a, b] = [here.mine.weight, 5];
  // By hand: the mean in float64, rounded once, in the order of member ids; then the model moves by it.
  const delta = Float32Array.from(x!, (value, i) => (a * value + b * y![i]!) / (a + b));
  const before = initialWeights(study);
  const model = encodeMessage({ model: Float32Array.from(before, (value, i) => value + delta[i]!) }, layout);
  const right = { aggregate: hashOf(updateOf(delta)), model: hashOf(model) };
  for (const bytes of [mine, beta, here.plan.model]) here.blobs.set(hashOf(bytes), bytes);
  const participants = [here.mine, { member: 'beta', statement: '22'.repeat(32), blob: hashOf(beta), weight: b }];
  here.close({ participants, ...right, ...lie.told });
  here.answers.receipt = () => Promise.reject(new Error('not now'));
  return { ...here, right, betaBlob: hashOf(beta) };
}

const stateOf = ({ node }: SentRound) =>
  receiptsOf(node.store.journal.read, KEY)
    .filter(({ state }) => state === 'recomputed')
    .map(({ result, code }) => [result, code]);
const kept = async ({ node }: SentRound) => (await node.store.published.list()).map(({ hash }) => hash);

describe('a published round', () => {
  it('is computed again from what all sent, bit for bit, on record, and leaves no files', async () => {
    const here = await closedRound();
    await here.collect();
    expect(stateOf(here)).toEqual([['verified', null]]);
    expect(here.details('receipt.verified')).toEqual([
      {
        plan: here.plan.hash,
        outcome: here.details('round.closed')[0]!['outcome'],
        state: 'recomputed',
        statement: here.mine.statement,
        weight: here.mine.weight,
        members: 2,
        ...here.right,
        index: null,
        outcomeIndex: null,
        size: null,
        root: null,
      },
    ]);
    expect(await kept(here)).toEqual([]);
    const before = here.asked.blobs.length;
    await here.collect();
    expect(here.asked.blobs).toHaveLength(before);
  });

  it.each<[string, NonNullable<Lie['told']>]>([
    ['the aggregate is of something else', { aggregate: other }],
    ['the next model is another', { model: other }],
  ])('is refused where %s, and what the updates give is kept', async (_what, told) => {
    const here = await closedRound({ told });
    await here.collect();
    expect(stateOf(here)).toEqual([['refused', 'RECEIPT_AGGREGATE']]);
    expect(here.details('receipt.refused')).toMatchObject([{ state: 'recomputed', code: 'RECEIPT_AGGREGATE' }]);
    const row = receiptsOf(here.node.store.journal.read, KEY).find(({ state }) => state === 'recomputed')!;
    expect(readRecomputed(decodeCanonical(row.evidence!))).toEqual(here.right);
    expect(await kept(here)).toEqual([]);
  });

  it.each<[string, string, Uint8Array]>([
    ['values that are not numbers', 'UPDATE_NOT_FINITE', withNaN()],
    ['a norm above the bound', 'UPDATE_NORM', updateOf(Float32Array.of(1e6, 0))],
    ['other tensors', 'UPDATE_SHAPE', encodeMessage({ gradient: Float32Array.of(1, 1) }, layout)],
    ['fewer bytes', 'UPDATE_SHAPE', updateOf(Float32Array.of(1, 1)).slice(0, -4)],
    ['more bytes', 'BLOB_SIZE', new Uint8Array(formsOf(study).update.size + 1)],
    ['no tensors at all', 'TENSORS_INVALID', new Uint8Array(100)],
  ])('is refused where an update that was counted has %s', async (_what, code, beta) => {
    const here = await closedRound({ beta });
    await here.collect();
    expect(stateOf(here)).toEqual([['refused', code]]);
  });

  it('is refused where the coordinator withholds an update, or hands over other bytes', async () => {
    const withheld = await closedRound();
    withheld.blobs.delete(withheld.betaBlob);
    await withheld.collect();
    expect(stateOf(withheld)).toEqual([['refused', 'RECEIPT_WITHHELD']]);

    const swapped = await closedRound();
    swapped.blobs.set(swapped.betaBlob, updateOf(Float32Array.of(1, 2)));
    await swapped.collect();
    expect(stateOf(swapped)).toEqual([['refused', 'BLOB_HASH']]);
  });

  it('goes on where it was broken off, also after a restart, and clears what nobody needs', async () => {
    const here = await closedRound();
    const stop = new AbortController();
    const first = here.blobs.get.bind(here.blobs);
    here.blobs.get = (hash) => {
      if (hash === here.betaBlob) stop.abort();
      return first(hash);
    };
    writeFileSync(join(here.home, 'published', other), 'left by another round');
    expect(await here.collect(stop.signal)).toBe(false);
    expect(stateOf(here)).toEqual([['due', null]]);
    expect((await kept(here)).toSorted()).toEqual([here.mine.blob, here.betaBlob].toSorted());

    writeFileSync(join(here.home, 'published', other), 'left by another round');
    await here.node.close();
    const node = await openNode({ home: here.home, passphrase: PASSPHRASE, clock: here.clock });
    const again = (await node.store.published.list()).map(({ hash }) => hash);
    await node.close();
    expect(again.toSorted()).toEqual([here.mine.blob, here.betaBlob].toSorted());
  });

  it('fetches nothing twice', async () => {
    const here = await closedRound();
    const stop = new AbortController();
    const get = here.blobs.get.bind(here.blobs);
    here.blobs.get = (hash) => (hash === here.betaBlob && stop.abort(), get(hash));
    await here.collect(stop.signal);
    here.blobs.get = get;
    await here.collect();
    expect(stateOf(here)).toEqual([['verified', null]]);
    expect(new Set(here.asked.blobs).size).toBe(here.asked.blobs.length);
  });

  it('waits, and says so, while the disk has too little room, and leaves half of what is free alone', async () => {
    const here = await closedRound();
    const { update, model } = formsOf(study);
    const needed = 3 * update.size + 2 * model.size;
    here.setRoom(2 * needed - 1);
    expect(await here.collect()).toBe(false);
    expect(stateOf(here)).toEqual([['due', null]]);
    expect(here.said.join()).toMatch(/recomputed\) waits: .*half of them are left alone/);
    expect(here.asked.blobs).toEqual([]);
    here.setRoom(2 * needed);
    await here.collect();
    expect(stateOf(here)).toEqual([['verified', null]]);
  });

  it('is not computed again where nothing is published, or this institution was not counted', async () => {
    const closed = await sentRound();
    closed.close();
    expect(stateOf(closed)).toEqual([]);
    const omitted = await sentRound({ study });
    omitted.close({ participants: [{ member: 'beta', statement: other, blob: other, weight: 5 }] });
    expect(stateOf(omitted)).toEqual([]);
  });
});

function withNaN(): Uint8Array {
  const bytes = updateOf(Float32Array.of(1, 1));
  bytes.fill(0xff, bytes.length - 4);
  return bytes;
}
