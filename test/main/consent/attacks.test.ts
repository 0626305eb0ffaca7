// Each attack on consent by name: what would have to happen for something to leave that nobody approved.
import { expect, test } from 'vitest';
import { decide } from '../../../main/consent/approval.ts';
import { confirmPolicy, draftBounds, proposePolicy } from '../../../main/consent/policy.ts';
import { screenHash as hashOf, screenOf } from '../../../main/consent/screen.ts';
import { changeRoles, deactivate, issueKey } from '../../../main/people/accounts.ts';
import { personNamed } from '../../../main/people/people.ts';
import { changeRules } from '../../../main/people/rules.ts';
import { runRound } from '../../../main/round.ts';
import { withdraw } from '../../../main/joining.ts';
import { joinedStudyOf } from '../../../main/store/rounds.ts';
import { keepSigned } from '../../../main/store/signed.ts';
import { generateEd25519, sha256, signEd25519 } from '../../../platform/crypto.ts';
import { Decision } from '../../../shared/gen/assent/v1/node_pb.ts';
import { approvalRecord, type Approval } from '../../../shared/records/consent.ts';
import { planRecord } from '../../../shared/records/round.ts';
import { signedMessage } from '../../../shared/records/signed.ts';
import { fromWire } from '../../../shared/rpc/errors.ts';
import { toHex } from '../../../shared/wire/canonical.ts';
import {
  approvedHere,
  consentOf,
  decides,
  KEY,
  offeredHere,
  rowOf,
  tamper,
  typing,
  type Here,
} from '../../support/deciding.ts';
import { institution, type Institution } from '../../support/institution.ts';
import { callsWithin, EASY_RULES, PASSWORD } from '../../support/people.ts';

const FOUR_EYES = { ...EASY_RULES, approvals: 2 };
const forever = new AbortController().signal;

/** A round waits, and the model that it starts from is here. */
async function offered(rules = EASY_RULES) {
  const here = await institution({ rules });
  const plan = here.coordinator.plan(here.study, ['alpha', 'beta']);
  here.take(plan);
  await here.node.store.blobs.put(plan.model);
  return { ...here, ...plan };
}

/** Whatever is tried with the round now, nothing is trained or put into the outbox for it. */
async function nothingLeaves(here: Here & Pick<Institution, 'kinds'>, code: string): Promise<void> {
  await runRound(here.node.rounds, KEY, forever);
  expect(rowOf(here).code).toMatch(new RegExp(`^${code}`));
  expect(here.kinds()).not.toContain('training.started');
  expect(here.node.store.journal.read.all("select 1 from outbox where purpose = 'update'")).toEqual([]);
}

test('plan changed by one byte after approval: nothing is trained under it', async () => {
  const here = await offered();
  await decides(here);
  const changed = planRecord.encode({ ...here.plan, sendBy: here.plan.sendBy.replace('678Z', '679Z') });
  tamper(here, (tx) => tx.run('update round set bytes = ?, plan = ?', changed, toHex(sha256(changed))));
  expect(() => approvedHere(here)).toThrow(/another plan/);
  await nothingLeaves(here, 'APPROVAL_MISMATCH');
});

test('model swapped: an approval for one input model opens no other', async () => {
  const here = await offered();
  await decides(here);
  const swapped = planRecord.encode({ ...here.plan, inputModel: { ...here.plan.inputModel, sha256: '22'.repeat(32) } });
  tamper(here, (tx) => tx.run('update round set bytes = ?', swapped));
  await nothingLeaves(here, 'APPROVAL_MISMATCH');
});

test('an approval of which one byte was changed in the store does not hold', async () => {
  const here = await offered();
  await decides(here);
  tamper(here, (tx) =>
    tx.run(
      `update signed_record set bytes = cast(replace(cast(bytes as text), '"rows":40', '"rows":41') as blob)
       where kind = 'approval'`,
    ),
  );
  expect(() => approvedHere(here)).toThrow(expect.objectContaining({ code: 'STORE_DAMAGED' }));
});

/** Puts an approval of somebody's making into the store, as if the installation had kept it. */
function plant(
  here: Here,
  value: Approval,
  sign: (message: Uint8Array) => Uint8Array,
  changes: { person?: string | null; installation?: (message: Uint8Array) => Uint8Array } = {},
): void {
  const bytes = approvalRecord.encode(value);
  const message = signedMessage('approval', bytes);
  const { installation = here.node.store.keys.member.sign, person = value.signer.person } = changes;
  tamper(here, (tx) => {
    const hash = keepSigned(tx, 'approval', bytes);
    tx.run(
      `insert into approval (hash, study, round, attempt, purpose, decision, person, signature, installation_signature, state)
       values (?, 'small', 1, 1, 'train', 'approve', ?, ?, ?, 'valid')`,
      hash,
      person,
      sign(message),
      installation(message),
    );
    tx.run("update round set approval = ?, stage = 'approved'", hash);
  });
}

/** What Ann would sign for this round, with changes. */
async function annsApproval(here: Awaited<ReturnType<typeof offered>>, changes: Partial<Approval> = {}) {
  const { snapshot, rows } = joinedStudyOf(here.node.store.journal.read, 'small');
  const ann = await typing(here, 'ann');
  const at = new Date(here.clock.now()).toISOString();
  const { plan } = here;
  const value: Approval = {
    v: 1,
    decision: 'approve',
    purpose: 'train',
    ...KEY,
    plan: here.hash,
    studyHash: plan.studyHash,
    inputModel: plan.inputModel.sha256,
    cohort: plan.cohort,
    aggregation: 'mean',
    secureAggregation: null,
    privacy: null,
    snapshot,
    rows,
    releases: plan.definition.releases,
    vectors: plan.update.vectors,
    maxBytes: plan.update.bytes,
    normBound: '1',
    update: null,
    meaning: 'yes',
    locale: 'en',
    screen: '00'.repeat(32),
    reason: null,
    signer: { person: ann.person.id, key: ann.person.key, role: 'approver', method: 'password', authenticatedAt: at },
    needed: 1,
    prior: [],
    at,
    policy: null,
    notBefore: at,
    notAfter: plan.sendBy,
    nonce: '00'.repeat(16),
    ...changes,
  };
  return { value, ann };
}

test('a planted approval counts only as Ann herself would have signed it', async () => {
  const here = await offered();
  const { value, ann } = await annsApproval(here);
  plant(here, value, ann.sign);
  expect(approvedHere(here).approval).toEqual(value);
});

test.each<[string, Partial<Approval>]>([
  ['the next round', { round: 2 }],
  ['another attempt', { attempt: 2 }],
  ['another study', { study: 'other' }],
  ['another version of the study', { studyHash: '33'.repeat(32) }],
  ['another snapshot of the data', { snapshot: '44'.repeat(32) }],
  ['the release of an update', { update: { blob: '55'.repeat(32), bytes: 1, norm: '1' } }],
])('replay: an approval for %s does not count for this round', async (_what, changes) => {
  const here = await offered();
  const { value, ann } = await annsApproval(here, changes);
  plant(here, value, ann.sign);
  expect(() => approvedHere(here)).toThrow(expect.objectContaining({ code: 'APPROVAL_MISMATCH' }));
  await nothingLeaves(here, 'APPROVAL_MISMATCH');
});

test('replay: an approval of another institution, signed by its people and its installation, does not count here', async () => {
  const here = await offered();
  const there = await institution({ fresh: true });
  const { value } = await annsApproval(here);
  const theirs = await typing(there, 'ann');
  const key = toHex(theirs.publicKey);
  const signer = { ...value.signer, person: theirs.person.id, key } as Approval['signer'];
  const installation = there.node.store.keys.member.sign;
  plant(here, { ...value, signer }, theirs.sign, {
    person: personNamed(here.node.store.journal.read, 'ann')!.id,
    installation,
  });
  await nothingLeaves(here, 'SIGNATURE_INVALID');
});

test('an approval that Ann signed and the installation did not, or the other way round, does not count', async () => {
  const stranger = generateEd25519();
  const forged = (message: Uint8Array) => signEd25519(stranger.privateKey, message);
  for (const by of ['ann', 'installation'] as const) {
    const here = await offered();
    const { value, ann } = await annsApproval(here);
    plant(here, value, by === 'ann' ? ann.sign : forged, by === 'ann' ? { installation: forged } : {});
    await nothingLeaves(here, 'SIGNATURE_INVALID');
  }
});

test('the installation alone approves nothing: its approval names a policy, or does not count', async () => {
  const here = await offered();
  const { value } = await annsApproval(here);
  const { member } = here.node.store.keys;
  const at = value.at;
  const signer = {
    person: null,
    key: toHex(member.publicKey),
    role: 'installation',
    method: 'policy',
    authenticatedAt: at,
  } as const;
  plant(here, { ...value, signer, policy: null }, member.sign, { person: null });
  await nothingLeaves(here, 'SIGNATURE_INVALID');
});

test('expired by one second: an approval ends with the plan’s send deadline, to the millisecond', async () => {
  const here = await offered();
  here.clock.advance(30 * 60_000 - 1);
  await decides(here);
  here.clock.advance(30 * 60_000);
  expect(approvedHere(here)).toBeDefined();
  here.clock.advance(1);
  expect(() => approvedHere(here)).toThrow(/ended at/);
  here.clock.advance(999);
  await nothingLeaves(here, 'APPROVAL_EXPIRED');

  const late = await offered();
  late.clock.advance(30 * 60_000);
  await expect(decides(late)).rejects.toMatchObject({ code: 'APPROVAL_EXPIRED' });
  // To say no is never too late while the round waits.
  expect((await decides(late, 'ann', { decision: 'decline' })).complete).toBe(true);
});

test('approvals end together, with the first of those that count', async () => {
  const here = await offered(FOUR_EYES);
  const { value, ann } = await annsApproval(here, { notAfter: new Date(here.clock.now() + 5_000).toISOString() });
  plant(here, value, ann.sign);
  tamper(here, (tx) => tx.run("update round set approval = null, stage = 'awaiting'"));
  await decides(here, 'bob');
  expect(approvedHere(here).notAfter).toBe(value.notAfter);
  here.clock.advance(5_000);
  await nothingLeaves(here, 'APPROVAL_EXPIRED');
});

test('proposer approves: whoever joined the study approves none of its rounds, whatever other roles that person has', async () => {
  const here = await offered();
  changeRoles(consentOf(here), 'sam', ['steward', 'approver'], await typing(here, 'ada'));
  await expect(decides(here, 'sam')).rejects.toMatchObject({ code: 'PROPOSER_APPROVES' });
  const sam = await typing(here, 'sam');
  const bounds = draftBounds(here.study);
  const proposing = () => proposePolicy(consentOf(here), sam, { study: 'small', bounds, locale: 'en' });
  expect(proposing).toThrow(expect.objectContaining({ code: 'PROPOSER_APPROVES' }));
  const { policyHash } = proposePolicy(consentOf(here), await typing(here, 'ann'), {
    study: 'small',
    bounds,
    locale: 'en',
  });
  expect(() => confirmPolicy(consentOf(here), sam, 'small', policyHash)).toThrow(
    expect.objectContaining({ code: 'PROPOSER_APPROVES' }),
  );
});

const refusedAs = async (call: Promise<unknown>): Promise<string> => {
  try {
    await call;
  } catch (error) {
    return fromWire(error, 'NODE_UNREACHABLE').code;
  }
  return 'accepted';
};

test('admin approves through the API: refused at the door, and once more by what signs', async () => {
  const here = await offered();
  const calls = callsWithin(here.node);
  const { planHash, screenHash } = await calls.getRound({ name: KEY });
  const ask = { name: KEY, planHash, screenHash, decision: Decision.APPROVE, reason: 'because', password: PASSWORD };
  for (const login of ['ada', 'sam'] as const) {
    expect(await refusedAs(calls.as(login).decideRound(ask))).toBe('ROLE_MISSING');
    expect(await refusedAs(calls.as(login).signPolicy({ study: 'small', password: PASSWORD }))).toBe('ROLE_MISSING');
    expect(await refusedAs(calls.as(login).revokeRound({ name: KEY, reason: 'because', password: PASSWORD }))).toBe(
      'ROLE_MISSING',
    );
    expect(await refusedAs(calls.as(login).deferRound({ name: KEY }))).toBe('ROLE_MISSING');
    await expect(decides(here, login)).rejects.toMatchObject({ code: 'ROLE_MISSING' });
  }
  expect(rowOf(here).stage).toBe('awaiting');
  expect(await calls.as('ann').decideRound(ask)).toMatchObject({ complete: true });
});

test('role removed mid-session: from then on that person decides nothing, and what was approved does not count', async () => {
  const here = await offered(FOUR_EYES);
  const calls = callsWithin(here.node);
  const bob = calls.as('bob');
  const { planHash, screenHash } = await bob.getRound({ name: KEY });
  await decides(here, 'ann');
  const ask = { name: KEY, planHash, screenHash, decision: Decision.APPROVE, reason: 'because', password: PASSWORD };
  // The password has been checked and the key is unwrapped when the role goes.
  const typed = await typing(here, 'bob');
  const admin = await typing(here, 'ada');
  changeRoles(consentOf(here), 'bob', ['steward'], admin);
  const asked = { decision: 'approve', reason: 'because', locale: 'en', planHash, screen: screenHash } as const;
  expect(() => decide(consentOf(here), KEY, typed, asked)).toThrow(expect.objectContaining({ code: 'ROLE_MISSING' }));
  expect(await refusedAs(bob.decideRound(ask))).toBe('ROLE_MISSING');
  expect(here.kinds().filter((kind) => kind === 'approval.granted')).toHaveLength(1);

  changeRoles(consentOf(here), 'bob', ['approver'], admin);
  expect(await bob.decideRound(ask)).toMatchObject({ number: 2, complete: true });
  changeRoles(consentOf(here), 'ann', ['steward'], admin);
  await nothingLeaves(here, 'ROLE_MISSING');
});

test('an approval of somebody whose account ended, while others still had to approve, counts no more', async () => {
  const here = await offered(FOUR_EYES);
  await decides(here, 'ann');
  deactivate(consentOf(here), 'ann', await typing(here, 'ada'));
  expect(await decides(here, 'bob')).toMatchObject({ number: 1, needed: 2, complete: false });
  expect(rowOf(here).stage).toBe('awaiting');
});

test('a key that was replaced while its owner typed the password signs nothing; what it signed before still counts', async () => {
  const here = await offered(FOUR_EYES);
  await decides(here, 'ann');
  const before = await typing(here, 'bob');
  const admin = await typing(here, 'ada');
  await issueKey(consentOf(here), 'bob', PASSWORD, [admin]);
  const { planHash } = offeredHere(here);
  const screen = hashOf(screenOf(here.node.store.journal.read, rowOf(here), 'en'));
  const asked = { decision: 'approve', reason: 'because', locale: 'en', planHash, screen } as const;
  expect(() => decide(consentOf(here), KEY, before, asked)).toThrow(
    expect.objectContaining({ code: 'PERSON_INACTIVE' }),
  );
  await issueKey(consentOf(here), 'ann', PASSWORD, [admin]);
  expect(await decides(here, 'bob')).toMatchObject({ number: 2, complete: true });
  expect(approvedHere(here).approvals).toHaveLength(2);
});

test('wrong password N times: nothing is signed, and then even the right one has to wait', async () => {
  const here = await offered();
  const calls = callsWithin(here.node);
  const ann = calls.as('ann');
  const { planHash, screenHash } = await ann.getRound({ name: KEY });
  const ask = { name: KEY, planHash, screenHash, decision: Decision.APPROVE, reason: 'because' };
  for (let n = 0; n < 5; n++)
    expect(await refusedAs(ann.decideRound({ ...ask, password: `guess ${n}` }))).toBe('PASSWORD_WRONG');
  expect(await refusedAs(ann.decideRound({ ...ask, password: PASSWORD }))).toBe('SIGN_IN_DELAYED');
  expect(here.kinds().filter((kind) => kind === 'session.refused')).toHaveLength(5);
  expect(rowOf(here).stage).toBe('awaiting');
  here.clock.advance(1_000);
  expect(await ann.decideRound({ ...ask, password: PASSWORD })).toMatchObject({ complete: true });
});

test('another window races: of two decisions made at the same moment one counts, and the other is told so', async () => {
  const here = await offered();
  const calls = callsWithin(here.node);
  const { planHash, screenHash } = await calls.as('ann').getRound({ name: KEY });
  const about = { name: KEY, planHash, screenHash, reason: 'because', password: PASSWORD };
  const said = await Promise.all([
    refusedAs(calls.as('ann').decideRound({ ...about, decision: Decision.APPROVE })),
    refusedAs(calls.as('bob').decideRound({ ...about, decision: Decision.DECLINE })),
  ]);
  expect(said.toSorted()).toEqual(['ROUND_STATE', 'accepted']);
  expect(here.kinds().filter((kind) => kind.startsWith('approval.'))).toHaveLength(1);
  expect(here.node.store.journal.read.all("select 1 from outbox where purpose = 'decision'")).toHaveLength(1);
});

test('another window races: one person in two windows approves once', async () => {
  const here = await offered(FOUR_EYES);
  const calls = callsWithin(here.node);
  const { planHash, screenHash } = await calls.as('ann').getRound({ name: KEY });
  const about = { name: KEY, planHash, screenHash, reason: 'because', password: PASSWORD, decision: Decision.APPROVE };
  const said = await Promise.all([
    refusedAs(calls.as('ann').decideRound(about)),
    refusedAs(calls.as('ann').decideRound(about)),
  ]);
  expect(said.toSorted()).toEqual(['APPROVED_BEFORE', 'accepted']);
  expect(rowOf(here).stage).toBe('awaiting');
});

test('rows withdrawn between reading and signing: what was shown is not what would be signed', async () => {
  const here = await offered(FOUR_EYES);
  await decides(here, 'ann');
  const calls = callsWithin(here.node);
  const { planHash, screenHash } = await calls.as('bob').getRound({ name: KEY });
  const { dataset } = joinedStudyOf(here.node.store.journal.read, 'small');
  await withdraw(here.node, dataset, 'x', ['0']);
  const ask = { name: KEY, planHash, screenHash, decision: Decision.APPROVE, reason: 'because', password: PASSWORD };
  expect(await refusedAs(calls.as('bob').decideRound(ask))).toBe('APPROVAL_MISMATCH');
  // Nor does what Ann approved before, for other rows.
  expect(await decides(here, 'bob')).toMatchObject({ number: 1, complete: false });
});

test('two rounds in parallel: each has its own approvals, and each approval is used up once', async () => {
  const here = await offered(FOUR_EYES);
  const other = { study: 'small', round: 2, attempt: 1 };
  const next = here.coordinator.plan(here.study, ['alpha', 'beta'], { round: 2 });
  tamper(here, (tx) =>
    tx.run(
      `insert into round (study, round, attempt, plan, bytes, signature, stage) select study, 2, 1, ?, ?, signature, 'awaiting' from round`,
      next.hash,
      next.event.kind.value!.record,
    ),
  );
  for (const login of ['ann', 'bob'] as const) {
    await decides(here, login);
    await decides(here, login, {}, other);
  }
  await Promise.all([KEY, other].map((key) => runRound(here.node.rounds, key, forever)));
  expect([rowOf(here).stage, rowOf(here, other).stage]).toEqual(['sending', 'sending']);
  const states = here.node.store.journal.read.all<{ round: number; state: string }>(
    'select round, state from approval order by round',
  );
  expect(states).toEqual([1, 1, 2, 2].map((round) => ({ round, state: 'used' })));

  // Used up once: the same approvals carry no second update.
  tamper(here, (tx) => tx.run("update round set stage = 'sealed' where round = 1"));
  await runRound(here.node.rounds, KEY, forever);
  expect(rowOf(here).code).toMatch(/^APPROVAL_USED/);
  expect(here.node.store.journal.read.all("select 1 from outbox where purpose = 'update'")).toHaveLength(2);
});

test('rules that are changed between two approvals hold from then on', async () => {
  const here = await offered(FOUR_EYES);
  await decides(here, 'ann');
  changeRules(consentOf(here), { ...EASY_RULES, approvals: 3 }, [await typing(here, 'ada')]);
  expect(await decides(here, 'bob')).toMatchObject({ number: 2, needed: 3, complete: false });
});
