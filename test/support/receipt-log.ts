// The log of a coordinator that says whatever a test wants, and what an honest one would say of a round.
import { join } from 'node:path';
import { primitives } from '../../platform/crypto.ts';
import * as journalSchema from '../../platform/journal-schema.ts';
import { openJournal } from '../../platform/journal.ts';
import { logKey } from '../../platform/log-origin.ts';
import type { CoordinatorStep } from '../../platform/steps.ts';
import type { AuditEntry } from '../../shared/records/audit.ts';
import type { Outcome, UpdateStatement } from '../../shared/records/round.ts';
import { signedCheckpoint } from '../../shared/transparency/checkpoint.ts';
import { encodeProof } from '../../shared/transparency/proof.ts';
import { consistencyProof, inclusionProof, rootHash } from '../../shared/transparency/tree.ts';
import { temporaryFolder } from './temporary.ts';

type Sign = { publicKey: Uint8Array; sign(message: Uint8Array): Uint8Array };

/** A log that takes any record that has its kind's form. */
export function openLog(signer: Sign, now: () => number) {
  const journal = openJournal<CoordinatorStep>({
    file: join(temporaryFolder(), 'log.db'),
    migrations: [{ name: '0001-journal', sql: journalSchema.sql }],
    now,
  });
  const { nodes, read } = journal;
  const head = (size: number, by = signer) => {
    const key = logKey(by.publicKey);
    return signedCheckpoint({ origin: key.name, size, root: rootHash(primitives, nodes, size) }, key, by.sign);
  };
  const log = {
    size: () => journal.size(),
    append: (entry: AuditEntry): number => journal.transact('update.accept', (tx) => tx.append(entry).position),
    /** Records that mean nothing, so that the log grows. */
    grow(records: number) {
      for (let i = 0; i < records; i++) log.append({ kind: 'study.resumed', detail: {} });
    },
    record: (index: number) =>
      new Uint8Array(read.get<{ bytes: Buffer }>('select bytes from record where position = ?', index)!.bytes),
    head,
    proof: (index: number, size = journal.size(), checkpoint = head(size)) =>
      encodeProof({ index, hashes: inclusionProof(primitives, nodes, index, size), checkpoint, extra: null }),
    consistency: (less: number, more: number) =>
      consistencyProof(primitives, nodes, less, more).map((hash) => new Uint8Array(hash)),
  };
  return log;
}
export type Log = ReturnType<typeof openLog>;

/** What an honest coordinator logs of a round, with whatever a test changes. */
export function recordsOf(statement: UpdateStatement, hash: string, outcome: Outcome, outcomeHash: string) {
  const { study, round, attempt, plan, member, approval, blob, bytes, examples } = statement;
  const place = { study, round, attempt };
  const counted = { member, statement: hash, approval, blob, bytes, weight: examples, norm: '0.5' };
  const { participants, aggregate, model, metrics } = outcome;
  const members = participants.length;
  const ended = { plan, outcome: outcomeHash, members, aggregate: aggregate!, model: model!, metrics };
  return {
    accepted: (detail: Partial<typeof counted> = {}, at: Partial<typeof place> = {}): AuditEntry => ({
      kind: 'update.accepted',
      ...place,
      ...at,
      detail: { ...counted, ...detail },
    }),
    aggregated: (detail: Partial<typeof ended> = {}, at: Partial<typeof place> = {}): AuditEntry => ({
      kind: 'round.aggregated',
      ...place,
      ...at,
      detail: { ...ended, ...detail },
    }),
  };
}
