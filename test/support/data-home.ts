// A real journal in a temporary folder, and the deps that main/data takes; removed again when the test ends.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openAes256Gcm, randomBytes, sealAes256Gcm } from '../../platform/crypto.ts';
import * as journalSchema from '../../platform/journal-schema.ts';
import { openJournal } from '../../platform/journal.ts';
import type { NodeStep } from '../../platform/steps.ts';
import { encodeUtf8 } from '../../shared/wire/canonical.ts';
import type { DataDeps } from '../../main/data/sealing.ts';
import * as data from '../../main/store/migrations/0002-data.ts';
import * as snapshots from '../../main/store/migrations/0005-snapshots.ts';
import * as ledger from '../../main/store/migrations/0009-ledger.ts';

const MIGRATIONS = [
  { name: '0001-journal', sql: journalSchema.sql },
  { name: '0002-data', sql: data.sql },
  { name: '0005-snapshots', sql: snapshots.sql },
  { name: '0009-ledger', sql: ledger.sql },
];

export type DataHome = {
  deps: DataDeps;
  /** Writes a file beside the store and returns its path. */
  file(name: string, content: string | Uint8Array): string;
  /** Every byte of every file that the store has on disk. */
  bytesAtRest(): Buffer;
  /** How many rows the tables of data have, and how many records the log has. */
  counts(): { datasets: number; groups: number; records: number };
};

export function dataHome(): DataHome {
  const folder = mkdtempSync(join(tmpdir(), 'assent-data-'));
  const now = () => Date.parse('2026-01-02T03:04:05.678Z');
  const journal = openJournal<NodeStep>({ file: join(folder, 'assent.db'), migrations: MIGRATIONS, now });
  onTestFinished(() => {
    journal.close();
    rmSync(folder, { recursive: true });
  });
  const wrap = randomBytes(32);
  const keys = {
    seal: (name: string, key: Uint8Array) => sealAes256Gcm(wrap, key, encodeUtf8(name)),
    open: (name: string, sealed: Uint8Array) => openAes256Gcm(wrap, sealed, encodeUtf8(name)),
  };
  const count = (table: string) => journal.read.get<{ n: number }>(`select count(*) as n from ${table}`)!.n;
  return {
    deps: { journal, keys, now },
    file(name, content) {
      const path = join(folder, name);
      writeFileSync(path, content);
      return path;
    },
    bytesAtRest: () =>
      Buffer.concat(
        readdirSync(folder)
          .filter((name) => name.startsWith('assent.db'))
          .map((name) => readFileSync(join(folder, name))),
      ),
    counts: () => ({ datasets: count('dataset'), groups: count('row_group'), records: journal.size() }),
  };
}
