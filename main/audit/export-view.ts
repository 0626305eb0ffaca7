// Exports the log as a view for other systems and for people. The evidence is the log itself; a view names each row's place in it.
import { join, parse } from 'node:path';
import { encodeVkey } from '../../shared/transparency/verifier-key.ts';
import { rootHash } from '../../shared/transparency/tree.ts';
import { decodeUtf8, encodeUtf8, toHex } from '../../shared/wire/canonical.ts';
import { primitives } from '../../platform/crypto.ts';
import type { Journal } from '../../platform/journal.ts';
import { logKey } from '../../platform/log-origin.ts';
import { currentLog, exportHead, type Cosigners } from '../../platform/own-logs.ts';
import { checkFree, openWholeFile, type WholeFile } from '../../platform/whole-file.ts';
import { csv } from './csv.ts';
import { fhirBundle, fhirNdjson } from './fhir.ts';
import { restrictsNothing, type AuditFilter } from './filter.ts';
import { countVolumes, pdfVolumes } from './pdf.ts';
import { rowsOf, viewWords, type Manner, type Row } from './rows.ts';
import { syslog } from './syslog.ts';
import type { View } from './view.ts';

const TEXTS = { csv, syslog, 'fhir-bundle': fhirBundle, 'fhir-ndjson': fhirNdjson } as const;
export type ViewFormat = keyof typeof TEXTS | 'pdf';

export type ExportProgress = { records: number; of: number };
export type ExportDone = {
  size: number;
  root: Uint8Array;
  rows: number;
  files: string[];
  /** Who has cosigned the checkpoint that is named, and who is asked and has not. */
  anchoredBy: string[];
  missing: string[];
};
export type Asked = Manner & { format: ViewFormat; path: string; filter: AuditFilter };
export type ViewDeps = Pick<View, 'institution' | 'member' | 'consortium' | 'software'> & {
  journal: Journal<'audit.export'>;
  log: { publicKey: Uint8Array };
  cosigners?: Cosigners;
};

/**
 * Records the export first, so that the log says so at the size that is exported. The files are whole and on the disk, or
 * not there at all. Throws FILE_EXISTS, FILE_UNWRITABLE, DISK_FULL, EXPORT_FAILED, CANCELED.
 */
export async function exportView(
  { journal, log, cosigners, institution, member, consortium, software }: ViewDeps,
  { format, path, filter, names, language }: Asked,
  tell: (progress: ExportProgress) => void,
  signal: AbortSignal,
): Promise<ExportDone> {
  await checkFree(path);
  // Opened before the record is made: a folder that cannot be written gives no record of an export that never was.
  const first = await openWholeFile(path);
  const files: WholeFile[] = [first];
  try {
    recordExport(journal, { format, filter, names });
    const { read } = journal;
    const head = await exportHead(read, currentLog(read, log.publicKey), cosigners);
    const key = logKey(log.publicKey);
    let rows = 0;
    async function* counted(pages: AsyncIterable<Row[]>) {
      for await (const page of pages) {
        rows += page.length;
        yield page;
      }
    }
    const seen = (records: number) => tell({ records, of: head.size });
    const view: View = {
      institution,
      member,
      consortium,
      software,
      language,
      names,
      words: viewWords[language],
      rows: counted(rowsOf(read, head.size, filter, { language, names }, { signal, seen })),
      filter,
      origin: key.name,
      vkey: encodeVkey(key),
      checkpoint: { size: head.size, at: head.at, root: toHex(head.root), note: decodeUtf8(head.note) },
    };
    let paths = [path];
    if (format === 'pdf') {
      // Each volume says of how many it is one, so all rows are read twice.
      const all = rowsOf(read, head.size, filter, { language, names }, { signal });
      paths = volumePaths(path, await countVolumes(all));
      for (const each of paths) await checkFree(each);
      await writeVolumes(view, paths, files, signal);
    } else await writeText(first, TEXTS[format](view));
    for (const [at, file] of files.entries()) await file.name(paths[at]!);
    const { size, root, anchoredBy, missing } = head;
    return { size, root, rows, files: paths, anchoredBy, missing };
  } catch (error) {
    for (const file of files) await file.discard();
    throw error;
  }
}

function recordExport(
  journal: Journal<'audit.export'>,
  { format, filter, names }: { format: string; filter: AuditFilter; names: boolean },
): void {
  const size = journal.size();
  const detail = {
    size,
    root: toHex(rootHash(primitives, journal.nodes, size)),
    format,
    ...(!restrictsNothing(filter) && { filter }),
    ...(names && { names: true as const }),
  };
  journal.transact('audit.export', (tx) => void tx.append({ kind: 'log.exported', detail }));
}

async function writeText(file: WholeFile, text: AsyncIterable<string>): Promise<void> {
  for await (const piece of text) await file.write(encodeUtf8(piece));
  await file.finish();
}

async function writeVolumes(view: View, paths: string[], files: WholeFile[], signal: AbortSignal): Promise<void> {
  let at = 0;
  for await (const volume of pdfVolumes(view, paths.length, signal)) {
    const file = files[at] ?? (await openWholeFile(paths[at]!));
    files[at++] = file;
    await file.write(volume);
    await file.finish();
  }
}

/** `log.pdf`, or where one is not enough `log-01-of-20.pdf` and so on. */
function volumePaths(path: string, volumes: number): string[] {
  if (volumes === 1) return [path];
  const { dir, name, ext } = parse(path);
  const width = String(volumes).length;
  return Array.from({ length: volumes }, (_, at) =>
    join(dir, `${name}-${String(at + 1).padStart(width, '0')}-of-${volumes}${ext}`),
  );
}
