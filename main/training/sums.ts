// Sums of losses and gradients over training rows: one native call a chunk of rows, chunks added in float64.
import type { Tensor, Tensor2D } from '@tensorflow/tfjs-node';
import { AssentError } from '../../shared/errors.ts';
import type { Vector } from '../../shared/math/vector.ts';
import { parameterCount, parameterLayout } from '../../shared/model/layout.ts';
import type { Parameter } from '../../shared/model/layout.ts';
import { chunkRows } from './chunks.ts';
import { lossAndGradient } from './loss.ts';
import { buildNetwork } from './network.ts';
import type { Network } from './network.ts';
import type { ProblemSpec, Watch } from './protocol.ts';
import type { TensorFlow } from './tensorflow.ts';

/** Training rows `order[from]` to before `order[to]`; the rows as they lie where `order` is null. */
export type Span = { order: Int32Array | null; from: number; to: number };

export type Sums = {
  layout: Parameter[];
  parameters: number;
  /** Logits a row. */
  outputs: number;
  /** Most rows of one native call. */
  chunk: number;
  network: Network;
  /** The parameters of a flat vector, which must not change while they live; the caller disposes them. */
  upload(vector: Vector): Tensor[];
  /** Sum of losses, and of gradients times `scale`, over at most one chunk. Call within `tf.tidy`. */
  ofChunk(weights: readonly Tensor[], span: Span, scale: number): { loss: number; gradients: Tensor[] };
  /** Sums over any number of rows, the gradient flat; `each` is called after every chunk. */
  over(
    weights: readonly Tensor[],
    span: Span,
    watch: Watch,
    each?: (rows: number, loss: number) => void,
  ): { loss: number; gradient: Float64Array };
};

export function buildSums(tf: TensorFlow, { layers, loss, rows: { train } }: ProblemSpec): Sums {
  const { width } = train;
  const layout = parameterLayout(layers, width);
  const parameters = parameterCount(layout);
  const outputs = layout.findLast(({ shape }) => shape.length === 2)!.shape[1]!;
  const chunk = chunkRows(layout);
  const network = buildNetwork(tf, layers, layout);

  // A tensor made from an array shares its memory. These two may be written again, because a chunk's tensors are
  // disposed before the next chunk is gathered.
  const most = Math.min(chunk, train.rows);
  const features = new Float32Array(most * width);
  const labels = new Float32Array(most);
  const gather = ({ order, from, to }: Span): [Float32Array, Float32Array] => {
    if (order === null) return [train.features.subarray(from * width, to * width), train.labels.subarray(from, to)];
    for (let i = from; i < to; i++) {
      const row = order[i]!;
      features.set(train.features.subarray(row * width, (row + 1) * width), (i - from) * width);
      labels[i - from] = train.labels[row]!;
    }
    return [features.subarray(0, (to - from) * width), labels.subarray(0, to - from)];
  };

  const upload: Sums['upload'] = (vector) => {
    // Before the first tensor is made: nothing is left to dispose.
    if (vector.length !== parameters) {
      const [expected, found] = [String(parameters), String(vector.length)];
      throw new AssentError('TRAINING_FAILED', `The model has ${expected} parameters, not ${found}.`, {
        expected,
        found,
      });
    }
    return layout.map(({ shape, offset, length }) => tf.tensor(vector.subarray(offset, offset + length), shape));
  };

  const ofChunk: Sums['ofChunk'] = (weights, span, scale) => {
    const [batch, classes] = gather(span);
    const x: Tensor2D = tf.tensor2d(batch, [span.to - span.from, width]);
    const computed = network.forward(weights, x);
    const values = computed.at(-1)!.dataSync<'float32'>();
    const { sum, gradient } = lossAndGradient(loss, { values, outputs }, classes, scale);
    const logits = tf.tensor2d(gradient, [span.to - span.from, outputs]);
    return { loss: sum, gradients: network.backward(weights, x, computed, logits) };
  };

  const over: Sums['over'] = (weights, span, watch, each) => {
    const gradient = new Float64Array(parameters);
    let total = 0;
    for (let from = span.from; from < span.to; from += chunk) {
      watch.check();
      const to = Math.min(from + chunk, span.to);
      const part = tf.tidy(() => {
        const { loss: sum, gradients } = ofChunk(weights, { order: span.order, from, to }, 1);
        for (const [i, { offset }] of layout.entries()) {
          const values = gradients[i]!.dataSync<'float32'>();
          for (let j = 0; j < values.length; j++) gradient[offset + j]! += values[j]!;
        }
        return sum;
      });
      total += part;
      each?.(to - from, part);
    }
    return { loss: total, gradient };
  };

  return { layout, parameters, outputs, chunk, network, upload, ofChunk, over };
}

/** Every value times a factor, rounded once to float32. */
export function scaled(values: Float64Array | Float32Array, factor: number): Vector {
  const result = new Float32Array(values.length);
  for (let i = 0; i < values.length; i++) result[i] = values[i]! * factor;
  return result;
}

export function allFinite(values: Float32Array): boolean {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return false;
  return true;
}
