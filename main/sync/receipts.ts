// Asks the coordinator for what it owes after a round, checks it, and puts on record how it came out. It has a loop of its own:
// no round waits for a receipt.
import { AssentError, type ErrorCode } from '../../shared/errors.ts';
import type { GetReceiptResponse } from '../../shared/gen/assent/v1/coordinator_pb.ts';
import { outcomeRecord, planRecord } from '../../shared/records/round.ts';
import { checkHistory, checkReceipt, headOf, signedHead } from '../../shared/transparency/receipt.ts';
import { loggedText, type LoggedEvidence, type RecomputedEvidence } from '../../shared/transparency/receipt-file.ts';
import { parseProof } from '../../shared/transparency/proof.ts';
import type { VerifierKey } from '../../shared/transparency/verifier-key.ts';
import { encodeCanonical, fromHex, toHex } from '../../shared/wire/canonical.ts';
import { primitives, sha256 } from '../../platform/crypto.ts';
import { logKey } from '../../platform/log-origin.ts';
import type { Wake } from '../../platform/wake.ts';
import { dueReceipts, seenHead, type ReceiptRow } from '../store/receipts.ts';
import { needCoordinator, roundOf, type RoundRow } from '../store/rounds.ts';
import { calling } from './client.ts';
import { recompute, sweepPublished, type RecomputeDeps } from './recompute.ts';
import { refuse, verify, type SeenHead, type SettleDeps } from './settle-receipt.ts';

export type ReceiptDeps = RecomputeDeps & SettleDeps;

/** These are about what the coordinator shows. Whatever else goes wrong says nothing of it, and it is asked again. */
const REFUSALS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'RECEIPT_WITHHELD',
  'RECEIPT_OMITTED',
  'RECEIPT_UNSIGNED',
  'RECEIPT_UNPROVEN',
  'RECEIPT_MISMATCH',
  'RECEIPT_HISTORY',
  'RECEIPT_AGGREGATE',
  'BLOB_HASH',
  'BLOB_SIZE',
  'TENSORS_INVALID',
  'UPDATE_NORM',
  'UPDATE_NOT_FINITE',
  'UPDATE_SHAPE',
]);
const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 60_000;

/** Runs until the signal ends it; what cannot be had is asked for again, ever more seldom. */
export async function watchReceipts(deps: ReceiptDeps, waking: Wake, signal: AbortSignal): Promise<void> {
  let pause = FIRST_PAUSE;
  const told = new Set<string>();
  const waits = (line: string) => {
    if (!told.has(line)) deps.say(line);
    told.add(line);
  };
  while (!signal.aborted) {
    const all = await collectReceipts(deps, signal, waits);
    if (all) told.clear();
    pause = all ? FIRST_PAUSE : Math.min(pause * 2, LONGEST_PAUSE);
    await waking.sleep(signal, all ? undefined : deps.clock.now() + pause);
  }
}

/** One look at everything that is due. False: some of it could not be had now, and `waits` was told why. */
export async function collectReceipts(
  deps: ReceiptDeps,
  signal: AbortSignal,
  waits: (line: string) => void = deps.say,
): Promise<boolean> {
  let all = true;
  for (const due of dueReceipts(deps.store.journal.read)) {
    if (signal.aborted) return false;
    try {
      const strange = strangerIn(roundOf(deps.store.journal.read, due));
      if (strange) refuse(deps, due, strange, due.state === 'logged' ? NOT_ASKED : NOT_COMPUTED);
      else if (due.state === 'logged') await collectLogged(deps, due, signal);
      else await collectRecomputed(deps, due, signal);
    } catch (error) {
      const problem = withoutRoom(error);
      if (signal.aborted || problem.code === 'COORDINATOR_UNREACHABLE') return false;
      waits(`${due.study}, round ${due.round}: the receipt (${due.state}) waits: ${problem.message}`);
      all = false;
    }
  }
  return all;
}

const NOT_ASKED: LoggedEvidence = { accepted: null, aggregated: null, seen: null, consistency: [] };
const NOT_COMPUTED: RecomputedEvidence = { aggregate: null, model: null };

/** Only members of the cohort that the plan named can count, and each once, whatever is shown for it. */
function strangerIn({ bytes, outcome_bytes: outcome }: RoundRow): AssentError | undefined {
  const left = new Set(planRecord.decode(bytes).cohort);
  const stranger = outcomeRecord.decode(outcome!).participants.find(({ member }) => !left.delete(member));
  if (!stranger) return undefined;
  const message = `The outcome counts ${stranger.member} twice, or it is not in the cohort of the plan.`;
  return new AssentError('RECEIPT_MISMATCH', message);
}

/** What is no AssentError is the program's own failure, but for a disk that is full. */
function withoutRoom(error: unknown): AssentError {
  if (error instanceof AssentError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code !== 'ENOSPC' && code !== 'EDQUOT') throw error;
  return new AssentError('DISK_SPACE', message, {}, error);
}

async function collectLogged(deps: ReceiptDeps, due: ReceiptRow, signal: AbortSignal): Promise<void> {
  const { read } = deps.store.journal;
  const row = roundOf(read, due);
  const key = logKey(fromHex(needCoordinator(read).keys.log));
  const seen = seenHead(read, key.name);
  const mine = toHex(sha256(row.statement!));
  if (!outcomeRecord.decode(row.outcome_bytes!).participants.some(({ statement }) => statement === mine))
    return refuse(deps, due, new AssentError('RECEIPT_OMITTED', 'The outcome does not count the update.'), NOT_ASKED);
  const { study, round, attempt } = due;
  const about = { study, round, attempt };
  const asked = { ...about, seen: BigInt(seen?.size ?? 0) };
  let answer: GetReceiptResponse;
  try {
    answer = await calling(deps.client(about).calls.getReceipt(asked, { signal, timeoutMs: 60_000 }));
  } catch (error) {
    if (!(error instanceof AssentError) || error.code !== 'RECEIPT_UNKNOWN') throw error;
    return refuse(deps, due, new AssentError('RECEIPT_WITHHELD', error.message, {}, error), NOT_ASKED);
  }
  const evidence: LoggedEvidence = {
    accepted: answer.accepted!,
    aggregated: answer.aggregated!,
    seen: seen ? new Uint8Array(seen.note) : null,
    consistency: answer.consistency,
  };
  judgeLogged(deps, due, evidence, key);
}

function judgeLogged(deps: ReceiptDeps, due: ReceiptRow, evidence: LoggedEvidence, key: VerifierKey): void {
  const { statement, outcome_bytes: outcome } = roundOf(deps.store.journal.read, due);
  const { accepted, aggregated, seen, consistency } = evidence;
  let head: SeenHead | undefined;
  try {
    // First the history: who shows two of them can prove anything in one of them.
    const shown = headOf(primitives, accepted!, key);
    const { size, root } = shown;
    if (seen) checkHistory(primitives, signedHead(primitives, seen, key), shown, consistency);
    head = { origin: key.name, size, note: parseProof(accepted!.proof).checkpoint };
    const parts = { statement: statement!, outcome: outcome!, accepted: accepted!, aggregated: aggregated! };
    const { index, outcomeIndex } = checkReceipt(primitives, parts, key);
    const log = { index, outcomeIndex, size, root: toHex(root) };
    verify(deps, due, encodeCanonical(loggedText(evidence)), log, head);
  } catch (error) {
    if (!(error instanceof AssentError) || !REFUSALS.has(error.code)) throw error;
    refuse(deps, due, error, evidence, head);
  }
}

async function collectRecomputed(deps: ReceiptDeps, due: ReceiptRow, signal: AbortSignal): Promise<void> {
  const { outcome_bytes: bytes } = roundOf(deps.store.journal.read, due);
  const told = outcomeRecord.decode(bytes!);
  let evidence = NOT_COMPUTED;
  try {
    const { aggregate, model } = await recompute(deps, due, signal);
    evidence = { aggregate, model };
    for (const [name, has, wants] of [
      ['aggregate', aggregate, told.aggregate],
      ['model', model, told.model],
    ] as const)
      if (has !== wants)
        throw new AssentError('RECEIPT_AGGREGATE', `The published updates give ${name} ${has}, not ${wants}.`);
    verify(deps, due, encodeCanonical(evidence));
  } catch (error) {
    const problem = withheld(error);
    if (!problem || signal.aborted) throw error;
    refuse(deps, due, problem, evidence);
  }
  await sweepPublished(deps.store);
}

function withheld(error: unknown): AssentError | undefined {
  if (!(error instanceof AssentError)) return undefined;
  if (error.code === 'BLOB_UNKNOWN') return new AssentError('RECEIPT_WITHHELD', error.message, {}, error);
  return REFUSALS.has(error.code) ? error : undefined;
}
