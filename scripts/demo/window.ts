// `npm start`: a consortium with finished rounds and one that waits, for people to look around in. The first hospital is the
// visitor's; the others act by standing policies, so that a round ends soon after the second approval.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { demoFile, type Demo } from '../../main/window/demo.ts';
import { Decision } from '../../shared/gen/assent/v1/node_pb.ts';
import { parseStudy, type Study } from '../../shared/study/study.ts';
import { eventually } from './clients.ts';
import { enrolAll, importAll, passphraseFile, startConsortium, startStudy, type Institution } from './consortium.ts';
import { HEART_DISEASE, studyOf } from './examples.ts';
import { FEDSGD } from './options.ts';
import type { Programs } from './programs.ts';

/** Nobody should have to remember it: it stands on the sign-in page. */
const PASSWORD = 'demo password';
const AUDITOR = { login: 'vera', name: 'Vera Nowak', roles: ['auditor'] };
const WEEK = 7 * 86_400;

/** How many rounds are behind the visitor in each study. */
const DONE = { fedavg: 3, fedsgd: 4 } as const;

function studies(): { study: Study; done: number }[] {
  const base = studyOf(HEART_DISEASE);
  const deadlines = { approveSeconds: WEEK, sendSeconds: WEEK };
  const steps = {
    ...base,
    id: `${base.id}-steps`,
    title: { en: `${base.title.en}, step by step`, zh: `${base.title.zh}（逐步）` },
    algorithm: FEDSGD,
    rounds: 200,
  };
  return [
    { study: parseStudy({ ...base, deadlines }), done: DONE.fedavg },
    { study: parseStudy({ ...steps, deadlines }), done: DONE.fedsgd },
  ];
}

/** Sets everything up and ends the visitor's own node; returns the home that a window is to be opened on. */
export async function prepareDemo(o: {
  folder: string;
  programs: Programs;
  signal: AbortSignal;
  say(line: string): void;
}): Promise<string> {
  const all = studies();
  const setUp = { ...o, example: HEART_DISEASE, study: all[0]!.study, forAll: PASSWORD };
  const consortium = await startConsortium(setUp);
  await enrolAll(consortium, setUp);
  const datasets = await importAll(consortium, setUp);
  const own = consortium.institutions[0]!;
  await own.calls.addPerson({ person: { ...AUDITOR, password: PASSWORD }, password: PASSWORD });
  for (const { study, done } of all) {
    await startStudy(consortium, datasets, { ...setUp, study }, own.id);
    for (let round = 1; round <= done; round++) await approve(own, { study: study.id, round, attempt: 1 }, o.signal);
    await waiting(own, { study: study.id, round: done + 1 }, o.signal);
    o.say(`${study.id}: ${done} rounds are done, and round ${done + 1} waits for two people of ${own.name}`);
  }
  await own.end();
  const home = path.join(own.folder, 'home');
  writeFileSync(demoFile(home), `${JSON.stringify(demoOf(own), null, 2)}\n`, { mode: 0o600 });
  return home;
}

async function approve(
  { approvers, ...own }: Institution,
  name: { study: string; round: number; attempt: number },
  signal: AbortSignal,
): Promise<void> {
  await waiting({ approvers, ...own }, name, signal);
  for (const { calls, password } of approvers) {
    const { planHash, screenHash } = await calls.getRound({ name });
    const reason = 'Read the plan; nothing changed since the last round.';
    await calls.decideRound({ name, planHash, screenHash, decision: Decision.APPROVE, reason, password });
  }
}

const waiting = (
  { calls, name: institution }: Institution,
  { study, round }: { study: string; round: number },
  signal: AbortSignal,
): Promise<true> =>
  eventually(
    `round ${round} of ${study} waited at ${institution}`,
    async () => {
      const { rounds } = await calls.listRounds({ study });
      return rounds.some(({ name, stage }) => name?.round === round && stage === 'awaiting') || undefined;
    },
    signal,
  );

function demoOf({ folder, staff }: Institution): Demo {
  const approvers = staff.approvers.map(({ login, name }) => ({
    login,
    name,
    roles: ['approver'],
    password: PASSWORD,
  }));
  const office = { ...staff.officePerson, roles: ['admin', 'steward'], password: PASSWORD };
  const passphrase = readFileSync(passphraseFile(folder), 'utf8').trim();
  return { passphrase, people: [...approvers, { ...AUDITOR, password: PASSWORD }, office] };
}
