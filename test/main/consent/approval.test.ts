import { expect, test } from 'vitest';
import { approvedOf, decide } from '../../../main/consent/approval.ts';
import { allows, approveByPolicy, revokePolicy, signPolicy } from '../../../main/consent/policy.ts';
import { offeredOf, roundOf } from '../../../main/store/rounds.ts';
import { verifyEd25519 } from '../../../platform/crypto.ts';
import { approvalRecord, policyRecord } from '../../../shared/records/consent.ts';
import { signedMessage } from '../../../shared/records/signed.ts';
import { fromHex } from '../../../shared/wire/canonical.ts';
import { institution, PASSPHRASE, type Institution } from '../../support/institution.ts';

const KEY = { study: 'small', round: 1, attempt: 1 };
const offeredHere = ({ node }: Institution) => offeredOf(roundOf(node.store.journal.read, KEY));
const consentOf = ({ node, clock }: Institution) => ({ store: node.store, now: clock.now });

async function offered() {
  const here = await institution();
  const { event, plan } = here.coordinator.plan(here.study, ['alpha', 'beta']);
  here.take({ event });
  return { ...here, plan };
}
const approve = (here: Institution, planHash: string, changes = {}) =>
  decide(consentOf(here), KEY, {
    planHash,
    decision: 'approve',
    reason: 'fine with us',
    passphrase: PASSPHRASE,
    locale: 'en',
    ...changes,
  });

test('an approval binds plan, model, cohort, data and bytes, and is signed by the person and by the installation', async () => {
  const here = await offered();
  const { approvalHash } = await approve(here, offeredHere(here).planHash);
  const { read } = here.node.store.journal;
  const row = read.get<{ bytes: Buffer; signature: Buffer; installation_signature: Buffer }>('select * from approval')!;
  const approval = approvalRecord.decode(row.bytes);
  expect(approval).toMatchObject({
    decision: 'approve',
    study: 'small',
    round: 1,
    plan: offeredHere(here).planHash,
    inputModel: here.plan.inputModel.sha256,
    cohort: ['alpha', 'beta'],
    maxBytes: here.plan.update.bytes,
    rows: 40,
    signers: 1,
    policy: null,
    reason: 'fine with us',
    notAfter: here.plan.sendBy,
    signer: { role: 'operator', method: 'passphrase' },
  });
  expect(approval.meaning).toContain('approve it');
  // Everything declared to leave is in the very words that are signed.
  expect(approval.meaning).toContain('how many training rows');
  expect(approval.meaning).toContain('the loss on these training rows');
  const message = signedMessage('approval', row.bytes);
  expect(verifyEd25519(fromHex(approval.signer.key), message, row.signature)).toBe(true);
  expect(verifyEd25519(here.node.store.keys.member.publicKey, message, row.installation_signature)).toBe(true);
  expect(approvedOf(consentOf(here), offeredHere(here)).approvalHash).toBe(approvalHash);
  expect(here.kinds().slice(-1)).toEqual(['approval.granted']);
});

test('the coordinator is told hash and decision, and nothing of who decided or why', async () => {
  const here = await offered();
  await approve(here, offeredHere(here).planHash);
  const { bytes } = here.node.store.journal.read.get<{ bytes: Buffer }>(
    "select bytes from outbox where purpose = 'decision'",
  )!;
  expect(Object.keys(JSON.parse(bytes.toString('utf8')) as object).toSorted()).toEqual([
    'approval',
    'at',
    'attempt',
    'decision',
    'member',
    'plan',
    'round',
    'study',
    'v',
  ]);
  expect(bytes.includes('fine with us')).toBe(false);
});

test('a decline is signed and recorded like an approval, and leaves nothing to train under', async () => {
  const here = await offered();
  await approve(here, offeredHere(here).planHash, { decision: 'decline', reason: 'not this week' });
  expect(here.kinds().slice(-1)).toEqual(['approval.declined']);
  expect(roundOf(here.node.store.journal.read, KEY).stage).toBe('declined');
  expect(() => approvedOf(consentOf(here), offeredHere(here))).toThrow(/was declined/);
});

test('a wrong passphrase signs nothing', async () => {
  const here = await offered();
  const before = here.kinds().length;
  await expect(approve(here, offeredHere(here).planHash, { passphrase: 'wrong' })).rejects.toMatchObject({
    code: 'PASSPHRASE_WRONG',
  });
  expect(here.kinds()).toHaveLength(before);
});

test('a decision for another plan than the one shown is refused', async () => {
  const here = await offered();
  await expect(approve(here, '00'.repeat(32))).rejects.toMatchObject({ code: 'APPROVAL_MISMATCH' });
});

test('a decision without a reason is refused', async () => {
  const here = await offered();
  await expect(approve(here, offeredHere(here).planHash, { reason: '  ' })).rejects.toMatchObject({
    code: 'REQUEST_INVALID',
  });
});

test('a round is decided once', async () => {
  const here = await offered();
  await approve(here, offeredHere(here).planHash);
  await expect(approve(here, offeredHere(here).planHash, { decision: 'decline' })).rejects.toMatchObject({
    code: 'ROUND_STATE',
  });
});

test('a round that is over is not decided any more', async () => {
  const here = await offered();
  const { planHash } = offeredHere(here);
  const reason = 'too few updates';
  here.take(
    here.coordinator.outcome({
      ...KEY,
      plan: planHash,
      result: 'aborted',
      reason,
      participants: [],
      aggregate: null,
      model: null,
      metrics: {},
    }),
  );
  await expect(approve(here, planHash)).rejects.toMatchObject({ code: 'ROUND_CLOSED' });
});

test('a round can be approved until its approval deadline, and an approval holds until the plan’s send deadline', async () => {
  const here = await offered();
  here.clock.advance(30 * 60_000 - 1);
  await approve(here, offeredHere(here).planHash);
  here.clock.advance(30 * 60_000);
  expect(approvedOf(consentOf(here), offeredHere(here))).toBeDefined();
  here.clock.advance(1);
  expect(() => approvedOf(consentOf(here), offeredHere(here))).toThrow(/ended at/);

  const late = await offered();
  late.clock.advance(30 * 60_000);
  await expect(approve(late, offeredHere(late).planHash)).rejects.toMatchObject({ code: 'APPROVAL_EXPIRED' });
});

test('an approval whose bytes or signature were changed in the store does not hold', async () => {
  const here = await offered();
  await approve(here, offeredHere(here).planHash);
  const change = (sql: string) =>
    here.node.store.journal.transact('node.start', (tx) => {
      tx.run(sql);
      tx.append({ kind: 'program.started', detail: { software: 'x', node: 'x', platform: 'x' } });
    });
  change('update approval set bytes = cast(replace(cast(bytes as text), \'"rows":40\', \'"rows":41\') as blob)');
  expect(() => approvedOf(consentOf(here), offeredHere(here))).toThrow(/does not verify/);
});

test('an approval for one plan does not carry over to another plan of the same round', async () => {
  const here = await offered();
  await approve(here, offeredHere(here).planHash);
  const other = { ...offeredHere(here), planHash: '11'.repeat(32) };
  expect(() => approvedOf(consentOf(here), other)).toThrow(/another plan/);
});

const BOUNDS = { rounds: 3, attempts: 1, bytes: 10_000, norm: 5, cohort: 2, days: 30 };
const policyFor = (here: Institution, bounds = BOUNDS) =>
  signPolicy(consentOf(here), { study: 'small', bounds, passphrase: PASSPHRASE, locale: 'zh' });

test('a standing policy approves within its bounds, signed by the installation alone and naming the policy', async () => {
  const here = await offered();
  const { policyHash, meaning } = await policyFor(here);
  expect(meaning).toContain('自行批准');
  expect(approveByPolicy(consentOf(here), offeredHere(here))).toBe(true);
  const approval = approvedOf(consentOf(here), offeredHere(here)).approval;
  expect(approval).toMatchObject({
    policy: policyHash,
    signer: { role: 'installation', method: 'policy' },
    signers: 1,
    locale: 'zh',
  });
});

test.each([
  ['the bytes of an update', { bytes: 10 }],
  ['the norm bound', { norm: 4.99 }],
  ['the size of the cohort', { cohort: 3 }],
])('just outside a bound a person has to decide: %s', async (_what, bound) => {
  const here = await offered();
  await policyFor(here, { ...BOUNDS, ...bound });
  expect(approveByPolicy(consentOf(here), offeredHere(here))).toBe(false);
  expect(roundOf(here.node.store.journal.read, KEY).stage).toBe('awaiting');
});

test('no policy, an expired one and a revoked one leave the round to a person', async () => {
  const here = await offered();
  expect(approveByPolicy(consentOf(here), offeredHere(here))).toBe(false);
  await policyFor(here);
  revokePolicy(consentOf(here), 'small');
  expect(approveByPolicy(consentOf(here), offeredHere(here))).toBe(false);
  await policyFor(here, { ...BOUNDS, days: 1 });
  here.clock.advance(24 * 3600_000);
  expect(approveByPolicy(consentOf(here), offeredHere(here))).toBe(false);
});

test('a policy ends with its last round, and with the last attempt that it allows', async () => {
  const here = await offered();
  await policyFor(here, { ...BOUNDS, rounds: 2, attempts: 2 });
  const { bytes } = here.node.store.journal.read.get<{ bytes: Buffer }>('select bytes from policy')!;
  const policy = policyRecord.decode(bytes);
  const at = (round: number, attempt: number) => {
    const plan = { ...here.plan, round, attempt };
    return allows(policy, { ...KEY, plan, planHash: '' }, 'alpha', here.clock.now());
  };
  expect([at(1, 1), at(2, 1), at(2, 2), at(2, 3), at(3, 1)]).toEqual([true, true, true, false, false]);
});

test('a policy lasts 90 days at most and needs the passphrase', async () => {
  const here = await offered();
  await expect(policyFor(here, { ...BOUNDS, days: 91 })).rejects.toMatchObject({ code: 'POLICY_INVALID' });
  await expect(
    signPolicy(consentOf(here), { study: 'small', bounds: BOUNDS, passphrase: 'wrong', locale: 'en' }),
  ).rejects.toMatchObject({ code: 'PASSPHRASE_WRONG' });
});
