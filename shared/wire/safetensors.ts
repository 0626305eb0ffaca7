// The safetensors file format, float32 only, strictly: a set of tensors has exactly one byte form and no other is read.
// Format: https://huggingface.co/docs/safetensors#format (8 bytes header length, JSON header, tensors without gaps).
import { AssentError } from '../errors.ts';
import type { Vector } from '../math/vector.ts';

/** `shape` is row-major; `data` has as many values as the shape's product. */
export type Tensor = { name: string; shape: readonly number[]; data: Vector };

/** `begin` and `end` are bytes counted from the start of the file. */
export type TensorSpan = { name: string; shape: number[]; begin: number; end: number };

const MOST_HEADER_BYTES = 1024 * 1024;

/** The file of the tensors, in their order. Throws TENSORS_INVALID on names given twice or a shape that is not the data's. */
export function encodeTensors(tensors: readonly Tensor[]): Uint8Array<ArrayBuffer> {
  for (const { name, shape, data } of tensors) {
    if (valuesOf(shape) !== data.length)
      invalid(`${quoted(name)} has ${data.length} values but shape [${shape.join()}]`);
  }
  const header = encodeHeader(tensors);
  const size = tensors.reduce((sum, { data }) => sum + data.byteLength, header.length);
  const bytes = new Uint8Array(size);
  bytes.set(header);
  let at = header.length;
  for (const { data } of tensors) {
    bytes.set(bytesOfFloats(data), at);
    at += data.byteLength;
  }
  return bytes;
}

/** The part of the file before the first value: length, JSON, and spaces up to a multiple of 8. */
export function encodeHeader(tensors: readonly { name: string; shape: readonly number[] }[]): Uint8Array<ArrayBuffer> {
  let at = 0;
  const names = new Set<string>();
  const fields = tensors.map(({ name, shape }) => {
    if (names.has(name)) invalid(`${quoted(name)} is given twice`);
    if (!/^[\x20-\x7E]{1,200}$/.test(name))
      invalid(`the name ${quoted(name)} is not 1 to 200 printable ASCII characters`);
    names.add(name);
    const begin = at;
    at += valuesOf(shape) * 4;
    return `${JSON.stringify(name)}:{"dtype":"F32","shape":[${shape.join()}],"data_offsets":[${begin},${at}]}`;
  });
  const text = `{${fields.join()}}`;
  const padded = text.padEnd(Math.ceil(text.length / 8) * 8, ' ');
  if (padded.length > MOST_HEADER_BYTES) invalid(`the header would have ${padded.length} bytes`);
  const bytes = new Uint8Array(8 + padded.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(padded.length), true);
  for (let i = 0; i < padded.length; i++) bytes[8 + i] = padded.charCodeAt(i);
  return bytes;
}

/**
 * Where the tensors lie in a file, of which `bytes` may be only the beginning (it must hold the header). `size` is the
 * whole file's. The sender controls every byte: throws TENSORS_INVALID unless the header is the one `encodeHeader` writes.
 */
export function readHeader(bytes: Uint8Array): { tensors: TensorSpan[]; headerBytes: number; size: number } {
  if (bytes.length < 8) invalid(`the file has ${bytes.length} bytes; its first 8 are the length of its header`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = Number(view.getBigUint64(0, true));
  if (length > MOST_HEADER_BYTES) invalid(`its header claims ${length} bytes; at most ${MOST_HEADER_BYTES}`);
  if (8 + length > bytes.length) invalid(`its header claims ${length} bytes but the file ends before`);
  const described = describedTensors(bytes.subarray(8, 8 + length));
  // Duplicate names, other spacing or order, gaps and overlaps all end in other bytes than ours.
  const expected = encodeHeader(described);
  if (expected.length !== 8 + length || expected.some((byte, i) => byte !== bytes[i])) {
    invalid('its header is not in canonical form: tensors in order without gap or overlap, compact, padded to 8 bytes');
  }
  let at = expected.length;
  const tensors = described.map(({ name, shape }) => {
    const begin = at;
    at += valuesOf(shape) * 4;
    return { name, shape, begin, end: at };
  });
  return { tensors, headerBytes: expected.length, size: at };
}

/** The tensors of a file. Their data are views into `bytes` where it is aligned to 4 bytes, copies elsewhere. */
export function decodeTensors(bytes: Uint8Array<ArrayBuffer>): Tensor[] {
  const { tensors, size } = readHeader(bytes);
  if (size !== bytes.length) invalid(`it has ${bytes.length} bytes where its header describes ${size}`);
  return tensors.map(({ name, shape, begin, end }) => ({ name, shape, data: floatsAt(bytes, begin, end) }));
}

/** The float32 values in bytes `begin` to `end`: a view where the memory is aligned, a copy elsewhere. */
export function floatsAt(bytes: Uint8Array<ArrayBuffer>, begin: number, end: number): Vector {
  const part = littleEndian(bytes.subarray(begin, end));
  const aligned = part.byteOffset % 4 === 0 ? part : part.slice();
  return new Float32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 4);
}

/** The bytes of float32 values as they stand in a file: a view. */
export const bytesOfFloats = (values: Vector): Uint8Array<ArrayBuffer> =>
  littleEndian(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));

function describedTensors(header: Uint8Array): { name: string; shape: number[] }[] {
  // Piecewise, since a call takes only so many arguments. Bytes above 127 become characters that encodeHeader refuses.
  let text = '';
  for (let i = 0; i < header.length; i += 4096) text += String.fromCharCode(...header.subarray(i, i + 4096));
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return invalid('its header is not JSON');
  }
  if (!isObject(parsed)) return invalid('its header is not a JSON object');
  return Object.entries(parsed).map(([name, tensor]) => {
    if (!isObject(tensor)) return invalid(`${quoted(name)} is not described by an object`);
    const { dtype, shape } = tensor;
    if (dtype !== 'F32') return invalid(`${quoted(name)} has dtype ${quoted(dtype)}; only F32 is read`);
    if (!Array.isArray(shape) || !shape.every((size) => Number.isSafeInteger(size))) {
      return invalid(`${quoted(name)} has no shape of whole numbers`);
    }
    return { name, shape: shape as number[] };
  });
}

function valuesOf(shape: readonly number[]): number {
  const values = shape.reduce((product, size) => (size < 0 ? Number.NaN : product * size), 1);
  return Number.isSafeInteger(values * 4) ? values : invalid(`the shape [${shape.join()}] is not possible`);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

// Only plain values are shown: the sender could nest others deeper than the stack.
function quoted(value: unknown): string {
  const text = typeof value === 'string' || typeof value === 'number' ? JSON.stringify(value) : `a ${typeof value}`;
  return text.length > 80 ? `${text.slice(0, 80)}...` : text;
}

// The format is little-endian, and so is every processor that Assent is built for.
const LITTLE_ENDIAN = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

function littleEndian<T>(bytes: T): T {
  return LITTLE_ENDIAN ? bytes : invalid('this machine is big-endian and cannot read or write it');
}

function invalid(problem: string): never {
  throw new AssentError('TENSORS_INVALID', `The tensor file cannot be used: ${problem}.`);
}
