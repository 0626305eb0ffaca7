// What needs the rows of all members at once. No institution can compute it: it is possible only because this data is
// public, and everything that comes from here is labelled so.
import { encodeTable, readTable } from '../../main/data/table.ts';
import { suggestMapping } from '../../main/data/mapping.ts';
import type { StudyRows, TrainingRows } from '../../main/stages.ts';
import type { OpenProblem, Trainer } from '../../main/training/trainer.ts';
import { algorithmOf } from '../../shared/algorithms/catalog.ts';
import type { LocalProblem } from '../../shared/algorithms/algorithm.ts';
import type { Vector } from '../../shared/math/vector.ts';
import { initialWeights } from '../../shared/model/initial.ts';
import type { Study } from '../../shared/study/study.ts';

export type Everyone = {
  /** AUC on the test rows of all members; null where there are too few cases. */
  auc(weights: Vector): Promise<number | null>;
  /** The study's algorithm and rounds over all rows at once, with one member: the ceiling. */
  trainPooled(): Promise<Vector>;
  testRows: number;
  close(): Promise<void>;
};

/** `files` are the members' own CSV files; they are mapped and split as each institution maps and splits its own. */
export async function openEveryone(trainer: Trainer, study: Study, files: readonly string[]): Promise<Everyone> {
  const rows = joinRows(await Promise.all(files.map((file) => memberRows(study, file))));
  const problem: OpenProblem = await trainer.open(study, rows);
  return {
    auc: async (weights) => (await problem.score(weights, 'test')).auc,
    trainPooled: () => trainAlone(study, problem),
    testRows: rows.test.rows,
    close: () => problem.close(),
  };
}

/** The very rows that the member's node trains and tests with. */
export async function memberRows(study: Study, file: string): Promise<StudyRows> {
  const table = await readTable(file);
  return { ...encodeTable(study, suggestMapping(table.columns, study), table), snapshot: '' };
}

/** One member's rows after the other's, split by split. */
export function joinRows(members: readonly StudyRows[]): StudyRows {
  const part = (name: 'train' | 'validation' | 'test'): TrainingRows => {
    const parts = members.map((member) => member[name]);
    const width = parts[0]!.width;
    const rows = parts.reduce((sum, each) => sum + each.rows, 0);
    const features = new Float32Array(new SharedArrayBuffer(4 * rows * width));
    const labels = new Float32Array(new SharedArrayBuffer(4 * rows));
    let at = 0;
    for (const each of parts) {
      features.set(each.features, at * width);
      labels.set(each.labels, at);
      at += each.rows;
    }
    return { features, labels, rows, width };
  };
  return {
    train: part('train'),
    validation: part('validation'),
    test: part('test'),
    snapshot: '',
    erase: () => members.forEach((member) => member.erase()),
  };
}

/** The study's algorithm and rounds with one member, as `assent-node train-local` runs it. */
export async function trainAlone(study: Study, problem: LocalProblem): Promise<Vector> {
  const algorithm = algorithmOf(study.algorithm);
  let weights = initialWeights(study);
  for (let round = 1; round <= study.rounds; round++) {
    const shuffle = { seed: study.seed, labels: [study.id, 'local', round] };
    const { message } = await algorithm.clientUpdate({ weights, round }, problem, shuffle);
    weights = algorithm.serverUpdate(weights, message);
  }
  return weights;
}
