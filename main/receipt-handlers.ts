// The method of node.proto about receipts: how they stand, in words, and as the file that can be handed on.
import type { ServiceImpl } from '@connectrpc/connect';
import { AssentError, ERRORS, type ErrorCode } from '../shared/errors.ts';
import { Locale, type NodeService } from '../shared/gen/assent/v1/node_pb.ts';
import { outcomeRecord, updateRecord } from '../shared/records/round.ts';
import { en } from '../shared/text/en.ts';
import { zh } from '../shared/text/zh.ts';
import { parseCheckpoint } from '../shared/transparency/checkpoint.ts';
import { parseProof } from '../shared/transparency/proof.ts';
import { encodeReceiptFile, readLogged, readRecomputed, type Judged } from '../shared/transparency/receipt-file.ts';
import { encodeVkey } from '../shared/transparency/verifier-key.ts';
import { decodeCanonical, fromHex } from '../shared/wire/canonical.ts';
import { logKey } from '../platform/log-origin.ts';
import type { Reader } from '../platform/journal.ts';
import type { AssentNode } from './node.ts';
import type { RoundKey } from './stages.ts';
import { receiptsOf, type ReceiptRow } from './store/receipts.ts';
import { latestAttempt, needCoordinator, roundOf, type RoundRow } from './store/rounds.ts';

const TEXTS = { en, zh };

export function receiptHandlers({ store }: AssentNode): Pick<ServiceImpl<typeof NodeService>, 'getReceipt'> {
  const { read } = store.journal;
  return {
    getReceipt({ name, locale }) {
      const { study, round, attempt } = name!;
      const key = attempt === 0 ? latestAttempt(read, study, round) : { study, round, attempt };
      const row = roundOf(read, key);
      const rows = receiptsOf(read, key);
      if (rows.length === 0)
        throw new AssentError(
          'RECEIPT_UNKNOWN',
          `No receipt is owed for round ${round} of ${study}: it was not aggregated, or this institution sent nothing that counts.`,
        );
      const language = locale === Locale.ZH ? 'zh' : 'en';
      const coordinator = needCoordinator(read);
      const coordinatorLog = logKey(fromHex(coordinator.keys.log));
      const settled = rows.some(({ result }) => result !== 'due');
      return {
        name: key,
        states: rows.map((receipt) => ({
          state: receipt.state,
          result: receipt.result,
          code: receipt.code ?? '',
          at: receipt.at ?? '',
          words: wordsFor(receipt, row, language),
        })),
        file: settled ? fileOf(row, rows) : new Uint8Array(),
        logVkey: encodeVkey(coordinatorLog),
      };

      function fileOf(of: RoundRow, receipts: readonly ReceiptRow[]): Uint8Array<ArrayBuffer> {
        const judged = <E>(state: ReceiptRow['state'], evidenceOf: (value: unknown) => E): Judged<E> | null => {
          const found = receipts.find((receipt) => receipt.state === state);
          if (!found || found.result === 'due') return null;
          const { result, code, at, evidence } = found;
          return { result, code, at: at!, evidence: evidenceOf(decodeCanonical(evidence!)) };
        };
        const bytes = encodeReceiptFile({
          log: coordinatorLog,
          statement: { bytes: of.statement!, signature: of.statement_signature!, key: store.keys.member.publicKey },
          outcome: {
            bytes: of.outcome_bytes!,
            signature: of.outcome_signature!,
            key: fromHex(coordinator.keys.member),
          },
          logged: judged('logged', readLogged),
          recomputed: judged('recomputed', readRecomputed),
        });
        return new Uint8Array(bytes);
      }
    },
  };
}

/** Of a round's receipts what is worst, or else what is most; empty where none is owed. */
export function receiptInWord(read: Reader, key: RoundKey): string {
  const rows = receiptsOf(read, key);
  const refused = rows.some(({ result }) => result === 'refused');
  const verified = rows.filter(({ result }) => result === 'verified').at(-1);
  if (refused) return 'refused';
  return rows.some(({ result }) => result === 'due') ? 'due' : (verified?.state ?? '');
}

function wordsFor({ state, result, code, evidence }: ReceiptRow, row: RoundRow, language: 'en' | 'zh'): string {
  const text = TEXTS[language].receipt;
  if (result === 'due') return text.due;
  if (result === 'refused') return text.refused(ERRORS[code as ErrorCode][language]);
  if (state === 'recomputed') return text.recomputed(outcomeRecord.decode(row.outcome_bytes!).participants.length);
  const { accepted, aggregated } = readLogged(decodeCanonical(evidence!));
  const [first, second] = [parseProof(accepted!.proof), parseProof(aggregated!.proof)];
  return text.logged({
    weight: updateRecord.decode(row.statement!).examples,
    index: first.index,
    outcomeIndex: second.index,
    size: parseCheckpoint(first.checkpoint).size,
  });
}
