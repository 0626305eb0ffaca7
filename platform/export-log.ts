// Writes a program's log into a folder that anybody can check offline: whole and on the disk, or not there at all.
import { mkdir, open, readdir, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AssentError } from '../shared/errors.ts';
import type { AuditKind } from '../shared/records/audit.ts';
import { exportLog, type LogExport } from '../shared/transparency/export.ts';
import { CHECKPOINT_FILE, ENTRIES_FILE } from '../shared/transparency/layout.ts';
import { rootHash } from '../shared/transparency/tree.ts';
import { toHex } from '../shared/wire/canonical.ts';
import { syncFolder } from './blob-files.ts';
import { primitives, randomUuid } from './crypto.ts';
import type { Journal, Reader } from './journal.ts';
import { exportHead, ownLogs, type Cosigners } from './own-logs.ts';

const FORMAT = 'assent-log/v1';
const PAGE = 256;

export type ExportSource<Step extends string> = {
  journal: Journal<Step | 'audit.export'>;
  /** Of the log that is written now. */
  logPublicKey: Uint8Array;
  cosigners: Cosigners;
};

/** `anchoredBy`: who has cosigned the exported checkpoint; `missing`: who is asked and has not. */
export type Exported = { size: number; root: Uint8Array; anchoredBy: string[]; missing: string[] };

/**
 * Records the export first, so that the exported log says that it was exported, and has it cosigned at that size; a folder
 * that holds an earlier export is replaced. Records of `proofKinds` get a proof file of their own. `origin` names a log of
 * this store whose place another one took: that ends with its last anchored checkpoint. So does a log that is behind its
 * anchor. Throws FILE_EXISTS when the folder holds anything else, FILE_UNREADABLE when it cannot be written, LOG_UNKNOWN.
 */
export async function exportAuditLog<Step extends string>(
  source: ExportSource<Step>,
  folder: string,
  proofKinds: readonly AuditKind[],
  origin?: string,
): Promise<Exported> {
  await checkReplaceable(folder);
  const { journal } = source;
  const { read, nodes } = journal;
  const log = ownLogs(read, source.logPublicKey).find(({ key, until }) =>
    origin === undefined ? until === null : key.name === origin,
  );
  if (!log) throw new AssentError('LOG_UNKNOWN', `This store has no log ${origin}. List them: audit anchors`);
  const size = journal.size();
  const detail = { size, root: toHex(rootHash(primitives, nodes, size)), format: FORMAT };
  journal.transact('audit.export', (tx) => void tx.append({ kind: 'log.exported', detail }));
  const head = await exportHead(read, log, source.cosigners);
  await write(folder, {
    records: records(read, head.size),
    checkpoint: head.note,
    logKey: log.key,
    witnessKeys: head.witnesses,
    witnesses: head.asked,
    history: read
      .all<{ note: Buffer }>(
        'select note from checkpoint where size > ? and size < ? order by size',
        log.since,
        head.size,
      )
      .map(({ note }) => note),
    proofs: { indexes: provenBy(read, proofKinds, head.size), read: nodes },
  });
  const { anchoredBy, missing } = head;
  return { size: head.size, root: head.root, anchoredBy, missing };
}

function provenBy(read: Reader, proofKinds: readonly AuditKind[], size: number): number[] {
  const kinds = proofKinds.map((kind) => `'${kind}'`).join(', ');
  return read
    .all<{ position: number }>(
      `select position from record where kind in (${kinds}) and position < ? order by position`,
      size,
    )
    .map(({ position }) => position);
}

async function write(folder: string, log: LogExport): Promise<void> {
  const temporary = `${folder}.${randomUuid()}.new`;
  try {
    await writeFiles(temporary, exportLog(primitives, log));
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
