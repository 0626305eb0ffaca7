// A message (named flat vectors) or a model as the exact bytes that travel: one tensor a parameter, `delta/dense_1/kernel`.
import type { Message } from '../algorithms/algorithm.ts';
import { AssentError } from '../errors.ts';
import type { Vector } from '../math/vector.ts';
import { parameterCount } from '../model/layout.ts';
import type { Parameter } from '../model/layout.ts';
import { encodeHeader, encodeTensors, floatsAt, readHeader } from './safetensors.ts';

/** The one vector of a file that holds a model. */
export const MODEL_VECTORS: readonly string[] = ['model'];

/** What every message of a plan looks like. `begin` and `end` are bytes from the start of the file; `size` is in bytes. */
export type MessageForm = {
  header: Uint8Array<ArrayBuffer>;
  vectors: { name: string; begin: number; end: number }[];
  size: number;
};

/** The form of messages with these vectors, in the order of their names, over a model's parameters. */
export function messageForm(vectorNames: readonly string[], layout: readonly Parameter[]): MessageForm {
  const names = vectorNames.toSorted();
  const header = encodeHeader(names.flatMap((vector) => layout.map((p) => ({ ...p, name: `${vector}/${p.name}` }))));
  const bytes = parameterCount(layout) * 4;
  const vectors = names.map((name, i) => {
    const begin = header.length + i * bytes;
    return { name, begin, end: begin + bytes };
  });
  return { header, vectors, size: header.length + names.length * bytes };
}

/** Bytes of a message on the wire, to the byte. */
export function messageSize(vectorNames: readonly string[], layout: readonly Parameter[]): number {
  return messageForm(vectorNames, layout).size;
}

/** The bytes of a message. Throws UPDATE_SHAPE when a vector is not of the model's length, UPDATE_NOT_FINITE. */
export function encodeMessage(message: Message, layout: readonly Parameter[]): Uint8Array<ArrayBuffer> {
  const length = parameterCount(layout);
  const tensors = Object.keys(message)
    .toSorted()
    .flatMap((vector) => {
      const values = message[vector]!;
      if (values.length !== length) {
        throw new AssentError('UPDATE_SHAPE', `${vector} has ${values.length} values; the model has ${length}.`);
      }
      checkFinite(values, vector);
      return layout.map(({ name, shape, offset, length: count }) => ({
        name: `${vector}/${name}`,
        shape,
        data: values.subarray(offset, offset + count),
      }));
    });
  return encodeTensors(tensors);
}

/**
 * The message in `bytes`, whose sender controls every one of them. Throws TENSORS_INVALID where they are no well-formed
 * file, UPDATE_SHAPE where it holds other tensors than the plan's, UPDATE_NOT_FINITE. Vectors are views where alignment allows.
 */
export function decodeMessage(
  bytes: Uint8Array<ArrayBuffer>,
  vectorNames: readonly string[],
  layout: readonly Parameter[],
): Message {
  const form = messageForm(vectorNames, layout);
  checkHeader(bytes, form);
  if (bytes.length !== form.size) {
    throw new AssentError('UPDATE_SHAPE', `The file has ${bytes.length} bytes where its tensors take ${form.size}.`);
  }
  const vectors = form.vectors.map(({ name, begin, end }): [string, Vector] => {
    const values = floatsAt(bytes, begin, end);
    checkFinite(values, name);
    return [name, values];
  });
  return Object.fromEntries(vectors);
}

/** Throws, saying what differs, unless `bytes` (a whole file or its beginning) starts with the header of `form`. */
export function checkHeader(bytes: Uint8Array, form: MessageForm): void {
  if (form.header.every((byte, i) => byte === bytes[i])) return;
  const found = readHeader(bytes).tensors;
  const wanted = readHeader(form.header).tensors;
  const named = new Map(found.map((tensor) => [tensor.name, tensor]));
  for (const { name, shape } of wanted) {
    const given = named.get(name);
    if (given === undefined) throw new AssentError('UPDATE_SHAPE', `The tensor ${name} is missing.`, { tensor: name });
    if (given.shape.join() !== shape.join()) {
      throw new AssentError(
        'UPDATE_SHAPE',
        `The tensor ${name} has shape [${given.shape.join()}]; the plan's model has [${shape.join()}].`,
        { tensor: name },
      );
    }
    named.delete(name);
  }
  const [extra] = named.keys();
  const problem = extra === undefined ? 'The tensors are in another order.' : `The tensor ${extra} is not in the plan.`;
  throw new AssentError('UPDATE_SHAPE', problem);
}

/** Throws UPDATE_NOT_FINITE naming the first place; `vector` names the values and `offset` is the place of the first. */
export function checkFinite(values: Float32Array, vector: string, offset = 0): void {
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) {
      throw new AssentError('UPDATE_NOT_FINITE', `${vector} holds ${values[i]} at place ${offset + i}.`, { vector });
    }
  }
}

/** L2 norm of all vectors of a message together, summed in float64. */
export function messageNorm(message: Message): number {
  let sum = 0;
  // In the order of names, so that both sides of the wire get the same bits.
  for (const name of Object.keys(message).toSorted()) for (const value of message[name]!) sum += value * value;
  return Math.sqrt(sum);
}
