// kill -9 of every institution's process at every crash point of a node, all four at the same time.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { addressFile as coordinatorAddress } from '../../coordinator/store/open.ts';
import { SESSION_HEADER } from '../../main/access.ts';
import { exportFolder } from '../../main/cli/audit-commands.ts';
import { addressFile } from '../../main/store/open.ts';
import { verifyCommand } from '../../platform/assent-verify.ts';
import { NODE_SENDS, NODE_STEPS, type CrashPoint } from '../../platform/steps.ts';
import { AdminService } from '../../shared/gen/assent/v1/admin_pb.ts';
import { Decision } from '../../shared/gen/assent/v1/node_pb.ts';
import { encodeCanonical, decodeUtf8 } from '../../shared/wire/canonical.ts';
import {
  connect,
  doneBefore,
  expectedModel,
  lay,
  recordsIn,
  MEMBERS,
  nodeCalls,
  setUpPeople,
  startCoordinator,
  startNode,
} from '../support/gauntlet.ts';
import { smallStudy } from '../support/institution.ts';
import { startMember } from '../support/live-consortium.ts';
import { decideRound, PASSWORD, signPolicy } from '../support/people.ts';
import { runToEnd } from '../support/processes.ts';
import { temporaryFolder } from '../support/temporary.ts';

/** In the order in which a node comes to them, from its first start to the export of its log. */
const ON_THE_WAY = [
  'store.create',
  'node.start',
  'people.set-up',
  'session.open',
  'person.add',
  'person.change-roles',
  'person.issue-key',
  'person.deactivate',
  'account.password',
  'rules.change',
  'session.refuse',
  'session.forgive',
  'session.close',
  'enrolment.request',
  'ledger.intend',
  'ledger.note',
  'send.enrolment',
  'outbox.settle',
  'enrolment.admit',
  'anchor.keep',
  'witness.judge',
  'directory.keep',
  'dataset.stage',
  'dataset.discard',
  'dataset.import',
  'quality.keep',
  'dataset.withdraw',
  'dataset.delete',
  'study.offer',
  'mapping.save',
  'study.join',
  'send.join',
  'study.leave',
  'send.leave',
  'local.train',
  'study.move',
  'network.set',
  'policy.sign',
  'policy.revoke',
  'approval.defer',
  'approval.grant',
  'approval.revoke',
  'approval.decline',
  'send.decision',
  'round.close',
  'study.report',
  'round.offer',
  'training.start',
  'training.finish',
  'update.seal',
  'update.intend',
  'send.blob',
  'send.update',
  'receipt.verify',
  'model.keep',
  'audit.export',
] as const;
/**
 * Where only a bad plan, a missed deadline, failed training, a rule, the passing of time or a lying coordinator leads:
 * crash-off-the-way.test.ts; or a backup: crash-successor.test.ts.
 */
const OFF_THE_WAY = [
  'round.block',
  'round.lapse',
  'training.fail',
  'release.request',
  'ledger.sum',
  'opening.erase',
  'retention.set',
  'retention.apply',
  'log.checkpoint',
  'log.conflict',
  'log.succeed',
  'send.successor',
  'receipt.refuse',
];
const points = ON_THE_WAY.flatMap((name): CrashPoint[] => [`${name}:before`, `${name}:after`]);

test('the crash tests name every transaction and every send of a node', () => {
  expect([...ON_THE_WAY, ...OFF_THE_WAY].toSorted()).toEqual([...NODE_STEPS, ...NODE_SENDS].toSorted());
});

test(
  'four nodes killed at every crash point end with the model of an undisturbed run',
  { timeout: 600_000 },
  async () => {
    const g = await lay(temporaryFolder());
    const study = smallStudy(
      ['cohort', { least: 4, quorum: 1 }],
      ['deadlines', { approveSeconds: 86_400, sendSeconds: 86_400 }],
      ['publication', 'members'],
    );
    const definition = decodeUtf8(encodeCanonical(study));
    const made = ['--home', g.coordinatorHome, '--passphrase-file', g.pass, 'create', '--consortium', 'test'];
    expect(await runToEnd('coordinator/cli.ts', made)).toMatchObject({ code: 0 });
    const coordinator = startCoordinator(g);
    await coordinator.ready();
    const admin = connect(AdminService, coordinatorAddress(g.coordinatorHome));
    const nodes = g.nodes.map((node) => ({
      ...node,
      process: startNode(g, node.home, points),
      calls: () => nodeCalls(addressFile(node.home)),
    }));
    type Node = (typeof nodes)[number];
    const each = (work: (node: Node) => Promise<unknown>) => Promise.all(nodes.map(work));
    const status = async () => (await admin.getStatus({})).studies.find(({ study: id }) => id === study.id);
    const untilStatus = async (holds: (s: NonNullable<Awaited<ReturnType<typeof status>>>) => boolean) => {
      for await (const { studies } of admin.watchStatus({})) {
        const found = studies.find(({ study: id }) => id === study.id);
        if (found && holds(found)) return found;
      }
      throw new Error('the coordinator ended');
    };
    const untilMember = async (id: string, state: string) => {
      while (!(await admin.listMembers({})).members.some((m) => m.id === id && m.state === state)) await turn();
    };
    const untilHere = (node: Node, holds: () => Promise<boolean>) =>
      node.process.until(async () => {
        while (!(await holds())) await turn();
      });

    await each(async (node) => {
      await setUpPeople(node);
      const password = PASSWORD;
      const tim = { login: 'tim', name: 'Tim', roles: ['steward'], password };
      const until = (work: () => Promise<unknown>, ...done: string[]) => node.process.until(work, doneBefore(...done));
      await until(() => node.calls().addPerson({ person: tim, password }), 'ACCOUNT_INVALID');
      await until(() => node.calls().changeRoles({ login: 'tim', roles: ['approver'], password }));
      await until(() => node.calls().issueKey({ login: 'tim', newPassword: password, password }));
      await until(() => node.calls().deactivatePerson({ login: 'tim', password }), 'PERSON_INACTIVE');
      await until(() => node.calls().as('sam').changePassword({ password, newPassword: password }));
      const rules = { approvals: 2, releaseNorm: 1000, floorRows: 1, floorPerClass: 1 };
      await until(() => node.calls().changeRules({ rules, password }));
      await until(() => node.calls().signIn({ login: 'otto', password: 'not the password' }), 'PASSWORD_WRONG');
      const signedIn = () => node.calls().signIn({ login: 'otto', password });
      await until(signedIn);
      await until(async () => {
        const { token } = await signedIn();
        await node.calls().signOut({}, { headers: { [SESSION_HEADER]: token } });
      });
      const { invitation, fingerprint } = await admin.invite({ member: node.id, name: node.id });
      await node.process.until(() => node.calls().enrol({ invitation, fingerprint }), doneBefore('REQUEST_INVALID'));
      await untilMember(node.id, 'enrolled');
      const own = await node.process.until(() => node.calls().getStatus({}));
      await admin.admit({ member: node.id, fingerprint: own!.fingerprint });
      await untilHere(node, async () => (await node.calls().getStatus({})).admitted);
    });
    /** What comes by itself is behind all of them before the test goes on. */
    const until = async (point: CrashPoint) => {
      const left = points.length - points.indexOf(point);
      while (nodes.some((node) => node.process.left().length > left)) await turn();
    };
    await until('directory.keep:before');
    // A fifth member changes the directory for all.
    const fifth = await startMember('watcher', join(g.folder, 'watcher'));
    const { invitation, fingerprint } = await admin.invite({ member: 'watcher', name: 'Watcher' });
    const asked = await fifth.calls.enrol({ invitation, fingerprint });
    await untilMember('watcher', 'enrolled');
    await admin.admit({ member: 'watcher', fingerprint: asked.fingerprint });
    await fifth.stop();
    await until('dataset.stage:before');

    await each(async (node) => {
      const bring = async (name: string) => {
        await node.process.until(async () => {
          for await (const _ of node.calls().importDataset({ path: node.csv, name, again: true })) continue;
        }, doneBefore('DATASET_EXISTS'));
        const list = await node.process.until(() => node.calls().listDatasets({}));
        return list!.datasets.find((dataset) => dataset.name === name)!.id;
      };
      await bring('Rows');
      const second = await bring('Unneeded');
      await node.process.until(() => toItsEnd(node.calls().getQuality({ dataset: second, target: 'y' })));
      const opted = { dataset: second, idColumn: 'x', ids: ['0', '1', '2', '3'] };
      await node.process.until(() => toItsEnd(node.calls().withdrawRows(opted)), doneBefore('REQUEST_INVALID'));
      await node.process.until(() => node.calls().deleteDataset({ dataset: second }), doneBefore('DATASET_UNKNOWN'));
    });
    await admin.startStudy({ definition });
    // One that nobody waits for: joined and left again.
    const other = smallStudy(['id', 'other'], ['cohort', { least: 9, quorum: 9 }]);
    await admin.startStudy({ definition: decodeUtf8(encodeCanonical(other)) });
    await each(async (node) => {
      await untilHere(node, async () => (await node.calls().listStudies({})).studies.length === 2);
      const list = await node.process.until(() => node.calls().listDatasets({}));
      const asked = { study: study.id, dataset: list!.datasets[0]!.id, password: PASSWORD };
      await node.process.until(() => node.calls().saveMapping(asked));
      await node.process.until(() => node.calls().joinStudy({ ...asked, study: 'other' }), doneBefore('STUDY_STATE'));
      // Told before it is left, so that the coordinator hears of both.
      while (node.process.left()[0] !== 'study.leave:before') await turn();
      const leaving = { study: 'other', reason: 'no use for it', password: PASSWORD };
      await node.process.until(() => node.calls().leaveStudy(leaving), doneBefore('STUDY_LEFT'));
      while (node.process.left()[0] !== 'local.train:before') await turn();
      await node.process.until(() => node.calls().joinStudy(asked), doneBefore('STUDY_STATE'));
      while (node.process.left()[0] !== 'local.train:before') await turn();
      await node.process.until(async () => {
        for await (const _ of node.calls().trainLocal({ study: study.id })) continue;
      });
      // The same rows come once more, as a newer file would.
      const newer = { path: node.csv, name: 'Newer', again: true };
      await node.process.until(() => toItsEnd(node.calls().importDataset(newer)), doneBefore('DATASET_EXISTS'));
      const { datasets } = (await node.process.until(() => node.calls().listDatasets({})))!;
      const moved = {
        study: study.id,
        dataset: datasets.find(({ name }) => name === newer.name)!.id,
        password: PASSWORD,
      };
      await node.process.until(() => node.calls().moveStudy(moved), doneBefore('STUDY_STATE'));
      await node.process.until(() => node.calls().setNetwork({ proxy: 'none' }));
      // One that allows nothing, so that nobody approves the first round by it before it is revoked.
      const nothing = { study: study.id, bytes: 1, password: PASSWORD };
      await node.process.until(() => node.calls().signPolicy(nothing));
      await node.process.until(() => node.calls().revokePolicy({ study: study.id }), doneBefore('POLICY_INVALID'));
    });
    // Everybody declines the first attempt; the study pauses, and goes on when it is told to.
    await each(async (node) => {
      await untilHere(node, async () => (await node.calls().listRounds({ study: study.id })).rounds.length > 0);
      const name = { study: study.id, round: 1, attempt: 1 };
      const until = (work: () => Promise<unknown>, ...done: string[]) => node.process.until(work, doneBefore(...done));
      const about = { name, reason: 'not yet', password: PASSWORD };
      await until(() => node.calls().deferRound({ name }));
      await until(() => decideRound(node.calls().as('ann'), name, Decision.APPROVE), 'APPROVED_BEFORE');
      await until(() => node.calls().as('ann').revokeRound(about), 'APPROVAL_MISSING');
      await until(() => decideRound(node.calls().as('bob'), name, Decision.DECLINE), 'ROUND_STATE');
    });
    await untilStatus(({ state }) => state === 'paused');
    await until('round.offer:before');
    await admin.resumeStudy({ study: study.id });
    await each((node) => node.process.until(() => signPolicy(node.calls(), { study: study.id })));
    const ended = await untilStatus(({ state }) => state === 'finished');

    await each(async (node) => {
      await untilHere(node, async () => (await node.calls().getModels({ study: study.id })).consortium !== undefined);
      await untilHere(node, async () => (await node.calls().getStatus({})).receiptsDue === 0);
      await node.process.until(() => exportFolder(node.calls(), join(g.folder, `${node.id}-audit`)));
      await node.process.survived();
      expect(node.process.left()).toEqual([]);
      await node.process.until(() => exportFolder(node.calls(), join(g.folder, `${node.id}-audit`)));
      await node.process.stop();
    });
    await admin.exportLog({ folder: join(g.folder, 'coordinator-audit') });
    await coordinator.stop();

    expect(
      ended.results.map(({ round, attempt, result, participants }) => [round, attempt, result, participants]),
    ).toEqual([
      [1, 1, 'aborted', []],
      [1, 2, 'aggregated', [...MEMBERS]],
      [2, 1, 'aggregated', [...MEMBERS]],
      [3, 1, 'aggregated', [...MEMBERS]],
    ]);
    expect(ended.results.at(-1)!.model).toBe(
      await expectedModel(
        study,
        g.nodes.map(({ csv }) => csv),
      ),
    );
    for (const name of [...MEMBERS, 'coordinator'])
      expect(await verifyCommand([join(g.folder, `${name}-audit`)])).toMatchObject({ code: 0 });
    for (const { home } of g.nodes) checkLog(join(home, 'assent.db'));
  },
);

/** Of a call that tells its progress until it is done. */
async function toItsEnd(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of stream) continue;
}

/** Between two looks at a process that tells nobody when it is there. */
const turn = () => new Promise((resolve) => setTimeout(resolve, 20));

/** Nothing was trained or counted twice without a record that says why. */
function checkLog(file: string): void {
  const records = recordsIn(file);
  const of = (kind: string) => records.filter((record) => record.kind === kind);
  const rounds = ['1/2', '2/1', '3/1'];
  const where = (record: { round?: number; attempt?: number }) => `${record.round}/${record.attempt}`;
  expect(of('approval.granted').map(where)).toEqual(['1/1', ...rounds]);
  for (const kind of ['training.finished', 'update.sealed', 'update.intended', 'update.sent'])
    expect([kind, of(kind).map(where)]).toEqual([kind, rounds]);
  for (const record of of('training.started'))
    expect(record.detail.why).toBe(record.detail.run === 1 ? 'approved' : 'interrupted');
  expect(of('training.started').length).toBeGreaterThan(3);
  expect(of('round.closed').map(where)).toEqual(['1/1', ...rounds]);
  for (const state of ['logged', 'recomputed'])
    expect(
      of('receipt.verified')
        .filter(({ detail }) => detail.state === state)
        .map(where),
    ).toEqual(rounds);
  expect(of('receipt.refused')).toEqual([]);
}
