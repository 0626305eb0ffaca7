// The first model of a study, made from its seed alone, so that everybody can make it again and compare its hash.
import { stream } from '../math/random.ts';
import type { Vector } from '../math/vector.ts';
import { encodedColumns } from '../study/columns.ts';
import type { Study } from '../study/schema.ts';
import { parameterCount, parameterLayout } from './layout.ts';

const BLOCK_FLOATS = 262_144;

/**
 * Kernels uniform in (-limit, limit) with limit = sqrt(6 / (inputs + units)), biases zero (Glorot and Bengio 2010).
 * Each kernel has a stream of its own. The same bits on every platform: sums, products and a square root only.
 */
export function initialWeights(study: Study): Vector {
  const weights = new Float32Array(parameterCount(layoutOf(study)));
  let at = 0;
  for (const block of initialBlocks(study)) {
    weights.set(block, at);
    at += block.length;
  }
  return weights;
}

/** The same values in their order, some at a time: a large model need not be in memory to be written. */
export function* initialBlocks(study: Study): Generator<Vector> {
  for (const { name, shape, length } of layoutOf(study)) {
    const [inputs, units] = shape;
    const kernel = inputs !== undefined && units !== undefined;
    const limit = kernel ? Math.sqrt(6 / (inputs + units)) : 0;
    const random = stream(study.seed, 'initial-weights', name);
    for (let at = 0; at < length; at += BLOCK_FLOATS) {
      const block = new Float32Array(Math.min(BLOCK_FLOATS, length - at));
      if (kernel) for (let i = 0; i < block.length; i++) block[i] = (2 * random.next() - 1) * limit;
      yield block;
    }
  }
}

const layoutOf = (study: Study) => parameterLayout(study.model.layers, encodedColumns(study).length);
