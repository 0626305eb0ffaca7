import { describe, expect, it } from 'vitest';
import { openUploads } from '../../coordinator/store/uploads.ts';
import { openBlobFiles } from '../../platform/blob-files.ts';
import { sha256 } from '../../platform/crypto.ts';
import type { Reader } from '../../platform/journal.ts';
import { toHex } from '../../shared/wire/canonical.ts';
import { temporaryFolder } from '../support/temporary.ts';

/** Uploads of one member; `named` are the hashes that accepted updates name. */
function member() {
  const files = openBlobFiles(temporaryFolder());
  const named = new Set<string>();
  const read = { get: (_sql: string, _member: string, hash: string) => (named.has(hash) ? {} : undefined) };
  const uploads = openUploads(read as unknown as Reader, () => files);
  const hashOf = (value: number) => toHex(sha256(Uint8Array.of(value)));
  /** The first byte of a blob that is said to come to `bytes`. */
  const begin = (value: number, bytes: number, sizes: number[]) =>
    uploads.inTurn('alpha', async () => {
      const hash = hashOf(value);
      await uploads.makeRoom('alpha', { hash, bytes }, sizes);
      await files.append(hash, await files.uploaded(hash), bytes, one());
    });
  const kept = async () => new Set((await files.list()).map(({ hash }) => hash));
  const these = (...values: number[]) => new Set(values.map(hashOf));
  return { uploads, begin, kept, these, hashOf, named };
}
async function* one(): AsyncIterable<Uint8Array> {
  yield Uint8Array.of(0);
}

describe('uploads that do not count', () => {
  it('have the bytes of the rounds that they are for, taken for what they are to come to', async () => {
    const { begin, kept, these } = member();
    await begin(1, 60, [100, 100]);
    await begin(2, 100, [100, 100]);
    expect(await kept()).toEqual(these(1, 2));
    await begin(1, 100, [100, 100]); // said to be more than before
    expect(await kept()).toEqual(these(1, 2));
    await begin(3, 10, [100, 20]); // one of the rounds closed and a small one opened
    expect(await kept()).toEqual(these(1, 3));
    await begin(3, 30, [100, 20]);
    expect(await kept()).toEqual(these(3));
  });

  it('are no more than there are rounds, however small', async () => {
    const { begin, kept, these } = member();
    for (let value = 1; value <= 5; value++) await begin(value, 2, [100, 100]);
    expect(await kept()).toEqual(these(4, 5));
  });

  it('are never those that an accepted update names, until its round has come to nothing', async () => {
    const { uploads, begin, kept, these, hashOf, named } = member();
    await begin(1, 100, [100]);
    named.add(hashOf(1));
    uploads.keep('alpha', hashOf(1));
    await begin(2, 100, [100]);
    await uploads.release('alpha', hashOf(1));
    expect(await kept()).toEqual(these(1, 2));
    await uploads.sweep('alpha');
    expect(await kept()).toEqual(these(1));
    named.clear();
    await uploads.release('alpha', hashOf(1));
    expect(await kept()).toEqual(these());
  });
});
