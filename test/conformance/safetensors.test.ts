import { expect, it } from 'vitest';
import { decodeTensors, encodeTensors } from '../../shared/wire/safetensors.ts';

// Written by the Python package safetensors 0.8.0 (safetensors.numpy.save).
const FILE = Uint8Array.from(
  Buffer.from(
    '98000000000000007b226d6f64656c2f64656e73655f312f62696173223a7b226474797065223a22463332222c227368617065223a5b315d2c' +
      '22646174615f6f666673657473223a5b302c345d7d2c226d6f64656c2f64656e73655f312f6b65726e656c223a7b226474797065223a22' +
      '463332222c227368617065223a5b332c315d2c22646174615f6f666673657473223a5b342c31365d7d7d20202020202000004040' +
      '0000c03f000000c00000803e',
    'hex',
  ),
);

const TENSORS = [
  { name: 'model/dense_1/bias', shape: [1], data: Float32Array.of(3) },
  { name: 'model/dense_1/kernel', shape: [3, 1], data: Float32Array.of(1.5, -2, 0.25) },
];

it('reads a file that the reference implementation wrote', () => {
  expect(decodeTensors(FILE)).toEqual(TENSORS);
});

it('writes the same bytes as the reference implementation', () => {
  expect(encodeTensors(TENSORS)).toEqual(FILE);
});
