// Sets the consortium up, as the people who operate it would: five processes, invitations, fingerprints read aloud and
// typed, each hospital's own file imported, the study started, joined, and a standing policy signed.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { randomBytes } from '../../platform/crypto.ts';
import type { Dataset } from '../../shared/gen/assent/v1/node_pb.ts';
import { decodeInvitation } from '../../shared/records/membership.ts';
import type { Study } from '../../shared/study/study.ts';
import { toHex } from '../../shared/wire/canonical.ts';
import { adminCalls, eventually, nodeCalls, type AdminCalls, type NodeCalls } from './clients.ts';
import { readAddress, type Address } from '../../platform/local-client.ts';
import { HOSPITALS, writeHospitalFile, type Hospital } from './hospitals.ts';
import type { Programs } from './programs.ts';

export type Institution = Hospital & { folder: string; file: string; passphrase: string; calls: NodeCalls };
export type Consortium = {
  admin: AdminCalls;
  folder: string;
  institutions: Institution[];
};
export type SetUp = { folder: string; programs: Programs; signal: AbortSignal; say(line: string): void };

const CONSORTIUM = 'heart-demo';

/** Starts the coordinator and, side by side, the four nodes. */
export async function startConsortium(setUp: SetUp): Promise<Consortium> {
  const { say } = setUp;
  const [admin, ...institutions] = await Promise.all([
    startCoordinator(setUp),
    ...HOSPITALS.map((hospital) => startNode(setUp, hospital)),
  ]);
  say(`five processes run, each with its own store: the coordinator and ${HOSPITALS.length} hospitals`);
  return { ...admin, institutions };
}

async function startCoordinator({ folder: all, programs }: SetUp): Promise<{ admin: AdminCalls; folder: string }> {
  const folder = path.join(all, 'coordinator');
  const { home, common } = newHome(folder);
  const program = { name: 'the coordinator', script: 'coordinator/cli.ts', log: path.join(folder, 'output.log') };
  const named = ['create', '--consortium', CONSORTIUM, '--name', 'Heart disease demo'];
  await programs.run({ ...program, args: [...common, ...named] });
  await programs.start({ ...program, args: [...common, 'run', '--port', '0'] });
  return { folder, admin: adminCalls(addressIn(path.join(home, 'coordinator.json'))) };
}

async function startNode({ folder: all, programs }: SetUp, hospital: Hospital): Promise<Institution> {
  const folder = path.join(all, hospital.id);
  const { home, common, passphrase } = newHome(folder);
  const file = path.join(folder, 'data.csv');
  writeHospitalFile(hospital, file);
  await programs.start({
    name: `the node of ${hospital.dataset}`,
    script: 'main/headless.ts',
    // One thread: five processes share this machine, and the batches are small.
    args: [...common, '--device', 'cpu', '--threads', '1', 'run'],
    log: path.join(folder, 'output.log'),
  });
  return { ...hospital, folder, file, passphrase, calls: nodeCalls(addressIn(path.join(home, 'node.json'))) };
}

/** How a running program is reached, from the file that it writes for its owner alone. */
function addressIn(file: string): Address {
  const address = readAddress(file);
  if (!address) throw new Error(`${file} is not there, although its program said that it listens.`);
  return address;
}

function newHome(folder: string): { home: string; passphrase: string; common: string[] } {
  const home = path.join(folder, 'home');
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const passphrase = toHex(randomBytes(16));
  const file = path.join(folder, 'passphrase');
  writeFileSync(file, `${passphrase}\n`, { mode: 0o600 });
  return { home, passphrase, common: ['--home', home, '--passphrase-file', file] };
}

/** Returns the coordinator's log key as the invitations pin it, hex. */
export async function enrolAll({ admin, institutions }: Consortium, { signal, say }: SetUp): Promise<string> {
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
      return decodeInvitation(invitation).coordinator.log;
    }),
  );
  say(`${institutions.length} hospitals enrolled: fingerprints compared on both sides, keys in the signed directory`);
  return keys[0]!;
}

/** Each node imports its own hospital's file; in the order of the institutions. */
export async function importAll({ institutions }: Consortium, { say }: SetUp): Promise<Dataset[]> {
  const datasets = await Promise.all(
    institutions.map(async ({ dataset, file, calls }) => {
      for await (const { kind } of calls.importDataset({ path: file, name: `Patients of ${dataset}` }))
        if (kind.case === 'dataset') return kind.value;
      throw new Error(`the import of ${file} ended without a data set`);
    }),
  );
  const counts = institutions.map(({ dataset }, i) => `${dataset} ${datasets[i]!.rows}`);
  say(`each hospital imported its own file, encrypted at rest (patients: ${counts.join(', ')})`);
  return datasets;
}

/** The study begins with the last one's joining; from then on the standing policies answer. */
export async function startStudy(
  { admin, institutions, folder }: Consortium,
  study: Study,
  datasets: readonly Dataset[],
  { signal, say }: SetUp,
): Promise<string> {
  const definition = JSON.stringify(study, null, 2);
  writeFileSync(path.join(folder, 'study.json'), `${definition}\n`);
  const { studyHash } = await admin.startStudy({ definition });
  await Promise.all(
    institutions.map(async ({ name, calls, passphrase }, i) => {
      const offered = async () => (await calls.listStudies({})).studies.find(({ id }) => id === study.id);
      await eventually(`the study had reached ${name}`, offered, signal);
      await calls.joinStudy({ study: study.id, dataset: datasets[i]!.id });
      await calls.signPolicy({ study: study.id, passphrase });
    }),
  );
  say(
    `all joined study ${study.id} and signed a standing policy: rounds within its bounds are approved without asking`,
  );
  return studyHash;
}
