import { describe, expect, it } from 'vitest';
import { initialWeights } from '../../../shared/model/initial.ts';
import { parameterCount, parameterLayout } from '../../../shared/model/layout.ts';
import type { Layer } from '../../../shared/model/layers.ts';
import { exampleStudy } from '../../support/example-study.ts';

const layers: Layer[] = [
  { class_name: 'Dense', config: { units: 4, use_bias: false } },
  { class_name: 'Activation', config: { activation: 'relu' } },
  { class_name: 'Dense', config: { units: 2 } },
];

describe('the layout of a model', () => {
  it('puts kernels and biases one after another, dense layers numbered', () => {
    expect(parameterLayout(layers, 3)).toEqual([
      { name: 'dense_1/kernel', shape: [3, 4], offset: 0, length: 12 },
      { name: 'dense_2/kernel', shape: [4, 2], offset: 12, length: 8 },
      { name: 'dense_2/bias', shape: [2], offset: 20, length: 2 },
    ]);
    expect(parameterCount(parameterLayout(layers, 3))).toBe(22);
  });
});

describe('the first model', () => {
  const study = exampleStudy();

  it('is the same bits everywhere, from the seed alone', () => {
    expect(initialWeights(study).subarray(0, 3)).toMatchInlineSnapshot(`
      Float32Array [
        -0.09487956017255783,
        -0.4596312940120697,
        0.27976733446121216,
      ]
    `);
    expect(initialWeights({ ...study, title: { en: 'another', zh: '另一个' } })).toEqual(initialWeights(study));
    expect(initialWeights({ ...study, seed: 1 })).not.toEqual(initialWeights(study));
  });

  it('has zero biases and kernels within the limit of Glorot and Bengio, spread over it', () => {
    const weights = initialWeights({ ...study, model: { layers: [{ class_name: 'Dense', config: { units: 100 } }] } });
    const limit = Math.sqrt(6 / (21 + 100));
    const kernel = weights.subarray(0, 2100);
    expect(Math.max(...kernel.map(Math.abs))).toBeLessThanOrEqual(Math.fround(limit));
    expect(Math.max(...kernel)).toBeGreaterThan(0.95 * limit);
    expect(Math.min(...kernel)).toBeLessThan(-0.95 * limit);
    expect(weights.subarray(2100)).toEqual(new Float32Array(100));
  });
});
