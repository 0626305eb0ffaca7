// The crash run once more with native TensorFlow on the hospitals' data: killed in the middle of training and of aggregating.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { addressFile as coordinatorAddress } from '../../coordinator/store/open.ts';
import { exportFolder } from '../../main/cli/audit-commands.ts';
import { addressFile } from '../../main/store/open.ts';
import { verifyCommand } from '../../platform/assent-verify.ts';
import type { CrashPoint } from '../../platform/steps.ts';
import { AdminService } from '../../shared/gen/assent/v1/admin_pb.ts';
import { parseStudy } from '../../shared/study/study.ts';
import { decodeUtf8, encodeCanonical } from '../../shared/wire/canonical.ts';
import { changedStudy } from '../support/example-study.ts';
import { connect, lay, MEMBERS, nodeCalls, setUpPeople, startCoordinator, startNode } from '../support/gauntlet.ts';
import { PASSWORD, signPolicy } from '../support/people.ts';
import { runToEnd } from '../support/processes.ts';
import { temporaryFolder } from '../support/temporary.ts';

const HOSPITALS = ['Cleveland', 'Hungary', 'Switzerland', 'VA Long Beach'];
const NODE_POINTS: CrashPoint[] = [
  'training.start:after',
  'training.finish:before',
  'training.finish:after',
  'send.update:after',
];
const COORDINATOR_POINTS: CrashPoint[] = ['update.accept:after', 'round.aggregate:before', 'round.aggregate:after'];

/** The model that three rounds lead to, with the first hospital and the coordinator killed at these points. */
async function run(nodePoints: readonly CrashPoint[], coordinatorPoints: readonly CrashPoint[]): Promise<string> {
  const g = await lay(temporaryFolder());
  const text = readFileSync(new URL('../../examples/heart-disease/heart_disease_uci.csv', import.meta.url), 'utf8');
  const [header, ...lines] = text.trimEnd().split(/\r?\n/);
  for (const [at, { csv }] of g.nodes.entries())
    writeFileSync(csv, [header, ...lines.filter((line) => line.split(',')[3] === HOSPITALS[at])].join('\n'));
  const study = parseStudy(changedStudy(['rounds', 3], ['cohort', { least: 4, quorum: 4 }]));

  const create = ['--home', g.coordinatorHome, '--passphrase-file', g.pass, 'create', '--consortium', 'test'];
  expect(await runToEnd('coordinator/cli.ts', create)).toMatchObject({ code: 0 });
  const coordinator = startCoordinator(g, coordinatorPoints);
  const admin = () => connect(AdminService, coordinatorAddress(g.coordinatorHome));
  const nodes = g.nodes.map((node, at) => ({
    ...node,
    process: startNode(g, node.home, at === 0 ? nodePoints : [], 'main/headless.ts'),
    calls: () => nodeCalls(addressFile(node.home)),
  }));
  const turn = () => new Promise((resolve) => setTimeout(resolve, 50));
  await coordinator.ready();
  await Promise.all(
    nodes.map(async ({ id, process, calls }) => {
      const { invitation, fingerprint } = await admin().invite({ member: id, name: id });
      await process.ready();
      await setUpPeople({ process, calls });
      const own = await calls().enrol({ invitation, fingerprint });
      while (!(await admin().listMembers({})).members.some((m) => m.id === id && m.state === 'enrolled')) await turn();
      await admin().admit({ member: id, fingerprint: own.fingerprint });
    }),
  );
  await admin().startStudy({ definition: decodeUtf8(encodeCanonical(study)) });
  for (const { csv, calls } of nodes) {
    while ((await calls().listStudies({})).studies.length === 0) await turn();
    for await (const { kind } of calls().importDataset({ path: csv, name: 'Patients' }))
      if (kind.case === 'dataset')
        await calls().joinStudy({ study: study.id, dataset: kind.value.id, password: PASSWORD });
    await signPolicy(calls(), { study: study.id });
  }
  const ended = await coordinator.until(async () => {
    for (;;) {
      const [status] = (await admin().getStatus({})).studies;
      if (status?.state === 'finished') return status;
      await turn();
    }
  });
  await coordinator.survived();
  await nodes[0]!.process.survived();
  expect(ended!.results.map(({ round, attempt, participants }) => [round, attempt, participants])).toEqual(
    [1, 2, 3].map((round) => [round, 1, [...MEMBERS]]),
  );
  const audit = join(g.folder, 'audit');
  await nodes[0]!.process.until(() => exportFolder(nodes[0]!.calls(), audit));
  expect(await verifyCommand([audit])).toMatchObject({ code: 0 });
  await Promise.all(nodes.map(({ process }) => process.stop()));
  await coordinator.stop();
  return ended!.results.at(-1)!.model;
}

test(
  'killed while it trains and while it aggregates, the consortium ends with the same bits',
  { timeout: 240_000 },
  async () => {
    const undisturbed = await run([], []);
    expect(await run(NODE_POINTS, COORDINATOR_POINTS)).toBe(undisturbed);
  },
);
