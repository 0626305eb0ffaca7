import { expect, test } from 'vitest';
import { planRecord } from '../../shared/records/round.ts';
import { gradientBytes, openConsortium, startedStudy, tinyStudy, type Consortium } from '../support/open-consortium.ts';
import { refusalOf } from '../support/signing-member.ts';

const blob = gradientBytes(1, 1);
const statusOf = async ({ admin }: Consortium) => (await admin.getStatus({})).studies[0]!;

async function started() {
  const consortium = await openConsortium();
  const study = tinyStudy(['cohort', { least: 3, quorum: 2 }]);
  const [alpha, beta, gamma] = await startedStudy(consortium, study, ['alpha', 'beta', 'gamma']);
  return { consortium, study, alpha: alpha!, beta: beta!, gamma: gamma!, announced: await alpha!.plan() };
}

test('a member that leaves a study is not waited for, is asked no more, and the others go on', async () => {
  const { consortium, study, alpha, beta, gamma, announced } = await started();
  await alpha.contribute(announced, blob);
  await beta.contribute(announced, blob);
  await gamma.decide(announced);
  const left = await gamma.leave(study);
  await consortium.idle();
  expect(consortium.details('member.left')).toMatchObject([{ member: 'gamma' }]);
  expect(consortium.details('round.aggregated')).toMatchObject([{ members: 2 }]);
  const next = await alpha.plan();
  expect([next.plan.round, next.plan.cohort]).toEqual([2, ['alpha', 'beta']]);
  const plans = (await gamma.events()).filter(({ kind }) => kind.case === 'plan');
  expect(plans.map(({ kind }) => planRecord.decode(kind.value!.record).round)).toEqual([1]);
  expect(await refusalOf(gamma.submit(gamma.statement(announced, blob)))).toBe('UPDATE_LATE');
  // The same again is answered the same, and recorded once.
  await gamma.calls.leave({ leave: left });
  await gamma.leave(study);
  expect(consortium.details('member.left')).toHaveLength(1);
});

test('a leaving counts once: sent again after a new joining it ends nothing, also not after a restart', async () => {
  const { consortium, study, alpha, beta, gamma, announced } = await started();
  const left = await gamma.leave(study);
  await gamma.join(study);
  await gamma.calls.leave({ leave: left });
  await consortium.restart();
  await gamma.calls.leave({ leave: left });
  await alpha.contribute(announced, blob);
  await beta.contribute(announced, blob);
  await consortium.idle();
  expect((await gamma.plan()).plan.cohort).toEqual(['alpha', 'beta', 'gamma']);
});

test('whoever leaves another version of a study, or in another’s name, is refused', async () => {
  const { study, alpha, beta } = await started();
  expect(await refusalOf(alpha.leave({ ...study, rounds: 2 }))).toBe('RECORD_INVALID');
  const forged = await beta.leave(study);
  expect(await refusalOf(alpha.calls.leave({ leave: forged }))).toBe('SIGNATURE_INVALID');
});

test('a member that left fetches no model of the study any more', async () => {
  const { study, gamma, announced } = await started();
  const fetchModel = () => gamma.request(gamma.blobUrl(announced.plan.inputModel.sha256));
  expect((await fetchModel()).status).toBe(200);
  await gamma.leave(study);
  expect((await fetchModel()).status).toBe(404);
});

test('with too few members left the study pauses, and goes on when one has joined again', async () => {
  const { consortium, study, alpha, beta, gamma } = await started();
  await gamma.leave(study);
  await beta.leave(study);
  await consortium.idle();
  expect((await statusOf(consortium)).state).toBe('paused');
  await beta.join(study);
  await consortium.admin.resumeStudy({ study: study.id });
  await consortium.idle();
  expect((await alpha.plan()).plan).toMatchObject({ round: 1, attempt: 2, cohort: ['alpha', 'beta'] });
});
