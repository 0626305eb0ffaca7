// Whether a file is an update of a study: its form, every value finite, its norm within the bound. The coordinator asks before
// an update counts, an institution before it computes a published round again.
import { AssentError } from '../shared/errors.ts';
import { decimalOf } from '../shared/records/fields.ts';
import { formsOf } from '../shared/study/forms.ts';
import type { Study } from '../shared/study/study.ts';
import { floatsAt } from '../shared/wire/safetensors.ts';
import { checkFinite, checkHeader } from '../shared/wire/update.ts';
import type { BlobFiles } from './blob-files.ts';

const BLOCK_BYTES = 1024 * 1024;

/**
 * Reads the blob once, block by block; `bytes` is what it was said to have. Returns its L2 norm. Throws BLOB_UNKNOWN,
 * UPDATE_SHAPE, UPDATE_NOT_FINITE, UPDATE_NORM.
 */
export async function checkUpdate(study: Study, blobs: BlobFiles, blob: string, bytes: number): Promise<number> {
  const { update: form } = formsOf(study);
  const size = await blobs.size(blob);
  if (size === undefined)
    throw new AssentError('BLOB_UNKNOWN', `Blob ${blob} is not here. Send it before its statement.`, { blob });
  // The header is compared first: it says which tensor differs.
  checkHeader(await blobs.readPart(blob, 0, Math.min(size, form.header.length + BLOCK_BYTES)), form);
  if (size !== form.size || bytes !== form.size)
    throw new AssentError(
      'UPDATE_SHAPE',
      `The update has ${size} bytes and its statement says ${bytes}; the plan's tensors take ${form.size}.`,
    );
  let sum = 0;
  for (const { name, begin, end } of form.vectors) {
    for (let at = begin; at < end; at += BLOCK_BYTES) {
      const block = await blobs.readPart(blob, at, Math.min(at + BLOCK_BYTES, end));
      const values = floatsAt(block, 0, block.length);
      checkFinite(values, name, (at - begin) / 4);
      for (const value of values) sum += value * value;
    }
  }
  const norm = Math.sqrt(sum);
  if (norm > study.bounds.norm)
    throw new AssentError('UPDATE_NORM', `The update has norm ${norm}; the plan allows ${study.bounds.norm}.`, {
      norm: decimalOf(norm),
      bound: decimalOf(study.bounds.norm),
    });
  return norm;
}
