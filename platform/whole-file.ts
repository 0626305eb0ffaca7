// A file that a person asked for, whole and on the disk or not there at all: it grows under another name, and gets its own last.
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AssentError } from '../shared/errors.ts';
import { syncFolder } from './blob-files.ts';
import { randomUuid } from './crypto.ts';
import { statOf, writeAll } from './part-files.ts';

export type WholeFile = {
  write(bytes: Uint8Array): Promise<void>;
  /** All of it is on the disk, but not under its name yet. */
  finish(): Promise<void>;
  /** Gives it its name. Throws FILE_EXISTS when something has that name by now. */
  name(path: string): Promise<void>;
  /** Removes what was written, named or not. */
  discard(): Promise<void>;
};

/** Throws FILE_EXISTS: what is not ours is never replaced. */
export async function checkFree(path: string): Promise<void> {
  if (await writing(path, () => statOf(path)))
    throw new AssentError('FILE_EXISTS', `${path} is there already. Choose another name for the export.`, { path });
}

/** A file of this user alone, in the folder of `path`. Throws FILE_UNWRITABLE, DISK_FULL. */
export async function openWholeFile(path: string): Promise<WholeFile> {
  let place = `${path}.${randomUuid()}.new`;
  const file = await writing(path, () => open(place, 'wx', 0o600));
  let bytes = 0;
  let closed = false;
  const close = async () => {
    if (closed) return;
    closed = true;
    await file.close();
  };
  return {
    async write(piece) {
      await writing(path, () => writeAll(file, piece, bytes));
      bytes += piece.length;
    },
    finish: () =>
      writing(path, async () => {
        await file.sync();
        await close();
      }),
    async name(final) {
      await checkFree(final);
      await writing(final, async () => {
        await rename(place, final);
        place = final;
        await syncFolder(dirname(final));
      });
    },
    async discard() {
      await close().catch(() => {});
      await rm(place, { force: true });
    },
  };
}

/** What the operating system refuses, in words. */
async function writing<R>(path: string, work: () => Promise<R>): Promise<R> {
  try {
    return await work();
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOSPC' || code === 'EDQUOT')
      throw new AssentError('DISK_FULL', `There is no room left for ${path}; nothing of it was kept.`, { path }, cause);
    if (code === undefined) throw cause;
    throw new AssentError('FILE_UNWRITABLE', `${path} cannot be written: ${message}`, { path }, cause);
  }
}
