// Receipts of rounds: which are due, how they came out, and the checkpoint of the coordinator's log that was seen last.
import { outcomeRecord, planRecord } from '../../shared/records/round.ts';
import { toHex } from '../../shared/wire/canonical.ts';
import { sha256 } from '../../platform/crypto.ts';
import type { Reader, Tx } from '../../platform/journal.ts';
import type { RoundKey } from '../stages.ts';
import { roundOf } from './rounds.ts';

export type ReceiptState = 'logged' | 'recomputed';
export type ReceiptRow = RoundKey & {
  state: ReceiptState;
  result: 'due' | 'verified' | 'refused';
  code: string | null;
  at: string | null;
  /** What was shown, as canonical JSON (shared/transparency/receipt-file.ts); null while due. */
  evidence: Buffer | null;
};

const WHERE = 'where study = ? and round = ? and attempt = ?';

/**
 * In the transaction that learns of an outcome, or that its update was acknowledged: from then on the coordinator owes a
 * receipt. It owes none for a round that was aborted, or to which this institution sent nothing.
 */
export function oweReceipts(tx: Tx, { study, round, attempt }: RoundKey): void {
  const row = roundOf(tx, { study, round, attempt });
  if (row.result !== 'aggregated' || row.statement === null) return;
  const mine = toHex(sha256(row.statement));
  const { participants } = outcomeRecord.decode(row.outcome_bytes!);
  const counted = participants.some(({ statement }) => statement === mine);
  if (!counted && row.stage !== 'sent') return;
  const owe = (state: ReceiptState) =>
    tx.run(
      "insert or ignore into receipt (study, round, attempt, state, result) values (?, ?, ?, ?, 'due')",
      study,
      round,
      attempt,
      state,
    );
  owe('logged');
  if (counted && planRecord.decode(row.bytes).definition.publication === 'members') owe('recomputed');
}

/** First what the log says, since that costs least; then in the order of rounds. */
export const dueReceipts = (read: Reader): ReceiptRow[] =>
  read.all<ReceiptRow>("select * from receipt where result = 'due' order by state, study, round, attempt");

export const receiptsOf = (read: Reader, { study, round, attempt }: RoundKey): ReceiptRow[] =>
  read.all<ReceiptRow>(`select * from receipt ${WHERE} order by state`, study, round, attempt);

/** Of all rounds: how many are still due, and how many were refused. */
export function countReceipts(read: Reader): { due: number; refused: number } {
  // Spelt out, so that each is counted in its own small index.
  const due = read.get<{ n: number }>("select count(*) as n from receipt where result = 'due'")!;
  const refused = read.get<{ n: number }>("select count(*) as n from receipt where result = 'refused'")!;
  return { due: due.n, refused: refused.n };
}

/** Once: a receipt that is verified or refused stays so. Returns false when it was before. */
export const settleReceipt = (
  tx: Tx,
  { study, round, attempt, state }: RoundKey & { state: ReceiptState },
  to: { code: string | null; at: string; evidence: Uint8Array },
): boolean =>
  tx.run(
    `update receipt set result = ?, code = ?, at = ?, evidence = ? ${WHERE} and state = ? and result = 'due'`,
    to.code === null ? 'verified' : 'refused',
    to.code,
    to.at,
    to.evidence,
    study,
    round,
    attempt,
    state,
  ).changes === 1;

/** The largest checkpoint of a log of the coordinator's that was found to be of one history with all before it. */
export const seenHead = (read: Reader, origin: string): { size: number; note: Buffer } | undefined =>
  read.get<{ size: number; note: Buffer }>('select size, note from coordinator_head where origin = ?', origin);

export const keepHead = (tx: Tx, { origin, size, note }: { origin: string; size: number; note: Uint8Array }): void =>
  void tx.run(
    `insert into coordinator_head (origin, size, note) values (?, ?, ?)
     on conflict (origin) do update set size = excluded.size, note = excluded.note where excluded.size > size`,
    origin,
    size,
    note,
  );
