import { expect, test } from 'vitest';
import { memberKeys, requestEnrolment } from '../../../main/sync/enrol.ts';
import { openJoined } from '../../../main/data/saved-mappings.ts';
import { coordinatorOf, roundOf, studyRowOf } from '../../../main/store/rounds.ts';
import { openNode } from '../../../main/node.ts';
import type { Plan } from '../../../shared/records/round.ts';
import { institution, PASSPHRASE, smallStudy } from '../../support/institution.ts';
import { signingCoordinator } from '../../support/signing-coordinator.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { parameterLayout } from '../../../shared/model/layout.ts';
import { messageSize, MODEL_VECTORS } from '../../../shared/wire/update.ts';

const KEY = { study: 'small', round: 1, attempt: 1 };
const COHORT = ['alpha', 'beta'];

test('a plan that holds up waits for a person', async () => {
  const here = await institution();
  here.take(here.coordinator.plan(here.study, COHORT));
  expect(roundOf(here.node.store.journal.read, KEY).stage).toBe('awaiting');
  const people = (kind: string) => kind.startsWith('account.') || kind === 'rules.changed';
  expect(here.kinds().filter((kind) => !people(kind))).toEqual([
    'log.created',
    'enrolment.requested',
    'enrolment.admitted',
    'study.offered',
    'dataset.imported',
    'study.joined',
    'round.offered',
  ]);
});

test('an event that was taken in before changes nothing', async () => {
  const here = await institution();
  const plan = here.coordinator.plan(here.study, COHORT);
  here.take(plan);
  here.take(plan);
  expect(here.kinds().filter((kind) => kind === 'round.offered')).toHaveLength(1);
});

const MODEL_BYTES = messageSize(MODEL_VECTORS, parameterLayout(smallStudy().model.layers, 1));
const hour = 3600_000;
const iso = (milliseconds: number) => new Date(Date.parse('2026-01-02T03:04:05.678Z') + milliseconds).toISOString();
test.each<[string, Partial<Plan>, string[], RegExp]>([
  [
    'another version of the study',
    { definition: smallStudy(['rounds', 4]) },
    COHORT,
    /not the one that its hash names/,
  ],
  ['a study hash that was not joined', { studyHash: '00'.repeat(32) }, COHORT, /not the one that its hash names/],
  ['a round that the study does not have', { round: 4 }, COHORT, /the study has 3 rounds/],
  ['a cohort without this institution', {}, ['beta', 'gamma'], /not in the cohort/],
  ['a cohort with a stranger', {}, ['alpha', 'stranger'], /stranger is in the cohort but not in the member directory/],
  ['a cohort that names a member twice', {}, ['alpha', 'alpha'], /not in order/],
  ['a cohort below the quorum', {}, ['alpha'], /smaller than the quorum/],
  ['a directory that was not received', { directory: '00'.repeat(32) }, COHORT, /directory that was not received/],
  [
    'another message than the algorithm’s',
    { update: { vectors: ['gradient'], bytes: 1 } },
    COHORT,
    /fedavg sends delta/,
  ],
  ['another size', { update: { vectors: ['delta'], bytes: 1 } }, COHORT, /size of the update/],
  [
    'another first model',
    { inputModel: { sha256: '00'.repeat(32), bytes: MODEL_BYTES } },
    COHORT,
    /model to start from/,
  ],
  [
    'another size of the first model',
    { inputModel: { sha256: '00'.repeat(32), bytes: 2 ** 50 } },
    COHORT,
    /another size/,
  ],
  ['deadlines out of order', { sendBy: iso(1000), approveBy: iso(2000) }, COHORT, /deadlines/],
  ['a deadline in more than seven days', { sendBy: iso(8 * 24 * hour) }, COHORT, /more than 7 days/],
])('a plan with %s is blocked, on record, with the reason', async (_what, changes, cohort, reason) => {
  const here = await institution();
  here.take(here.coordinator.plan(here.study, cohort, changes));
  const row = roundOf(here.node.store.journal.read, { ...KEY, round: changes.round ?? 1 });
  expect(row.stage).toBe('blocked');
  expect(row.code).toMatch(reason);
  expect(here.kinds().slice(-1)).toEqual(['round.blocked']);
});

test('what another key signed is refused and changes nothing', async () => {
  const here = await institution();
  const impostor = signingCoordinator(here.clock.now);
  impostor.directory([]);
  const before = here.kinds();
  const { event } = impostor.plan(here.study, COHORT);
  event.sequence = 99;
  expect(() => here.take({ event })).toThrow(expect.objectContaining({ code: 'SIGNATURE_INVALID' }));
  expect(here.kinds()).toEqual(before);
});

test('a plan record presented as an outcome is refused: signatures name their kind', async () => {
  const here = await institution();
  const { event } = here.coordinator.plan(here.study, COHORT);
  expect(() => here.take({ event: { ...event, kind: { ...event.kind, case: 'outcome' } as never } })).toThrow(
    expect.objectContaining({ code: 'SIGNATURE_INVALID' }),
  );
});

test('a member directory must follow the one before', async () => {
  const here = await institution();
  here.coordinator.directory([]); // never delivered
  expect(() => here.take(here.coordinator.directory([]))).toThrow(/does not follow/);
});

test('a member directory with other keys for this institution is refused', async () => {
  const here = await institution();
  expect(() => here.take(here.coordinator.directory([{ id: 'alpha', keys: here.coordinator.keys }]))).toThrow(
    /other keys/,
  );
});

test('an outcome that counts an update which was not sent is refused', async () => {
  const here = await institution();
  const plan = here.coordinator.plan(here.study, COHORT);
  here.take(plan);
  const outcome = here.coordinator.outcome({
    ...KEY,
    plan: plan.hash,
    result: 'aggregated',
    reason: '',
    participants: [{ member: 'alpha', statement: '22'.repeat(32), blob: '33'.repeat(32), weight: 5 }],
    aggregate: '44'.repeat(32),
    model: '55'.repeat(32),
    metrics: {},
  });
  expect(() => here.take(outcome)).toThrow(/did not send/);
});

const aborted = { result: 'aborted' as const, reason: '', participants: [], aggregate: null, model: null, metrics: {} };
const aggregated = { ...aborted, result: 'aggregated' as const, aggregate: '44'.repeat(32), model: '55'.repeat(32) };

test('an outcome comes once, and for the plan that was sent', async () => {
  const here = await institution();
  const plan = here.coordinator.plan(here.study, COHORT);
  here.take(plan);
  expect(() => here.take(here.coordinator.outcome({ ...KEY, plan: '11'.repeat(32), ...aggregated }))).toThrow(
    /not for the plan/,
  );
  here.take(here.coordinator.outcome({ ...KEY, plan: plan.hash, ...aggregated }));
  expect(() => here.take(here.coordinator.outcome({ ...KEY, plan: plan.hash, ...aborted }))).toThrow(/comes twice/);
  expect(roundOf(here.node.store.journal.read, KEY).result).toBe('aggregated');
});

test('a plan comes once', async () => {
  const here = await institution();
  here.take(here.coordinator.plan(here.study, COHORT));
  expect(() => here.take(here.coordinator.plan(here.study, COHORT))).toThrow(
    expect.objectContaining({ code: 'RECORD_INVALID' }),
  );
});

test('an aggregated round is not offered again, and a round whose forerunner was not told is blocked', async () => {
  const here = await institution();
  const plan = here.coordinator.plan(here.study, COHORT);
  here.take(plan);
  here.take(here.coordinator.outcome({ ...KEY, plan: plan.hash, ...aggregated }));
  const blockedFor = (changes: Partial<Plan>) => {
    here.take(here.coordinator.plan(here.study, COHORT, changes));
    const { round = 1, attempt = 1 } = changes;
    return roundOf(here.node.store.journal.read, { study: 'small', round, attempt }).code;
  };
  expect(blockedFor({ attempt: 2 })).toMatch(/was aggregated before/);
  expect(blockedFor({ round: 3 })).toMatch(/how round 2 ended was not told/);
  expect(blockedFor({ round: 2 })).toMatch(/not the one that follows/);
  expect(blockedFor({ round: 2, attempt: 2, inputModel: { sha256: '55'.repeat(32), bytes: MODEL_BYTES } })).toBeNull();
});

test('an enrolment needs the coordinator’s fingerprint as it was read aloud', async () => {
  const node = await openNode({ home: temporaryFolder(), passphrase: PASSPHRASE });
  const coordinator = signingCoordinator(Date.now);
  const invitation = coordinator.invitation('alpha');
  expect(() => requestEnrolment(node.store, Date.now, invitation, '00000 '.repeat(8))).toThrow(
    expect.objectContaining({ code: 'FINGERPRINT_MISMATCH' }),
  );
  expect(coordinatorOf(node.store.journal.read)).toBeUndefined();
  requestEnrolment(
    node.store,
    Date.now,
    `  ${invitation.slice(0, 40)}\n${invitation.slice(40)}`,
    coordinator.fingerprint.replaceAll(' ', '-'),
  );
  expect(coordinatorOf(node.store.journal.read)?.keys).toEqual(coordinator.keys);
  expect(memberKeys(node.store).member).toMatch(/^[0-9a-f]{64}$/);
  await node.close();
});

test.each([
  ['nonsense', 'hello', /does not begin with/],
  ['half an invitation', 'assent-invitation:eyJ', /This is no invitation/],
])('%s is no invitation', async (_what, text, message) => {
  const node = await openNode({ home: temporaryFolder(), passphrase: PASSPHRASE });
  expect(() => requestEnrolment(node.store, Date.now, text, '')).toThrow(message);
  await node.close();
});

test('a mapping, which names local columns and values, lies sealed in the store', async () => {
  const here = await institution();
  const { mapping } = studyRowOf(here.node.store.journal.read, 'small');
  expect(mapping!.includes('columns')).toBe(false);
  expect(openJoined(here.node.data, 'small', mapping!).columns['x']).toEqual({ column: 'x' });
});
