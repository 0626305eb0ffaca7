// How much room is left on the disk that holds a folder.
import { statfs } from 'node:fs/promises';

/** Bytes that this user may still write. */
export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
