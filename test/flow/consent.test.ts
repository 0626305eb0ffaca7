// People of several institutions decide while everything runs: four eyes and release, an approval taken back, a study left.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exportFolder } from '../../main/cli/audit-commands.ts';
import { verifyCommand } from '../../platform/assent-verify.ts';
import { AssentError } from '../../shared/errors.ts';
import { Decision } from '../../shared/gen/assent/v1/node_pb.ts';
import { rowsCsv, smallStudy } from '../support/institution.ts';
import { leastSquares } from '../support/least-squares-trainer.ts';
import { eventually, startConsortium, type Member } from '../support/live-consortium.ts';
import { decideRound, EASY_RULES, PASSWORD } from '../support/people.ts';

const name = { study: 'small', round: 1, attempt: 1 };
const stageOf = async ({ calls }: Member) => (await calls.listRounds({})).rounds[0]?.stage;
const kindsOf = ({ node }: Member) =>
  node.store.journal.read.all<{ kind: string }>('select kind from record order by position').map(({ kind }) => kind);

test(
  'two people approve training, and two people see the update and release it, before anything leaves',
  { timeout: 120_000 },
  async () => {
    const study = smallStudy(['cohort', { least: 1, quorum: 1 }], ['rounds', 1]);
    const rules = { ...EASY_RULES, approvals: 2, release: { when: 'always', norm: '3' } } as const;
    const { folder, members, until } = await startConsortium({
      study,
      rows: { alpha: rowsCsv() },
      rules,
      policy: false,
    });
    const alpha = members[0]!;
    await eventually(async () => (await stageOf(alpha)) === 'awaiting');
    for (const login of ['ann', 'bob'] as const) await decideRound(alpha.calls.as(login), name, Decision.APPROVE);
    await eventually(async () => (await stageOf(alpha)) === 'releasing');
    expect(kindsOf(alpha)).not.toContain('update.intended');
    for (const login of ['ann', 'bob'] as const) {
      const { planHash, updateHash, screenHash, approvals } = await alpha.calls.as(login).getRelease({ name });
      expect(approvals).toHaveLength(login === 'ann' ? 0 : 1);
      const ask = { name, planHash, updateHash, screenHash, decision: Decision.APPROVE, reason: 'as usual' };
      await alpha.calls.as(login).decideRound({ ...ask, password: PASSWORD });
    }
    const ended = await until(({ state }) => state === 'finished');
    expect(ended.results).toMatchObject([{ result: 'aggregated', participants: ['alpha'] }]);
    const kinds = kindsOf(alpha);
    const order = ['approval.granted', 'training.started', 'release.requested', 'update.intended', 'update.sent'];
    const places = order.map((kind) => kinds.indexOf(kind));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(kinds.filter((kind) => kind === 'approval.granted')).toHaveLength(4);
    await exportFolder(alpha.calls, join(folder, 'audit'));
    expect(await verifyCommand([join(folder, 'audit')])).toMatchObject({ code: 0 });
  },
);

test(
  'an approval that is taken back stops training at once; nothing is sent, and the others do not wait',
  { timeout: 120_000 },
  async () => {
    const study = smallStudy(['cohort', { least: 2, quorum: 1 }], ['rounds', 1]);
    const began = Promise.withResolvers<void>();
    const stopped = Promise.withResolvers<void>();
    // Alpha's training would go on for ever; it ends by being cancelled alone.
    const openProblem: typeof leastSquares = async (definition, rows, progress) => {
      const problem = await leastSquares(definition, rows, progress);
      if (rows.train.rows <= 20) return problem;
      const cancelled = Promise.withResolvers<never>();
      return {
        ...problem,
        descend() {
          began.resolve();
          return cancelled.promise;
        },
        cancel() {
          cancelled.reject(new AssentError('CANCELED', 'training was cancelled'));
          stopped.resolve();
        },
      };
    };
    const rows = { alpha: rowsCsv(40), beta: rowsCsv(20) };
    const { members, until } = await startConsortium({ study, rows, options: { openProblem }, policy: false });
    const [alpha, beta] = members as [Member, Member];
    await eventually(async () => (await stageOf(alpha)) === 'awaiting' && (await stageOf(beta)) === 'awaiting');
    await decideRound(alpha.calls.as('ann'), name, Decision.APPROVE);
    await began.promise;
    await alpha.calls.as('bob').revokeRound({ name, reason: 'found a mistake', password: PASSWORD });
    await stopped.promise;
    await decideRound(beta.calls.as('ann'), name, Decision.APPROVE);
    const ended = await until(({ state }) => state === 'finished');
    expect(ended.results).toMatchObject([{ result: 'aggregated', participants: ['beta'] }]);
    expect(await stageOf(alpha)).toBe('revoked');
    expect(kindsOf(alpha)).not.toContain('training.finished');
    expect(kindsOf(alpha)).not.toContain('update.intended');
  },
);

test(
  'a member that leaves a study while a round is open is asked no more, and the others go on without it',
  { timeout: 120_000 },
  async () => {
    const study = smallStudy(['cohort', { least: 2, quorum: 1 }], ['rounds', 2]);
    const rows = { alpha: rowsCsv(40), beta: rowsCsv(20) };
    const { members, until, coordinator } = await startConsortium({ study, rows, policy: false });
    const [alpha, beta] = members as [Member, Member];
    await eventually(async () => (await stageOf(alpha)) === 'awaiting' && (await stageOf(beta)) === 'awaiting');
    await alpha.calls.leaveStudy({ study: 'small', reason: 'the board asks us to', password: PASSWORD });
    await decideRound(beta.calls.as('ann'), name, Decision.APPROVE);
    await until(({ results }) => results.length === 1);
    await eventually(async () => (await beta.calls.listRounds({})).rounds[0]!.name!.round === 2);
    await eventually(async () => (await stageOf(beta)) === 'awaiting');
    await decideRound(beta.calls.as('ann'), { ...name, round: 2 }, Decision.APPROVE);
    const ended = await until(({ state }) => state === 'finished');
    expect(ended.results.map(({ participants }) => participants)).toEqual([['beta'], ['beta']]);
    expect(kindsOf(alpha)).toEqual(expect.arrayContaining(['study.left', 'message.delivered']));
    expect((await alpha.calls.listRounds({})).rounds.map(({ stage }) => stage)).toEqual(['revoked']);
    const left = coordinator.store.journal.read.get("select 1 from record where kind = 'member.left'");
    expect(left).toBeDefined();
  },
);
