// The tables and the sink with which a log of node-log.ts is kept in a journal.
import * as people from '../../main/store/migrations/0006-people.ts';
import { sha256 } from '../../platform/crypto.ts';
import * as journalSchema from '../../platform/journal-schema.ts';
import type { Tx } from '../../platform/journal.ts';
import * as witnessSchema from '../../platform/witness-schema.ts';
import type { AuditEntry } from '../../shared/records/audit.ts';
import { toHex } from '../../shared/wire/canonical.ts';
import type { Sink } from './node-log.ts';

/** Of a log that can be exported. */
export const LOG_MIGRATIONS = [
  { name: '0001-journal', sql: journalSchema.sql },
  { name: '0007-openings', sql: journalSchema.openings },
  { name: '0007-witness', sql: witnessSchema.sql },
];
export const MIGRATIONS = [...LOG_MIGRATIONS, { name: '0006-people', sql: people.sql }];

/** A sink over a transaction; `cut` leaves records out before anything is signed, as somebody who owns the log can. */
export function sinkOf(tx: Tx, cut: (entry: AuditEntry) => AuditEntry | null): Sink {
  return {
    append(entry) {
      const kept = cut(entry);
      if (kept !== null) tx.append(kept);
    },
    commit: (value) => tx.commit(value),
    keep(kind, bytes) {
      const hash = toHex(sha256(bytes));
      tx.run('insert or ignore into signed_record (hash, kind, bytes) values (?, ?, ?)', hash, kind, bytes);
      return hash;
    },
  };
}
