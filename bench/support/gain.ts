// What the members of an example gain together, over ten splits of their rows into training and test.
// The real algorithm, aggregator and TensorFlow, in one process without network, approvals or logs: those change no figure.
// Nothing is chosen by its result: the hyper-parameters are those of the example's study, the seeds are 0 to 9.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createTrainer, type Trainer } from '../../main/training/trainer.ts';
import { joinRows, memberRows, trainAlone } from '../../scripts/demo/everyone.ts';
import { studyOf, writeMemberFile, type Example } from '../../scripts/demo/examples.ts';
import { inWords, nounsOf } from '../../scripts/demo/words.ts';
import { algorithmOf } from '../../shared/algorithms/catalog.ts';
import type { Vector } from '../../shared/math/vector.ts';
import { initialWeights } from '../../shared/model/initial.ts';
import type { Study } from '../../shared/study/study.ts';
import { runRounds } from '../../test/support/consortium.ts';
import { describe, print } from '../figures.ts';

/** AUC on the test rows of all members. */
type Run = { seed: number; consortium: number; pooled: number; single: Record<string, number> };

const SEEDS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const WITHIN = 0.02;

/** Prints every split, a summary, and the whole as one line of JSON. */
export async function measureGain(example: Example): Promise<void> {
  const started = performance.now();
  const study = studyOf(example);
  const folder = mkdtempSync(path.join(tmpdir(), 'assent-bench-'));
  const trainer = createTrainer({ device: 'cpu', threads: 1, memoryLimitMb: 'none' });
  const runs: Run[] = [];
  try {
    const files = example.members.map((member) => {
      const file = path.join(folder, `${member.id}.csv`);
      writeMemberFile(example, member, file);
      return { id: member.id, file };
    });
    const members = nounsOf(study).member.other;
    console.log(
      `${study.algorithm.name}, ${study.rounds} rounds, ${SEEDS.length} splits of ${files.length} ${members}' rows; in one process, no network`,
    );
    for (const seed of SEEDS) runs.push(await run({ ...study, split: { ...study.split, seed } }, files, trainer));
  } finally {
    await trainer.close();
    rmSync(folder, { recursive: true });
  }
  const seconds = Math.round((performance.now() - started) / 100) / 10;
  report({ bench: example.bench, study, seconds }, runs);
}

async function run(study: Study, files: readonly { id: string; file: string }[], trainer: Trainer): Promise<Run> {
  const { seed } = study.split;
  const rows = await Promise.all(files.map(({ file }) => memberRows(study, file)));
  const everyone = await trainer.open(study, joinRows(rows));
  const members = await Promise.all(rows.map((own) => trainer.open(study, own)));
  const auc = async (weights: Vector): Promise<number> => {
    const found = (await everyone.score(weights, 'test')).auc;
    if (found === null) throw new Error(`split seed ${seed} leaves too few cases among everyone's test rows`);
    return found;
  };
  const algorithm = algorithmOf(study.algorithm);
  const start = initialWeights(study);
  const consortium = await auc(await runRounds({ algorithm, members, start, rounds: study.rounds }));
  const pooled = await auc(await trainAlone(study, everyone));
  const single: Record<string, number> = {};
  for (const [i, member] of members.entries()) single[files[i]!.id] = await auc(await trainAlone(study, member));
  await Promise.all([everyone, ...members].map((problem) => problem.close()));
  return { seed, consortium, pooled, single };
}

function report(
  { bench, study, seconds }: { bench: string; study: Study; seconds: number },
  all: readonly Run[],
): void {
  const ids = Object.keys(all[0]!.single);
  const { member } = nounsOf(study);
  const columns: [name: string, value: (run: Run) => number][] = [
    ['consortium', (one) => one.consortium],
    ['pooled', (one) => one.pooled],
    ...ids.map((id): [string, (run: Run) => number] => [id, (one) => one.single[id]!]),
  ];
  const bestSingle = (one: Run) => Math.max(...Object.values(one.single));
  print(
    ['split seed', ...columns.map(([name]) => name)],
    all.map((one) => [String(one.seed), ...columns.map(([, value]) => value(one))]),
  );
  const figures = columns.map(([name, value]) => ({ name, ...describe(all.map(value)) }));
  print(
    ['over all', ...columns.map(([name]) => name)],
    (['mean', 'sd', 'min', 'max'] as const).map((of) => [of, ...figures.map((figure) => figure[of])]),
  );
  const beatsBest = all.filter((one) => one.consortium > bestSingle(one)).length;
  const nearPooled = all.filter((one) => Math.abs(one.consortium - one.pooled) <= WITHIN).length;
  console.log(
    `AUC on the test rows of all ${inWords(ids.length)} ${member.other}, which only public data allows to compute.`,
  );
  console.log(`The consortium is above the best single ${member.one} in ${beatsBest} of ${all.length} splits,`);
  console.log(`and within ${WITHIN} of training on all rows together in ${nearPooled} of ${all.length}.`);
  const result = { bench, algorithm: study.algorithm, rounds: study.rounds, seconds, beatsBest, nearPooled };
  console.log(JSON.stringify({ ...result, figures, runs: all }, short));
}

/** Four decimals are plenty: one test row moves an AUC by about .001. */
function short(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toFixed(4)) : value;
}
