// Where each parameter of a model lies in the flat vector that travels.
import type { Layer } from './layers.ts';

/** `shape` is [inputs, units] for a kernel, row-major, and [units] for a bias; offset and length count float32 values. */
export type Parameter = { name: string; shape: number[]; offset: number; length: number };

/**
 * The parameters of the layers in order, dense layers numbered from 1: `dense_1/kernel`, `dense_1/bias`, `dense_2/kernel`.
 * They lie one after another without gaps. `inputWidth` is the number of encoded columns.
 */
export function parameterLayout(layers: readonly Layer[], inputWidth: number): Parameter[] {
  const parameters: Parameter[] = [];
  let offset = 0;
  const put = (name: string, shape: number[]): void => {
    const length = shape.reduce((product, size) => product * size, 1);
    parameters.push({ name, shape, offset, length });
    offset += length;
  };
  let width = inputWidth;
  let number = 0;
  for (const layer of layers) {
    if (layer.class_name !== 'Dense') continue;
    const { units, use_bias: bias = true } = layer.config;
    number++;
    put(`dense_${number}/kernel`, [width, units]);
    if (bias) put(`dense_${number}/bias`, [units]);
    width = units;
  }
  return parameters;
}

/** The length of the flat vector. */
export function parameterCount(layout: readonly Parameter[]): number {
  const last = layout.at(-1);
  return last === undefined ? 0 : last.offset + last.length;
}
