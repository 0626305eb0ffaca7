// A real coordinator on a loopback port and real nodes, in one process: what they say to each other goes over real HTTP.
import type { Client } from '@connectrpc/connect';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openCoordinator, type Coordinator } from '../../coordinator/coordinator.ts';
import { serve, type Server } from '../../coordinator/server.ts';
import { createStore } from '../../coordinator/store/open.ts';
import { openNode, type AssentNode, type NodeOptions } from '../../main/node.ts';
import type { RuleChoice } from '../../main/people/rules.ts';
import type { AdminService, StudyStatus } from '../../shared/gen/assent/v1/admin_pb.ts';
import { encodeCanonical } from '../../shared/wire/canonical.ts';
import type { Study } from '../../shared/study/study.ts';
import { adminClient } from './admin-client.ts';
import { PASSPHRASE } from './institution.ts';
import { leastSquares } from './least-squares-trainer.ts';
import { callsWithin, EASY_RULES, makePeople, PASSWORD, signPolicy, type Login } from './people.ts';
import { temporaryFolder } from './temporary.ts';

export type Member = {
  id: string;
  home: string;
  node: AssentNode;
  calls: ReturnType<typeof callsWithin>;
  /** Ends the node as if its machine were switched off between two lines, does something, and starts it again. */
  restart(whileDown?: () => void): Promise<void>;
  stop(): Promise<void>;
  said: string[];
};

export type Consortium = {
  folder: string;
  coordinator: Coordinator;
  server: Server;
  admin: Client<typeof AdminService>;
  members: Member[];
  /** Ends the coordinator, does something, and starts it again on the same store and port. */
  restartCoordinator(whileDown: () => Promise<void>): Promise<void>;
  /** Waits, on the coordinator's own stream, until the study's status is as asked. */
  until(holds: (status: StudyStatus) => boolean): Promise<StudyStatus>;
};

export async function startMember(
  id: string,
  home: string,
  options: Partial<NodeOptions> = {},
  rules = EASY_RULES,
  people?: readonly Login[],
): Promise<Member> {
  const said: string[] = [];
  const begin = async () => {
    const node = await openNode({
      home,
      passphrase: PASSPHRASE,
      openProblem: leastSquares,
      say: (line) => said.push(line),
      ...options,
    });
    await makePeople(node, rules, people);
    const stop = new AbortController();
    return { node, stop, done: node.run(stop.signal) };
  };
  let running = await begin();
  const end = async () => {
    running.stop.abort();
    await running.done;
    await running.node.close();
  };
  const member: Member = {
    id,
    home,
    node: running.node,
    calls: callsWithin(running.node),
    said,
    async restart(whileDown = () => {}) {
      await end();
      whileDown();
      running = await begin();
      member.node = running.node;
      member.calls = callsWithin(running.node);
    },
    stop: end,
  };
  return member;
}

/** Members are enrolled, admitted and joined with the CSV text given for each; no round has been approved. */
export async function startConsortium(o: {
  study: Study;
  rows: Readonly<Record<string, string>>;
  /** For the members' nodes. */
  options?: Partial<NodeOptions>;
  rules?: RuleChoice;
  /** Their accounts, where not those that most tests need. */
  people?: readonly Login[];
  policy?: boolean;
}): Promise<Consortium> {
  const folder = temporaryFolder();
  const home = join(folder, 'coordinator');
  const failures: unknown[] = [];
  (await createStore({ home, passphrase: PASSPHRASE, consortium: 'test', name: 'Test', now: Date.now })).close();
  const begin = async (port: number) => {
    const report = (error: unknown) => failures.push(error);
    const coordinator = await openCoordinator({ home, passphrase: PASSPHRASE, report });
    const server = await serve(coordinator, { host: '127.0.0.1', port });
    return { coordinator, server, admin: adminClient(home) };
  };
  let running = await begin(0);
  const { admin } = running;
  const members: Member[] = [];
  onTestFinished(async () => {
    await Promise.all(members.map((member) => member.stop()));
    await running.server.close();
    await running.coordinator.close();
    if (failures.length > 0) throw failures[0];
  });

  for (const [id, csv] of Object.entries(o.rows)) {
    const member = await startMember(id, join(folder, id), o.options, o.rules, o.people);
    members.push(member);
    const { invitation, fingerprint } = await admin.invite({ member: id, name: `Institution ${id}` });
    const asked = await member.calls.enrol({ invitation, fingerprint });
    await eventually(async () =>
      (await admin.listMembers({})).members.some((m) => m.id === id && m.state === 'enrolled'),
    );
    await admin.admit({ member: id, fingerprint: asked.fingerprint });
    writeFileSync(join(folder, `${id}.csv`), csv);
  }
  await admin.startStudy({ definition: Buffer.from(encodeCanonical(o.study)).toString('utf8') });
  const consortium: Consortium = {
    folder,
    ...running,
    members,
    async restartCoordinator(whileDown) {
      const port = Number(new URL(running.server.url).port);
      await running.server.close();
      await running.coordinator.close();
      await whileDown();
      running = await begin(port);
      Object.assign(consortium, running);
    },
    async until(holds) {
      for await (const { studies } of running.admin.watchStatus({})) {
        const [status] = studies;
        if (status && holds(status)) return status;
      }
      throw new Error('the coordinator ended');
    },
  };
  await Promise.all(
    members.map(async (member) => {
      await eventually(async () => (await member.calls.listStudies({})).studies.length === 1);
      for await (const { kind } of member.calls.importDataset({ path: join(folder, `${member.id}.csv`), name: 'Rows' }))
        if (kind.case === 'dataset')
          await member.calls.joinStudy({ study: o.study.id, dataset: kind.value.id, password: PASSWORD });
      if (o.policy !== false) await signPolicy(member.calls, { study: o.study.id });
    }),
  );
  return consortium;
}

/** Asks until it holds; what it waits for happens in another part of the program, which tells nobody else. */
export async function eventually(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setImmediate(resolve));
}
