// How a receipt came out, put on record: once, together with what was shown.
import { AssentError } from '../../shared/errors.ts';
import { outcomeRecord, updateRecord } from '../../shared/records/round.ts';
import { loggedText, type LoggedEvidence, type RecomputedEvidence } from '../../shared/transparency/receipt-file.ts';
import { encodeCanonical, toHex } from '../../shared/wire/canonical.ts';
import type { Clock } from '../../platform/clock.ts';
import { sha256 } from '../../platform/crypto.ts';
import type { Store } from '../store/open.ts';
import { keepHead, settleReceipt, type ReceiptRow } from '../store/receipts.ts';
import { roundOf } from '../store/rounds.ts';

export type SettleDeps = {
  store: Store;
  clock: Clock;
  /** For whoever watches the node. */
  say(line: string): void;
};
/** A checkpoint found to be of one history with those before it; exact bytes. */
export type SeenHead = { origin: string; size: number; note: Uint8Array };
type Log = { index: number | null; outcomeIndex: number | null; size: number | null; root: string | null };
const NOT_LOGGED: Log = { index: null, outcomeIndex: null, size: null, root: null };

export function verify(
  { store, clock }: SettleDeps,
  due: ReceiptRow,
  evidence: Uint8Array,
  log: Log = NOT_LOGGED,
  head?: SeenHead,
): void {
  const { study, round, attempt, state } = due;
  const row = roundOf(store.journal.read, due);
  const { participants, aggregate, model } = outcomeRecord.decode(row.outcome_bytes!);
  const { examples } = updateRecord.decode(row.statement!);
  store.journal.transact('receipt.verify', (tx) => {
    settle(settleReceipt(tx, due, { code: null, at: new Date(clock.now()).toISOString(), evidence }));
    if (head) keepHead(tx, head);
    const detail = {
      plan: row.plan,
      outcome: row.outcome!,
      state,
      statement: toHex(sha256(row.statement!)),
      weight: examples,
      members: participants.length,
      aggregate: aggregate!,
      model: model!,
      ...log,
    };
    tx.append({ kind: 'receipt.verified', study, round, attempt, detail });
  });
}

export function refuse(
  { store, clock, say }: SettleDeps,
  due: ReceiptRow,
  { code, message }: AssentError,
  evidence: LoggedEvidence | RecomputedEvidence,
  head?: SeenHead,
): void {
  const { study, round, attempt, state } = due;
  const { plan, outcome } = roundOf(store.journal.read, due);
  const shown = encodeCanonical('consistency' in evidence ? loggedText(evidence) : evidence);
  store.journal.transact('receipt.refuse', (tx) => {
    settle(settleReceipt(tx, due, { code, at: new Date(clock.now()).toISOString(), evidence: shown }));
    if (head) keepHead(tx, head);
    tx.append({ kind: 'receipt.refused', study, round, attempt, detail: { plan, outcome: outcome!, state, code } });
  });
  say(`${study}, round ${round}: the receipt (${state}) was REFUSED: ${message}`);
}

function settle(changed: boolean): void {
  if (!changed) throw new AssentError('INTERNAL', 'A receipt was to be settled twice.');
}
