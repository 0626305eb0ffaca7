// Sets the consortium up, as the people who operate it would: five processes, invitations, fingerprints read aloud and
// typed, each member's own file imported, the study started, joined, and a standing policy signed.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { randomBytes } from '../../platform/crypto.ts';
import type { Dataset } from '../../shared/gen/assent/v1/node_pb.ts';
import type { Keys } from '../../shared/records/fields.ts';
import { decodeInvitation } from '../../shared/records/membership.ts';
import type { Study } from '../../shared/study/study.ts';
import { toHex } from '../../shared/wire/canonical.ts';
import { adminCalls, eventually, type AdminCalls, type NodeCalls } from './clients.ts';
import { readAddress, type Address } from '../../platform/local-client.ts';
import { writeMemberFile, type Example, type Member } from './examples.ts';
import { makeStaff, type Staff } from './people.ts';
import type { Programs } from './programs.ts';
import { capital, inWords, nounsOf, type Nouns } from './words.ts';

export type Institution = Member & {
  folder: string;
  file: string;
  /** Of the person who made the accounts and brings the data. */
  calls: NodeCalls;
  password: string;
  approvers: Staff['approvers'];
  staff: Staff;
  /** Ends its node before the others. */
  end(): Promise<void>;
};
export type Consortium = {
  admin: AdminCalls;
  folder: string;
  institutions: Institution[];
  nouns: Nouns;
};
export type SetUp = {
  folder: string;
  example: Example;
  study: Study;
  programs: Programs;
  signal: AbortSignal;
  say(line: string): void;
  /** The password of everybody in the first institution, where people are to use it; otherwise each has one of their own. */
  forAll?: string;
};

/** Starts the coordinator and, side by side, the nodes. */
export async function startConsortium(setUp: SetUp): Promise<Consortium> {
  const { example, study, say } = setUp;
  const [admin, ...institutions] = await Promise.all([
    startCoordinator(setUp),
    ...example.members.map((member, at) => startNode(setUp, member, at)),
  ]);
  const nouns = nounsOf(study);
  const count = institutions.length;
  say(
    `${inWords(count + 1)} processes run, each with its own store: the coordinator and ${count} ${nouns.member.other}`,
  );
  return { ...admin, institutions, nouns };
}

async function startCoordinator({
  folder: all,
  example,
  programs,
}: SetUp): Promise<{ admin: AdminCalls; folder: string }> {
  const folder = path.join(all, 'coordinator');
  const { home, common } = newHome(folder);
  const program = { name: 'the coordinator', script: 'coordinator/cli.ts', log: path.join(folder, 'output.log') };
  const named = ['create', '--consortium', example.consortium.id, '--name', example.consortium.name];
  await programs.run({ ...program, args: [...common, ...named] });
  await programs.start({ ...program, args: [...common, 'run', '--port', '0'] });
  return { folder, admin: adminCalls(addressIn(path.join(home, 'coordinator.json'))) };
}

async function startNode(
  { folder: all, example, programs, forAll }: SetUp,
  member: Member,
  at: number,
): Promise<Institution> {
  const folder = path.join(all, member.id);
  const { home, common } = newHome(folder);
  const file = path.join(folder, 'data.csv');
  writeMemberFile(example, member, file);
  const end = await programs.start({
    name: `the node of ${member.short}`,
    script: 'main/headless.ts',
    // One thread: five processes share this machine, and the batches are small.
    args: [...common, '--device', 'cpu', '--threads', '1', 'run'],
    log: path.join(folder, 'output.log'),
  });
  const staff = await makeStaff(addressIn(path.join(home, 'node.json')), at, at === 0 ? forAll : undefined);
  const { office, officePassword, approvers } = staff;
  return { ...member, folder, file, calls: office, password: officePassword, approvers, staff, end };
}

/** How a running program is reached, from the file that it writes for its owner alone. */
function addressIn(file: string): Address {
  const address = readAddress(file);
  if (!address) throw new Error(`${file} is not there, although its program said that it listens.`);
  return address;
}

/** Of the store in an institution's folder. */
export const passphraseFile = (folder: string): string => path.join(folder, 'passphrase');

function newHome(folder: string): { home: string; common: string[] } {
  const home = path.join(folder, 'home');
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const passphrase = toHex(randomBytes(16));
  const file = passphraseFile(folder);
  writeFileSync(file, `${passphrase}\n`, { mode: 0o600 });
  return { home, common: ['--home', home, '--passphrase-file', file] };
}

/** Returns the coordinator's keys as the invitations pin them. */
export async function enrolAll({ admin, institutions, nouns }: Consortium, { signal, say }: SetUp): Promise<Keys> {
  const keys = await Promise.all(
    institutions.map(async ({ id, name, calls }) => {
      const { invitation, fingerprint } = await admin.invite({ member: id, name });
      // Each side types what the other reads aloud.
      const asked = await calls.enrol({ invitation, fingerprint });
      await eventually(
        `${name} had asked the coordinator to take it in`,
        async () => (await admin.listMembers({})).members.find((one) => one.id === id && one.state === 'enrolled'),
        signal,
      );
      await admin.admit({ member: id, fingerprint: asked.fingerprint });
      return decodeInvitation(invitation).coordinator;
    }),
  );
  say(
    `${institutions.length} ${nouns.member.other} enrolled: fingerprints compared on both sides, keys in the signed directory`,
  );
  return keys[0]!;
}

/** Each node imports its own member's file; in the order of the institutions. */
export async function importAll({ institutions, nouns }: Consortium, { say }: SetUp): Promise<Dataset[]> {
  const datasets = await Promise.all(
    institutions.map(async ({ short, file, calls }) => {
      for await (const { kind } of calls.importDataset({ path: file, name: `${capital(nouns.row.other)} of ${short}` }))
        if (kind.case === 'dataset') return kind.value;
      throw new Error(`the import of ${file} ended without a data set`);
    }),
  );
  const counts = institutions.map(({ short }, i) => `${short} ${datasets[i]!.rows}`);
  say(`each ${nouns.member.one} imported its own file, encrypted at rest (${nouns.row.other}: ${counts.join(', ')})`);
  return datasets;
}

/**
 * The study begins with the last one's joining; from then on the standing policies answer, but for the institution of which
 * `withoutPolicy` says that its people decide each round.
 */
export async function startStudy(
  { admin, institutions, folder }: Consortium,
  datasets: readonly Dataset[],
  { study, signal, say }: SetUp,
  withoutPolicy?: string,
): Promise<string> {
  const definition = JSON.stringify(study, null, 2);
  writeFileSync(path.join(folder, 'study.json'), `${definition}\n`);
  const { studyHash } = await admin.startStudy({ definition });
  await Promise.all(
    institutions.map(async ({ id: member, name, calls, password, approvers }, i) => {
      const offered = async () => (await calls.listStudies({})).studies.find(({ id }) => id === study.id);
      await eventually(`the study had reached ${name}`, offered, signal);
      await calls.joinStudy({ study: study.id, dataset: datasets[i]!.id, password });
      if (member === withoutPolicy) return;
      // One proposes it, the others sign the same bytes.
      let policyHash = '';
      for (const approver of approvers)
        ({ policyHash } = await approver.calls.signPolicy({
          study: study.id,
          policyHash,
          password: approver.password,
        }));
    }),
  );
  say(
    `all joined study ${study.id}, and two people in ${withoutPolicy === undefined ? 'each' : 'each but one'} signed a standing policy: rounds within its bounds are approved without asking`,
  );
  return studyHash;
}
