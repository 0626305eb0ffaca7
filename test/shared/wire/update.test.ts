import { describe, expect, it } from 'vitest';
import { AssentError } from '../../../shared/errors.ts';
import { parameterLayout } from '../../../shared/model/layout.ts';
import { encodeTensors } from '../../../shared/wire/safetensors.ts';
import {
  checkHeader,
  decodeMessage,
  encodeMessage,
  MODEL_VECTORS,
  messageForm,
  messageNorm,
  messageSize,
} from '../../../shared/wire/update.ts';

const layout = parameterLayout([{ class_name: 'Dense', config: { units: 1 } }], 2);
const delta = Float32Array.of(1, -2, 3);
const control = Float32Array.of(4, 5, 6);

const refusal = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    if (error instanceof AssentError) return `${error.code} ${error.message}`;
    throw error;
  }
  return 'nothing refused';
};

const tensor = (name: string, shape: number[], data: number[]) => ({ name, shape, data: Float32Array.from(data) });

describe('a message on the wire', () => {
  it('comes back as it was sent, in the size that was foretold', () => {
    const bytes = encodeMessage({ delta, control }, layout);
    expect(bytes.length).toBe(messageSize(['delta', 'control'], layout));
    expect(decodeMessage(bytes, ['delta', 'control'], layout)).toEqual({ delta, control });
  });

  it('has one byte form, whatever the order of its vectors', () => {
    expect(encodeMessage({ delta, control }, layout)).toEqual(encodeMessage({ control, delta }, layout));
  });

  it('is one tensor a parameter', () => {
    expect(encodeMessage({ delta }, layout)).toEqual(
      encodeTensors([tensor('delta/dense_1/kernel', [2, 1], [1, -2]), tensor('delta/dense_1/bias', [1], [3])]),
    );
  });

  it('says where each vector lies, so that a file can be read in blocks', () => {
    const { vectors, header, size } = messageForm(['delta', 'control'], layout);
    const bytes = encodeMessage({ delta, control }, layout);
    expect(bytes.subarray(0, header.length)).toEqual(header);
    expect(vectors).toEqual([
      { name: 'control', begin: header.length, end: header.length + 12 },
      { name: 'delta', begin: header.length + 12, end: size },
    ]);
    expect(new Float32Array(bytes.slice(vectors[1]!.begin, vectors[1]!.end).buffer)).toEqual(delta);
    expect(() =>
      checkHeader(bytes.subarray(0, header.length), messageForm(['control', 'delta'], layout)),
    ).not.toThrow();
  });

  it('carries a model as the vector `model`', () => {
    const bytes = encodeMessage({ model: delta }, layout);
    expect(decodeMessage(bytes, MODEL_VECTORS, layout)).toEqual({ model: delta });
  });

  it('is refused with a value that is not finite, naming vector and place', () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      const bytes = encodeMessage({ delta }, layout);
      new DataView(bytes.buffer).setFloat32(bytes.length - 4, value, true);
      const expected = `UPDATE_NOT_FINITE delta holds ${value} at place 2.`;
      expect(refusal(() => decodeMessage(bytes, ['delta'], layout))).toBe(expected);
      expect(refusal(() => encodeMessage({ delta: Float32Array.of(1, 2, value) }, layout))).toBe(expected);
    }
  });

  const kernel = tensor('delta/dense_1/kernel', [2, 1], [1, -2]);
  const bias = tensor('delta/dense_1/bias', [1], [3]);
  it.each([
    ['a tensor missing', [kernel], 'UPDATE_SHAPE The tensor delta/dense_1/bias is missing.'],
    [
      'another shape',
      [tensor('delta/dense_1/kernel', [1, 2], [1, -2]), bias],
      "UPDATE_SHAPE The tensor delta/dense_1/kernel has shape [1,2]; the plan's model has [2,1].",
    ],
    ['one too many', [kernel, bias, tensor('rows', [1], [0])], 'UPDATE_SHAPE The tensor rows is not in the plan.'],
    ['another order', [bias, kernel], 'UPDATE_SHAPE The tensors are in another order.'],
  ])('is refused with %s', (_, tensors, expected) => {
    expect(refusal(() => decodeMessage(encodeTensors(tensors), ['delta'], layout))).toBe(expected);
  });

  it('is refused when it is cut short, has bytes left over, or holds another vector', () => {
    const bytes = encodeMessage({ delta }, layout);
    const longer = new Uint8Array(bytes.length + 4);
    longer.set(bytes);
    expect(refusal(() => decodeMessage(bytes.slice(0, -4), ['delta'], layout))).toMatch(/^UPDATE_SHAPE The file has/);
    expect(refusal(() => decodeMessage(longer, ['delta'], layout))).toMatch(/^UPDATE_SHAPE The file has/);
    expect(refusal(() => decodeMessage(bytes, ['gradient'], layout))).toMatch(/^UPDATE_SHAPE The tensor gradient/);
    expect(refusal(() => encodeMessage({ delta: control.subarray(1) }, layout))).toMatch(/^UPDATE_SHAPE delta has 2/);
  });

  it('has the L2 norm of all its vectors together', () => {
    expect(messageNorm({ a: Float32Array.of(1, 2), b: Float32Array.of(2, 4) })).toBe(5);
  });
});
