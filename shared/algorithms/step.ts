// The one piece of arithmetic that server halves share.
import { AssentError } from '../errors.ts';
import type { Vector } from '../math/vector.ts';

/** `weights + rate * direction`, computed in float64 and rounded once to float32. Throws UPDATE_SHAPE on other lengths. */
export function stepBy(weights: Vector, rate: number, direction: Vector | undefined): Vector {
  if (direction?.length !== weights.length) {
    const found = direction === undefined ? 'is missing' : `has ${direction.length} values`;
    throw new AssentError('UPDATE_SHAPE', `A vector of the message ${found}; the model has ${weights.length} values.`);
  }
  const moved = new Float32Array(weights.length);
  for (let i = 0; i < moved.length; i++) moved[i] = weights[i]! + rate * direction[i]!;
  return moved;
}
