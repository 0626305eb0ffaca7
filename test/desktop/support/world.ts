// A real coordinator and a real installation behind a served window: what they say to each other goes over real HTTP.
import { createRouterTransport, type Client, type Interceptor } from '@connectrpc/connect';
import { join } from 'node:path';
import { openCoordinator } from '../../../coordinator/coordinator.ts';
import { serve as serveCoordinator } from '../../../coordinator/server.ts';
import { createStore } from '../../../coordinator/store/open.ts';
import { openNode, type AssentNode } from '../../../main/node.ts';
import type { RuleChoice } from '../../../main/people/rules.ts';
import type { RoundDeps } from '../../../main/round.ts';
import { nodeRoutes } from '../../../main/routes.ts';
import { serveInstallation, type Server } from '../../../main/serve.ts';
import { openInstallation, type Installation } from '../../../main/window/installation.ts';
import type { AdminService } from '../../../shared/gen/assent/v1/admin_pb.ts';
import { Decision } from '../../../shared/gen/assent/v1/node_pb.ts';
import type { Study } from '../../../shared/study/study.ts';
import { encodeCanonical } from '../../../shared/wire/canonical.ts';
import { personCalls } from '../../../scripts/demo/clients.ts';
import { HEART_DISEASE, studyOf, writeMemberFile, type Member } from '../../../scripts/demo/examples.ts';
import { buildRenderer } from '../../../scripts/renderer.ts';
import { adminClient } from '../../support/admin-client.ts';
import { leastSquares } from '../../support/least-squares-trainer.ts';
import { callsWithin, makePeople, PASSWORD, signPolicy, type Login } from '../../support/people.ts';

export const PASSPHRASE = 'correct horse battery';

export type World = {
  folder: string;
  home: string;
  installation: Installation;
  server: Server;
  /** Resolves when the installation's store is open. */
  node(): Promise<AssentNode>;
  /** Ends the installation's program, does something, and starts it again on the same folder. */
  restart(whileDown?: () => void): Promise<void>;
  close(): Promise<void>;
};

/** An installation as a person finds it: nothing was made, unless a test makes it. */
export async function startInstallation(
  folder: string,
  { openProblem = leastSquares }: { openProblem?: RoundDeps['openProblem'] | 'own' } = {},
): Promise<World> {
  await buildRenderer();
  const home = join(folder, 'home');
  const begin = async () => {
    const stop = new AbortController();
    const installation = openInstallation({
      home,
      openNode: (passphrase) => openNode({ home, passphrase, ...(openProblem !== 'own' && { openProblem }) }),
    });
    const server = await serveInstallation(installation, 0);
    const running = installation.opened.then((node) => node.run(stop.signal));
    const end = async () => {
      await server.close();
      stop.abort();
      if (installation.state() !== 'open') return;
      await running;
      await installation.node().close();
    };
    return { installation, server, end };
  };
  let now = await begin();
  const world: World = {
    folder,
    home,
    installation: now.installation,
    server: now.server,
    node: () => now.installation.opened,
    async restart(whileDown = () => {}) {
      await now.end();
      whileDown();
      now = await begin();
      world.installation = now.installation;
      world.server = now.server;
    },
    close: () => now.end(),
  };
  return world;
}

/** With the people of PEOPLE: enrolled, admitted, its rows imported, the study joined. */
async function takePart(
  node: AssentNode,
  calls: ReturnType<typeof callsWithin>,
  admin: TestCoordinator['admin'],
  member: Member,
  study: string,
): Promise<void> {
  const { invitation, fingerprint } = await admin.invite({ member: member.id, name: member.name });
  const asked = await calls.enrol({ invitation, fingerprint });
  await until(node, async () =>
    (await admin.listMembers({})).members.some(({ id, state }) => id === member.id && state === 'enrolled'),
  );
  await admin.admit({ member: member.id, fingerprint: asked.fingerprint });
  await until(node, async () => (await calls.listStudies({})).studies.length === 1);
  const file = join(node.store.home, 'rows.csv');
  writeMemberFile(HEART_DISEASE, member, file);
  for await (const { kind } of calls.importDataset({ path: file, name: 'Rows' }))
    if (kind.case === 'dataset') await calls.joinStudy({ study, dataset: kind.value.id, password: PASSWORD });
}

/** An installation with people, its rows and a study that it has joined; the other hospitals take part, so that a round waits. */
export async function startJoined(
  folder: string,
  options: {
    rules: RuleChoice;
    study?: Study;
    openProblem?: RoundDeps['openProblem'] | 'own';
    people?: readonly Login[];
  },
): Promise<{ world: World; node: AssentNode; calls: ReturnType<typeof callsWithin>; end(): Promise<void> }> {
  const { rules, study = studyOf(HEART_DISEASE), people, ...more } = options;
  const world = await startInstallation(folder, more);
  const coordinator = await startCoordinator(folder);
  await world.installation.open(PASSPHRASE);
  const node = await world.node();
  await makePeople(node, rules, people);
  await coordinator.admin.startStudy({ definition: Buffer.from(encodeCanonical(study)).toString('utf8') });
  const calls = callsWithin(node);
  await takePart(node, calls, coordinator.admin, HEART_DISEASE.members[3]!, study.id);
  const endOthers = await startOthers(folder, coordinator, study.id);
  return {
    world,
    node,
    calls,
    async end() {
      await endOthers();
      await world.close();
      await coordinator.close();
    },
  };
}

/** The other three hospitals: enrolled, admitted, joined, and answering by a standing policy. Returns how to end them. */
export async function startOthers(
  folder: string,
  { admin }: TestCoordinator,
  study: string,
): Promise<() => Promise<void>> {
  const ends = await Promise.all(
    HEART_DISEASE.members.slice(0, 3).map(async (member) => {
      const home = join(folder, member.id);
      const node = await openNode({ home, passphrase: PASSPHRASE, openProblem: leastSquares });
      await makePeople(node);
      const stop = new AbortController();
      const running = node.run(stop.signal);
      const calls = callsWithin(node);
      await takePart(node, calls, admin, member, study);
      await signPolicy(calls, { study });
      return async () => {
        stop.abort();
        await running;
        await node.close();
      };
    }),
  );
  return async () => void (await Promise.all(ends.map((end) => end())));
}

/** Looks again at each change of the node, and a few times a second, since others change too. */
export async function until(node: AssentNode, holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    if (await holds()) return;
    await node.changes.after(node.changes.count(), AbortSignal.timeout(200));
  }
  throw new Error('It never came.');
}

/** Two people approve the round that waits, and it is trained, sent and counted; the next one is waiting then. */
export async function approveWaiting(node: AssentNode, password: string, logins: readonly string[]): Promise<void> {
  const transport = (interceptors: Interceptor[]) =>
    createRouterTransport(nodeRoutes(node), { transport: { interceptors } });
  const people = logins.map((login) => personCalls(transport, { login, password }));
  const waiting = async () =>
    (await people[0]!.listRounds({})).rounds.find(({ stage, outcome }) => stage === 'awaiting' && outcome === '');
  const { name } = (await waiting())!;
  for (const calls of people) {
    const { planHash, screenHash } = await calls.getRound({ name: name! });
    const decision = Decision.APPROVE;
    await calls.decideRound({
      name: name!,
      planHash,
      screenHash,
      decision,
      reason: 'Agrees with the protocol',
      password,
    });
  }
  await until(node, async () => {
    const next = await waiting();
    return next !== undefined && next.name!.round > name!.round;
  });
}

export type TestCoordinator = { admin: Client<typeof AdminService>; close(): Promise<void> };

export async function startCoordinator(folder: string, name = 'Heart Outcomes Group'): Promise<TestCoordinator> {
  const home = join(folder, 'coordinator');
  const consortium = name.toLowerCase().replaceAll(' ', '-');
  (await createStore({ home, passphrase: PASSPHRASE, consortium, name, now: Date.now })).close();
  const coordinator = await openCoordinator({ home, passphrase: PASSPHRASE, report: () => {} });
  const server = await serveCoordinator(coordinator, { host: '127.0.0.1', port: 0 });
  return {
    admin: adminClient(home),
    async close() {
      await server.close();
      await coordinator.close();
    },
  };
}
