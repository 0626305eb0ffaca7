// What an institution gets out of its own data alone, to compare with the consortium's model. Nothing of it leaves.
import { algorithmOf } from '../shared/algorithms/catalog.ts';
import type { Evaluation, Progress } from '../shared/algorithms/algorithm.ts';
import { AssentError } from '../shared/errors.ts';
import { initialWeights } from '../shared/model/initial.ts';
import { decimalOf } from '../shared/records/fields.ts';
import type { ReleasedMetrics } from '../shared/records/round.ts';
import { decodeModel, encodeModel, modelSize } from './model/received.ts';
import type { RoundDeps } from './round.ts';
import { joinedStudyOf, studyOf } from './store/rounds.ts';

export type ModelScores = {
  model: string;
  rows: number;
  auc: number | null;
  accuracy: number | null;
  logLoss: number | null;
};

const scoresOf = (model: string, { test }: Evaluation): ModelScores => ({ model, ...test });
const metricsOf = ({ test }: Evaluation): ReleasedMetrics => {
  const decimal = (value: number | null) => (value === null ? null : decimalOf(value));
  return { auc: decimal(test.auc), accuracy: decimal(test.accuracy), logLoss: decimal(test.logLoss) };
};

/** The study's own algorithm and number of rounds, with this institution as the only member. Replaces an earlier one. */
export async function trainLocal(
  deps: RoundDeps,
  id: string,
  progress: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<ModelScores> {
  const joined = joinedStudyOf(deps.store.journal.read, id);
  const study = studyOf(joined);
  const algorithm = algorithmOf(study.algorithm);
  const started = deps.now();
  const rows = await deps.rows(study, joined);
  try {
    const problem = await deps.openProblem(study, rows, progress);
    try {
      let weights = initialWeights(study);
      for (let round = 1; round <= study.rounds; round++) {
        if (signal.aborted) throw new AssentError('CANCELED', 'Training of the local model was cancelled.');
        const shuffle = { seed: study.seed, labels: [id, 'local', round] };
        const { message } = await algorithm.clientUpdate({ weights, round }, problem, shuffle);
        weights = algorithm.serverUpdate(weights, message);
      }
      const evaluation = await problem.evaluate(weights);
      const { bytes } = encodeModel(study, weights);
      const model = await deps.store.blobs.put(bytes);
      const at = new Date(deps.now()).toISOString();
      deps.store.journal.transact('local.train', (tx) => {
        tx.run(
          `insert into local_model (study, sha256, snapshot, metrics, at) values (?, ?, ?, ?, ?)
           on conflict (study) do update set sha256 = excluded.sha256, snapshot = excluded.snapshot,
             metrics = excluded.metrics, at = excluded.at`,
          id,
          model,
          rows.snapshot,
          JSON.stringify(scoresOf(model, evaluation)),
          at,
        );
        tx.append({
          kind: 'local.trained',
          study: id,
          detail: {
            definition: joined.hash,
            snapshot: rows.snapshot,
            model,
            examples: problem.examples,
            environment: problem.environment,
            milliseconds: Math.max(0, Math.round(deps.now() - started)),
          },
        });
      });
      return scoresOf(model, evaluation);
    } finally {
      await problem.close();
    }
  } finally {
    rows.erase();
  }
}

/** Fetches the model that a finished study ended with, and evaluates it on the own test rows. */
export async function keepFinalModel(deps: RoundDeps, id: string, signal: AbortSignal): Promise<void> {
  const joined = joinedStudyOf(deps.store.journal.read, id);
  const study = studyOf(joined);
  const model = joined.model!;
  const weights = decodeModel(study, await deps.model(model, modelSize(study), signal, { study: id }));
  const rows = await deps.rows(study, joined);
  try {
    const problem = await deps.openProblem(study, rows, () => {});
    try {
      const evaluation = await problem.evaluate(weights);
      deps.store.journal.transact('model.keep', (tx) => {
        tx.run(
          'insert into model (study, sha256, metrics) values (?, ?, ?) on conflict (study) do nothing',
          id,
          model,
          JSON.stringify(scoresOf(model, evaluation)),
        );
        tx.run('update study set kept = 1 where id = ?', id);
        tx.append({
          kind: 'model.evaluated',
          study: id,
          detail: { model, snapshot: rows.snapshot, rows: evaluation.test.rows, metrics: metricsOf(evaluation) },
        });
      });
    } finally {
      await problem.close();
    }
  } finally {
    rows.erase();
  }
}
