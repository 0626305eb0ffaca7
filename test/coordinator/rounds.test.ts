import { describe, expect, it } from 'vitest';
import { outcomeRecord, planRecord, studyStateRecord } from '../../shared/records/round.ts';
import {
  admitted,
  gradientBytes,
  openConsortium,
  startedStudy,
  tinyStudy,
  type Consortium,
} from '../support/open-consortium.ts';
import { refusalOf, type SigningMember } from '../support/signing-member.ts';

const blob = gradientBytes(1, 1);
const SECOND = 1000;
const started = async (ids: string[], ...changes: [string, unknown][]) => {
  const consortium = await openConsortium();
  const members = await startedStudy(consortium, tinyStudy(...changes), ids);
  return { consortium, members, announced: await members[0]!.plan() };
};
const statusOf = async ({ admin }: Consortium) => (await admin.getStatus({})).studies[0]!;
const told = async (member: SigningMember) =>
  (await member.events()).map(({ kind: { case: kind, value } }) => {
    if (kind === 'plan') {
      const { round, attempt } = planRecord.decode(value.record);
      return `plan ${round}.${attempt}`;
    }
    if (kind === 'outcome') return outcomeRecord.decode(value.record).result;
    return kind === 'studyState' ? studyStateRecord.decode(value.record).state : kind;
  });
/** Turns the clock and lets the coordinator do what is due. */
const pass = async ({ clock, idle }: Consortium, milliseconds: number) => {
  clock.advance(milliseconds);
  await idle();
};

describe('a member that vanishes', () => {
  it('does not hold the others up longer than the deadline', async () => {
    const { consortium, members, announced } = await started(
      ['alpha', 'beta', 'gamma'],
      ['cohort', { least: 3, quorum: 2 }],
    );
    const [alpha, beta, gamma] = members;
    await gamma!.decide(announced);
    await alpha!.contribute(announced, blob);
    await beta!.contribute(announced, blob);
    await consortium.idle();
    expect((await statusOf(consortium)).waiting).toMatchObject([{ member: 'gamma', for: 'update' }]);
    await pass(consortium, 120 * SECOND - 1);
    expect((await statusOf(consortium)).round).toBe(1);
    await pass(consortium, 1);
    expect(consortium.details('round.aggregated')).toMatchObject([{ members: 2 }]);
    expect((await statusOf(consortium)).round).toBe(2);
    await gamma!.upload(blob);
    expect(await refusalOf(gamma!.submit(gamma!.statement(announced, blob)))).toBe('UPDATE_LATE');
    expect(consortium.details('update.rejected')).toEqual([
      { member: 'gamma', code: 'UPDATE_LATE', statement: expect.any(String) as unknown },
    ]);
  });

  it('makes the round fail below the quorum; the operator opens it again', async () => {
    const { consortium, members, announced } = await started(['alpha', 'beta']);
    const [alpha, beta] = members;
    await alpha!.contribute(announced, blob);
    await pass(consortium, 60 * SECOND);
    const reason = '1 updates came and 0 could still come; 2 are needed';
    expect(await statusOf(consortium)).toMatchObject({
      state: 'paused',
      reason,
      round: 0,
      results: [{ round: 1, attempt: 1, result: 'aborted', reason }],
    });
    expect(consortium.details('study.paused')).toEqual([{ reason }]);
    await consortium.admin.resumeStudy({ study: 'tiny' });
    await consortium.idle();
    const again = await alpha!.plan();
    expect([again.plan.round, again.plan.attempt, again.plan.inputModel]).toEqual([1, 2, announced.plan.inputModel]);
    await alpha!.contribute(again, blob);
    await beta!.contribute(again, blob);
    await consortium.idle();
    expect(consortium.details('round.aggregated')).toHaveLength(1);
    expect(await told(alpha!)).toEqual([
      'directory',
      'directory',
      'study',
      'running',
      'plan 1.1',
      'aborted',
      'paused',
      'running',
      'plan 1.2',
      'aggregated',
      'plan 2.1',
    ]);
  });

  it('fails the round at once when too many decline', async () => {
    const { consortium, members, announced } = await started(['alpha', 'beta']);
    await members[1]!.decide(announced, 'decline');
    await consortium.idle();
    expect(await statusOf(consortium)).toMatchObject({
      state: 'paused',
      reason: '0 updates came and 1 could still come; 2 are needed',
    });
    expect(await refusalOf(members[0]!.decide(announced))).toBe('ROUND_CLOSED');
  });

  it('is not waited for once it is removed', async () => {
    const { consortium, members, announced } = await started(
      ['alpha', 'beta', 'gamma'],
      ['cohort', { least: 3, quorum: 2 }],
    );
    const [alpha, beta, gamma] = members;
    await gamma!.contribute(announced, blob);
    await alpha!.contribute(announced, blob);
    await beta!.decide(announced);
    await consortium.admin.remove({ member: 'gamma', reason: '' });
    await beta!.upload(blob);
    await beta!.submit(beta!.statement(announced, blob));
    await consortium.idle();
    expect(consortium.details('round.aggregated')).toMatchObject([{ members: 2 }]);
    expect((await alpha!.plan()).plan.cohort).toEqual(['alpha', 'beta']);
  });
});

describe('a study', () => {
  it('runs to its last round and says so', async () => {
    const { consortium, members } = await started(['alpha', 'beta'], ['rounds', 2]);
    for (const round of [1, 2]) {
      const announced = await members[0]!.plan();
      expect(announced.plan.round).toBe(round);
      for (const member of members) await member.contribute(announced, blob);
      await consortium.idle();
    }
    expect(await statusOf(consortium)).toMatchObject({ state: 'finished', reason: 'all 2 rounds are done', round: 0 });
    expect((await told(members[1]!)).slice(-2)).toEqual(['aggregated', 'finished']);
    expect(consortium.kinds().slice(-2)).toEqual(['round.aggregated', 'study.ended']);
    expect(await refusalOf(consortium.admin.resumeStudy({ study: 'tiny' }))).toBe('STUDY_STATE');
  });

  it('takes in who joins later from the next round on, and tells it where the study stands', async () => {
    const { consortium, members, announced } = await started(['alpha', 'beta']);
    const gamma = await admitted(consortium, 'gamma');
    // Before it joins, so that it knows what it would join.
    expect(await told(gamma)).toEqual(['study', 'directory', 'running']);
    await gamma.join(tinyStudy());
    await gamma.join(tinyStudy());
    expect(await told(gamma)).toEqual(['study', 'directory', 'running', 'running']);
    for (const member of members) await member.contribute(announced, blob);
    await consortium.idle();
    expect((await gamma.plan()).plan).toMatchObject({ round: 2, cohort: ['alpha', 'beta', 'gamma'] });
  });

  it('tells members that have not joined when it ends', async () => {
    const { consortium } = await started(['alpha', 'beta']);
    const gamma = await admitted(consortium, 'gamma');
    await consortium.admin.stopStudy({ study: 'tiny', reason: 'enough' });
    await consortium.idle();
    const delta = await admitted(consortium, 'delta');
    for (const member of [gamma, delta]) {
      const states = (await told(member)).filter((kind) => kind !== 'directory');
      expect(states.at(-1)).toBe('stopped');
    }
    expect((await told(delta)).indexOf('study')).toBe(0);
  });

  it('pauses when a round cannot be aggregated, says why, and opens it again', async () => {
    const { consortium, members, announced } = await started(['alpha', 'beta']);
    const [alpha, beta] = members;
    await alpha!.contribute(announced, blob);
    const { blob: hash } = alpha!.statement(announced, blob);
    await consortium.coordinator.store.updates('alpha').remove(hash);
    await beta!.contribute(announced, blob);
    await consortium.idle();
    const reason = `it could not be aggregated: There is no blob ${hash} here.`;
    expect(await statusOf(consortium)).toMatchObject({ state: 'paused', reason, round: 0 });
    expect(consortium.details('round.aborted')).toMatchObject([{ reason }]);
    await consortium.admin.resumeStudy({ study: 'tiny' });
    await consortium.idle();
    expect((await alpha!.plan()).plan).toMatchObject({ round: 1, attempt: 2 });
  });

  it('that is stopped while a round is aggregated ends without it', async () => {
    const { consortium, members, announced } = await started(['alpha', 'beta']);
    const files = consortium.coordinator.store.updates('alpha');
    const { readPart } = files;
    await members[0]!.contribute(announced, blob);
    const [reached, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    files.readPart = async (...range) => {
      reached.resolve();
      await released.promise;
      return readPart(...range);
    };
    await members[1]!.contribute(announced, blob);
    await reached.promise;
    await consortium.admin.stopStudy({ study: 'tiny', reason: '' });
    released.resolve();
    await consortium.idle();
    expect(await statusOf(consortium)).toMatchObject({ state: 'stopped', round: 0, results: [{ result: 'aborted' }] });
    expect(consortium.kinds().slice(-2)).toEqual(['study.ended', 'round.aborted']);
  });

  it('takes one approval of a member for a round', async () => {
    const { consortium, members, announced } = await started(['alpha', 'beta']);
    await members[0]!.decide(announced);
    await members[0]!.decide(announced);
    consortium.clock.advance(1);
    await members[0]!.decide(announced);
    members[0]!.approvalOf = ({ hash }) => hash;
    expect(await refusalOf(members[0]!.decide(announced))).toBe('ROUND_STATE');
    expect(consortium.details('decision.received')).toHaveLength(1);
  });

  it('is paused, resumed and stopped by the operator', async () => {
    const { consortium, members, announced } = await started(['alpha', 'beta']);
    await members[0]!.contribute(announced, blob);
    await consortium.admin.pauseStudy({ study: 'tiny' });
    await consortium.idle();
    expect(await refusalOf(members[1]!.decide(announced))).toBe('ROUND_CLOSED');
    await consortium.admin.resumeStudy({ study: 'tiny' });
    await consortium.idle();
    expect((await members[0]!.plan()).plan).toMatchObject({ round: 1, attempt: 2 });
    await consortium.admin.stopStudy({ study: 'tiny', reason: 'enough' });
    await consortium.idle();
    expect(await statusOf(consortium)).toMatchObject({ state: 'stopped', reason: 'enough', round: 0 });
    expect(consortium.kinds().slice(-2)).toEqual(['study.ended', 'round.aborted']);
    expect(await refusalOf(consortium.admin.stopStudy({ study: 'tiny', reason: '' }))).toBe('STUDY_STATE');
  });

  it('is refused when it is not valid, started before, or unknown', async () => {
    const { consortium, members } = await started(['alpha', 'beta']);
    const start = (definition: string) => refusalOf(consortium.admin.startStudy({ definition }));
    expect(await start('{"schemaVersion": 1}')).toBe('STUDY_INVALID');
    expect(await start(JSON.stringify(tinyStudy()))).toBe('STUDY_EXISTS');
    expect(await refusalOf(consortium.admin.pauseStudy({ study: 'other' }))).toBe('STUDY_UNKNOWN');
    expect(await refusalOf(members[0]!.join(tinyStudy(['seed', 9])))).toBe('RECORD_INVALID');
  });
});

describe('a coordinator that was restarted', () => {
  it('goes on in the middle of a round, where it was', async () => {
    const { consortium, members, announced } = await started(['alpha', 'beta']);
    const [alpha, beta] = members;
    await alpha!.contribute(announced, blob);
    await beta!.decide(announced);
    await consortium.restart();
    expect((await alpha!.plan()).hash).toBe(announced.hash);
    expect((await statusOf(consortium)).waiting).toMatchObject([{ member: 'beta', for: 'update' }]);
    await alpha!.submit(alpha!.statement(announced, blob));
    await beta!.upload(blob);
    await beta!.submit(beta!.statement(announced, blob));
    await consortium.idle();
    expect(consortium.details('round.aggregated')).toMatchObject([{ members: 2 }]);
    expect(consortium.details('update.accepted')).toHaveLength(2);
  });

  it('closes at once what became overdue while it was down', async () => {
    const { consortium, members, announced } = await started(
      ['alpha', 'beta', 'gamma'],
      ['cohort', { least: 3, quorum: 2 }],
    );
    for (const member of members.slice(0, 2)) await member.contribute(announced, blob);
    await consortium.restart(() => consortium.clock.advance(3600 * SECOND));
    expect(consortium.details('round.aggregated')).toMatchObject([{ members: 2 }]);
    expect((await members[0]!.plan()).plan.round).toBe(2);
  });
});
