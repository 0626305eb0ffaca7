import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openBlobFiles } from '../../platform/blob-files.ts';
import { sha256 } from '../../platform/crypto.ts';
import { AssentError } from '../../shared/errors.ts';
import { toHex } from '../../shared/wire/canonical.ts';
import { temporaryFolder } from '../support/temporary.ts';

const bytes = Uint8Array.from({ length: 100 }, (_, i) => i);
const hash = toHex(sha256(bytes));

async function* sent(...parts: Uint8Array[]): AsyncIterable<Uint8Array> {
  yield* parts;
}
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: unknown) => (error instanceof AssentError ? error.code : error),
  );

describe('blob files', () => {
  it('keep bytes under their hash and give them back whole or in part', async () => {
    const blobs = openBlobFiles(temporaryFolder());
    expect(await blobs.put(bytes)).toBe(hash);
    expect(await blobs.write(sent(bytes.subarray(0, 7), bytes.subarray(7)))).toEqual({ hash, bytes: 100 });
    expect(new Uint8Array(await blobs.read(hash))).toEqual(bytes);
    expect(await blobs.readPart(hash, 10, 20)).toEqual(bytes.slice(10, 20));
    expect(await blobs.size(hash)).toBe(100);
    expect(await codeOf(blobs.readPart(hash, 90, 101))).toBe('BLOB_UNKNOWN');
    expect(await codeOf(blobs.read('0'.repeat(64)))).toBe('BLOB_UNKNOWN');
  });

  it('are listed while others are removed', async () => {
    const folder = temporaryFolder();
    const blobs = openBlobFiles(folder);
    const made = await Promise.all(Array.from({ length: 50 }, (_, i) => blobs.put(Uint8Array.of(i))));
    const [listed] = await Promise.all([blobs.list(), ...made.map((name) => unlink(join(folder, name)))]);
    expect(listed.length).toBeLessThanOrEqual(50);
    expect(await blobs.list()).toEqual([]);
  });

  it('end an upload that is under way when its blob is removed', async () => {
    const blobs = openBlobFiles(temporaryFolder());
    const begun = Promise.withResolvers<void>();
    async function* silent(): AsyncIterable<Uint8Array> {
      yield bytes.subarray(0, 40);
      begun.resolve();
      await new Promise(() => {});
    }
    const upload = codeOf(blobs.append(hash, 0, 100, silent()));
    await begun.promise;
    await blobs.remove(hash);
    expect(await upload).toBe('CANCELED');
    expect(await blobs.list()).toEqual([]);
  });

  it('go on with an upload where it stopped', async () => {
    const blobs = openBlobFiles(temporaryFolder());
    expect(await blobs.append(hash, 0, 100, sent(bytes.subarray(0, 40)))).toEqual({ offset: 40 });
    expect([await blobs.size(hash), await blobs.uploaded(hash)]).toEqual([undefined, 40]);
    expect(await codeOf(blobs.append(hash, 30, 100, sent(bytes.subarray(30))))).toBe('BLOB_OFFSET');
    expect(await blobs.append(hash, 40, 100, sent(bytes.subarray(40)))).toEqual({ offset: 100 });
    expect(await blobs.size(hash)).toBe(100);
    // Once whole it is never written again.
    expect(await blobs.append(hash, 0, 100, sent(new Uint8Array(100)))).toEqual({ offset: 100 });
    expect(new Uint8Array(await blobs.read(hash))).toEqual(bytes);
  });

  it('make an upload whole that was complete when the program was killed', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, `${hash}.part`), bytes.subarray(0, 99));
    const blobs = openBlobFiles(folder);
    expect([await blobs.uploaded(hash), await blobs.size(hash)]).toEqual([99, undefined]);
    writeFileSync(join(folder, `${hash}.part`), bytes);
    expect([await blobs.uploaded(hash), await blobs.size(hash)]).toEqual([0, 100]);
  });

  it('throw away what is not what it was said to be', async () => {
    const blobs = openBlobFiles(temporaryFolder());
    expect(await codeOf(blobs.append(hash, 0, 100, sent(new Uint8Array(100))))).toBe('BLOB_HASH');
    expect([await blobs.size(hash), await blobs.uploaded(hash)]).toEqual([undefined, 0]);
    expect(await codeOf(blobs.append(hash, 0, 100, sent(bytes, bytes)))).toBe('BLOB_SIZE');
  });

  it('let a newer upload take over from one whose connection is dead', async () => {
    const blobs = openBlobFiles(temporaryFolder());
    const begun = Promise.withResolvers<void>();
    async function* dying(): AsyncIterable<Uint8Array> {
      yield bytes.subarray(0, 40);
      begun.resolve();
      await new Promise(() => {});
    }
    const dead = codeOf(blobs.append(hash, 0, 100, dying()));
    await begun.promise;
    const newer = blobs.append(hash, 40, 100, sent(bytes.subarray(40)));
    expect(await dead).toBe('CANCELED');
    expect(await newer).toEqual({ offset: 100 });
  });

  it('keep nothing of a write that failed, and clear what a crash left', async () => {
    const folder = join(temporaryFolder(), 'blobs');
    mkdirSync(folder);
    writeFileSync(join(folder, 'new-left-by-a-crash'), 'x');
    const blobs = openBlobFiles(folder);
    async function* failing(): AsyncIterable<Uint8Array> {
      yield bytes;
      throw new Error('the disk is full');
    }
    await expect(blobs.write(failing())).rejects.toThrow('the disk is full');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('refuse names that are no hashes', async () => {
    const blobs = openBlobFiles(temporaryFolder());
    expect(() => blobs.stream('../../etc/passwd', 0, 1)).toThrow('64 lowercase hex');
    expect(await codeOf((async () => blobs.size('../x'))())).toBe('REQUEST_INVALID');
  });
});
