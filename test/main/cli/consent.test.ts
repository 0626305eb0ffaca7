import { expect, test } from 'vitest';
import { openNode } from '../../../main/node.ts';
import { runRound } from '../../../main/round.ts';
import { joinedStudyOf } from '../../../main/store/rounds.ts';
import { KEY, rowOf } from '../../support/deciding.ts';
import { institution, PASSPHRASE } from '../../support/institution.ts';
import { leastSquares } from '../../support/least-squares-trainer.ts';
import { EASY_RULES } from '../../support/people.ts';
import { terminal } from '../../support/terminal.ts';

const FOUR_EYES = { ...EASY_RULES, approvals: 2 };
const ALWAYS = { ...FOUR_EYES, release: { when: 'always', norm: '3' } } as const;

/** A round waits at an institution whose node does not run; every command opens its store. */
async function waiting(rules: typeof EASY_RULES = FOUR_EYES) {
  const here = await institution({ rules });
  const plan = here.coordinator.plan(here.study, ['alpha', 'beta']);
  here.take(plan);
  await here.node.store.blobs.put(plan.model);
  const { dataset } = joinedStudyOf(here.node.store.journal.read, 'small');
  await here.node.close();
  const { clock, home } = here;
  const shell = terminal({ clock, openProblem: leastSquares }, { home, passphrase: PASSPHRASE });
  const as = (login: string, ...argv: string[]) => shell.run(['--as', login, ...argv]);
  /** Takes the round as far as it goes, as the running node would. */
  const works = async () => {
    const node = await openNode({ home, passphrase: PASSPHRASE, clock, openProblem: leastSquares });
    await runRound(node.rounds, KEY, new AbortController().signal);
    const { stage } = rowOf({ node, clock, study: here.study });
    await node.close();
    return stage;
  };
  return { ...here, ...shell, as, works, dataset };
}

test('a round is shown with what leaves, what changed and who decided, and two people approve it', async () => {
  const { as, works } = await waiting();
  const { out } = await as('sam', 'show', 'small', '1');
  expect(out).toMatch(/What leaves: the change of the model/);
  expect(out).toMatch(/What changed:\n {2}No round of this study was approved here before\./);
  expect(out).toContain('Nobody has decided yet; 2 different people have to approve.');
  expect(out).toContain('sam is not an approver here');
  const refused = await as('sam', 'approve', 'small', '1', '--reason', 'because');
  expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('[ROLE_MISSING]')]);
  expect((await as('ann', 'defer', 'small', '1')).out).toMatch(/^Recorded/);

  const first = await as('ann', 'approve', 'small', '1', '--reason', 'agreed with the board');
  expect(first.out).toMatch(/\nYou sign: What leaves: one update, which the coordinator can read/);
  expect(first.out).toContain('That was 1 of 2: others have to approve, too.');
  const twice = await as('ann', 'approve', 'small', '1', '--reason', 'once more');
  expect(twice.err).toContain('[APPROVED_BEFORE]');
  const second = await as('bob', 'approve', 'small', '1', '--reason', 'me too');
  expect(second.out).toContain('Ann Approver approved at ');
  expect(second.out).toContain(': agreed with the board');
  expect(second.out).toContain('That was 2 of 2: training starts.');
  expect(await works()).toBe('sending');
  const revoked = await as('ann', 'revoke', 'small', '1', '--reason', 'found a mistake');
  expect(revoked.out).toMatch(
    /^You sign: What leaves: nothing from now on[\s\S]*The round is over here; nothing is sent/,
  );
});

test('an update that waits is shown in figures, and the same commands release it or decline to', async () => {
  const { as, works } = await waiting(ALWAYS);
  for (const login of ['ann', 'bob']) await as(login, 'approve', 'small', '1', '--reason', 'fine with us');
  expect(await works()).toBe('releasing');
  const shown = await as('ann', 'show', 'small', '1');
  expect(shown.out).toContain('the rules here ask people to see each one before it leaves');
  expect(shown.out).toMatch(/delta\/dense_1\/kernel +\[1 x 1\] +4 +[\d.e-]+ +[\d.e-]+ +[\d.e-]+ +█·{19}\n/);
  expect(shown.out).toContain('no update of this study has left before');
  const released = await as('ann', 'approve', 'small', '1', '--reason', 'looks as usual');
  expect(released.out).toMatch(/\nYou sign: What leaves: the update that I was shown/);
  expect(await works()).toBe('releasing');
  const declined = await as('bob', 'decline', 'small', '1', '--reason', 'too large', '--locale', 'zh');
  expect(declined.out).toContain('Ann Approver released at ');
  expect(declined.out).toMatch(/You sign: 发送内容：无。/);
  expect(declined.out).toContain('Nothing is sent for this round.');
});

test('a policy is proposed by one and signed by another who reads it first; the study’s page shows both, and a draft', async () => {
  const { as } = await waiting();
  const page = await as('sam', 'study', 'small');
  expect(page.out).toContain('Every round waits for people.');
  expect(page.out).toMatch(
    /A standing policy could be: up to round 3, 3 attempts each, .* at any hour, 90 days, signed by 2\./,
  );
  const proposed = await as('ann', 'policy', 'small', '--days', '30', '--hours', '3-18');
  expect(proposed.out).toMatch(
    /^You signed: What leaves without anybody being asked again: .* from 03:00 to 18:00 UTC\./,
  );
  const [, hash] = /--sign ([0-9a-f]{64})/.exec(proposed.out)!;
  expect((await as('ann', 'policy', 'small', '--sign', hash!)).err).toContain('[APPROVED_BEFORE]');
  const signed = await as('bob', 'policy', 'small', '--sign', hash!);
  expect(signed.out).toMatch(
    /^You sign: What leaves without anybody being asked again[\s\S]*signature 2 of 2\nIt is in force/,
  );
  expect((await as('sam', 'study', 'small')).out).toContain('in force, until 2026-02-01');
  expect((await as('sam', 'policy', 'small', '--revoke')).err).toContain('[ROLE_MISSING]');
  expect((await as('bob', 'policy', 'small', '--revoke')).out).toMatch(/^Revoked/);
  expect((await as('ann', 'policy', 'small', '--hours', 'always')).code).toBe(2);
});

test('a study is left and joined again, each with the statement that is signed', async () => {
  const { as, file, dataset } = await waiting();
  const left = await as('sam', 'leave', 'small', '--reason', 'the board asks us to');
  expect(left.out).toMatch(/^You sign: What leaves: that this hospital takes part no more[\s\S]*Left small, signed/);
  expect((await as('ann', 'study', 'small')).out).toContain('Left at 2026-01-02');
  expect((await as('ann', 'approve', 'small', '1', '--reason', 'too late')).err).toContain('[ROUND_STATE]');
  const document = `ethics-approval=${file('board.txt', 'agreed')}`;
  const joined = await as('sam', 'join', 'small', '--dataset', dataset, '--document', document, '--document', document);
  expect(joined.out).toMatch(/^You sign: What leaves: now, that this hospital takes part.* resting on 2 documents\./);
  expect(joined.out).toContain('Joined small: 40 of 40 rows can be used.');
  expect((await as('sam', 'join', 'small', '--dataset', dataset, '--document', 'rumour')).code).toBe(2);
  const gone = await as('sam', 'join', 'small', '--dataset', dataset, '--document', 'contract=/no/such/file');
  expect(gone.err).toContain('[FILE_UNREADABLE]');
});
