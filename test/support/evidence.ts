// Evidence for tests: a journal with a log of node-log.ts, exported by the real exporter and read back.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { primitives } from '../../platform/crypto.ts';
import { exportEvidence, type EvidenceOptions } from '../../platform/export-evidence.ts';
import { openJournal, type Journal } from '../../platform/journal.ts';
import type { AuditEntry } from '../../shared/records/audit.ts';
import { crc32 } from '../../shared/transparency/crc32.ts';
import type { TrustPolicy } from '../../shared/transparency/policy.ts';
import type { RoundLine } from '../../shared/transparency/sense/lines.ts';
import { type ExportResult, verifyExport } from '../../shared/transparency/verify.ts';
import { centralHeader, localHeader, zipEnd, type ZipEntry } from '../../shared/transparency/zip-format.ts';
import { type ByteSource, zipFiles } from '../../shared/transparency/zip-read.ts';
import { MIGRATIONS, sinkOf } from './evidence-store.ts';
import type { Files } from './exported-log.ts';
import { INSTALLATION, nodeLog, OWN_KEYS, OWN_LOG_KEY, type NodeLog, type Sink } from './node-log.ts';
import { temporaryFolder } from './temporary.ts';

export type WrittenLog = { journal: Journal<string>; log: NodeLog; folder: string; atOnce(work: () => void): void };

/** A journal in a temporary folder and a log that grows in it; its checkpoints are signed by the installation's key. */
export function writtenLog(cut: (entry: AuditEntry) => AuditEntry | null = (entry) => entry): WrittenLog {
  const folder = temporaryFolder();
  const now = () => log.now();
  const journal = openJournal<string>({ file: join(folder, 'log.db'), migrations: MIGRATIONS, now });
  onTestFinished(() => journal.close());
  journal.signWith({ key: OWN_LOG_KEY, sign: INSTALLATION.log.sign });
  let within: ((work: (sink: Sink) => void) => void) | undefined;
  const transact = (work: (write: (work: (sink: Sink) => void) => void) => void) =>
    journal.transact('test', (tx) => {
      let appended = 0;
      const sink = sinkOf(tx, (entry) => {
        const kept = cut(entry);
        if (kept !== null) appended++;
        return kept;
      });
      work((one) => one(sink));
      // A step needs a record: where all were cut, something that says nothing stands for them.
      if (appended === 0) tx.append({ kind: 'program.started', detail: { software: 'a', node: 'b', platform: 'c' } });
    });
  const log = nodeLog((work) => (within ? within(work) : transact((write) => write(work))));
  /** Many steps in one transaction, which is quicker. */
  const atOnce = (work: () => void) =>
    transact((write) => {
      within = write;
      log.atOnce(work);
      within = undefined;
    });
  return { journal, log, folder, atOnce };
}

/** The zip that the exporter writes. */
export async function exportedZip({ journal, folder }: WrittenLog, more: Partial<EvidenceOptions<string>> = {}) {
  const file = join(folder, `evidence-${Math.random()}.zip`);
  const evidence = await exportEvidence({ journal, keys: OWN_KEYS, file, filter: {}, names: false, ...more });
  return { ...evidence, file, zip: new Uint8Array(readFileSync(file)) };
}

export const bytesSource = (bytes: Uint8Array): ByteSource => ({
  size: bytes.length,
  read: (start, end) => Promise.resolve(bytes.subarray(start, end)),
});

/** The files of a zip, to be changed and packed again. */
export async function unzipped(zip: Uint8Array): Promise<Files> {
  const files = zipFiles(bytesSource(zip));
  const found: Files = new Map();
  for (const { path } of await files.list()) found.set(path, Uint8Array.from(await files.read(path)));
  return found;
}

/** A zip in the exporter's own form, of whatever files. */
export function zipped(files: Iterable<[string, Uint8Array]>): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  const entries: ZipEntry[] = [];
  let offset = 0;
  for (const [path, bytes] of files) {
    const entry = { path, size: bytes.length, crc: crc32(bytes), offset };
    parts.push(localHeader(entry), bytes);
    entries.push(entry);
    offset += localHeader(entry).length + bytes.length;
  }
  const directory = Buffer.concat(entries.map(centralHeader));
  return new Uint8Array(Buffer.concat([...parts, directory, zipEnd(entries.length, offset, directory.length)]));
}

export type Judged = { result: ExportResult; rounds: RoundLine[] };

export async function judge(
  zip: Uint8Array,
  policy: TrustPolicy | null = null,
  fingerprints: string[] = [],
): Promise<Judged> {
  const rounds: RoundLine[] = [];
  const say = (line: RoundLine) => void rounds.push(line);
  const result = await verifyExport(primitives, zipFiles(bytesSource(zip)), policy, { fingerprints, say });
  return { result, rounds };
}
