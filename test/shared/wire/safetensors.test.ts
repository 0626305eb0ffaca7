import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AssentError } from '../../../shared/errors.ts';
import { decodeTensors, encodeTensors, readHeader } from '../../../shared/wire/safetensors.ts';

const refusal = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    if (error instanceof AssentError) return `${error.code} ${error.message}`;
    throw error;
  }
  return 'nothing refused';
};

// A file with this header text, padded as the format asks, and this many bytes of zeros.
const file = (header: string, dataBytes: number, pad = true): Uint8Array<ArrayBuffer> => {
  const text = pad ? header.padEnd(Math.ceil(header.length / 8) * 8, ' ') : header;
  const bytes = new Uint8Array(8 + text.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(Buffer.from(text, 'latin1'), 8);
  return bytes;
};
const f32 = (shape: string, begin: number, end: number, dtype = 'F32') =>
  `{"dtype":"${dtype}","shape":[${shape}],"data_offsets":[${begin},${end}]}`;

const tensors = fc
  .uniqueArray(
    fc.record({
      name: fc.stringMatching(/^[a-z][a-z0-9_/"\\]{0,20}$/),
      shape: fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 }),
    }),
    { selector: ({ name }) => name, maxLength: 5 },
  )
  .map((list) =>
    list.map(({ name, shape }, i) => {
      const data = new Float32Array(shape.reduce((product, size) => product * size, 1));
      return { name, shape, data: data.map((_, j) => i + j / 8) };
    }),
  );

describe('a safetensors file', () => {
  it('gives back what was written, wherever the bytes lie in memory', () => {
    fc.assert(
      fc.property(tensors, fc.integer({ min: 0, max: 7 }), (list, shift) => {
        const written = encodeTensors(list);
        const moved = new Uint8Array(written.length + shift).subarray(shift);
        moved.set(written);
        expect(decodeTensors(moved)).toEqual(list);
      }),
    );
  });

  it('is read without copying where memory is aligned', () => {
    const bytes = encodeTensors([{ name: 'a', shape: [2], data: Float32Array.of(1, 2) }]);
    expect(decodeTensors(bytes)[0]!.data.buffer).toBe(bytes.buffer);
  });

  it('is refused when any byte of its header is another', () => {
    const bytes = encodeTensors([
      { name: 'a', shape: [2], data: Float32Array.of(1, 2) },
      { name: 'b', shape: [1, 3], data: Float32Array.of(3, 4, 5) },
    ]);
    const { headerBytes } = readHeader(bytes);
    for (let at = 0; at < headerBytes; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const changed = bytes.slice();
        changed[at] = changed[at]! ^ (1 << bit);
        // A changed letter of a name is another well-formed file; nothing else is.
        const outcome = refusal(() => {
          expect(decodeTensors(changed).map(({ name }) => name)).not.toEqual(['a', 'b']);
        });
        expect(outcome).toMatch(/^TENSORS_INVALID |^nothing refused$/);
      }
    }
  });

  it.each([
    ['of no bytes', new Uint8Array(0), 'the file has 0 bytes'],
    ['with a header longer than the file', file('{}', 0).subarray(0, 10), 'the file ends before'],
    ['with a header of 2^63 bytes', Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 128), 'its header claims'],
    ['whose header is not JSON', file('{"a":', 0), 'its header is not JSON'],
    ['whose header is a list', file('[]', 0), 'its header is not a JSON object'],
    ['with metadata', file('{"__metadata__":{"a":"b"}}', 0), '"__metadata__" has dtype a undefined'],
    ['of half floats', file(`{"a":${f32('2', 0, 4, 'F16')}}`, 4), '"a" has dtype "F16"; only F32 is read'],
    ['with a deeply nested dtype', file(`{"a":{"dtype":${'['.repeat(1e5)}${']'.repeat(1e5)}}}`, 0), 'dtype a object'],
    ['with a negative size', file(`{"a":${f32('-1', 0, 4)}}`, 4), 'the shape [-1] is not possible'],
    ['with a size that is no whole number', file(`{"a":${f32('1.5', 0, 4)}}`, 4), 'no shape of whole numbers'],
    ['with a size beyond all memory', file(`{"a":${f32('9007199254740991,2', 0, 4)}}`, 4), 'is not possible'],
    ['with a gap', file(`{"a":${f32('1', 4, 8)}}`, 8), 'not in canonical form'],
    ['with an overlap', file(`{"a":${f32('1', 0, 4)},"b":${f32('1', 0, 4)}}`, 4), 'not in canonical form'],
    ['with offsets that are not its shape', file(`{"a":${f32('1', 0, 8)}}`, 8), 'not in canonical form'],
    ['with a name twice', file(`{"a":${f32('1', 0, 4)},"a":${f32('1', 4, 8)}}`, 8), 'not in canonical form'],
    ['with spaces in the header', file(`{ "a":${f32('1', 0, 4)}}`, 4), 'not in canonical form'],
    ['without padding', file(`{"a":${f32('1', 0, 4)}}`, 4, false), 'not in canonical form'],
    ['with data missing', file(`{"a":${f32('2', 0, 8)}}`, 4), 'where its header describes'],
    ['with data left over', file(`{"a":${f32('1', 0, 4)}}`, 8), 'where its header describes'],
    ['with a name in other letters', file(`{"\u00e9":${f32('1', 0, 4)}}`, 4), 'printable ASCII'],
  ])('%s is refused', (_, bytes, problem) => {
    const outcome = refusal(() => decodeTensors(bytes));
    expect(outcome).toMatch(/^TENSORS_INVALID /);
    expect(outcome).toContain(problem);
  });

  it('is not written from names given twice or data that is not the shape', () => {
    const data = Float32Array.of(1);
    const twice = [{ name: 'a', shape: [1], data }];
    expect(refusal(() => encodeTensors([...twice, ...twice]))).toContain('"a" is given twice');
    expect(refusal(() => encodeTensors([{ name: 'a', shape: [2], data }]))).toContain('"a" has 1 values but shape [2]');
  });
});
