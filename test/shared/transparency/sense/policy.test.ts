// Standing policies: signed by two, and every bound of them at its edge and just over it.
import { expect, test } from 'vitest';
import type { Approval, Policy } from '../../../../shared/records/consent.ts';
import { expectSound, expectWrong, judged } from '../../../support/judging.ts';
import { actor, ada, ann, ben, bob, hashOf, keyOf, type NodeLog, sam } from '../../../support/node-log.ts';

const one = keyOf(1);

/** A round under a policy whose bounds, and an approval whose values, the test sets. */
const under =
  (bounds: Partial<Policy['bounds']>, said: Partial<Approval> = {}, key = one) =>
  (log: NodeLog) => {
    log.founded();
    const policy = log.policy('small', [ann, bob], (made) => ({ ...made, bounds: { ...made.bounds, ...bounds } }));
    log.offered(key);
    log.carriedOut(log.decided(key, { policy }, { change: (made) => ({ ...made, ...said }) }));
  };

test.each<[string, Partial<Policy['bounds']>, Partial<Approval>, typeof one, string]>([
  ['rounds', { rounds: 7 }, {}, keyOf(8), 'ends with round 7'],
  ['attempts', { attempts: 1 }, {}, { ...one, attempt: 2 }, 'allows 1 attempts'],
  ['bytes', { bytes: 991 }, {}, one, 'allows 991 bytes'],
  ['norm', { norm: '10' }, { normBound: '10.0000001' }, one, 'allows a norm of 10'],
  ['cohort', { cohort: 5 }, {}, one, 'asks for a cohort of 5'],
  ['hours', { hours: { from: 9, to: 17 } }, {}, one, "holds from 9 to 17 o'clock"],
  ['study', {}, { studyHash: hashOf('changed') }, one, 'is for another study'],
])('a policy just over its bound of %s covers nothing', async (_, bounds, said, key, words) => {
  await expectWrong(under(bounds, said, key), 'approval.granted', words);
});

test.each<[string, Partial<Policy['bounds']>, Partial<Approval>, typeof one]>([
  ['rounds', { rounds: 8 }, {}, keyOf(8)],
  ['attempts', { attempts: 2 }, {}, { ...one, attempt: 2 }],
  ['bytes', { bytes: 992 }, {}, one],
  ['norm', { norm: '1e1' }, { normBound: '10.0' }, one],
  ['cohort', { cohort: 4 }, {}, one],
  ['hours', { hours: { from: 8, to: 9 } }, {}, one],
])('a policy at its bound of %s covers the round', async (_, bounds, said, key) => {
  await expectSound(under(bounds, said, key), [[key.round, 'sent']]);
});

test('a policy that has ended, or is not in force yet, covers nothing', async () => {
  const when = (change: (policy: Policy) => Policy) => (log: NodeLog) => {
    log.founded();
    const policy = log.policy('small', [ann, bob], change);
    log.automaticRound(one, policy);
  };
  await expectWrong(
    when((policy) => ({ ...policy, notAfter: policy.notBefore })),
    'approval.granted',
    'is in force from',
  );
  await expectWrong(
    when((policy) => ({ ...policy, notBefore: policy.notAfter })),
    'approval.granted',
    'is in force from',
  );
});

test('a policy that was revoked covers nothing from then on, and what it covered before holds', async () => {
  const { result, rounds } = await judged((log) => {
    log.founded();
    const policy = log.policy('small', [ann, bob]);
    log.automaticRound(one, policy);
    log.revokePolicy('small', policy, ann);
    log.automaticRound(keyOf(2), policy);
  });
  expect(result).toMatchObject({ ok: false, message: expect.stringContaining('was revoked by record') as string });
  expect(rounds.map(({ round, verdict }) => [round, verdict])).toEqual([
    [1, 'ok'],
    [2, 'failed'],
  ]);
});

test('a policy that is revoked ends what it approved and has not left yet; one that is replaced does not', async () => {
  const taken = (replacedBy: string | null) => (log: NodeLog) => {
    log.founded();
    const policy = log.policy('small', [ann, bob]);
    log.offered(one);
    const given = log.decided(one, { policy });
    log.revokePolicy('small', policy, ann, replacedBy);
    log.carriedOut(given);
  };
  await expectWrong(taken(null), 'update.intended', 'rests on a policy that record');
  await expectSound(taken(hashOf('another policy')), [[1, 'sent']]);
});

test('a policy covers nothing once one of its signers is no approver, or the rules ask for three people', async () => {
  const after = (change: (log: NodeLog) => void) => (log: NodeLog) => {
    log.founded();
    const policy = log.policy('small', [ann, bob]);
    change(log);
    log.automaticRound(one, policy);
  };
  const role = (log: NodeLog) => log.account('change-roles', { ...ann, roles: ['steward'] }, [ada]);
  await expectWrong(after(role), 'approval.granted', '1 of 2 approvers signed');
  await expectWrong(
    after((log) => log.rules(3, [ada, ben])),
    'approval.granted',
    '2 of 3 approvers signed',
  );
});

test.each<[string, (log: NodeLog) => string, string, string]>([
  ['one person', (log) => log.policy('small', [ann]), 'approval.granted', '1 of 2 approvers signed'],
  ['one person twice', (log) => log.policy('small', [ann, ann]), 'policy.signed', 'two people sign a policy'],
  ['an admin', (log) => log.policy('small', [ann, ada]), 'policy.signed', 'no approver'],
  ['a steward', (log) => log.policy('small', [ann, sam]), 'policy.signed', 'no approver'],
  [
    'people for more than 90 days',
    (log) => log.policy('small', [ann, bob], (policy) => ({ ...policy, notAfter: '2026-06-15T00:00:00.000Z' })),
    'policy.signed',
    '90 days',
  ],
  [
    'people for another institution',
    (log) => log.policy('small', [ann, bob], (policy) => ({ ...policy, member: 'south' })),
    'policy.signed',
    'another institution',
  ],
  [
    'people for another study than the record says',
    (log) => log.policy('small', [ann, bob], (policy) => ({ ...policy, study: 'other' })),
    'policy.signed',
    'policy for other',
  ],
  ['nobody', () => hashOf('a policy'), 'approval.granted', 'nobody signed'],
])('a policy signed by %s covers nothing', async (_, sign, kind, words) => {
  await expectWrong(
    (log) => {
      log.founded();
      log.automaticRound(one, sign(log));
    },
    kind,
    words,
  );
});

test('a policy signed by the approver who as steward joined the study covers nothing', async () => {
  const both = actor('Eve', 'steward', 'approver');
  await expectWrong(
    (log) => {
      log.founded();
      log.account('add', both, [ada]);
      log.decideStudy('join', 'small', both);
      log.policy('small', [ann, both]);
    },
    'policy.signed',
    'who as steward joined',
  );
});

test('an automatic approval that names no policy, or is signed by another key, fails', async () => {
  const automatic = (more: Parameters<NodeLog['decided']>[2]) => (log: NodeLog) => {
    log.founded();
    const policy = log.policy('small', [ann, bob]);
    log.offered(one);
    log.decided(one, { policy }, more);
  };
  await expectWrong(
    automatic({ change: (said) => ({ ...said, policy: null }) }),
    'approval.granted',
    'names no policy',
  );
  await expectWrong(automatic({ signWith: ann.seed }), 'approval.granted', 'does not verify');
  await expectWrong(automatic({ decision: 'decline' }), 'approval.declined', 'no person signed');
});
