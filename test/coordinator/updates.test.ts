import { describe, expect, it } from 'vitest';
import { sha256 } from '../../platform/crypto.ts';
import { outcomeRecord, updateRecord } from '../../shared/records/round.ts';
import { toHex } from '../../shared/wire/canonical.ts';
import { encodeTensors } from '../../shared/wire/safetensors.ts';
import { gradientBytes, openConsortium, startedStudy, tinyStudy } from '../support/open-consortium.ts';
import { refusalOf } from '../support/signing-member.ts';

/** A round of the tiny study is open for alpha and beta, and alpha has approved it. */
async function openRound(...changes: [string, unknown][]) {
  const consortium = await openConsortium();
  const [alpha, beta] = await startedStudy(consortium, tinyStudy(...changes), ['alpha', 'beta']);
  const announced = await alpha!.plan();
  await alpha!.decide(announced);
  const rejected = () => consortium.details('update.rejected').map(({ code }) => code);
  return { ...consortium, consortium, alpha: alpha!, beta: beta!, announced, rejected };
}

const float32 = (...values: number[]) => Float32Array.from(values);
const NaNs = () => {
  const bytes = gradientBytes(1, 1);
  new DataView(bytes.buffer).setFloat32(bytes.length - 4, Number.NaN, true);
  return bytes;
};

describe('an update', () => {
  it('counts when everything about it is right, and once when it is sent twice', async () => {
    const { alpha, announced, details, idle } = await openRound();
    const blob = gradientBytes(3, 4);
    expect((await alpha.upload(blob)).status).toBe(204);
    const statement = alpha.statement(announced, blob);
    await alpha.submit(statement);
    await alpha.submit(statement);
    await idle();
    expect(details('update.accepted')).toMatchObject([{ member: 'alpha', weight: 10, norm: '5', bytes: blob.length }]);
    expect(details('update.rejected')).toEqual([]);
  });

  it.each([
    ['holds NaN', 'UPDATE_NOT_FINITE', NaNs],
    [
      'has a tensor of another shape',
      'UPDATE_SHAPE',
      () =>
        encodeTensors([
          { name: 'gradient/dense_1/kernel', shape: [2, 1], data: float32(1, 2) },
          { name: 'gradient/dense_1/bias', shape: [0], data: float32() },
        ]),
    ],
    [
      'names other tensors',
      'UPDATE_SHAPE',
      () => encodeTensors([{ name: 'delta/dense_1/kernel', shape: [2, 1], data: float32(1, 2) }]),
    ],
    ['is ten times the norm bound', 'UPDATE_NORM', () => gradientBytes(30, 40)],
    ['is no tensor file', 'TENSORS_INVALID', () => new Uint8Array(64).fill(255)],
  ])('is refused when it %s', async (_what, code, make) => {
    const { alpha, announced, rejected, details } = await openRound();
    const blob = make();
    expect((await alpha.upload(blob)).status).toBe(204);
    expect(await refusalOf(alpha.submit(alpha.statement(announced, blob)))).toBe(code);
    expect(rejected()).toEqual([code]);
    // Nothing is lost: a corrected one counts.
    const corrected = gradientBytes(1, 1);
    await alpha.upload(corrected);
    await alpha.submit(alpha.statement(announced, corrected));
    expect(details('update.accepted')).toHaveLength(1);
  });

  it('is refused for another round, attempt, plan or study', async () => {
    const { alpha, announced, rejected } = await openRound();
    const blob = gradientBytes(1, 1);
    await alpha.upload(blob);
    const submit = (changes: object) => refusalOf(alpha.submit(alpha.statement(announced, blob, changes)));
    expect(await submit({ round: 2 })).toBe('UPDATE_ROUND');
    expect(await submit({ attempt: 2 })).toBe('UPDATE_ROUND');
    expect(await submit({ plan: toHex(sha256(blob)) })).toBe('UPDATE_ROUND');
    expect(await submit({ study: 'another' })).toBe('STUDY_UNKNOWN');
    expect(rejected()).toEqual(['UPDATE_ROUND', 'UPDATE_ROUND', 'UPDATE_ROUND', 'STUDY_UNKNOWN']);
  });

  it('is refused when unsigned, signed by another, or about another member', async () => {
    const { alpha, beta, announced, rejected } = await openRound();
    const blob = gradientBytes(1, 1);
    await alpha.upload(blob);
    const statement = alpha.statement(announced, blob);
    const { record, signature } = alpha.signed(updateRecord, statement);
    const submit = (member: typeof alpha, signed: { record: Uint8Array; signature: Uint8Array }) =>
      refusalOf(member.calls.submitUpdate({ statement: signed }));
    expect(await submit(alpha, { record, signature: new Uint8Array(64) })).toBe('SIGNATURE_INVALID');
    expect(await submit(alpha, { record, signature: new Uint8Array(0) })).toBe('REQUEST_INVALID');
    expect(await submit(alpha, beta.signed(updateRecord, statement))).toBe('SIGNATURE_INVALID');
    expect(await submit(beta, { record, signature })).toBe('SIGNATURE_INVALID');
    expect(await submit(beta, beta.signed(updateRecord, statement))).toBe('SIGNATURE_INVALID');
    // Of alpha one: the same bytes were refused for the same reason before.
    expect(rejected()).toHaveLength(3);
  });

  it('is refused without an approval, or under another one', async () => {
    const { alpha, beta, announced } = await openRound();
    const blob = gradientBytes(1, 1);
    await alpha.upload(blob);
    expect(await refusalOf(beta.submit(beta.statement(announced, blob)))).toBe('APPROVAL_MISSING');
    const approval = beta.approvalOf(announced);
    expect(await refusalOf(alpha.submit(alpha.statement(announced, blob, { approval })))).toBe('APPROVAL_MISMATCH');
  });

  it('is refused when its metrics are not those declared, or no numbers', async () => {
    const { alpha, announced } = await openRound();
    const blob = gradientBytes(1, 1);
    await alpha.upload(blob);
    const submit = (metrics: object) => refusalOf(alpha.submit(alpha.statement(announced, blob, { metrics })));
    expect(await submit({ loss: '0.5' })).toBe('RECORD_INVALID');
    expect(await submit({ loss: '0.5', auc: '0.5', accuracy: '0.5' })).toBe('RECORD_INVALID');
    expect(await submit({ loss: '1e999', auc: null })).toBe('RECORD_INVALID');
    expect(await submit({ loss: '0.5', auc: null })).toBe('accepted');
  });

  it('is refused when numbers in its statement are too large to take means of', async () => {
    const { alpha, announced } = await openRound();
    const blob = gradientBytes(1, 1);
    await alpha.upload(blob);
    const submit = (changes: object) => refusalOf(alpha.submit(alpha.statement(announced, blob, changes)));
    expect(await submit({ metrics: { loss: '1e308', auc: null } })).toBe('RECORD_INVALID');
    expect(await submit({ metrics: { loss: '-1.1e12', auc: null } })).toBe('RECORD_INVALID');
    expect(await submit({ examples: Number.MAX_SAFE_INTEGER })).toBe('RECORD_INVALID');
    expect(await submit({ metrics: { loss: '1e12', auc: null }, examples: 1e12 })).toBe('accepted');
  });

  it('is refused and recorded ten times a member and round, and no more then, nor read', async () => {
    const { alpha, beta, announced, rejected, idle } = await openRound();
    const bad = gradientBytes(30, 40);
    await alpha.upload(bad);
    const submit = (examples: number) => refusalOf(alpha.submit(alpha.statement(announced, bad, { examples })));
    for (let i = 1; i <= 10; i++) expect(await submit(i)).toBe('UPDATE_NORM');
    expect(rejected()).toHaveLength(10);
    for (let i = 11; i <= 15; i++) expect(await submit(i)).toBe('UPDATE_REFUSED_OFTEN');
    expect(await submit(3)).toBe('UPDATE_NORM');
    expect(rejected()).toHaveLength(10);
    // Nobody else pays for it.
    await beta.contribute(announced, gradientBytes(1, 1));
    await idle();
    expect(rejected()).toHaveLength(10);
  });

  it('is refused without end for rounds that never were, and ten a day are on record', async () => {
    const { alpha, announced, rejected, clock } = await openRound();
    const blob = gradientBytes(1, 1);
    const submit = (round: number) => refusalOf(alpha.submit(alpha.statement(announced, blob, { round })));
    for (let round = 2; round < 17; round++) expect(await submit(round)).toBe('UPDATE_ROUND');
    expect(rejected()).toHaveLength(10);
    clock.advance(24 * 3600_000);
    for (let round = 2; round < 17; round++) expect(await submit(round)).not.toBe('accepted');
    expect(rejected()).toHaveLength(20);
    expect(new Set(rejected())).toEqual(new Set(['UPDATE_ROUND']));
  });

  it('that was refused before is answered the same without another record, unless the reason is gone', async () => {
    const { alpha, announced, rejected } = await openRound();
    const [bad, good] = [gradientBytes(30, 40), gradientBytes(1, 1)];
    await alpha.upload(bad);
    for (let i = 0; i < 3; i++)
      expect(await refusalOf(alpha.submit(alpha.statement(announced, bad)))).toBe('UPDATE_NORM');
    const early = alpha.statement(announced, good);
    for (let i = 0; i < 3; i++) expect(await refusalOf(alpha.submit(early))).toBe('BLOB_UNKNOWN');
    expect(rejected()).toEqual(['UPDATE_NORM', 'BLOB_UNKNOWN']);
    await alpha.upload(good);
    expect(await refusalOf(alpha.submit(early))).toBe('accepted');
  });

  it('is not accepted when an upload beside it has removed its blob', async () => {
    const { alpha, beta, announced, coordinator, details, idle } = await openRound();
    await beta.contribute(announced, gradientBytes(1, 1));
    const [one, two] = [gradientBytes(1, 2), gradientBytes(2, 2)];
    await alpha.upload(one);
    // The next upload needs the place of the first one; its removal is held up half way.
    const files = coordinator.store.updates('alpha');
    const { remove } = files;
    const [reached, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    files.remove = async (hash) => {
      reached.resolve();
      await released.promise;
      await remove(hash);
    };
    const uploading = alpha.upload(two);
    await reached.promise;
    const submitting = refusalOf(alpha.submit(alpha.statement(announced, one)));
    for (let i = 0; i < 20; i++) await beta.events();
    released.resolve();
    expect([(await uploading).status, await submitting]).toEqual([204, 'BLOB_UNKNOWN']);
    expect(await refusalOf(alpha.submit(alpha.statement(announced, two)))).toBe('accepted');
    await idle();
    expect(details('round.aggregated')).toHaveLength(1);
  });

  it('stands when another one follows, and cannot be replayed into the next round', async () => {
    const { alpha, beta, announced, idle, details } = await openRound();
    const [one, two] = [gradientBytes(1, 1), gradientBytes(2, 2)];
    await alpha.upload(one);
    const statement = alpha.statement(announced, one);
    await alpha.submit(statement);
    expect(await refusalOf(alpha.submit(alpha.statement(announced, two)))).toBe('UPDATE_DUPLICATE');
    await beta.contribute(announced, two);
    await idle();
    const next = await alpha.plan();
    expect(next.plan.round).toBe(2);
    await alpha.decide(next);
    // The very bytes that counted are answered as before, and count no second time.
    await alpha.submit(statement);
    expect(await refusalOf(alpha.submit({ ...statement, metrics: { loss: '0', auc: '1' } }))).toBe('UPDATE_LATE');
    expect(details('update.accepted')).toHaveLength(2);
    expect(details('round.aggregated')).toMatchObject([{ members: 2 }]);
  });

  it('is refused when its blob was sent by somebody else', async () => {
    const { alpha, beta, announced } = await openRound();
    const blob = gradientBytes(1, 1);
    await alpha.upload(blob);
    await beta.decide(announced);
    expect(await refusalOf(beta.submit(beta.statement(announced, blob)))).toBe('BLOB_UNKNOWN');
  });
});

describe('a round', () => {
  it('ends with the weighted mean, a model one step on, and an outcome that all members are sent', async () => {
    const { alpha, beta, announced, idle, coordinator, consortium } = await openRound();
    const before = new Float32Array(
      (await (await alpha.request(alpha.blobUrl(announced.plan.inputModel.sha256))).arrayBuffer()).slice(-8),
    );
    await alpha.contribute(announced, gradientBytes(1, 2), { examples: 30, metrics: { loss: '0.4', auc: '0.9' } });
    await beta.contribute(announced, gradientBytes(-1, 0), { examples: 10, metrics: { loss: '0.8', auc: null } });
    await idle();
    for (const member of [alpha, beta]) {
      const outcomes = (await member.events()).filter(({ kind }) => kind.case === 'outcome');
      const outcome = outcomeRecord.decode(outcomes[0]!.kind.value!.record);
      expect(outcome).toMatchObject({
        result: 'aggregated',
        participants: [
          { member: 'alpha', weight: 30 },
          { member: 'beta', weight: 10 },
        ],
        // (30 * 0.4 + 10 * 0.8) / 40; beta has too few cases for an AUC.
        metrics: { loss: '0.5', auc: '0.9' },
      });
      const model = await member.request(member.blobUrl(outcome.model!));
      // Mean gradient (0.5, 1.5), learning rate 0.5.
      expect([...new Float32Array((await model.arrayBuffer()).slice(-8))]).toEqual([
        Math.fround(before[0]! - 0.25),
        Math.fround(before[1]! - 0.75),
      ]);
      expect((await member.request(member.blobUrl(outcome.participants[0]!.blob))).status).toBe(404);
    }
    const { studies } = await consortium.admin.getStatus({});
    expect(studies).toMatchObject([
      {
        study: 'tiny',
        state: 'running',
        round: 2,
        attempt: 1,
        joined: ['alpha', 'beta'],
        waiting: [
          { member: 'alpha', for: 'approval' },
          { member: 'beta', for: 'approval' },
        ],
        results: [
          { round: 1, result: 'aggregated', participants: ['alpha', 'beta'], metrics: { loss: '0.5', auc: '0.9' } },
        ],
      },
    ]);
    expect(coordinator.store.journal.size()).toBe(consortium.kinds().length);
  });
});
