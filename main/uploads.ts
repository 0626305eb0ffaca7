// Files that come from a browser piece by piece, into a temporary folder of the store's. They hold rows in the clear, so
// they go when they were imported or given up, and none outlives the node.
import { closeSync, mkdirSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { AssentError } from '../shared/errors.ts';
import { toHex } from '../shared/wire/canonical.ts';
import { randomBytes } from '../platform/crypto.ts';

export type Uploads = {
  /** Throws UPLOAD_INVALID, UPLOAD_SIZE. */
  begin(name: string, size: number): string;
  /** `path` once all has come. Throws UPLOAD_INVALID; the upload is then given up. */
  add(id: string, offset: number, content: Uint8Array): { received: number; path: string | undefined };
  discard(id: string): void;
  /** Whether this file came by an upload. */
  holds(path: string): boolean;
  /** Removes the upload that this file came by; any other file is none of ours. */
  imported(path: string): void;
  close(): void;
};

type Upload = { path: string; file: number | undefined; size: number; received: number };

const MOST_BYTES = 8 * 2 ** 30;
const MOST_UPLOADS = 8;

export function openUploads(home: string): Uploads {
  const folder = join(home, 'uploads');
  const clear = () => rmSync(folder, { recursive: true, force: true });
  const uploads = new Map<string, Upload>();
  clear(); // of a node that was killed

  function find(id: string): Upload {
    const upload = uploads.get(id);
    if (!upload) throw new AssentError('UPLOAD_INVALID', 'There is no such upload; choose the file again.');
    return upload;
  }
  function discard(id: string): void {
    const upload = uploads.get(id);
    if (!upload) return;
    uploads.delete(id);
    if (upload.file !== undefined) closeSync(upload.file);
    rmSync(join(folder, id), { recursive: true, force: true });
  }
  function refuse(id: string, why: string): never {
    discard(id);
    throw new AssentError('UPLOAD_INVALID', why);
  }

  return {
    begin(name, size) {
      // The name is a stranger's word: it becomes a file's name in a folder of its own, and nothing more.
      if (!/^[^/\\\0]{1,255}$/u.test(name) || name === '.' || name === '..')
        throw new AssentError('UPLOAD_INVALID', 'The file has no name that can be used here.');
      if (size < 1) throw new AssentError('UPLOAD_INVALID', 'The file is empty.');
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const { bavail, bsize } = statfsSync(folder);
      if (size > Math.min(MOST_BYTES, (bavail * bsize) / 2))
        throw new AssentError('UPLOAD_SIZE', `A file of ${size} bytes is too large to be uploaded.`, {
          bytes: String(size),
        });
      if (uploads.size >= MOST_UPLOADS) discard(uploads.keys().next().value!);
      const id = toHex(randomBytes(16));
      mkdirSync(join(folder, id), { mode: 0o700 });
      const path = join(folder, id, name);
      uploads.set(id, { path, file: openSync(path, 'wx', 0o600), size, received: 0 });
      return id;
    },
    add(id, offset, content) {
      const upload = find(id);
      if (upload.file === undefined || offset !== upload.received)
        refuse(id, `The upload does not go on where it stopped, at byte ${upload.received}.`);
      if (upload.received + content.length > upload.size) refuse(id, 'More came than the file was said to hold.');
      if (content.length === 0) refuse(id, 'A piece of the file is empty.');
      for (let at = 0; at < content.length;) at += writeSync(upload.file, content, at);
      upload.received += content.length;
      if (upload.received === upload.size) {
        closeSync(upload.file);
        upload.file = undefined;
      }
      return { received: upload.received, path: upload.file === undefined ? upload.path : undefined };
    },
    discard,
    holds: (path) => [...uploads.values()].some((upload) => upload.path === path),
    imported(path) {
      for (const [id, upload] of uploads) if (upload.path === path) discard(id);
    },
    close() {
      for (const id of uploads.keys()) discard(id);
      clear();
    },
  };
}
