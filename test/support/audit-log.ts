// A real log in a temporary folder, which begins with the account of the admin who signs for the others.
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { ViewDeps } from '../../main/audit/export-view.ts';
import { ed25519PublicKey, signEd25519 } from '../../platform/crypto.ts';
import { openJournal, type Tx } from '../../platform/journal.ts';
import { logKey } from '../../platform/log-origin.ts';
import type { AuditEntry } from '../../shared/records/audit.ts';
import { account, ADMIN, KEYS, PLAIN, type Texts } from './audit-entries.ts';
import { temporaryFolder } from './temporary.ts';
import { LOG_MIGRATIONS } from './evidence-store.ts';

const NOW = Date.parse('2026-01-02T03:04:05.678Z');
const MINUTE = 60_000;

export type AuditLog = ViewDeps & {
  folder: string;
  /** Each call is a transaction, a minute after the one before. */
  write(entries: (tx: Pick<Tx, 'commit'>) => AuditEntry[]): void;
};

export function auditLog(texts: Texts = PLAIN, folder: string = temporaryFolder()): AuditLog {
  let now = NOW - MINUTE;
  const seed = new Uint8Array(32).fill(7);
  const publicKey = ed25519PublicKey(seed);
  const journal = openJournal<string>({
    file: join(folder, 'audit.db'),
    migrations: LOG_MIGRATIONS,
    now: () => now,
  });
  onTestFinished(() => journal.close());
  journal.signWith({ key: logKey(publicKey), sign: (message) => signEd25519(seed, message) });
  const write: AuditLog['write'] = (entries) => {
    now += MINUTE;
    journal.transact('test', (tx) => entries(tx).forEach((entry) => tx.append(entry)));
  };
  write((tx) => [
    {
      kind: 'account.added',
      detail: {
        ...account,
        person: ADMIN,
        key: KEYS.admin,
        roles: ['admin'],
        name: tx.commit(texts.admin),
        setUp: true,
      },
    },
  ]);
  return {
    journal,
    log: { publicKey },
    software: 'assent 0.1.0',
    institution: 'North clinic',
    member: 'north',
    consortium: 'clinics',
    folder,
    write,
  };
}
