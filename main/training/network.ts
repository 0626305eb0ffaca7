// The layers of a study on native TensorFlow: forward to the logits, and a backward pass written out by hand.
// Automatic differentiation gives the same numbers with several times the operations.
import type { Tensor, Tensor2D } from '@tensorflow/tfjs-node';
import type { Activation, Layer } from '../../shared/model/layers.ts';
import type { Parameter } from '../../shared/model/layout.ts';
import type { TensorFlow } from './tensorflow.ts';

/** `kernel` and `bias` are places in the layout's list of parameters. */
type Step = { kind: 'dense'; kernel: number; bias: number | null } | { kind: 'activation'; name: NonLinear };
type NonLinear = Exclude<Activation, 'linear'>;

export type Network = {
  /** Every step's output for rows of [rows, inputs], the logits [rows, outputs] last. */
  forward(weights: readonly Tensor[], rows: Tensor2D): Tensor2D[];
  /** For each parameter, in layout order, the sum over rows of its gradient, given that of the logits. */
  backward(weights: readonly Tensor[], rows: Tensor2D, outputs: readonly Tensor2D[], logits: Tensor2D): Tensor[];
};

/** The caller owns all tensors that come out: call within `tf.tidy`. */
export function buildNetwork(tf: TensorFlow, layers: readonly Layer[], layout: readonly Parameter[]): Network {
  const steps = stepsOf(layers, layout);

  const forward: Network['forward'] = (weights, rows) => {
    const outputs: Tensor2D[] = [];
    let current = rows;
    for (const step of steps) {
      if (step.kind === 'activation') current = activate(tf, step.name, current);
      else {
        current = tf.matMul(current, weights[step.kernel] as Tensor2D);
        if (step.bias !== null) current = tf.add(current, weights[step.bias]!);
      }
      outputs.push(current);
    }
    return outputs;
  };

  const backward: Network['backward'] = (weights, rows, outputs, logits) => {
    const gradients = new Array<Tensor>(layout.length);
    let flowing = logits;
    for (let at = steps.length - 1; at >= 0; at--) {
      const step = steps[at]!;
      if (step.kind === 'activation') {
        flowing = tf.mul(flowing, slope(tf, step.name, outputs[at]!));
        continue;
      }
      gradients[step.kernel] = tf.matMul(at === 0 ? rows : outputs[at - 1]!, flowing, true, false);
      if (step.bias !== null) gradients[step.bias] = tf.sum(flowing, 0);
      // Nothing below the first parameters needs the gradient of its rows.
      if (step.kernel === 0) break;
      flowing = tf.matMul(flowing, weights[step.kernel] as Tensor2D, false, true);
    }
    return gradients;
  };

  return { forward, backward };
}

function stepsOf(layers: readonly Layer[], layout: readonly Parameter[]): Step[] {
  const place = (name: string): number => layout.findIndex((parameter) => parameter.name === name);
  const steps: Step[] = [];
  let number = 0;
  for (const { class_name: kind, config } of layers) {
    if (kind === 'Dense') {
      number++;
      const bias = place(`dense_${number}/bias`);
      steps.push({ kind: 'dense', kernel: place(`dense_${number}/kernel`), bias: bias === -1 ? null : bias });
    }
    const name = config.activation ?? 'linear';
    if (name !== 'linear') steps.push({ kind: 'activation', name });
  }
  return steps;
}

function activate(tf: TensorFlow, name: NonLinear, x: Tensor2D): Tensor2D {
  switch (name) {
    case 'relu':
      return tf.relu(x);
    case 'tanh':
      return tf.tanh(x);
    case 'sigmoid':
      return tf.sigmoid(x);
  }
}

// The derivative, told from the activation's output y; relu's is 0 at 0.
function slope(tf: TensorFlow, name: NonLinear, y: Tensor2D): Tensor2D {
  switch (name) {
    case 'relu':
      return tf.cast(tf.greater(y, 0), 'float32');
    case 'tanh':
      return tf.sub(1, tf.square(y));
    case 'sigmoid':
      return tf.mul(y, tf.sub(1, y));
  }
}
