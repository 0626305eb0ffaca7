// The same mathematics in plain float64 loops, written from the definitions: what the native results are held against.
import type { Activation, Layer } from '../../../shared/model/layers.ts';
import { parameterLayout } from '../../../shared/model/layout.ts';
import { stream } from '../../../shared/math/random.ts';
import type { StudyRows, TrainingRows } from '../../../main/stages.ts';
import type { TrainedStudy } from '../../../main/training/trainer.ts';

export const dense = (units: number, activation?: Activation, bias = true): Layer => ({
  class_name: 'Dense',
  config: { units, ...(activation === undefined ? {} : { activation }), ...(bias ? {} : { use_bias: false }) },
});

export function study(layers: Layer[], classes = 2): TrainedStudy {
  const label = { en: 'x', zh: 'x' };
  return {
    model: { layers },
    loss: classes === 2 ? 'sigmoidCrossEntropy' : 'softmaxCrossEntropy',
    schema: {
      features: [],
      target: {
        name: 'y',
        label,
        kind: 'class',
        classes: Array.from({ length: classes }, (_, k) => ({ value: String(k), label })),
      },
    },
  };
}

export function rowsOf(features: number[][], labels: number[], width = features[0]?.length ?? 0): TrainingRows {
  const shared = (values: number[]): Float32Array<SharedArrayBuffer> => {
    const array = new Float32Array(new SharedArrayBuffer(4 * values.length));
    array.set(values);
    return array;
  };
  return { features: shared(features.flat()), labels: shared(labels), rows: labels.length, width };
}

export const studyRows = (train: TrainingRows, test = rowsOf([], [], train.width)): StudyRows => ({
  train,
  validation: rowsOf([], [], train.width),
  test,
  snapshot: '0'.repeat(64),
  erase: () => undefined,
});

/** Random rows whose class follows, with noise, from their columns. */
export function randomRows(rows: number, width: number, classes = 2, seed = 1): TrainingRows {
  const random = stream(seed, 'rows');
  const features = Array.from({ length: rows }, () => Array.from({ length: width }, () => random.normal()));
  const labels = features.map((row) => {
    const level = row.reduce((sum, value, k) => sum + value * Math.sin(k + 1), random.normal());
    return Math.min(classes - 1, Math.max(0, Math.floor(level + classes / 2)));
  });
  return rowsOf(features, labels, width);
}

export const randomWeights = (length: number, seed = 1): Float32Array<ArrayBuffer> => {
  const random = stream(seed, 'weights');
  return Float32Array.from({ length }, () => random.normal() * 0.5);
};

/** Mean loss and mean gradient over the rows named, by backpropagation one row at a time. */
export function meanGradient(
  { model: { layers }, loss }: TrainedStudy,
  rows: TrainingRows,
  weights: ArrayLike<number>,
  which: Iterable<number> = Array(rows.rows).keys(),
): { loss: number; gradient: number[] } {
  const layout = parameterLayout(layers, rows.width);
  const gradient = new Array<number>(weights.length).fill(0);
  const [lossSum, count] = [{ value: 0 }, { value: 0 }];
  for (const row of which) {
    count.value++;
    type Back = (slope: number[]) => number[];
    const backs: Back[] = [];
    let x: number[] = Array.from(rows.features.subarray(row * rows.width, (row + 1) * rows.width));
    let at = 0;
    for (const { class_name: kind, config } of layers) {
      if (kind === 'Dense') {
        const kernel = layout[at++]!;
        const [inputs, units] = kernel.shape as [number, number];
        const bias = config.use_bias === false ? null : layout[at++]!;
        const input = x;
        const w = (i: number, j: number): number => kernel.offset + i * units + j;
        x = Array.from({ length: units }, (_, j) =>
          input.reduce(
            (sum, value, i) => sum + value * weights[w(i, j)]!,
            bias === null ? 0 : weights[bias.offset + j]!,
          ),
        );
        backs.push((slope) => {
          for (let j = 0; j < units; j++) {
            for (let i = 0; i < inputs; i++) gradient[w(i, j)]! += input[i]! * slope[j]!;
            if (bias !== null) gradient[bias.offset + j]! += slope[j]!;
          }
          return input.map((_, i) => slope.reduce((sum, value, j) => sum + value * weights[w(i, j)]!, 0));
        });
      }
      const name = config.activation ?? 'linear';
      const before = x;
      x = before.map((z) => FUNCTIONS[name][0](z));
      backs.push((slope) => slope.map((value, i) => value * FUNCTIONS[name][1](before[i]!)));
    }
    const label = rows.labels[row]!;
    let slope: number[];
    if (loss === 'sigmoidCrossEntropy') {
      const p = 1 / (1 + Math.exp(-x[0]!));
      lossSum.value -= Math.log(label === 1 ? p : 1 - p);
      slope = [p - label];
    } else {
      const total = x.reduce((sum, z) => sum + Math.exp(z), 0);
      lossSum.value -= Math.log(Math.exp(x[label]!) / total);
      slope = x.map((z, k) => Math.exp(z) / total - (k === label ? 1 : 0));
    }
    for (const back of backs.reverse()) slope = back(slope);
  }
  return { loss: lossSum.value / count.value, gradient: gradient.map((value) => value / count.value) };
}

const FUNCTIONS: Record<Activation, [(z: number) => number, (z: number) => number]> = {
  linear: [(z) => z, () => 1],
  relu: [(z) => Math.max(0, z), (z) => (z > 0 ? 1 : 0)],
  tanh: [Math.tanh, (z) => 1 - Math.tanh(z) ** 2],
  sigmoid: [(z) => 1 / (1 + Math.exp(-z)), (z) => Math.exp(-z) / (1 + Math.exp(-z)) ** 2],
};

/** ‖a − b‖₂ / ‖b‖₂ */
export function relativeDistance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [difference, size] = [0, 0];
  for (let i = 0; i < b.length; i++) {
    difference += (a[i]! - b[i]!) ** 2;
    size += b[i]! ** 2;
  }
  return a.length === b.length ? Math.sqrt(difference / size) : NaN;
}
