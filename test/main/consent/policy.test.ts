import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { policyInForce } from '../../../main/consent/in-force.ts';
import {
  allows,
  approveByPolicy,
  confirmPolicy,
  draftBounds,
  policiesOf,
  policyStatement,
  proposePolicy,
  revokePolicy,
} from '../../../main/consent/policy.ts';
import { changeRoles } from '../../../main/people/accounts.ts';
import { changeRules } from '../../../main/people/rules.ts';
import { runRound } from '../../../main/round.ts';
import { POLICY_DAYS, type Policy } from '../../../shared/records/consent.ts';
import { encodeUtf8 } from '../../../shared/wire/canonical.ts';
import {
  approvedHere,
  consentOf,
  KEY,
  offeredHere,
  rowOf,
  standingPolicy,
  tamper,
  typing,
} from '../../support/deciding.ts';
import { institution, smallStudy } from '../../support/institution.ts';
import { EASY_RULES, type Login } from '../../support/people.ts';

const forever = new AbortController().signal;
const DAY = 24 * 3600_000;

async function offered(rules = EASY_RULES) {
  const here = await institution({ rules });
  const plan = here.coordinator.plan(here.study, ['alpha', 'beta']);
  here.take(plan);
  await here.node.store.blobs.put(plan.model);
  return { ...here, ...plan };
}

test('two people sign the same bytes; each automatic approval is its own record, by the installation alone, naming the policy', async () => {
  const here = await offered();
  const bounds = draftBounds(here.study);
  const first = proposePolicy(consentOf(here), await typing(here, 'ann'), { study: 'small', bounds, locale: 'zh' });
  expect(first).toMatchObject({ number: 1, needed: 2, inForce: false });
  expect(first.meaning).toMatch(/^无需再次询问即发送/);
  const second = confirmPolicy(consentOf(here), await typing(here, 'bob'), 'small', first.policyHash);
  expect(second).toEqual({ ...first, number: 2, inForce: true });
  expect(here.kinds().slice(-2)).toEqual(['policy.signed', 'policy.signed']);
  expect(approveByPolicy(consentOf(here), offeredHere(here))).toBe(true);
  const { member } = here.node.store.keys;
  expect(approvedHere(here).approval).toMatchObject({
    policy: first.policyHash,
    signer: {
      role: 'installation',
      method: 'policy',
      person: null,
      key: Buffer.from(member.publicKey).toString('hex'),
    },
    reason: null,
    needed: 1,
    prior: [],
    locale: 'zh',
  });
  expect(here.kinds().slice(-1)).toEqual(['approval.granted']);
});

test('the statement that is shown before proposing is signed word for word, and its end is within 90 days', async () => {
  const here = await offered();
  const asked = { study: 'small', bounds: { ...draftBounds(here.study), days: 7 }, locale: 'en' as const };
  const ann = await typing(here, 'ann');
  const shown = policyStatement(consentOf(here), asked);
  const later = { ...consentOf(here), now: () => here.node.clock.now() + 90_000 };
  expect(proposePolicy(later, ann, { ...asked, notAfter: shown.notAfter }).meaning).toBe(shown.statement);
  const now = here.node.clock.now();
  const refused = [now, now - DAY, now + POLICY_DAYS * DAY + 1].map((at) => new Date(at).toISOString());
  for (const notAfter of [...refused, 'tomorrow', shown.notAfter.slice(0, 10)])
    expect(() => proposePolicy(consentOf(here), ann, { ...asked, notAfter })).toThrow(
      expect.objectContaining({ code: 'POLICY_INVALID' }),
    );
});

test('after installation every round waits for people, and a draft of a policy changes nothing of that', async () => {
  const here = await offered();
  expect(draftBounds(here.study)).toMatchObject({ rounds: 3, hours: null, epsilon: null, days: POLICY_DAYS });
  expect(policiesOf(here.node.store.journal.read, 'small')).toEqual([]);
  await runRound(here.node.rounds, KEY, forever);
  expect(rowOf(here).stage).toBe('awaiting');
});

test.each<[string, Parameters<typeof standingPolicy>[1]]>([
  ['the bytes of an update', { bytes: 10 }],
  ['the norm bound', { norm: '0.5' }],
  ['the size of the cohort', { cohort: 3 }],
  ['the hours of the day', { hours: { from: 4, to: 24 } }],
])('just outside a bound people have to decide: %s', async (_what, bound) => {
  const here = await offered();
  await standingPolicy(here, bound);
  expect(approveByPolicy(consentOf(here), offeredHere(here))).toBe(false);
  expect(rowOf(here).stage).toBe('awaiting');
});

test('an expired policy leaves rounds to people, and so does a revoked one', async () => {
  const here = await offered();
  await standingPolicy(here, { days: 1 });
  const { person } = await typing(here, 'ann');
  expect(policyInForce(consentOf(here), 'small')).toBeDefined();
  here.clock.advance(DAY - 1);
  expect(policyInForce(consentOf(here), 'small')).toBeDefined();
  here.clock.advance(1);
  expect(policyInForce(consentOf(here), 'small')).toBeUndefined();
  await standingPolicy(here);
  revokePolicy(consentOf(here), 'small', person);
  expect(policyInForce(consentOf(here), 'small')).toBeUndefined();
  expect(here.kinds().slice(-1)).toEqual(['policy.revoked']);
  expect(() => revokePolicy(consentOf(here), 'small', person)).toThrow(
    expect.objectContaining({ code: 'POLICY_INVALID' }),
  );
});

test('revoking a policy stops what it approved and has not left; replacing it by another does not', async () => {
  for (const replaced of [true, false]) {
    const here = await offered();
    await standingPolicy(here);
    expect(approveByPolicy(consentOf(here), offeredHere(here))).toBe(true);
    if (replaced) await standingPolicy(here, { rounds: 2 });
    else revokePolicy(consentOf(here), 'small', (await typing(here, 'bob')).person);
    await runRound(here.node.rounds, KEY, forever);
    expect(rowOf(here).stage).toBe(replaced ? 'sending' : 'failed');
    if (!replaced) expect(rowOf(here).code).toMatch(/^APPROVAL_REVOKED/);
  }
});

test('a policy lasts 90 days at most; its bounds make sense, or it is refused', async () => {
  const here = await offered();
  for (const wrong of [{ days: 91 }, { days: 0 }, { norm: '0' }, { norm: '-1' }, { hours: { from: 9, to: 9 } }])
    await expect(standingPolicy(here, wrong)).rejects.toMatchObject({ code: 'POLICY_INVALID' });
  expect((await standingPolicy(here, { days: 90 })).inForce).toBe(true);
});

test('where more than two people approve a round, as many sign a policy, also when the rules became so later', async () => {
  const here = await offered();
  await standingPolicy(here);
  changeRules(consentOf(here), { ...EASY_RULES, approvals: 3 }, [await typing(here, 'ada')]);
  expect(policyInForce(consentOf(here), 'small')).toBeUndefined();
  expect(await standingPolicy(here)).toMatchObject({ number: 2, needed: 3, inForce: false });
});

const plan = planOf();
function planOf() {
  const definition = smallStudy();
  return {
    definition,
    round: 2,
    attempt: 2,
    studyHash: 'a',
    update: { vectors: ['delta'], bytes: 100 },
    cohort: ['alpha', 'beta', 'gamma'],
  } as unknown as Parameters<typeof allows>[1]['plan'];
}
const NOON = Date.parse('2026-03-02T12:00:00.000Z');
const POLICY = {
  study: 'small',
  studyHash: 'a',
  member: 'alpha',
  bounds: {
    rounds: 2,
    attempts: 2,
    bytes: 100,
    norm: String(plan.definition.bounds.norm),
    cohort: 3,
    hours: { from: 12, to: 13 },
    epsilon: null,
  },
  notBefore: new Date(NOON).toISOString(),
  notAfter: new Date(NOON + 1).toISOString(),
} as unknown as Policy;

test('a policy at its bound allows, and just over it does not, for every bound', () => {
  expect(allows(POLICY, { plan }, 'alpha', NOON)).toBe(true);
  const over: [Partial<typeof plan> | { bounds: Partial<Policy['bounds']> }, string?, number?][] = [
    [{ round: 3 }],
    [{ attempt: 3 }],
    [{ update: { vectors: ['delta'], bytes: 101 } }],
    [{ cohort: ['alpha', 'beta'] }],
    [{ studyHash: 'b' }],
    [{}, 'beta'],
    [{}, 'alpha', NOON - 1],
    [{}, 'alpha', NOON + 1],
  ];
  for (const [changes, member = 'alpha', now = NOON] of over)
    expect(allows(POLICY, { plan: { ...plan, ...changes } }, member, now), JSON.stringify(changes)).toBe(false);
  const tighter = (bounds: Partial<Policy['bounds']>) => ({ ...POLICY, bounds: { ...POLICY.bounds, ...bounds } });
  expect(allows(tighter({ norm: String(plan.definition.bounds.norm * 0.999) }), { plan }, 'alpha', NOON)).toBe(false);
  expect(allows(tighter({ hours: { from: 11, to: 12 } }), { plan }, 'alpha', NOON)).toBe(false);
  expect(allows(tighter({ hours: { from: 13, to: 24 } }), { plan }, 'alpha', NOON)).toBe(false);
  expect(allows(tighter({ hours: null }), { plan }, 'alpha', NOON)).toBe(true);
});

test('whatever a plan asks, a policy allows it exactly when every one of its bounds holds', () => {
  const small = fc.integer({ min: 1, max: 4 });
  const draw = fc.record({ rounds: small, attempts: small, bytes: small, cohort: small, norm: small });
  fc.assert(
    fc.property(draw, draw, fc.integer({ min: 0, max: 23 }), small, (asked, bound, from, length) => {
      const members = Array.from({ length: asked.cohort }, (_, i) => `m${i}`);
      const definition = { ...plan.definition, bounds: { norm: asked.norm } };
      const proposed = { ...plan, definition, round: asked.rounds, attempt: asked.attempts, cohort: members };
      const candidate = { ...proposed, update: { vectors: ['delta'], bytes: asked.bytes } };
      const hours = { from, to: Math.min(24, from + length) };
      const policy = { ...POLICY, bounds: { ...bound, norm: String(bound.norm), hours, epsilon: null } };
      const within =
        asked.rounds <= bound.rounds &&
        asked.attempts <= bound.attempts &&
        asked.bytes <= bound.bytes &&
        asked.norm <= bound.norm &&
        asked.cohort >= bound.cohort &&
        12 >= hours.from &&
        12 < hours.to;
      expect(allows(policy, { plan: candidate }, 'alpha', NOON)).toBe(within);
    }),
  );
});

test('a policy that one person signed, or one person twice, or one who may not any more, is not in force', async () => {
  const here = await offered();
  const bounds = draftBounds(here.study);
  const ann = await typing(here, 'ann');
  const { policyHash, inForce } = proposePolicy(consentOf(here), ann, { study: 'small', bounds, locale: 'en' });
  expect(inForce).toBe(false);
  expect(() => confirmPolicy(consentOf(here), ann, 'small', policyHash)).toThrow(
    expect.objectContaining({ code: 'APPROVED_BEFORE' }),
  );
  expect(approveByPolicy(consentOf(here), offeredHere(here))).toBe(false);
  confirmPolicy(consentOf(here), await typing(here, 'bob'), 'small', policyHash);
  expect(policyInForce(consentOf(here), 'small')?.hash).toBe(policyHash);
  changeRoles(consentOf(here), 'ann', ['steward'], await typing(here, 'ada'));
  expect(policyInForce(consentOf(here), 'small')).toBeUndefined();
  expect(approveByPolicy(consentOf(here), offeredHere(here))).toBe(false);
});

test('a policy of which one byte was changed, or whose signatures are of others, approves nothing', async () => {
  const here = await offered();
  const { policyHash } = await standingPolicy(here);
  tamper(here, (tx) => tx.run('update policy_signature set signature = ? where rowid = 1', encodeUtf8('x'.repeat(64))));
  expect(approveByPolicy(consentOf(here), offeredHere(here))).toBe(false);
  const other = await offered();
  const fresh = await standingPolicy(other);
  tamper(other, (tx) =>
    tx.run(
      `update signed_record set bytes = cast(replace(cast(bytes as text), '"rounds":3', '"rounds":9') as blob) where hash = ?`,
      fresh.policyHash,
    ),
  );
  expect(() => approveByPolicy(consentOf(other), offeredHere(other))).toThrow(
    expect.objectContaining({ code: 'STORE_DAMAGED' }),
  );
  expect(policyHash).toMatch(/^[0-9a-f]{64}$/);
});

test.each<[string, Login]>([
  ['an admin', 'ada'],
  ['a steward', 'sam'],
])('%s cannot make a policy or revoke one', async (_who, login) => {
  const here = await offered();
  const signer = await typing(here, login);
  const asked = { study: 'small', bounds: draftBounds(here.study), locale: 'en' } as const;
  expect(() => proposePolicy(consentOf(here), signer, asked)).toThrow(
    expect.objectContaining({ code: 'ROLE_MISSING' }),
  );
});
