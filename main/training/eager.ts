// One institution's training problem on native TensorFlow, operation by operation. Runs in the worker and never waits:
// between native calls it asks `watch` whether to go on. No tensor outlives a call.
import type { Descent } from '../../shared/algorithms/algorithm.ts';
import { AssentError } from '../../shared/errors.ts';
import type { Vector } from '../../shared/math/vector.ts';
import { descend } from './descend.ts';
import { lossAndGradient } from './loss.ts';
import { startMeter } from './progress.ts';
import type { Part, ProblemSpec, Scores, Watch } from './protocol.ts';
import { checkRows } from './rows.ts';
import { scoresOf } from './scores.ts';
import { allFinite, buildSums, scaled } from './sums.ts';
import type { TensorFlow } from './tensorflow.ts';

export type EagerProblem = {
  gradient(weights: Vector, watch: Watch): { gradient: Vector; loss: number };
  /** Mean loss over the training rows. */
  loss(weights: Vector, watch: Watch): number;
  score(weights: Vector, part: Part, watch: Watch): Scores;
  descend(descent: Descent, watch: Watch): { weights: Vector; losses: number[] };
};

/** Throws TRAINING_ROWS when rows do not fit the model. */
export function openEager(tf: TensorFlow, spec: ProblemSpec): EagerProblem {
  checkRows(spec);
  const sums = buildSums(tf, spec);
  const { train } = spec.rows;

  const logits = (vector: Vector, part: Part, watch: Watch): Float32Array => {
    const { features, rows, width } = spec.rows[part];
    const values = new Float32Array(rows * sums.outputs);
    const weights = sums.upload(vector);
    try {
      for (let from = 0; from < rows; from += sums.chunk) {
        watch.check();
        const to = Math.min(from + sums.chunk, rows);
        tf.tidy(() => {
          const x = tf.tensor2d(features.subarray(from * width, to * width), [to - from, width]);
          values.set(sums.network.forward(weights, x).at(-1)!.dataSync<'float32'>(), from * sums.outputs);
        });
      }
      return values;
    } finally {
      tf.dispose(weights);
    }
  };

  return {
    gradient(vector, watch) {
      const weights = sums.upload(vector);
      try {
        let batch = 0;
        const meter = startMeter({
          epochs: 1,
          batches: Math.ceil(train.rows / sums.chunk),
          totalRows: train.rows,
          now: () => performance.now(),
          report: (progress) => watch.progress(progress),
        });
        const total = sums.over(weights, { order: null, from: 0, to: train.rows }, watch, (rows, loss) =>
          meter.batchDone({ epoch: 1, batch: ++batch, rows, loss: loss / rows }),
        );
        const loss = total.loss / train.rows;
        const gradient = scaled(total.gradient, 1 / train.rows);
        if (!Number.isFinite(loss) || !allFinite(gradient)) throw notFinite('train');
        return { gradient, loss };
      } finally {
        tf.dispose(weights);
      }
    },

    loss(vector, watch) {
      const values = logits(vector, 'train', watch);
      const { sum } = lossAndGradient(spec.loss, { values, outputs: sums.outputs }, train.labels, 0);
      if (!Number.isFinite(sum)) throw notFinite('train');
      return sum / train.rows;
    },

    score(vector, part, watch) {
      const values = logits(vector, part, watch);
      const scores = scoresOf(spec.loss, { values, outputs: sums.outputs }, spec.rows[part].labels);
      if (scores.loss !== null && !Number.isFinite(scores.loss)) throw notFinite(part);
      return scores;
    },

    descend: (descent, watch) => descend({ tf, sums, rows: train.rows, watch }, descent),
  };
}

const notFinite = (part: Part): AssentError =>
  new AssentError(
    'TRAINING_DIVERGED',
    `The model's loss over the ${part} rows is not a finite number: its weights are too large or not finite. ` +
      'Lower the learning rate of the study, and start from an earlier model.',
    { part },
  );
