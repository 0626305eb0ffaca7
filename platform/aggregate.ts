// Many updates become one, and the next model, block by block from files to files: memory grows neither with members nor with
// the size of the model.
// Updates are added in the order of member ids, so whoever has the blobs gets the same bytes, whatever order they came in: the
// coordinator runs this, and so does an institution that computes a published round again.
import { memberOrder, startMean } from '../shared/aggregators/mean.ts';
import { AssentError } from '../shared/errors.ts';
import type { Vector } from '../shared/math/vector.ts';
import { formsOf } from '../shared/study/forms.ts';
import type { Study } from '../shared/study/study.ts';
import { bytesOfFloats, floatsAt } from '../shared/wire/safetensors.ts';
import { checkFinite, checkHeader } from '../shared/wire/update.ts';
import type { BlobFiles } from './blob-files.ts';

export type Contribution = { member: string; blob: string; weight: number };
export type Aggregated = { aggregate: string; model: string; bytes: number };

/** 1 MiB of each file at a time. */
const BLOCK_FLOATS = 262_144;

/**
 * The aggregated message and the model that follows, written as blobs; run again, it writes the same bytes. Throws
 * UPDATE_NOT_FINITE when the model leaves the range of numbers, BLOB_UNKNOWN when a file is gone, UPDATE_SHAPE; CANCELED.
 */
export async function aggregate(o: {
  study: Study;
  models: BlobFiles;
  updates(member: string): BlobFiles;
  inputModel: string;
  contributions: readonly Contribution[];
  signal?: AbortSignal;
}): Promise<Aggregated> {
  const { algorithm, update, model } = formsOf(o.study);
  const ordered = o.contributions.toSorted((a, b) => memberOrder(a.member, b.member));
  if (ordered.length === 0) throw new AssentError('INTERNAL', 'There is nothing to aggregate.');
  const [weights] = model.vectors;
  const length = (weights!.end - weights!.begin) / 4;

  async function* aggregated(): AsyncIterable<Uint8Array> {
    yield update.header;
    for (const { name, begin } of update.vectors)
      for (let at = 0; at < length; at += BLOCK_FLOATS) {
        stopIfAborted(o.signal);
        const count = Math.min(BLOCK_FLOATS, length - at);
        const mean = startMean(count);
        for (const { member, blob, weight } of ordered)
          mean.add(await floats(o.updates(member), blob, begin + at * 4, count), weight);
        yield finiteBytes(mean.finish(), name, at);
      }
  }
  async function* next(message: string): AsyncIterable<Uint8Array> {
    yield model.header;
    for (let at = 0; at < length; at += BLOCK_FLOATS) {
      const count = Math.min(BLOCK_FLOATS, length - at);
      const before = await floats(o.models, o.inputModel, weights!.begin + at * 4, count);
      const block: Record<string, Vector> = {};
      for (const { name, begin } of update.vectors)
        block[name] = await floats(o.models, message, begin + at * 4, count);
      yield finiteBytes(algorithm.serverUpdate(before, block), 'model', at);
    }
  }

  checkHeader(await o.models.readPart(o.inputModel, 0, model.header.length), model);
  const message = await o.models.write(aggregated());
  const { hash, bytes } = await o.models.write(next(message.hash));
  return { aggregate: message.hash, model: hash, bytes };
}

function stopIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new AssentError('CANCELED', 'The program is stopping.');
}

async function floats(files: BlobFiles, blob: string, begin: number, count: number): Promise<Vector> {
  return floatsAt(await files.readPart(blob, begin, begin + count * 4), 0, count * 4);
}

function finiteBytes(values: Vector, name: string, offset: number): Uint8Array {
  checkFinite(values, name, offset);
  return bytesOfFloats(values);
}
