// A real coordinator on a loopback port, with a store in a temporary folder, a clock turned by hand, and signing members.
import type { Client } from '@connectrpc/connect';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openCoordinator, type Coordinator } from '../../coordinator/coordinator.ts';
import { serve, type Server } from '../../coordinator/server.ts';
import { createStore } from '../../coordinator/store/open.ts';
import type { AdminService } from '../../shared/gen/assent/v1/admin_pb.ts';
import { parameterLayout } from '../../shared/model/layout.ts';
import { parseStudy, type Study } from '../../shared/study/study.ts';
import { encodeCanonical } from '../../shared/wire/canonical.ts';
import { encodeMessage } from '../../shared/wire/update.ts';
import { changedStudy } from './example-study.ts';
import { handClock, type HandClock } from './hand-clock.ts';
import { adminClient } from './admin-client.ts';
import { temporaryFolder } from './temporary.ts';
import { signingMember, type SigningMember } from './signing-member.ts';

export const PASSPHRASE = 'correct horse battery';

/** One feature and a bias: updates have two values. FedSGD with learning rate 0.5. */
export const tinyStudy = (...changes: [string, unknown][]): Study => {
  const label = { en: 'x', zh: 'x' };
  const x = {
    name: 'x',
    label,
    kind: 'number',
    range: [0, 10],
    mean: 5,
    sd: 2,
    missing: { value: 5, indicator: false },
  };
  return parseStudy(
    changedStudy(
      ['id', 'tiny'],
      ['schema.features', [x]],
      ['algorithm', { name: 'fedsgd', learningRate: 0.5 }],
      ['cohort', { least: 2, quorum: 2 }],
      ['deadlines', { approveSeconds: 60, sendSeconds: 120 }],
      ['rounds', 3],
      ['bounds', { norm: 5 }],
      ...changes,
    ),
  );
};

export const gradientBytes = (kernel: number, bias: number): Uint8Array<ArrayBuffer> =>
  encodeMessage(
    { gradient: Float32Array.of(kernel, bias) },
    parameterLayout([{ class_name: 'Dense', config: { units: 1 } }], 1),
  );

export type Consortium = {
  home: string;
  clock: HandClock;
  coordinator: Coordinator;
  server: Server;
  admin: Client<typeof AdminService>;
  newMember(id: string): SigningMember;
  /** Kinds of the audit records so far. */
  kinds(): string[];
  details(kind: string): Record<string, unknown>[];
  idle(): Promise<void>;
  /** Ends the coordinator and starts it again on the same store; members go on with `url` unchanged. */
  restart(whileDown?: () => void): Promise<void>;
};

export async function openConsortium(): Promise<Consortium> {
  const clock = handClock();
  const home = join(temporaryFolder(), 'coordinator');
  (await createStore({ home, passphrase: PASSPHRASE, consortium: 'test', name: 'Test', now: clock.now })).close();
  const begin = async (port: number) => {
    const coordinator = await openCoordinator({
      home,
      passphrase: PASSPHRASE,
      clock,
      report: (error) => failures.push(error),
    });
    return { coordinator, server: await serve(coordinator, { host: '127.0.0.1', port }) };
  };
  const failures: unknown[] = [];
  let running = await begin(0);
  const end = async () => {
    await running.server.close();
    await running.coordinator.close();
  };
  onTestFinished(async () => {
    await end();
    if (failures.length > 0) throw failures[0];
  });
  const records = () =>
    running.coordinator.store.journal.read.all<{ kind: string; bytes: Buffer }>(
      'select kind, bytes from record order by position',
    );
  const consortium: Consortium = {
    home,
    clock,
    ...running,
    admin: adminClient(home),
    newMember: (id) => signingMember({ id, url: running.server.url, consortium: 'test', now: clock.now }),
    kinds: () => records().map(({ kind }) => kind),
    details: (kind) =>
      records()
        .filter((record) => record.kind === kind)
        .map(({ bytes }) => (JSON.parse(bytes.toString('utf8')) as { detail: Record<string, unknown> }).detail),
    idle: () => running.coordinator.conductor.idle(),
    async restart(whileDown = () => {}) {
      const port = Number(new URL(running.server.url).port);
      await end();
      whileDown();
      running = await begin(port);
      consortium.coordinator = running.coordinator;
      consortium.server = running.server;
      consortium.admin = adminClient(home);
      await running.coordinator.conductor.idle();
    },
  };
  return consortium;
}

/** Invited, enrolled and admitted. */
export async function admitted(consortium: Consortium, id: string): Promise<SigningMember> {
  const member = consortium.newMember(id);
  const { invitation } = await consortium.admin.invite({ member: id, name: `Institution ${id}` });
  await member.enrol(invitation);
  await consortium.admin.admit({ member: id, fingerprint: member.fingerprint });
  return member;
}

/** A study with its members joined; once `least` have, its first round is open. */
export async function startedStudy(
  consortium: Consortium,
  study: Study,
  ids: readonly string[],
): Promise<SigningMember[]> {
  const members: SigningMember[] = [];
  for (const id of ids) members.push(await admitted(consortium, id));
  await consortium.admin.startStudy({ definition: Buffer.from(encodeCanonical(study)).toString('utf8') });
  for (const member of members) await member.join(study);
  await consortium.idle();
  return members;
}
