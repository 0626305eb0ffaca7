// Mini-batch gradient descent on native TensorFlow: the weights stay in tensors from the first step to the last.
import type { Tensor } from '@tensorflow/tfjs-node';
import type { Descent } from '../../shared/algorithms/algorithm.ts';
import { AssentError } from '../../shared/errors.ts';
import { stream } from '../../shared/math/random.ts';
import type { Vector } from '../../shared/math/vector.ts';
import { startMeter } from './progress.ts';
import type { Watch } from './protocol.ts';
import { allFinite, scaled } from './sums.ts';
import type { Span, Sums } from './sums.ts';
import type { TensorFlow } from './tensorflow.ts';

/**
 * Every step is weights - learningRate * (mean gradient of the batch + proximal * (weights - start) + correction). Epoch e,
 * counted from 1, takes the rows in the order that the stream (seed, ...labels, e) shuffles them to from their own; a
 * batch of all rows keeps that own order. Losses are means over an epoch's rows, each at the weights before its step.
 * Throws TRAINING_DIVERGED with the epoch as soon as a loss is not finite, and CANCELED as `watch` does.
 */
export function descend(
  deps: { tf: TensorFlow; sums: Sums; rows: number; watch: Watch },
  descent: Descent,
): { weights: Vector; losses: number[] } {
  const { tf, sums, rows, watch } = deps;
  const { epochs, learningRate, shuffle } = descent;
  const size = descent.batchSize === 'full' ? rows : Math.min(descent.batchSize, rows);
  const batches = Math.ceil(rows / size);
  const meter = startMeter({
    epochs,
    batches,
    totalRows: epochs * rows,
    now: () => performance.now(),
    report: (progress) => watch.progress(progress),
  });
  let weights: Tensor[] = [];
  const held: Tensor[] = [];
  const hold = (vector: Vector): Tensor[] => {
    const tensors = sums.upload(vector);
    held.push(...tensors);
    return tensors;
  };
  try {
    weights = sums.upload(descent.start);
    const pull = pullOf(tf, descent, hold);
    const losses: number[] = [];
    for (let epoch = 1; epoch <= epochs; epoch++) {
      const order = descent.batchSize === 'full' ? null : Int32Array.from({ length: rows }, (_, i) => i);
      if (order !== null) stream(shuffle.seed, ...shuffle.labels, epoch).shuffle(order);
      let sum = 0;
      for (let batch = 1, from = 0; from < rows; batch++, from += size) {
        watch.check();
        const span: Span = { order, from, to: Math.min(from + size, rows) };
        const { loss, next } = step(deps, weights, span, learningRate, pull);
        tf.dispose(weights);
        weights = next;
        sum += loss;
        if (!Number.isFinite(loss)) throw diverged(epoch, learningRate);
        meter.batchDone({ epoch, batch, rows: span.to - from, loss: loss / (span.to - from) });
      }
      losses.push(sum / rows);
    }
    return { weights: download(sums, weights, () => diverged(epochs, learningRate)), losses };
  } finally {
    tf.dispose([...weights, ...held]);
  }
}

type Pull = (weight: Tensor, at: number) => Tensor;

/** One step over a batch of any size; the caller owns the weights that come out. */
function step(
  { tf, sums, watch }: { tf: TensorFlow; sums: Sums; watch: Watch },
  weights: readonly Tensor[],
  span: Span,
  learningRate: number,
  pull: Pull,
): { loss: number; next: Tensor[] } {
  const rows = span.to - span.from;
  let loss = 0;
  let flat: Vector | null = null;
  if (rows > sums.chunk) {
    const total = sums.over(weights, span, watch);
    loss = total.loss;
    flat = scaled(total.gradient, learningRate / rows);
  }
  const next = tf.tidy(() => {
    if (flat !== null) return moved(tf, weights, sums.upload(flat), pull);
    const chunk = sums.ofChunk(weights, span, learningRate / rows);
    loss = chunk.loss;
    return moved(tf, weights, chunk.gradients, pull);
  });
  return { loss, next };
}

const moved = (tf: TensorFlow, weights: readonly Tensor[], steps: readonly Tensor[], pull: Pull): Tensor[] =>
  weights.map((weight, i) => tf.sub(pull(weight, i), steps[i]!));

/** Takes off a weight the parts of a step that do not depend on the rows; `hold` makes tensors that live through all steps. */
function pullOf(tf: TensorFlow, descent: Descent, hold: (vector: Vector) => Tensor[]): Pull {
  const { start, learningRate, proximal = 0, correction } = descent;
  const anchors = proximal === 0 ? [] : hold(start);
  const shifts = correction === undefined ? [] : hold(scaled(correction, learningRate));
  return (weight, at) => {
    const [anchor, shift] = [anchors[at], shifts[at]];
    let result = weight;
    if (anchor !== undefined) result = tf.sub(result, tf.mul(tf.sub(weight, anchor), learningRate * proximal));
    return shift === undefined ? result : tf.sub(result, shift);
  };
}

function download(sums: Sums, weights: readonly Tensor[], failure: () => AssentError): Vector {
  const flat = new Float32Array(sums.parameters);
  for (const [i, { offset }] of sums.layout.entries()) flat.set(weights[i]!.dataSync<'float32'>(), offset);
  if (!allFinite(flat)) throw failure();
  return flat;
}

const diverged = (epoch: number, learningRate: number): AssentError =>
  new AssentError(
    'TRAINING_DIVERGED',
    `Training diverged in epoch ${epoch} at learning rate ${learningRate}: the loss is not a finite number. ` +
      'Lower the learning rate of the study, or look for outliers in the data.',
    { epoch: String(epoch), learningRate: String(learningRate) },
  );
