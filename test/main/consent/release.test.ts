import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { releaseScreen } from '../../../main/consent/release.ts';
import { screenHash } from '../../../main/consent/screen.ts';
import { changeRoles } from '../../../main/people/accounts.ts';
import { runRound } from '../../../main/round.ts';
import { signedRecord } from '../../../main/store/signed.ts';
import { sweepBlobs } from '../../../main/store/sweep.ts';
import { sha256 } from '../../../platform/crypto.ts';
import { parameterLayout } from '../../../shared/model/layout.ts';
import { approvalRecord } from '../../../shared/records/consent.ts';
import { updateRecord } from '../../../shared/records/round.ts';
import { toHex } from '../../../shared/wire/canonical.ts';
import { decodeMessage, messageNorm } from '../../../shared/wire/update.ts';
import {
  ACCEPTS,
  approvedHere,
  consentOf,
  decides,
  delivers,
  KEY,
  releases,
  rowOf,
  standingPolicy,
  typing,
} from '../../support/deciding.ts';
import { institution, type Institution } from '../../support/institution.ts';
import { EASY_RULES } from '../../support/people.ts';

const ALWAYS = { ...EASY_RULES, release: { when: 'always', norm: '3' } } as const;
const BOUNDS = (norm: string) => ({ ...EASY_RULES, release: { when: 'bounds', norm } }) as const;
const SECOND = { study: 'small', round: 2, attempt: 1 };
const forever = new AbortController().signal;
const HOUR = 3600_000;

async function offered(rules: Parameters<typeof institution>[0] & object, deadline = HOUR) {
  const here = await institution(rules);
  const sendBy = new Date(here.clock.now() + deadline).toISOString();
  const plan = here.coordinator.plan(here.study, ['alpha', 'beta'], { sendBy });
  here.take(plan);
  await here.node.store.blobs.put(plan.model);
  return { ...here, ...plan };
}

/** The update has been trained and sealed, and people have to see it. */
async function waiting(rules: typeof EASY_RULES = ALWAYS, deadline?: number) {
  const here = await offered({ rules }, deadline);
  for (const login of rules.approvals === 2 ? (['ann', 'bob'] as const) : (['ann'] as const))
    await decides(here, login);
  await runRound(here.node.rounds, KEY, forever);
  expect(rowOf(here).stage).toBe('releasing');
  return here;
}
const outbox = ({ node }: Institution, purpose: string) =>
  node.store.journal.read.all<{ bytes: Buffer; blob: string; not_after: string }>(
    'select * from outbox where purpose = ? order by id',
    purpose,
  );
const lastDetail = ({ node }: Institution, kind: string) =>
  (
    JSON.parse(
      node.store.journal.read
        .get<{ bytes: Buffer }>('select bytes from record where kind = ? order by position desc', kind)!
        .bytes.toString('utf8'),
    ) as { detail: Record<string, unknown> }
  ).detail;

test('what people are shown are the exact sealed bytes, and nothing has left', async () => {
  const here = await waiting();
  const { store } = here.node;
  const screen = await releaseScreen(consentOf(here), KEY, 'en');
  const bytes = new Uint8Array(await store.blobs.read(screen.blob));
  expect(toHex(sha256(bytes))).toBe(screen.blob);
  expect(screen).toMatchObject({ why: 'always', bytes: bytes.length, blob: rowOf(here).sealed, last: null });
  const message = decodeMessage(bytes, ['delta'], parameterLayout(here.study.model.layers, 1));
  expect(Number(screen.norm)).toBe(messageNorm(message));
  expect(screen.parts.map(({ name, shape }) => [name, shape])).toEqual([
    ['delta/dense_1/kernel', [1, 1]],
    ['delta/dense_1/bias', [1]],
  ]);
  const { examples, metrics } = updateRecord.decode(rowOf(here).statement!);
  expect(screen).toMatchObject({ examples, metrics });
  expect(screen.approve).toMatch(new RegExp(`^What leaves: the update that I was shown.*${screen.blob}`));
  expect(lastDetail(here, 'release.requested')).toEqual({
    plan: here.hash,
    update: screen.blob,
    bytes: bytes.length,
    norm: screen.norm,
    why: 'always',
  });
  expect(outbox(here, 'update')).toEqual([]);
});

test('two people release it: their approvals are for release, bound to the exact update, and are used up with the others', async () => {
  const here = await waiting({ ...ALWAYS, approvals: 2 });
  const blob = rowOf(here).sealed!;
  expect(await releases(here, 'ann')).toMatchObject({ number: 1, needed: 2, complete: false });
  await runRound(here.node.rounds, KEY, forever);
  expect(outbox(here, 'update')).toEqual([]);
  await expect(releases(here, 'ann')).rejects.toMatchObject({ code: 'APPROVED_BEFORE' });
  const second = await releases(here, 'bob');
  expect(second).toMatchObject({ number: 2, complete: true });
  expect(signedRecord(here.node.store.journal.read, approvalRecord, second.approvalHash)).toMatchObject({
    purpose: 'release',
    update: { blob, norm: rowOf(here).norm },
    notAfter: here.plan.sendBy,
  });
  await runRound(here.node.rounds, KEY, forever);
  expect(outbox(here, 'update').map((row) => row.blob)).toEqual([blob]);
  const states = here.node.store.journal.read.all('select purpose, state from approval order by rowid');
  expect(states).toEqual(['train', 'train', 'release', 'release'].map((purpose) => ({ purpose, state: 'used' })));
  await delivers(here, ACCEPTS);
  expect(rowOf(here).stage).toBe('sent');
  // What the coordinator knows is the approval to train, as before.
  expect(updateRecord.decode(outbox(here, 'update')[0]!.bytes).approval).toBe(rowOf(here).approval);
});

test('a declined release sends nothing, and the coordinator is told that the approval is taken back', async () => {
  const here = await waiting();
  const { approvalHash } = approvedHere(here);
  expect(await releases(here, 'bob', { decision: 'decline' })).toMatchObject({ complete: true });
  expect(rowOf(here).stage).toBe('declined');
  await runRound(here.node.rounds, KEY, forever);
  expect(outbox(here, 'update')).toEqual([]);
  const told = outbox(here, 'decision').map(({ bytes }) => JSON.parse(bytes.toString()) as Record<string, unknown>);
  expect(told.map(({ decision, approval }) => [decision, approval])).toEqual([
    ['approve', approvalHash],
    ['decline', approvalHash],
  ]);
  expect(lastDetail(here, 'approval.declined')).toMatchObject({ purpose: 'release', update: rowOf(here).sealed });
});

test('another update than the one shown is not released', async () => {
  const here = await waiting();
  await expect(releases(here, 'ann', { update: '11'.repeat(32) })).rejects.toMatchObject({ code: 'APPROVAL_MISMATCH' });
  await expect(releases(here, 'ann', { screen: '11'.repeat(32) })).rejects.toMatchObject({ code: 'APPROVAL_MISMATCH' });
  const file = join(here.home, 'blobs', rowOf(here).sealed!);
  chmodSync(file, 0o600);
  writeFileSync(file, 'other bytes');
  await expect(releaseScreen(consentOf(here), KEY, 'en')).rejects.toMatchObject({ code: 'STORE_DAMAGED' });
  expect(rowOf(here).stage).toBe('releasing');
});

test('an approval to release lasts 24 hours, and the round’s deadline at most; then nothing leaves', async () => {
  const here = await waiting(ALWAYS, 48 * HOUR);
  const { approvalHash } = await releases(here, 'ann');
  const { notAfter } = signedRecord(here.node.store.journal.read, approvalRecord, approvalHash);
  expect(Date.parse(notAfter) - here.clock.now()).toBe(24 * HOUR);
  here.clock.advance(24 * HOUR);
  await runRound(here.node.rounds, KEY, forever);
  expect(rowOf(here)).toMatchObject({ stage: 'lapsed', code: expect.stringMatching(/^APPROVAL_EXPIRED/) });
  expect(outbox(here, 'update')).toEqual([]);

  const intime = await waiting(ALWAYS, 48 * HOUR);
  await releases(intime, 'ann');
  intime.clock.advance(24 * HOUR - 1);
  await runRound(intime.node.rounds, KEY, forever);
  expect(outbox(intime, 'update')[0]!.not_after).toBe(new Date(intime.clock.now() + 1).toISOString());
});

test('an update that nobody released in time does not leave', async () => {
  const here = await waiting();
  here.clock.advance(HOUR);
  await expect(releases(here, 'ann')).rejects.toMatchObject({ code: 'APPROVAL_EXPIRED' });
  await runRound(here.node.rounds, KEY, forever);
  expect(rowOf(here).stage).toBe('lapsed');
});

test('a standing policy releases nothing: what a rule says people see, people see', async () => {
  const here = await offered({ rules: ALWAYS });
  await standingPolicy(here);
  await runRound(here.node.rounds, KEY, forever);
  expect(rowOf(here).stage).toBe('releasing');
});

test('who released an update and may not approve any more has not released it', async () => {
  const here = await waiting({ ...ALWAYS, approvals: 2 });
  await releases(here, 'ann');
  await releases(here, 'bob');
  changeRoles(consentOf(here), 'bob', ['steward'], await typing(here, 'ada'));
  await runRound(here.node.rounds, KEY, forever);
  expect(rowOf(here)).toMatchObject({ stage: 'failed', code: expect.stringMatching(/^ROLE_MISSING/) });
  expect(outbox(here, 'update')).toEqual([]);
});

test('a restart finds an update that waits, and one that was released, where they were', async () => {
  const here = await waiting();
  await runRound(here.node.rounds, KEY, forever);
  expect(here.kinds().filter((kind) => kind === 'release.requested')).toHaveLength(1);
  await sweepBlobs(here.node.store, 'everything');
  const screen = await releaseScreen(consentOf(here), KEY, 'en');
  await releases(here, 'ann', { screen: screenHash(screen) });
  await sweepBlobs(here.node.store, 'everything');
  await runRound(here.node.rounds, KEY, forever);
  await runRound(here.node.rounds, KEY, forever);
  expect(outbox(here, 'update')).toHaveLength(1);
});

/** The first update left, counted, and the second round is approved. */
async function secondRound(rules: typeof EASY_RULES) {
  const here = await offered({ rules });
  await decides(here);
  await runRound(here.node.rounds, KEY, forever);
  await delivers(here, ACCEPTS);
  expect(rowOf(here).stage).toBe('sent');
  const statement = updateRecord.decode(outbox(here, 'update')[0]!.bytes);
  const { blob, examples: weight } = statement;
  const participants = [{ member: 'alpha', statement: toHex(sha256(outbox(here, 'update')[0]!.bytes)), blob, weight }];
  // From the same model again, so that the second update is the first one over again.
  const model = here.plan.inputModel.sha256;
  const told = { ...KEY, plan: here.hash, result: 'aggregated' as const, reason: '', participants };
  here.take(here.coordinator.outcome({ ...told, aggregate: blob, model, metrics: { loss: '1' } }));
  here.take(here.coordinator.plan(here.study, ['alpha', 'beta'], { round: 2 }));
  await decides(here, 'ann', {}, SECOND);
  return here;
}

test('the first update of a study has none to be measured by; the next waits when its norm is over the bound, not at it', async () => {
  const at = await secondRound(BOUNDS('1'));
  await runRound(at.node.rounds, SECOND, forever);
  expect(rowOf(at, SECOND).stage).toBe('sending');
  expect(at.kinds()).not.toContain('release.requested');

  const over = await secondRound(BOUNDS('0.999'));
  await sweepBlobs(over.node.store, 'closed');
  await runRound(over.node.rounds, SECOND, forever);
  expect(rowOf(over, SECOND)).toMatchObject({ stage: 'releasing', release_why: 'norm' });
  const screen = await releaseScreen(consentOf(over), SECOND, 'en');
  // The last one that left is kept for this look, whatever else was swept away.
  expect(screen).toMatchObject({ why: 'norm', last: { norm: screen.norm, distance: 0 } });
});
