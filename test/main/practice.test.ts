// Practice: the same computation as a real round, and no trace of it anywhere.
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { practiceScreen, practise } from '../../main/practice.ts';
import { runRound } from '../../main/round.ts';
import { createTrainer } from '../../main/training/trainer.ts';
import { sha256 } from '../../platform/crypto.ts';
import type { Progress } from '../../shared/algorithms/algorithm.ts';
import { AssentError } from '../../shared/errors.ts';
import { toHex } from '../../shared/wire/canonical.ts';
import { partFigures } from '../../shared/wire/figures.ts';
import { fromWire } from '../../shared/rpc/errors.ts';
import { decides, KEY, rowOf } from '../support/deciding.ts';
import { institution, smallStudy, type Institution } from '../support/institution.ts';
import { leastSquares } from '../support/least-squares-trainer.ts';
import { callsWithin, EASY_RULES } from '../support/people.ts';

const forever = new AbortController().signal;
const silent = () => {};
const practised = ({ node, study }: Institution, signal = forever, tell: (progress: Progress) => void = silent) =>
  practise(node.practice, study.id, tell, signal);
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'went well',
    (error: unknown) => (error instanceof AssentError ? error.code : error),
  );

/** Every row of every table, and every file but SQLite's own, which the rows stand for. */
function traceOf({ node }: Institution): Record<string, string> {
  const { read } = node.store.journal;
  const { home } = node.store;
  const tables = read.all<{ name: string }>("select name from sqlite_master where type = 'table' order by name");
  const rows = tables.map(({ name }) => [name, JSON.stringify(read.all(`select * from "${name}"`))]);
  const files = readdirSync(home, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith('assent.db'))
    .map(({ parentPath, name }) => [join(parentPath, name), toHex(sha256(readFileSync(join(parentPath, name))))]);
  return {
    ...Object.fromEntries<string>([...rows, ...files] as [string, string][]),
    log: String(node.store.journal.size()),
  };
}

/** A coordinator's address at which every request is refused, and counted. */
async function refusing(): Promise<{ coordinatorUrl: string; requests(): number }> {
  let requests = 0;
  const server = createServer((_request, response) => {
    requests++;
    response.writeHead(500).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { coordinatorUrl: `http://127.0.0.1:${port}`, requests: () => requests };
}

/** A problem that trains until it is cancelled, and says when it has begun. */
function endless() {
  const begun = Promise.withResolvers<void>();
  const seen: Float32Array[] = [];
  const openProblem: typeof leastSquares = async (study, rows, progress) => {
    seen.push(rows.train.features);
    const canceled = Promise.withResolvers<never>();
    canceled.promise.catch(silent);
    const problem = await leastSquares(study, rows, progress);
    return {
      ...problem,
      descend() {
        begun.resolve();
        return canceled.promise;
      },
      cancel: () => canceled.reject(new AssentError('CANCELED', 'Training was cancelled.')),
    };
  };
  return { openProblem, begun: begun.promise, seen };
}

test('practice computes, to the bit, what the round that waits sends from the same model', async () => {
  const here = await institution();
  const before = await practised(here);
  const plan = here.coordinator.plan(here.study, ['alpha', 'beta']);
  here.take(plan);
  await here.node.store.blobs.put(plan.model);
  const during = await practised(here);
  await decides(here);
  await runRound(here.node.rounds, KEY, forever);
  const { sealed, norm, examples, metrics } = rowOf(here);
  const bytes = new Uint8Array(await here.node.store.blobs.read(sealed!));
  const real = { hash: sealed, bytes: bytes.length, norm, examples, metrics: JSON.parse(metrics!) as unknown };
  expect(before).toMatchObject({ ...real, parts: partFigures(bytes), last: null, why: '' });
  expect(during).toEqual(before);
});

test('practice in native TensorFlow tells its progress, and computes what a round does there', async () => {
  const trainer = createTrainer({ device: 'cpu', threads: 1, memoryLimitMb: 'none' });
  const study = smallStudy(['algorithm', { name: 'fedavg', epochs: 3, batchSize: 8, learningRate: 0.1 }]);
  const here = await institution({
    study,
    openProblem: (asked, rows, progress) => trainer.open(asked, rows, { progress }),
  });
  onTestFinished(() => trainer.close());
  const told: Progress[] = [];
  const { hash } = await practised(here, forever, (progress) => told.push(progress));
  expect(told.length).toBeGreaterThan(0);
  expect(told.at(-1)).toMatchObject({ epochs: 3 });
  const plan = here.coordinator.plan(study, ['alpha', 'beta']);
  here.take(plan);
  await here.node.store.blobs.put(plan.model);
  await decides(here);
  await runRound(here.node.rounds, KEY, forever);
  expect(rowOf(here).sealed).toBe(hash);
  expect(await trainer.tensors()).toBe(0);
}, 120_000);

test('practice leaves no trace: the log, every table and every file are as before, and the coordinator is asked nothing', async () => {
  const { coordinatorUrl, requests } = await refusing();
  const here = await institution({ coordinatorUrl });
  const calls = callsWithin(here.node).as('ann');
  await calls.whoAmI({});
  const before = traceOf(here);
  expect(Object.keys(before)).toEqual(expect.arrayContaining(['record', 'outbox', 'outbound', 'round', 'approval']));
  const { round, after } = await calls.getPractice({ study: here.study.id });
  expect([round!.approvals, round!.planHash, round!.screenHash, after]).toEqual([[], '', '', 0]);
  const cases: (string | undefined)[] = [];
  for await (const { kind } of calls.practiceRound({ study: here.study.id })) cases.push(kind.case);
  expect(cases.at(-1)).toBe('update');
  const failing = {
    ...here.node.practice,
    openProblem: () => Promise.reject(new AssentError('TRAINING_FAILED', 'no')),
  };
  expect(await codeOf(practise(failing, here.study.id, silent, forever))).toBe('TRAINING_FAILED');
  expect(await codeOf(practised(here, AbortSignal.abort()))).toBe('CANCELED');
  expect(traceOf(here)).toEqual(before);
  expect(requests()).toBe(0);
});

test('practice starts from the newest model on this machine, and says where a newer one is known', async () => {
  const { coordinatorUrl, requests } = await refusing();
  const here = await institution({ coordinatorUrl });
  const start = async () => (await practiceScreen(here.node.practice, here.study.id, 'en')).start;
  expect(await start()).toMatchObject({ after: 0, newer: false });
  const plan = here.coordinator.plan(here.study, ['alpha', 'beta']);
  here.take(plan);
  const next = new Uint8Array(plan.model);
  new DataView(next.buffer).setFloat32(next.length - 4, 1.5, true); // another model of the same form
  const model = toHex(sha256(next));
  const ended = { result: 'aggregated' as const, reason: '', participants: [], aggregate: model, model, metrics: {} };
  here.take(here.coordinator.outcome({ ...KEY, plan: plan.hash, ...ended }));
  expect(await start()).toEqual({ after: 0, hash: null, newer: true });
  const first = await practised(here);
  await here.node.store.blobs.put(next);
  expect(await start()).toEqual({ after: 1, hash: model, newer: false });
  expect((await practised(here)).hash).not.toBe(first.hash);
  expect(requests()).toBe(0);
});

test('leaving practice stops the training at once and zeroes the rows', async () => {
  const { openProblem, begun, seen } = endless();
  const here = await institution({ openProblem });
  const left = new AbortController();
  const work = codeOf(practised(here, left.signal));
  await begun;
  left.abort();
  expect(await work).toBe('CANCELED');
  expect(seen.map((features) => features.every((value) => value === 0))).toEqual([true]);
});

test('somebody who closes the window has stopped practice: the next one can begin', async () => {
  const { openProblem, begun } = endless();
  const here = await institution({ openProblem });
  const left = new AbortController();
  const calls = callsWithin(here.node).as('sam');
  const read = async () => {
    for await (const _ of calls.practiceRound({ study: here.study.id }, { signal: left.signal })) continue;
  };
  const work = read().catch((error: unknown) => fromWire(error, 'NODE_UNREACHABLE').code);
  await begun;
  left.abort();
  expect(await work).toBe('CANCELED');
  await vi.waitFor(async () => {
    const again = { ...here.node.practice, openProblem: leastSquares };
    expect(await codeOf(practise(again, here.study.id, silent, forever))).toBe('went well');
  });
});

test('while a round trains, and while somebody practises, practice is refused', async () => {
  const { openProblem, begun } = endless();
  const here = await institution({ openProblem });
  const plan = here.coordinator.plan(here.study, ['alpha', 'beta']);
  here.take(plan);
  await here.node.store.blobs.put(plan.model);
  await decides(here);
  const stop = new AbortController();
  const round = runRound(here.node.rounds, KEY, stop.signal);
  await begun;
  expect(await codeOf(practised(here))).toBe('TRAINING_BUSY');
  expect(rowOf(here).stage).toBe('training');
  stop.abort();
  await round;
  const first = practised(here, stop.signal).catch(silent);
  expect(await codeOf(practised(here))).toBe('TRAINING_BUSY');
  await first;
});

test('a round that wants to train stops practice, and is not held up by it', async () => {
  const { openProblem, begun } = endless();
  const here = await institution();
  const plan = here.coordinator.plan(here.study, ['alpha', 'beta']);
  here.take(plan);
  await here.node.store.blobs.put(plan.model);
  await decides(here);
  const work = codeOf(practise({ ...here.node.practice, openProblem }, here.study.id, silent, forever));
  await begun;
  await runRound(here.node.rounds, KEY, forever);
  expect(rowOf(here).stage).toBe('sending');
  expect(await work).toBe('PRACTICE_STOPPED');
});

test('practice keeps to what a real round keeps to: a joined study, and the floor of this institution', async () => {
  const here = await institution();
  const { practice } = here.node;
  const few: typeof practice = {
    ...practice,
    async rows(study, joined) {
      const rows = await practice.rows(study, joined);
      return { ...rows, train: { ...rows.train, rows: 0 } };
    },
  };
  expect(await codeOf(practise(few, here.study.id, silent, forever))).toBe('FLOOR_ROWS');
  expect(await codeOf(practise(here.node.practice, 'nothing', silent, forever))).toBe('STUDY_UNKNOWN');
  const always = await institution({ rules: { ...EASY_RULES, release: { when: 'always', norm: '3' } } });
  expect((await practised(always)).why).toBe('always');
});
