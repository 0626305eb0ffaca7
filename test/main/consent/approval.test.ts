import { expect, test } from 'vitest';
import { defer } from '../../../main/consent/approval.ts';
import { screenHash, screenOf } from '../../../main/consent/screen.ts';
import { roundOf } from '../../../main/store/rounds.ts';
import { openedText } from '../../../main/store/openings.ts';
import { signedBytes, signedRecord } from '../../../main/store/signed.ts';
import { verifyEd25519 } from '../../../platform/crypto.ts';
import { approvalRecord } from '../../../shared/records/consent.ts';
import { signedMessage } from '../../../shared/records/signed.ts';
import { fromHex } from '../../../shared/wire/canonical.ts';
import { approvedHere, consentOf, decides, KEY, offeredHere, rowOf, typing } from '../../support/deciding.ts';
import { institution, type Institution } from '../../support/institution.ts';
import { EASY_RULES } from '../../support/people.ts';

const FOUR_EYES = { ...EASY_RULES, approvals: 2 };

async function offered(rules = EASY_RULES) {
  const here = await institution({ rules });
  const { event, plan, hash } = here.coordinator.plan(here.study, ['alpha', 'beta']);
  here.take({ event });
  return { ...here, plan, hash };
}
type Detail = Record<string, unknown>;
const recordsOf = ({ node }: Institution, kind: string): Detail[] =>
  node.store.journal.read
    .all<{ bytes: Buffer }>('select bytes from record where kind = ? order by position', kind)
    .map(({ bytes }) => (JSON.parse(bytes.toString('utf8')) as { detail: Detail }).detail);
const decisions = ({ node }: Institution) =>
  node.store.journal.read.all<{ bytes: Buffer }>("select bytes from outbox where purpose = 'decision'");

test('an approval binds plan, model, cohort, data and bytes, and is signed by the person and by the installation', async () => {
  const here = await offered();
  const { approvalHash } = await decides(here);
  const { read } = here.node.store.journal;
  const bytes = signedBytes(read, approvalHash);
  const ann = await typing(here, 'ann');
  const approval = approvalRecord.decode(bytes);
  expect(approval).toMatchObject({
    decision: 'approve',
    purpose: 'train',
    study: 'small',
    round: 1,
    plan: here.hash,
    inputModel: here.plan.inputModel.sha256,
    cohort: ['alpha', 'beta'],
    maxBytes: here.plan.update.bytes,
    rows: 40,
    update: null,
    needed: 1,
    prior: [],
    policy: null,
    notAfter: here.plan.sendBy,
    signer: { role: 'approver', method: 'password', person: ann.person.id, key: ann.person.key },
  });
  expect(approval.meaning).toMatch(/^What leaves: one update, which the coordinator can read/);
  // Everything declared to leave is in the very words that are signed.
  expect(approval.meaning).toContain('how many training rows');
  expect(approval.meaning).toContain('the loss on these training rows');
  const message = signedMessage('approval', bytes);
  const [detail] = recordsOf(here, 'approval.granted');
  expect(verifyEd25519(fromHex(ann.person.key), message, fromHex(detail!['signature'] as string))).toBe(true);
  const { publicKey } = here.node.store.keys.member;
  expect(verifyEd25519(publicKey, message, fromHex(detail!['installation'] as string))).toBe(true);
  expect(detail).toMatchObject({ approval: approvalHash, number: 1, needed: 1, person: ann.person.id, update: null });
  expect(approvedHere(here)).toMatchObject({ approvalHash, approvals: [approvalHash], notAfter: here.plan.sendBy });
  expect(here.kinds().slice(-1)).toEqual(['approval.granted']);
});

test('a reason is in record and log as a commitment alone, and can be read until it is erased', async () => {
  const here = await offered();
  const { approvalHash } = await decides(here, 'ann', { reason: 'agreed with the data board' });
  const { read, transact } = here.node.store.journal;
  const { reason } = signedRecord(read, approvalRecord, approvalHash);
  expect(recordsOf(here, 'approval.granted')[0]!['reason']).toBe(reason);
  expect(openedText(read, reason)).toBe('agreed with the data board');
  const kept = read.all<{ bytes: Buffer }>('select bytes from record union all select bytes from signed_record');
  expect(kept.some(({ bytes }) => bytes.includes('data board'))).toBe(false);
  transact('node.start', (tx) => {
    tx.run('delete from opening where commitment = ?', reason);
    tx.append({ kind: 'program.started', detail: { software: 'x', node: 'x', platform: 'x' } });
  });
  expect(openedText(read, reason)).toBeUndefined();
  expect(approvedHere(here).approvalHash).toBe(approvalHash);
});

test('the coordinator is told hash and decision, and nothing of who decided or why', async () => {
  const here = await offered(FOUR_EYES);
  await decides(here, 'ann');
  expect(decisions(here)).toEqual([]);
  const { approvalHash } = await decides(here, 'bob');
  const [{ bytes }] = decisions(here) as [{ bytes: Buffer }];
  const told = JSON.parse(bytes.toString('utf8')) as Record<string, unknown>;
  expect(Object.keys(told).toSorted()).toEqual(
    ['approval', 'at', 'attempt', 'decision', 'member', 'plan', 'round', 'study', 'v'].toSorted(),
  );
  expect(told['approval']).toBe(approvalHash);
  expect(bytes.includes('fine with us')).toBe(false);
});

test('the round goes on once two different people have signed one approval each, the second naming the first', async () => {
  const here = await offered(FOUR_EYES);
  const first = await decides(here, 'ann');
  expect(first).toMatchObject({ number: 1, needed: 2, complete: false });
  expect(rowOf(here).stage).toBe('awaiting');
  expect(() => approvedHere(here)).toThrow(expect.objectContaining({ code: 'APPROVAL_MISSING' }));
  const second = await decides(here, 'bob');
  expect(second).toMatchObject({ number: 2, needed: 2, complete: true });
  expect(rowOf(here).stage).toBe('approved');
  const { read } = here.node.store.journal;
  expect(signedRecord(read, approvalRecord, second.approvalHash)).toMatchObject({
    needed: 2,
    prior: [first.approvalHash],
  });
  expect(approvedHere(here)).toMatchObject({
    approvalHash: second.approvalHash,
    approvals: [first.approvalHash, second.approvalHash],
  });
  expect(recordsOf(here, 'approval.granted').map(({ number, needed }) => [number, needed])).toEqual([
    [1, 2],
    [2, 2],
  ]);
});

test('the same person twice: the second approval of one person is refused, and adds nothing', async () => {
  const here = await offered(FOUR_EYES);
  await decides(here, 'ann');
  const before = here.kinds();
  for (const decision of ['approve', 'decline'] as const)
    await expect(decides(here, 'ann', { decision })).rejects.toMatchObject({ code: 'APPROVED_BEFORE' });
  expect(here.kinds()).toEqual(before);
  expect(rowOf(here).stage).toBe('awaiting');
});

test('a refusal by one ends the round, is signed and recorded like an approval, and leaves nothing to train under', async () => {
  const here = await offered(FOUR_EYES);
  await decides(here, 'ann');
  const declined = await decides(here, 'bob', { decision: 'decline', reason: 'not this week' });
  expect(declined.complete).toBe(true);
  expect(here.kinds().slice(-1)).toEqual(['approval.declined']);
  const { meaning, reason, signer } = signedRecord(here.node.store.journal.read, approvalRecord, declined.approvalHash);
  expect(meaning).toMatch(/^What leaves: nothing\./);
  expect([reason, signer.method]).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/), 'password']);
  expect(rowOf(here).stage).toBe('declined');
  expect(() => approvedHere(here)).toThrow(/was declined/);
  expect(JSON.parse(decisions(here)[0]!.bytes.toString())).toMatchObject({ decision: 'decline' });
  await expect(decides(here, 'bob')).rejects.toMatchObject({ code: 'ROUND_STATE' });
});

test('a refusal asks for no more and no less than an approval', async () => {
  for (const decision of ['approve', 'decline'] as const) {
    const here = await offered();
    await expect(decides(here, 'ann', { decision, reason: '  ' })).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
    await expect(decides(here, 'ann', { decision, planHash: '00'.repeat(32) })).rejects.toMatchObject({
      code: 'APPROVAL_MISMATCH',
    });
    await expect(decides(here, 'ann', { decision, screen: '00'.repeat(32) })).rejects.toMatchObject({
      code: 'APPROVAL_MISMATCH',
    });
    await expect(decides(here, 'sam', { decision })).rejects.toMatchObject({ code: 'ROLE_MISSING' });
    expect(rowOf(here).stage).toBe('awaiting');
  }
});

test('who decides later is on record, and nothing follows from it', async () => {
  const here = await offered();
  const before = { ...rowOf(here) };
  const { person } = await typing(here, 'ann');
  defer(consentOf(here), KEY, person);
  expect(here.kinds().slice(-1)).toEqual(['approval.deferred']);
  expect(rowOf(here)).toEqual(before);
  expect(decisions(here)).toEqual([]);
  await decides(here);
  expect(() => defer(consentOf(here), KEY, person)).toThrow(expect.objectContaining({ code: 'ROUND_STATE' }));
});

test('a round that is over is not decided any more', async () => {
  const here = await offered();
  const ended = { participants: [], aggregate: null, model: null, metrics: {}, reason: 'too few updates' };
  here.take(here.coordinator.outcome({ ...KEY, plan: here.hash, result: 'aborted', ...ended }));
  await expect(decides(here)).rejects.toMatchObject({ code: 'ROUND_CLOSED' });
});

test('what is shown says what changed since the plan that was approved here last, and that is what is signed', async () => {
  const here = await offered();
  const { read } = here.node.store.journal;
  const first = screenOf(read, rowOf(here), 'en');
  expect(first.changes).toEqual(['No round of this study was approved here before.']);
  await decides(here);
  const second = { study: 'small', round: 1, attempt: 2 };
  const next = here.coordinator.plan(here.study, ['alpha', 'beta', 'gamma'], { attempt: 2 });
  here.node.store.journal.transact('round.offer', (tx) => {
    tx.run(
      `insert into round (study, round, attempt, plan, bytes, signature, stage) select study, round, 2, ?, ?, signature, 'awaiting' from round`,
      next.hash,
      next.event.kind.value!.record,
    );
    tx.append({ kind: 'program.started', detail: { software: 'x', node: 'x', platform: 'x' } });
  });
  const screen = screenOf(read, roundOf(read, second), 'zh');
  expect(screen.changes).toEqual([
    '与本机构上次批准的第 1 轮相比：现为第 1 轮（第 2 次尝试），时限另定，从同一模型开始。',
    expect.stringContaining('gamma'),
  ]);
  const { approvalHash } = await decides(here, 'ann', { locale: 'zh' }, second);
  expect(signedRecord(read, approvalRecord, approvalHash)).toMatchObject({ screen: screenHash(screen), locale: 'zh' });
  expect(offeredHere(here, second).plan.cohort).toEqual(['alpha', 'beta', 'gamma']);
});
