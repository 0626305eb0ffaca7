// What an institution computes in a round: the algorithm's client half on its own rows, and the figures declared with it.
// Practice computes the same.
import type { Evaluation, LocalProblem, Progress } from '../shared/algorithms/algorithm.ts';
import { algorithmOf } from '../shared/algorithms/catalog.ts';
import { AssentError } from '../shared/errors.ts';
import type { Vector } from '../shared/math/vector.ts';
import { decimalOf } from '../shared/records/fields.ts';
import type { ReleasedMetrics } from '../shared/records/round.ts';
import type { Study } from '../shared/study/study.ts';
import { aboveFloor } from './floor.ts';
import type { RoundKey, StudyRows } from './stages.ts';
import type { OpenProblem } from './training/trainer.ts';

export type OpenTraining = (
  study: Study,
  rows: StudyRows,
  progress: (progress: Progress) => void,
) => Promise<OpenProblem>;

type Asked = {
  study: Study;
  /** The round names the stream of shuffles, as the member does. */
  key: RoundKey;
  member: string;
  weights: Vector;
  rows: StudyRows;
  /** No metric from fewer cases of a class. */
  perClass: number;
};

/** The rows stay the caller's. The signal stops training within a fraction of a second, with CANCELED. */
export async function computeUpdate(
  openProblem: OpenTraining,
  { study, key, member, weights, rows, perClass }: Asked,
  progress: (progress: Progress) => void,
  signal: AbortSignal,
) {
  const problem = await openProblem(study, rows, progress);
  const cancel = () => problem.cancel();
  signal.addEventListener('abort', cancel);
  try {
    if (signal.aborted) throw new AssentError('CANCELED', 'The training was stopped before it began.');
    const { study: id, round, attempt } = key;
    const local = evaluatedOnce(problem);
    const shuffle = { seed: study.seed, labels: [id, 'round', round, 'attempt', attempt, member] };
    const result = await algorithmOf(study.algorithm).clientUpdate({ weights, round }, local, shuffle);
    const asked = study.releases.some(
      (release) => release === 'auc' || release === 'accuracy' || release === 'logLoss',
    );
    const evaluation = asked ? await local.evaluate(weights) : null;
    const declared = declaredMetrics(study, result.metrics.loss, evaluation);
    return { result, ...aboveFloor(declared, rows, perClass), environment: problem.environment };
  } finally {
    signal.removeEventListener('abort', cancel);
    await problem.close();
  }
}

/** The same weights are evaluated once: an algorithm and the declared metrics may both ask. */
function evaluatedOnce(problem: LocalProblem): LocalProblem {
  let last: { weights: Vector; evaluation: Promise<Evaluation> } | undefined;
  return {
    examples: problem.examples,
    gradient: (weights) => problem.gradient(weights),
    descend: (options) => problem.descend(options),
    evaluate: (weights) =>
      (last?.weights === weights ? last : (last = { weights, evaluation: problem.evaluate(weights) })).evaluation,
  };
}

/** Only what the study declares. */
function declaredMetrics(study: Study, loss: number, evaluation: Evaluation | null): ReleasedMetrics {
  const metrics: ReleasedMetrics = {};
  for (const release of study.releases) {
    if (release === 'loss') metrics.loss = decimalOf(loss);
    else if (release === 'auc' || release === 'accuracy' || release === 'logLoss') {
      const value = evaluation!.test[release];
      metrics[release] = value === null ? null : decimalOf(value);
    }
  }
  return metrics;
}
