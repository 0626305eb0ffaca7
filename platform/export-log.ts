// Writes a program's log into a folder that anybody can check offline: whole and on the disk, or not there at all.
import { mkdir, open, readdir, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AssentError } from '../shared/errors.ts';
import type { AuditKind } from '../shared/records/audit.ts';
import { exportLog } from '../shared/transparency/export.ts';
import { CHECKPOINT_FILE, ENTRIES_FILE } from '../shared/transparency/layout.ts';
import { rootHash } from '../shared/transparency/tree.ts';
import { toHex } from '../shared/wire/canonical.ts';
import { syncFolder } from './blob-files.ts';
import { primitives, randomUuid } from './crypto.ts';
import type { Journal, Reader } from './journal.ts';
import { logKey } from './log-origin.ts';

const FORMAT = 'assent-log/v1';
const PAGE = 256;

/**
 * Records the export first, so that the exported log says that it was exported; a folder that holds an earlier export is
 * replaced. Records of `proofKinds` get a proof file of their own. Returns size and root of what was exported.
 * Throws FILE_EXISTS when the folder holds anything else, FILE_UNREADABLE when it cannot be written.
 */
export async function exportAuditLog<Step extends string>(
  journal: Journal<Step | 'audit.export'>,
  log: { publicKey: Uint8Array },
  folder: string,
  proofKinds: readonly AuditKind[],
): Promise<{ size: number; root: Uint8Array }> {
  await checkReplaceable(folder);
  const { read, nodes } = journal;
  const size = journal.size();
  const detail = { size, root: toHex(rootHash(primitives, nodes, size)), format: FORMAT };
  journal.transact('audit.export', (tx) => void tx.append({ kind: 'log.exported', detail }));
  const head = read.get<{ size: number; root: Buffer; note: Buffer }>(
    'select * from checkpoint order by size desc limit 1',
  )!;
  const history = read.all<{ note: Buffer }>('select note from checkpoint where size < ? order by size', head.size);
  const kinds = proofKinds.map((kind) => `'${kind}'`).join(', ');
  const proven = read.all<{ position: number }>(
    `select position from record where kind in (${kinds}) and position < ? order by position`,
    head.size,
  );
  const temporary = `${folder}.${randomUuid()}.new`;
  try {
    await writeFiles(
      temporary,
      exportLog(primitives, {
        records: records(read, head.size),
        checkpoint: head.note,
        logKey: logKey(log.publicKey),
        history: history.map(({ note }) => note),
        proofs: { indexes: proven.map(({ position }) => position), read: nodes },
      }),
    );
    await replace(temporary, folder);
  } catch (cause) {
    await rm(temporary, { recursive: true, force: true });
    if (cause instanceof AssentError) throw cause;
    throw new AssentError(
      'FILE_UNREADABLE',
      `The log cannot be written to ${folder}: ${(cause as Error).message}`,
      { folder },
      cause,
    );
  }
  return { size: head.size, root: new Uint8Array(head.root) };
}

/** Page by page: no statement stays open while other things go on. */
function* records(read: Reader, size: number): Iterable<Uint8Array> {
  for (let at = 0; at < size; at += PAGE)
    for (const { bytes } of read.all<{ bytes: Buffer }>(
      'select bytes from record where position >= ? and position < ? order by position',
      at,
      Math.min(at + PAGE, size),
    ))
      yield bytes;
}

async function writeFiles(folder: string, chunks: Iterable<{ path: string; bytes: Uint8Array }>): Promise<void> {
  const folders = new Set([folder]);
  await mkdir(folder, { recursive: true });
  // Consecutive chunks of most files belong together; the first file comes back between the tiles, so it stays open.
  const entries = await open(join(folder, ENTRIES_FILE), 'w');
  let current: { path: string; file: FileHandle } | undefined;
  const finish = async () => {
    await current?.file.sync();
    await current?.file.close();
    current = undefined;
  };
  try {
    for (const { path, bytes } of chunks) {
      if (path === ENTRIES_FILE) {
        await entries.appendFile(bytes);
        continue;
      }
      if (current?.path !== path) {
        await finish();
        const full = join(folder, path);
        await mkdir(dirname(full), { recursive: true });
        folders.add(dirname(full));
        current = { path, file: await open(full, 'a') };
      }
      await current.file.appendFile(bytes);
    }
    await entries.sync();
  } finally {
    await finish();
    await entries.close();
  }
  for (const each of folders) await syncFolder(each);
}

/** Only an earlier export may be replaced: a wrong path must not cost anybody their files. */
async function checkReplaceable(folder: string): Promise<boolean> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw new AssentError(
      'FILE_UNREADABLE',
      `${folder} cannot be used for an export: ${(error as Error).message}`,
      { folder },
      error,
    );
  }
  if (names.length > 0 && !(names.includes(ENTRIES_FILE) && names.includes(CHECKPOINT_FILE)))
    throw new AssentError('FILE_EXISTS', `${folder} holds other files. Choose an empty folder for the export.`, {
      folder,
    });
  return true;
}

async function replace(temporary: string, folder: string): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  const old = `${folder}.${randomUuid()}.old`;
  if (await checkReplaceable(folder)) await rename(folder, old);
  await rename(temporary, folder);
  await syncFolder(dirname(folder));
  await rm(old, { recursive: true, force: true });
}
