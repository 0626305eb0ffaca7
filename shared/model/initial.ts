// The first model of a study, made from its seed alone, so that everybody can make it again and compare its hash.
import { stream } from '../math/random.ts';
import type { Vector } from '../math/vector.ts';
import { encodedColumns } from '../study/columns.ts';
import type { Study } from '../study/schema.ts';
import { parameterCount, parameterLayout } from './layout.ts';

/**
 * Kernels uniform in (-limit, limit) with limit = sqrt(6 / (inputs + units)), biases zero (Glorot and Bengio 2010).
 * Each kernel has a stream of its own. The same bits on every platform: sums, products and a square root only.
 */
export function initialWeights(study: Study): Vector {
  const layout = parameterLayout(study.model.layers, encodedColumns(study).length);
  const weights = new Float32Array(parameterCount(layout));
  for (const { name, shape, offset, length } of layout) {
    const [inputs, units] = shape;
    if (inputs === undefined || units === undefined) continue;
    const limit = Math.sqrt(6 / (inputs + units));
    const random = stream(study.seed, 'initial-weights', name);
    for (let i = 0; i < length; i++) weights[offset + i] = (2 * random.next() - 1) * limit;
  }
  return weights;
}
