// Full-participation FedSGD is centralised gradient descent (McMahan et al. 2017): shown with native TensorFlow in every
// institution and a real coordinator between them, for splits of any shape.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test, type TestContext } from 'vitest';
import { suggestMapping } from '../../main/data/mapping.ts';
import { encodeTable, readTable } from '../../main/data/table.ts';
import { decodeModel } from '../../main/model/received.ts';
import { createTrainer } from '../../main/training/trainer.ts';
import { initialWeights } from '../../shared/model/initial.ts';
import { norm, type Vector } from '../../shared/math/vector.ts';
import type { Study } from '../../shared/study/study.ts';
import { parseStudy } from '../../shared/study/study.ts';
import { changedStudy } from '../support/example-study.ts';
import { startConsortium } from '../support/live-consortium.ts';
import { mnistCsv, mnistStudy } from '../support/mnist-study.ts';
import { findMnist } from '../support/mnist.ts';
import { temporaryFolder } from '../support/temporary.ts';

const trainer = createTrainer({ device: 'cpu', threads: 1, memoryLimitMb: 'none' });
afterAll(() => trainer.close());

/** θ after `rounds` steps of plain gradient descent on all rows in one place. */
async function centralised(study: Study, csv: string, rate: number): Promise<Vector> {
  const file = join(temporaryFolder(), 'all.csv');
  writeFileSync(file, csv);
  const table = await readTable(file);
  const rows = encodeTable(study, suggestMapping(table.columns, study), table);
  const problem = await trainer.open(study, { ...rows, snapshot: '' });
  let weights = initialWeights(study);
  for (let round = 0; round < study.rounds; round++) {
    const { gradient } = await problem.gradient(weights);
    weights = weights.map((value, i) => value - rate * gradient[i]!);
  }
  await problem.close();
  return weights;
}

async function federated(study: Study, rows: Record<string, string>): Promise<Vector> {
  const openProblem = (s: Study, r: Parameters<typeof trainer.open>[1]) => trainer.open(s, r);
  const { until, coordinator } = await startConsortium({ study, rows, options: { openProblem } });
  const { results } = await until(({ state }) => state === 'finished');
  const everybody = Object.keys(rows).toSorted();
  expect(results.map(({ participants }) => participants)).toEqual(results.map(() => everybody));
  return decodeModel(study, await coordinator.store.models.read(results.at(-1)!.model));
}

const distance = (a: Vector, b: Vector) => norm(a.map((value, i) => value - b[i]!)) / norm(b);
const table = (header: string, lines: readonly string[]) => `${header}\n${lines.join('\n')}\n`;

test(
  'on the heart data of four hospitals: relative distance after 20 rounds at most 1e-5',
  { timeout: 120_000 },
  async () => {
    const text = readFileSync(new URL('../../examples/heart-disease/heart_disease_uci.csv', import.meta.url), 'utf8');
    const [header, ...lines] = text.trimEnd().split(/\r?\n/);
    const study = parseStudy(
      changedStudy(
        ['algorithm', { name: 'fedsgd', learningRate: 0.1 }],
        ['cohort', { least: 4, quorum: 4 }],
        ['rounds', 20],
      ),
    );
    const of = (hospital: string) =>
      table(
        header!,
        lines.filter((line) => line.split(',')[3] === hospital),
      );
    const split = {
      cleveland: of('Cleveland'),
      hungary: of('Hungary'),
      switzerland: of('Switzerland'),
      va: of('VA Long Beach'),
    };
    const all = await centralised(study, table(header!, lines), 0.1);
    const apart = distance(await federated(study, split), all);
    expect(apart, `relative distance ${apart.toExponential(1)}`).toBeLessThanOrEqual(1e-5);
  },
);

test.for<[string, number[]]>([
  ['three equal parts', [667, 667, 666]],
  ['parts of very different size', [1500, 437, 60, 3]],
])(
  'on 2,000 rows of MNIST in %s: relative distance after 20 rounds at most 1e-5',
  { timeout: 240_000 },
  async ([, sizes], { skip }: TestContext) => {
    const mnist = findMnist();
    if ('missing' in mnist) return skip(mnist.missing);
    const { images, labels } = mnist.train;
    const study = mnistStudy(sizes.length);
    const ends = sizes.map((_, i) => sizes.slice(0, i + 1).reduce((sum, size) => sum + size, 0));
    const split = Object.fromEntries(
      ends.map((end, i) => [`part-${i}`, mnistCsv(images, labels, end - sizes[i]!, end)]),
    );
    const all = await centralised(study, mnistCsv(images, labels, 0, 2000), 0.1);
    const apart = distance(await federated(study, split), all);
    expect(apart, `relative distance ${apart.toExponential(1)}`).toBeLessThanOrEqual(1e-5);
  },
);
