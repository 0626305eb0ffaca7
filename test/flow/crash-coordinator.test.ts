// kill -9 of the coordinator's process at every one of its crash points; the institutions wait and go on.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { addressFile } from '../../coordinator/store/open.ts';
import { verifyCommand } from '../../platform/assent-verify.ts';
import { COORDINATOR_STEPS, type CrashPoint } from '../../platform/steps.ts';
import { AdminService } from '../../shared/gen/assent/v1/admin_pb.ts';
import { Decision } from '../../shared/gen/assent/v1/node_pb.ts';
import { parameterLayout } from '../../shared/model/layout.ts';
import { decodeUtf8, encodeCanonical } from '../../shared/wire/canonical.ts';
import { fromWire } from '../../shared/rpc/errors.ts';
import { encodeMessage } from '../../shared/wire/update.ts';
import { signingMember } from '../support/signing-member.ts';
import {
  connect,
  doneBefore,
  expectedModel,
  lay,
  recordsIn,
  memberCsv,
  startCoordinator,
} from '../support/gauntlet.ts';
import { smallStudy } from '../support/institution.ts';
import { startMember, type Member } from '../support/live-consortium.ts';
import { decideRound, PASSWORD, signPolicy } from '../support/people.ts';
import { runToEnd } from '../support/processes.ts';
import { temporaryFolder } from '../support/temporary.ts';

/** In the order in which the coordinator comes to them here, from its first start to the export of its log. */
const STEPS = [
  'store.create',
  'coordinator.start',
  'member.invite',
  'member.enrol',
  'enrolment.refuse',
  'member.admit',
  'witness.judge',
  'anchor.keep',
  'study.start',
  'study.join',
  'round.open',
  'decision.receive',
  'round.abort',
  'study.resume',
  'study.pause',
  'update.refuse',
  'study.leave',
  'member.remove',
  'update.accept',
  'round.aggregate',
  'study.finish',
  'study.stop',
  'audit.export',
] as const;
/** Where only a backup leads (crash-successor.test.ts), or ten minutes: what is done then is a node's too (crash-node.test.ts). */
const OFF_THE_WAY = ['member.succeed', 'log.conflict', 'log.checkpoint'];
const sides = (name: (typeof STEPS)[number]): CrashPoint[] => [`${name}:before`, `${name}:after`];
const turn = () => new Promise((resolve) => setTimeout(resolve, 20));

test('the crash test names every transaction of the coordinator', () => {
  expect([...STEPS, ...OFF_THE_WAY].toSorted()).toEqual(COORDINATOR_STEPS.toSorted());
});

test(
  'a coordinator killed at every crash point ends with the model of an undisturbed run',
  { timeout: 300_000 },
  async () => {
    const g = await lay(temporaryFolder());
    const changes: [string, unknown][] = [
      ['cohort', { least: 5, quorum: 4 }],
      ['deadlines', { approveSeconds: 86_400, sendSeconds: 86_400 }],
    ];
    const study = smallStudy(...changes);
    const create = ['--home', g.coordinatorHome, '--passphrase-file', g.pass, 'create', '--consortium', 'test'];
    for (const point of sides('store.create'))
      expect(await runToEnd('coordinator/cli.ts', create, { ASSENT_CRASH_AT: point })).toMatchObject({
        signal: 'SIGKILL',
      });
    const again = await runToEnd('coordinator/cli.ts', create);
    expect(again.output).toContain('STORE_EXISTS');

    const coordinator = startCoordinator(g, STEPS.slice(1).flatMap(sides));
    const admin = () => connect(AdminService, addressFile(g.coordinatorHome));
    const ask = <T>(work: () => Promise<T>, ...done: string[]) => coordinator.until(work, doneBefore(...done));
    const members: Member[] = [];
    onTestFinished(async () => void (await Promise.all(members.map((member) => member.stop()))));
    const untilMember = (id: string, state: string) =>
      ask(async () => {
        while (!(await admin().listMembers({})).members.some((m) => m.id === id && m.state === state)) await turn();
      });
    const untilStatus = (holds: (s: { state: string; attempt: number }) => boolean) =>
      ask(async () => {
        for (;;) {
          const status = (await admin().getStatus({})).studies.find((each) => each.study === study.id);
          if (status && holds(status)) return status;
          await turn();
        }
      });

    for (const [at, { id, home }] of g.nodes.entries()) {
      const member = await startMember(id, home);
      members.push(member);
      const said = await ask(() => admin().invite({ member: id, name: id }));
      await member.calls.enrol({ invitation: said!.invitation, fingerprint: said!.fingerprint });
      await untilMember(id, 'enrolled');
      writeFileSync(g.nodes[at]!.csv, memberCsv(at));
    }
    const mallory = signingMember({
      id: 'mallory',
      url: `http://127.0.0.1:${g.port}`,
      consortium: 'test',
      now: Date.now,
    });
    const said = await ask(() => admin().invite({ member: 'mallory', name: 'Mallory' }));
    await ask(() => mallory.enrol(said!.invitation));
    await ask(() => mallory.calls.enrol(mallory.enrolment('ff'.repeat(16))), 'ENROLMENT_TOKEN_UNKNOWN');
    for (const member of members) {
      const { fingerprint } = await member.calls.getStatus({});
      await ask(() => admin().admit({ member: member.id, fingerprint }), 'REQUEST_INVALID');
    }
    await ask(() => admin().admit({ member: 'mallory', fingerprint: mallory.fingerprint }), 'REQUEST_INVALID');

    // The members' logs come by themselves, and so does what they say of the coordinator's.
    while (coordinator.left()[0] !== 'study.start:before') await turn();
    await ask(() => admin().startStudy({ definition: decodeUtf8(encodeCanonical(study)) }), 'STUDY_EXISTS');
    await Promise.all(
      members.map(async (member, at) => {
        while ((await member.calls.listStudies({})).studies.length === 0) await turn();
        for await (const { kind } of member.calls.importDataset({ path: g.nodes[at]!.csv, name: 'Rows' }))
          if (kind.case === 'dataset')
            await member.calls.joinStudy({ study: study.id, dataset: kind.value.id, password: PASSWORD });
      }),
    );
    await ask(() => mallory.join(study), 'STUDY_STATE');

    // Everybody declines the first attempt, or finds it over because enough others have; the operator gives up the second, the third runs.
    await untilStatus(({ attempt }) => attempt === 1);
    await Promise.all(
      members.map(async ({ calls }) => {
        while ((await calls.listRounds({})).rounds.length === 0) await turn();
        const name = { study: study.id, round: 1, attempt: 1 };
        await decideRound(calls.as('ann'), name, Decision.DECLINE).catch((error: unknown) => {
          if (fromWire(error, 'NODE_UNREACHABLE').code !== 'ROUND_CLOSED') throw error;
        });
      }),
    );
    await untilStatus(({ state }) => state === 'paused');
    await ask(() => admin().resumeStudy({ study: study.id }), 'STUDY_STATE');
    await untilStatus(({ attempt }) => attempt === 2);
    await ask(() => admin().pauseStudy({ study: study.id }), 'STUDY_STATE');
    await ask(() => admin().resumeStudy({ study: study.id }), 'STUDY_STATE');
    await untilStatus(({ attempt }) => attempt === 3);

    const layout = parameterLayout(study.model.layers, 1);
    const bad = encodeMessage({ delta: Float32Array.of(1, 1) }, layout);
    bad.fill(0xff, bad.length - 4);
    const announced = await ask(() => mallory.plan());
    await ask(() => mallory.decide(announced!));
    await ask(() => mallory.upload(bad));
    await ask(
      () => mallory.submit(mallory.statement(announced!, bad, { metrics: { loss: '1' } })),
      'UPDATE_NOT_FINITE',
    );
    await ask(() => mallory.leave(study));
    await ask(
      () => admin().remove({ member: 'mallory', reason: 'sends nonsense' }),
      'REQUEST_INVALID',
      'MEMBER_UNKNOWN',
      'MEMBER_REMOVED',
    );
    await Promise.all(members.map(({ calls }) => signPolicy(calls, { study: study.id })));
    await untilStatus(({ state }) => state === 'finished');

    const other = smallStudy(...changes, ['id', 'other']);
    await ask(() => admin().startStudy({ definition: decodeUtf8(encodeCanonical(other)) }), 'STUDY_EXISTS');
    await ask(() => admin().stopStudy({ study: 'other', reason: 'not needed' }), 'STUDY_STATE');
    const audit = join(g.folder, 'coordinator-audit');
    await ask(() => admin().exportLog({ folder: audit }));
    await coordinator.survived();
    await ask(() => admin().exportLog({ folder: audit }));
    const ended = (await ask(() => admin().getStatus({})))!.studies.find((each) => each.study === study.id)!;
    await coordinator.stop();

    const four = members.map(({ id }) => id);
    expect(
      ended.results.map(({ round, attempt, result, participants }) => [round, attempt, result, participants]),
    ).toEqual([
      [1, 1, 'aborted', []],
      [1, 2, 'aborted', []],
      [1, 3, 'aggregated', four],
      [2, 1, 'aggregated', four],
      [3, 1, 'aggregated', four],
    ]);
    expect(ended.results.at(-1)!.model).toBe(
      await expectedModel(
        study,
        g.nodes.map(({ csv }) => csv),
      ),
    );
    expect(await verifyCommand([audit])).toMatchObject({ code: 0 });
    checkLog(join(g.coordinatorHome, 'coordinator.db'));
    expect(readFileSync(join(audit, 'entries.jsonl'), 'utf8')).not.toContain('sends nonsense');
  },
);

/** Every update counted once, every round aggregated once. */
function checkLog(file: string): void {
  const records = recordsIn(file);
  const of = (kind: string) => records.filter((record) => record.kind === kind);
  const rounds = ['1/3', '2/1', '3/1'];
  expect(of('round.aggregated').map(({ round, attempt }) => `${round}/${attempt}`)).toEqual(rounds);
  const accepted = of('update.accepted').map(({ round, attempt, detail }) => `${round}/${attempt} ${detail.member}`);
  expect(new Set(accepted).size).toBe(12);
  expect(accepted).toHaveLength(12);
}
