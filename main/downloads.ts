// Exports that a window fetches. They are made in a temporary folder of the store's, under names that the node chooses, and
// may hold names in the clear: each is read once, by whoever made it, and none outlives the node.
import { mkdirSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AssentError } from '../shared/errors.ts';
import { toHex } from '../shared/wire/canonical.ts';
import { createSha256, randomBytes } from '../platform/crypto.ts';

export type Downloads = {
  /** A place for a file of this name; nothing is there yet. */
  place(name: string): string;
  /** Files in such a place are for this person from now on: what each is called when it is fetched. */
  keep(paths: readonly string[], person: string): string[];
  /** Removes the place of a file that was not made. */
  giveUp(path: string): void;
  /** Once: the file is gone when it was read to its end. Throws DOWNLOAD_UNKNOWN. */
  read(id: string, person: string): AsyncIterable<Uint8Array>;
  discard(ids: readonly string[], person: string): void;
  close(): void;
};

type Download = { path: string; person: string };

const PIECE = 256 * 1024;
/** The oldest goes: a window that was closed never tells. */
const MOST = 200;

export function openDownloads(home: string): Downloads {
  const folder = join(home, 'downloads');
  const clear = () => rmSync(folder, { recursive: true, force: true });
  const downloads = new Map<string, Download>();
  clear(); // of a node that was killed

  function remove(id: string): void {
    const download = downloads.get(id);
    if (!download) return;
    downloads.delete(id);
    rmSync(download.path, { force: true });
    const place = dirname(download.path);
    if (![...downloads.values()].some(({ path }) => dirname(path) === place)) giveUp(download.path);
  }
  const giveUp = (path: string) => rmSync(dirname(path), { recursive: true, force: true });

  return {
    place(name) {
      const place = join(folder, toHex(randomBytes(16)));
      mkdirSync(place, { recursive: true, mode: 0o700 });
      return join(place, name);
    },
    keep: (paths, person) =>
      paths.map((path) => {
        if (downloads.size >= MOST) remove(downloads.keys().next().value!);
        const id = toHex(randomBytes(16));
        downloads.set(id, { path, person });
        return id;
      }),
    giveUp,
    async *read(id, person) {
      const download = downloads.get(id);
      if (download?.person !== person)
        throw new AssentError('DOWNLOAD_UNKNOWN', 'There is no such file, or it was fetched before.');
      yield* pieces(download.path);
      remove(id);
    },
    discard(ids, person) {
      for (const id of ids) if (downloads.get(id)?.person === person) remove(id);
    },
    close() {
      downloads.clear();
      clear();
    },
  };
}

/** What a file is, as somebody who has a copy can find out again. */
export async function described(path: string): Promise<{ name: string; bytes: number; sha256: string }> {
  const hash = createSha256();
  let bytes = 0;
  for await (const piece of pieces(path)) {
    hash.update(piece);
    bytes += piece.length;
  }
  return { name: basename(path), bytes, sha256: toHex(hash.digest()) };
}

async function* pieces(path: string): AsyncGenerator<Uint8Array, void> {
  const file = await open(path, 'r');
  try {
    for (let at = 0; ;) {
      const { bytesRead, buffer } = await file.read({ buffer: new Uint8Array(PIECE), position: at });
      if (bytesRead === 0) return;
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}
