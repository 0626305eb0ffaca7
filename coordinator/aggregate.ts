// Many updates become one, block by block from their files: memory grows neither with members nor with rounds.
// Updates are added in the order of member ids, so whoever has the blobs gets the same bytes, whatever order they came in.
import { memberOrder, startMean } from '../shared/aggregators/mean.ts';
import { AssentError } from '../shared/errors.ts';
import { decimalOf } from '../shared/records/fields.ts';
import type { ReleasedMetrics } from '../shared/records/round.ts';
import type { Study } from '../shared/study/study.ts';
import { floatsAt } from '../shared/wire/safetensors.ts';
import { decodeMessage, encodeMessage, MODEL_VECTORS } from '../shared/wire/update.ts';
import type { BlobFiles } from '../platform/blob-files.ts';
import { formsOf } from './plan.ts';

export type Contribution = { member: string; blob: string; weight: number };
export type Aggregated = { aggregate: string; model: string; bytes: number };

/** 1 MiB of each update at a time. */
const BLOCK_FLOATS = 262_144;

/**
 * The aggregated message and the model that follows, written as blobs; run again, it writes the same bytes. Throws
 * UPDATE_NOT_FINITE when the model leaves the range of numbers, BLOB_UNKNOWN when an update is gone.
 */
export async function aggregate(o: {
  study: Study;
  models: BlobFiles;
  updates(member: string): BlobFiles;
  inputModel: string;
  contributions: readonly Contribution[];
}): Promise<Aggregated> {
  const { algorithm, layout, update } = formsOf(o.study);
  const ordered = o.contributions.toSorted((a, b) => memberOrder(a.member, b.member));
  if (ordered.length === 0) throw new AssentError('INTERNAL', 'There is nothing to aggregate.');

  async function* pieces(): AsyncIterable<Uint8Array> {
    yield update.header;
    for (const { begin, end } of update.vectors) {
      for (let at = begin; at < end; at += BLOCK_FLOATS * 4)
        yield await meanOf(at, Math.min(at + BLOCK_FLOATS * 4, end));
    }
  }
  async function meanOf(begin: number, end: number): Promise<Uint8Array> {
    const mean = startMean((end - begin) / 4);
    for (const { member, blob, weight } of ordered) {
      const block = await o.updates(member).readPart(blob, begin, end);
      mean.add(floatsAt(block, 0, block.length), weight);
    }
    const values = mean.finish();
    return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  }

  const written = await o.models.write(pieces());
  const message = decodeMessage(await bytesOf(o.models, written.hash), algorithm.vectors, layout);
  const before = decodeMessage(await bytesOf(o.models, o.inputModel), MODEL_VECTORS, layout)['model']!;
  const model = encodeMessage({ model: algorithm.serverUpdate(before, message) }, layout);
  return { aggregate: written.hash, model: await o.models.put(model), bytes: model.length };
}

// Copied: a buffer of its own is aligned, so that vectors are views into it.
const bytesOf = async (blobs: BlobFiles, hash: string): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(await blobs.read(hash));

type Released = { weight: number; metrics: ReleasedMetrics };

/**
 * What the consortium says of a round. Loss: the mean of the released losses, each weighted by its examples. The others:
 * the plain mean of the institutions' own values. Institutions with too few cases (null) are left out; null when all are.
 * Running means: no sum leaves the range of numbers.
 */
export function roundMetrics(
  released: readonly Released[],
  declared: readonly (keyof ReleasedMetrics)[],
): ReleasedMetrics {
  const metrics: ReleasedMetrics = {};
  for (const name of declared) {
    let mean = 0;
    let total = 0;
    for (const { weight, metrics: own } of released) {
      const value = own[name];
      if (value === undefined || value === null) continue;
      const share = name === 'loss' ? weight : 1;
      total += share;
      mean += (Number(value) - mean) * (share / total);
    }
    metrics[name] = total === 0 ? null : decimalOf(mean);
  }
  return metrics;
}

/** The metrics that a study lets leave. */
export const declaredMetrics = (study: Study): (keyof ReleasedMetrics)[] =>
  study.releases.filter((release) => release !== 'update' && release !== 'examples');
