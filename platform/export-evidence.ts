// Writes evidence: a zip with the log or a stretch of it, what people signed, and all that it takes to check them offline.
// Streamed page by page; whole and on the disk, or not there at all.
import { AssentError } from '../shared/errors.ts';
import type { Keys } from '../shared/records/fields.ts';
import { evidenceReadmeEn } from '../shared/text/evidence-en.ts';
import { evidenceReadmeZh } from '../shared/text/evidence-zh.ts';
import * as layout from '../shared/transparency/layout.ts';
import { encodeRange, rangeOf, wholeTiles } from '../shared/transparency/range.ts';
import { encodePolicy } from '../shared/transparency/policy.ts';
import { rootHash } from '../shared/transparency/tree.ts';
import { encodeVkey } from '../shared/transparency/verifier-key.ts';
import { encodeCanonical, encodeUtf8, fromHex, toHex } from '../shared/wire/canonical.ts';
import { primitives } from './crypto.ts';
import { evidencePrograms } from './evidence-programs.ts';
import { evidenceRecords, type EvidenceFilter } from './evidence-records.ts';
import type { Journal, Reader } from './journal.ts';
import { logKey } from './log-origin.ts';
import { currentLog, exportHead, type CosignedHead, type Cosigners, type OwnCheckpoint } from './own-logs.ts';
import { statOf } from './part-files.ts';
import { writeZip, type ZipPiece } from './zip-file.ts';

export const EVIDENCE_FORMAT = 'assent-evidence/v1';

export type EvidenceOptions<Step extends string> = {
  journal: Journal<Step | 'audit.export'>;
  /** Of whose log this is, hex. */
  keys: Keys;
  file: string;
  filter: EvidenceFilter;
  /** Only these positions (rounded to whole tiles), where accounts and what came before are evidence elsewhere. */
  stretch?: { from: number; to: number };
  /** Whether names and free text are opened. */
  names: boolean;
  /** The share that is written, 0 to 1. */
  progress?(share: number): void;
  signal?: AbortSignal;
  /** Without it the log's own signature stands alone. */
  cosigners?: Cosigners;
};

export type Evidence = {
  size: number;
  root: Uint8Array;
  from: number;
  to: number;
  withheld: number;
  bytes: number;
  /** Who has cosigned the checkpoint at the end, and who is asked and has not. */
  anchoredBy: string[];
  missing: string[];
};

/**
 * Records the export first, so that the evidence says that it was exported. Throws FILE_EXISTS when something has that name,
 * FILE_UNWRITABLE, DISK_FULL, CANCELED by the signal, STORE_DAMAGED when the store does not hold what its log names.
 */
export async function exportEvidence<Step extends string>(options: EvidenceOptions<Step>): Promise<Evidence> {
  const { journal, file, names, signal } = options;
  const filter = Object.fromEntries(Object.entries(options.filter).filter(([, value]) => value !== undefined));
  const there = await statOf(file).catch((cause: unknown) => {
    throw inWords(cause, file, signal);
  });
  if (there)
    throw new AssentError('FILE_EXISTS', `${file} is there already. Choose another name for the evidence.`, { file });
  const programs = await evidencePrograms();
  const before = journal.size();
  const restricted = Object.keys(filter).length > 0;
  journal.transact('audit.export', (tx) => {
    const root = toHex(rootHash(primitives, journal.nodes, before));
    const detail = { size: before, root, format: EVIDENCE_FORMAT };
    tx.append({
      kind: 'log.exported',
      detail: { ...detail, ...(restricted && { filter }), ...(names && { names: true as const }) },
    });
  });
  const head = await exportHead(journal.read, currentLog(journal.read, fromHex(options.keys.log)), options.cosigners);
  const counted = { from: 0, to: 0, withheld: 0 };
  try {
    const pieces = evidence({ ...options, filter }, head, programs, counted);
    const bytes = await writeZip(file, pieces, signal);
    const { size, root, anchoredBy, missing } = head;
    return { size, root, ...counted, bytes, anchoredBy, missing };
  } catch (cause) {
    throw inWords(cause, file, signal);
  }
}

/** The files of the package, in the order in which a reader wants them. */
function* evidence<Step extends string>(
  options: EvidenceOptions<Step>,
  { size, root, note, witnesses, asked }: OwnCheckpoint & CosignedHead,
  programs: readonly ZipPiece[],
  counted: { from: number; to: number; withheld: number },
): Generator<ZipPiece> {
  const { keys, filter, names, progress } = options;
  const { read, nodes } = options.journal;
  const log = logKey(fromHex(keys.log));
  const stretch = options.stretch
    ? wholeTiles(options.stretch.from, options.stretch.to, size)
    : stretchOf(read, filter, size);
  const text = (path: string, content: string): ZipPiece => ({ path, bytes: encodeUtf8(content) });
  yield text(layout.README_FILE, `${evidenceReadmeEn(names)}\n\n${evidenceReadmeZh(names)}\n`);
  yield* programs;
  yield text(layout.LOG_KEY_FILE, `${encodeVkey(log)}\n`);
  const { member, witness } = keys;
  yield { path: layout.KEYS_FILE, bytes: encodeCanonical({ member, log: keys.log, witness }) };
  if (witnesses.length > 0)
    yield text(layout.WITNESS_KEYS_FILE, witnesses.map((witness) => `${encodeVkey(witness)}\n`).join(''));
  yield { path: layout.POLICY_FILE, bytes: encodePolicy(log, asked) };
  yield { path: layout.CHECKPOINT_FILE, bytes: note };

  const records = evidenceRecords({ read, nodes }, { ...stretch, size, root }, filter, progress ?? (() => {}));
  yield* records.entries();
  yield* records.signed();
  if (names) yield* records.openings();
  yield* records.proofs(note);
  yield* records.tiles();
  const range = rangeOf(nodes, stretch.from, stretch.to, size, records.withheld());
  yield { path: layout.RANGE_FILE, bytes: encodeRange(range) };
  Object.assign(counted, { from: range.from, to: range.to, withheld: range.withheld });
}

/** The stretch ends with the last record that the filter's time lets in; it begins with the first, for accounts begin there. */
function stretchOf(read: Reader, { to: last }: EvidenceFilter, size: number): { from: number; to: number } {
  if (last === undefined) return { from: 0, to: size };
  const { end } = read.get<{ end: number }>(
    'select coalesce(max(position) + 1, 1) as end from record where at <= ? and position < ?',
    last,
    size,
  )!;
  return wholeTiles(0, end, size);
}

/** What the operating system or the caller stopped, in words. */
function inWords(cause: unknown, file: string, signal: AbortSignal | undefined): unknown {
  if (cause instanceof AssentError) return cause;
  if (signal?.aborted === true) return new AssentError('CANCELED', 'The export was cancelled; nothing of it was kept.');
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG')
    return new AssentError(
      'DISK_FULL',
      `There is no room left for ${file} (${code}); nothing of it was kept.`,
      { file },
      cause,
    );
  if (code === undefined) return cause;
  return new AssentError('FILE_UNWRITABLE', `${file} cannot be written: ${message}`, { file }, cause);
}
