// A real journal with the tables of the ledger, in a temporary folder.
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openLedger, outboundRows, type Ledger } from '../../main/audit/ledger.ts';
import * as ledger from '../../main/store/migrations/0009-ledger.ts';
import type { NodeJournal } from '../../main/store/open.ts';
import { noted } from '../../main/sync/outbound.ts';
import * as journalSchema from '../../platform/journal-schema.ts';
import { openJournal } from '../../platform/journal.ts';
import type { NodeStep } from '../../platform/steps.ts';
import type { OutboundRow } from '../../shared/records/ledger.ts';
import { temporaryFolder } from './temporary.ts';

export type LedgerHome = {
  journal: NodeJournal;
  ledger: Ledger;
  tunnels: ReturnType<typeof noted>;
  rows(): OutboundRow[];
};

const MIGRATIONS = [
  { name: '0001-journal', sql: journalSchema.sql },
  { name: '0009-ledger', sql: ledger.sql },
];

export function ledgerHome(now: () => number = Date.now, folder = temporaryFolder()): LedgerHome {
  const journal = openJournal<NodeStep>({ file: join(folder, 'assent.db'), migrations: MIGRATIONS, now });
  onTestFinished(() => journal.close());
  const ledger = openLedger({ journal, now });
  return {
    journal,
    ledger,
    tunnels: noted(ledger, { purpose: 'tunnel' }, 0),
    rows: () => outboundRows(journal.read, { after: 0, limit: 10_000 }),
  };
}
