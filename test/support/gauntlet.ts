// A consortium of five real processes that are killed at crash points, and what it must have come to in the end.
import { createClient, type Client } from '@connectrpc/connect';
import Database from 'better-sqlite3';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suggestMapping } from '../../main/data/mapping.ts';
import { encodeTable, readTable } from '../../main/data/table.ts';
import { localTransport, readAddress } from '../../platform/local-client.ts';
import type { CrashPoint } from '../../platform/steps.ts';
import { algorithmOf } from '../../shared/algorithms/catalog.ts';
import { AssentError } from '../../shared/errors.ts';
import type { AdminService } from '../../shared/gen/assent/v1/admin_pb.ts';
import { initialWeights } from '../../shared/model/initial.ts';
import { parameterLayout } from '../../shared/model/layout.ts';
import { fromWire } from '../../shared/rpc/errors.ts';
import { encodedColumns } from '../../shared/study/columns.ts';
import type { Study } from '../../shared/study/study.ts';
import { toHex } from '../../shared/wire/canonical.ts';
import { encodeMessage } from '../../shared/wire/update.ts';
import { sha256 } from '../../platform/crypto.ts';
import { runRounds } from './consortium.ts';
import { callsOf, PASSWORD, PEOPLE } from './people.ts';
import { leastSquaresProblem } from './least-squares.ts';
import { freePort, supervise, type Supervised } from './processes.ts';

export const MEMBERS = ['alpha', 'beta', 'delta', 'gamma'] as const;
export const LEAST_SQUARES_NODE = 'test/support/least-squares-node-process.ts';

/** Different rows for each member, so that a missing or doubled update changes the model. */
export const memberCsv = (member: number): string =>
  `x,y\n${Array.from({ length: 30 + member }, (_, i) => `${(i * 7 + member) % 10}.${i % 10},${(i * 3 + member) % 10 > 4 ? 1 : 0}`).join('\n')}\n`;

/** Throws while there is no address: the program is just starting. */
export function connect<S extends typeof AdminService>(service: S, file: string): Client<S> {
  const address = readAddress(file);
  if (!address) throw new Error(`There is no ${file} yet.`);
  return createClient(service, localTransport(address));
}

const known = new Map<string, ReturnType<typeof callsOf>>();

/** The node behind this address file, as its people use it. They sign in once a process: a crash ends every session. */
export function nodeCalls(file: string): ReturnType<typeof callsOf> {
  const address = readAddress(file);
  if (!address) throw new Error(`There is no ${file} yet.`);
  const key = `${address.url} ${address.token}`;
  const calls = known.get(key) ?? callsOf((interceptors) => localTransport(address, interceptors));
  known.set(key, calls);
  return calls;
}

/** Makes the accounts of people.ts in a node that runs as a process, through crashes where it is told to crash. */
export async function setUpPeople({ process, calls }: { process: Supervised; calls(): ReturnType<typeof callsOf> }) {
  const [ada, ...others] = PEOPLE.filter(({ login }) => login !== 'eve').map(({ login, name, roles }) => ({
    login,
    name,
    roles: [...roles],
    password: PASSWORD,
  }));
  const rules = { approvals: 1, releaseNorm: 3, floorRows: 1, floorPerClass: 1 };
  const first = { admins: [ada!], singleAdmin: true, rules };
  await process.until(() => calls().setUp(first), doneBefore('SET_UP_BEFORE'));
  for (const person of others)
    await process.until(() => calls().addPerson({ person, password: PASSWORD }), doneBefore('ACCOUNT_INVALID'));
}

/** For `Supervised.until`: the crashed process had done it before it died. */
export const doneBefore =
  (...codes: string[]) =>
  (error: unknown): boolean =>
    codes.includes((error instanceof AssentError ? error : fromWire(error, 'NODE_UNREACHABLE')).code);

export type Gauntlet = {
  folder: string;
  port: number;
  pass: string;
  coordinatorHome: string;
  nodes: { id: string; home: string; csv: string }[];
};

export async function lay(folder: string): Promise<Gauntlet> {
  const pass = join(folder, 'passphrase');
  writeFileSync(pass, 'correct horse battery');
  const nodes = MEMBERS.map((id, at) => {
    const csv = join(folder, `${id}.csv`);
    writeFileSync(csv, memberCsv(at));
    return { id, home: join(folder, id), csv };
  });
  const coordinatorHome = join(folder, 'coordinator');
  mkdirSync(coordinatorHome);
  return { folder, port: await freePort(), pass, coordinatorHome, nodes };
}

export const startCoordinator = (
  g: Gauntlet,
  points: readonly CrashPoint[] = [],
  env: Record<string, string> = {},
): Supervised =>
  supervise({
    file: 'coordinator/cli.ts',
    args: ['--home', g.coordinatorHome, '--passphrase-file', g.pass, 'run', '--port', String(g.port)],
    points,
    env,
  });

export const startNode = (
  g: Gauntlet,
  home: string,
  points: readonly CrashPoint[] = [],
  file = LEAST_SQUARES_NODE,
  env: Record<string, string> = {},
): Supervised => supervise({ file, args: ['--home', home, '--passphrase-file', g.pass, 'run'], points, env });

/** The model that the study must end with, by another way: no processes, no coordinator, no store. */
export async function expectedModel(study: Study, csvs: readonly string[]): Promise<string> {
  const members = await Promise.all(
    csvs.map(async (path) => {
      const read = await readTable(path);
      return leastSquaresProblem(encodeTable(study, suggestMapping(read.columns, study), read).train);
    }),
  );
  const algorithm = algorithmOf(study.algorithm);
  const weights = await runRounds({ algorithm, members, start: initialWeights(study), rounds: study.rounds });
  const layout = parameterLayout(study.model.layers, encodedColumns(study).length);
  return toHex(sha256(encodeMessage({ model: weights }, layout)));
}

export type Recorded = {
  kind: string;
  round?: number;
  attempt?: number;
  detail: { member?: string; run?: number; why?: string; state?: string };
};

/** The audit records in a store's file, in order. */
export function recordsIn(file: string): Recorded[] {
  const db = new Database(file, { readonly: true });
  const rows = db.prepare<[], { bytes: Buffer }>('select bytes from record order by position').all();
  db.close();
  return rows.map(({ bytes }) => JSON.parse(bytes.toString('utf8')) as Recorded);
}
