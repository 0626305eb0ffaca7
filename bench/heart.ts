// npm run bench -- heart: what the four hospitals gain together, over ten splits of their rows into training and test.
// The real algorithm, aggregator and TensorFlow, in one process without network, approvals or logs: those change no figure.
// Nothing is chosen by its result: the study's hyper-parameters are those of examples/heart-disease, the seeds are 0 to 9.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createTrainer } from '../main/training/trainer.ts';
import { algorithmOf } from '../shared/algorithms/catalog.ts';
import { initialWeights } from '../shared/model/initial.ts';
import type { Vector } from '../shared/math/vector.ts';
import type { Study } from '../shared/study/study.ts';
import { hospitalRows, joinRows, trainAlone } from '../scripts/demo/everyone.ts';
import { exampleStudy, HOSPITALS, writeHospitalFile } from '../scripts/demo/hospitals.ts';
import { runRounds } from '../test/support/consortium.ts';
import { describe, print } from './figures.ts';

/** AUC on the test rows of all four hospitals. */
type Run = { seed: number; consortium: number; pooled: number; single: Record<string, number> };

const SEEDS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const WITHIN = 0.02;

const folder = mkdtempSync(path.join(tmpdir(), 'assent-bench-'));
const files = HOSPITALS.map((hospital) => {
  const file = path.join(folder, `${hospital.id}.csv`);
  writeHospitalFile(hospital, file);
  return file;
});
const study = exampleStudy();
const trainer = createTrainer({ device: 'cpu', threads: 1, memoryLimitMb: 'none' });
const started = performance.now();
const runs: Run[] = [];
try {
  console.log(
    `${study.algorithm.name}, ${study.rounds} rounds, ${SEEDS.length} splits of ${HOSPITALS.length} hospitals' rows; in one process, no network`,
  );
  for (const seed of SEEDS) runs.push(await run(seed));
} finally {
  await trainer.close();
  rmSync(folder, { recursive: true });
}
report(runs);

async function run(seed: number): Promise<Run> {
  const of: Study = { ...study, split: { ...study.split, seed } };
  const rows = await Promise.all(files.map((file) => hospitalRows(of, file)));
  const everyone = await trainer.open(of, joinRows(rows));
  const members = await Promise.all(rows.map((own) => trainer.open(of, own)));
  const auc = async (weights: Vector): Promise<number> => {
    const found = (await everyone.score(weights, 'test')).auc;
    if (found === null) throw new Error(`split seed ${seed} leaves too few cases among everyone's test rows`);
    return found;
  };
  const algorithm = algorithmOf(of.algorithm);
  const consortium = await auc(await runRounds({ algorithm, members, start: initialWeights(of), rounds: of.rounds }));
  const pooled = await auc(await trainAlone(of, everyone));
  const single: Record<string, number> = {};
  for (const [i, member] of members.entries()) single[HOSPITALS[i]!.id] = await auc(await trainAlone(of, member));
  await Promise.all([everyone, ...members].map((problem) => problem.close()));
  return { seed, consortium, pooled, single };
}

function report(all: readonly Run[]): void {
  const columns: [name: string, value: (run: Run) => number][] = [
    ['consortium', (one) => one.consortium],
    ['pooled', (one) => one.pooled],
    ...HOSPITALS.map(({ id }): [string, (run: Run) => number] => [id, (one) => one.single[id]!]),
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
  console.log(`AUC on the test rows of all four hospitals, which only public data allows to compute.`);
  console.log(`The consortium is above the best single hospital in ${beatsBest} of ${all.length} splits,`);
  console.log(`and within ${WITHIN} of training on all rows together in ${nearPooled} of ${all.length}.`);
  const seconds = Math.round((performance.now() - started) / 100) / 10;
  const result = { bench: 'heart', algorithm: study.algorithm, rounds: study.rounds, seconds, beatsBest, nearPooled };
  console.log(JSON.stringify({ ...result, figures, runs: all }, short));
}

/** Four decimals are plenty: one test row moves an AUC by about .001. */
function short(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toFixed(4)) : value;
}
