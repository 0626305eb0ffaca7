// One round from top to bottom. Every line that matters is journaled: after a crash the same lines run again, and each
// finds in the store what it had done.
//
//   offered -> awaiting approvals -> approved -> training -> trained -> sealed ---------------> sending -> sent -> outcome
//                 |-> declined, lapsed       |-> failed             |-> releasing -> released -^ |-> failed (refused)
//                                                                         |-> declined
//   and from any of them that is open, revoked
import type { Progress } from '../shared/algorithms/algorithm.ts';
import { AssentError, type ErrorCode } from '../shared/errors.ts';
import type { Vector } from '../shared/math/vector.ts';
import { parameterLayout } from '../shared/model/layout.ts';
import { decimalOf } from '../shared/records/fields.ts';
import type { ReleasedMetrics } from '../shared/records/round.ts';
import { encodedColumns } from '../shared/study/columns.ts';
import type { Study } from '../shared/study/study.ts';
import { encodeMessage, messageNorm } from '../shared/wire/update.ts';
import type { About } from './audit/ledger.ts';
import { approvedOf } from './consent/approval.ts';
import { approveByPolicy } from './consent/policy.ts';
import { released } from './consent/release.ts';
import { needRows } from './floor.ts';
import { computeUpdate, type OpenTraining } from './local-update.ts';
import { decodeModel } from './model/received.ts';
import { rulesOf } from './people/rules.ts';
import type { Approved, Offered, Released, RoundKey, Sealed, StudyRows, Trained } from './stages.ts';
import type { Store } from './store/open.ts';
import { intend } from './store/outbox.ts';
import {
  joinedStudyOf,
  needCoordinator,
  offeredOf,
  OPEN_STAGES,
  roundOf,
  type RoundRow,
  type JoinedStudy,
} from './store/rounds.ts';
import { takeBack } from './store/taking-back.ts';
import { seal, sealedOf } from './update/seal.ts';

export type RoundDeps = {
  store: Store;
  now(): number;
  /** Rows of the data set that the study was joined with, mapped and split. */
  rows(study: Study, joined: JoinedStudy): Promise<StudyRows>;
  openProblem: OpenTraining;
  /** The blob of that hash, from the store or from the coordinator; `about` goes into the ledger if it is asked for. */
  model(hash: string, bytes: number, signal: AbortSignal, about: About): Promise<Uint8Array>;
  progress(key: RoundKey, progress: Progress): void;
  /** For whoever watches the node. */
  say(line: string): void;
};

/**
 * Takes a round as far as it can go now: until a person has to decide, or nothing is left to do here. False: something that
 * may be there later was missing, and the round wants to be tried again.
 */
export async function runRound(deps: RoundDeps, key: RoundKey, signal: AbortSignal): Promise<boolean> {
  const row = roundOf(deps.store.journal.read, key);
  if (row.outcome !== null || !OPEN_STAGES.includes(row.stage)) return true;
  const offered = offeredOf(row);
  try {
    const approved = approve(deps, offered);
    if (!approved) return true;
    const trained = await train(deps, approved, signal);
    const sealed = await sealOnce(deps, approved, trained);
    const free = released(deps, approvedOf(deps, approved), sealed);
    if (free) send(deps, offered, free); // into the outbox, from where it leaves in its turn
    return true;
  } catch (error) {
    if (!(error instanceof AssentError)) throw error;
    if (WAITS.has(error.code)) {
      if (!signal.aborted) deps.say(`${key.study}, round ${key.round} waits: ${error.message}`);
      return false;
    }
    end(deps, offered, error);
    return true;
  }
}

/** The node was stopped, the coordinator is down, or the log is behind its anchor: the round goes on later. */
const WAITS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'CANCELED',
  'COORDINATOR_UNREACHABLE',
  'INTERNAL',
  'LOG_BEHIND',
]);

function approve(deps: RoundDeps, offered: Offered): Approved | undefined {
  const stageNow = () => roundOf(deps.store.journal.read, offered).stage;
  const { plan } = offered;
  if (stageNow() === 'awaiting') {
    if (deps.now() >= Date.parse(plan.approveBy))
      throw new AssentError(
        'APPROVAL_EXPIRED',
        `Round ${plan.round} could be approved until ${plan.approveBy}; nobody did.`,
      );
    if (!approveByPolicy(deps, offered)) return undefined;
  }
  // What is on its way out has consumed its approval; the outbox alone carries it on.
  return stageNow() === 'sending' ? undefined : approvedOf(deps, offered);
}

async function train(deps: RoundDeps, approved: Approved, signal: AbortSignal): Promise<Trained> {
  const { store } = deps;
  const before = roundOf(store.journal.read, approved);
  if (before.trained !== null) return trainedOf(approved, before);
  const { plan, planHash, approvalHash, study: id, round, attempt } = approved;
  const study = plan.definition;
  const { sha256, bytes } = plan.inputModel;
  const weights = decodeModel(study, await deps.model(sha256, bytes, signal, { study: id, round, attempt }));
  // The model may have been long in coming.
  stillOpen(deps, approvedOf(deps, approved));
  const joined = joinedStudyOf(store.journal.read, id);
  const run = before.runs + 1;
  const about = { study: id, round, attempt };
  const detail = { plan: planHash, approval: approvalHash, snapshot: joined.snapshot, run };
  const begin = () =>
    store.journal.transact('training.start', (tx) => {
      stillOpen(deps, approvedOf(deps, approved));
      setRound(tx, approved, "stage = 'training', runs = ?", run);
      tx.append({
        kind: 'training.started',
        ...about,
        detail: { ...detail, why: run === 1 ? 'approved' : 'interrupted' },
      });
    });

  const started = deps.now();
  const { result, metrics, withheld, environment } = await compute(deps, approved, joined, weights, signal, begin);
  const layout = parameterLayout(study.model.layers, encodedColumns(study).length);
  const blob = await store.blobs.put(encodeMessage(result.message, layout));
  store.journal.transact('training.finish', (tx) => {
    stillOpen(deps, approved);
    setRound(
      tx,
      approved,
      "stage = 'trained', trained = ?, examples = ?, metrics = ?",
      blob,
      result.weight,
      JSON.stringify(metrics),
    );
    tx.append({
      kind: 'training.finished',
      ...about,
      detail: {
        ...detail,
        examples: result.weight,
        update: blob,
        environment,
        norm: decimalOf(messageNorm(result.message)),
        withheld,
        milliseconds: Math.max(0, Math.round(deps.now() - started)),
      },
    });
  });
  return trainedOf(approved, roundOf(store.journal.read, approved));
}

/** Rows are in memory from here to the end of this function, and zeroed however it ends. */
async function compute(
  deps: RoundDeps,
  approved: Approved,
  joined: JoinedStudy,
  weights: Vector,
  signal: AbortSignal,
  begin: () => void,
) {
  const { plan, study: id, round, attempt } = approved;
  const study = plan.definition;
  const { member } = needCoordinator(deps.store.journal.read);
  const rows = await deps.rows(study, joined);
  try {
    if (rows.snapshot !== approved.approval.snapshot)
      throw new AssentError(
        'APPROVAL_MISMATCH',
        `Round ${round} of ${id} was approved for another snapshot of the data.`,
      );
    const { floor } = rulesOf(deps.store.journal.read);
    needRows(rows.train.rows, floor.rows, id);
    begin();
    return await computeUpdate(
      deps.openProblem,
      { study, key: { study: id, round, attempt }, member, weights, rows, perClass: floor.perClass },
      (progress) => deps.progress(approved, progress),
      signal,
    );
  } finally {
    rows.erase();
  }
}

function trainedOf({ study, round, attempt, approvalHash }: Approved, row: RoundRow): Trained {
  const metrics = JSON.parse(row.metrics!) as ReleasedMetrics;
  return { study, round, attempt, approvalHash, blob: row.trained!, examples: row.examples!, metrics } as Trained;
}

async function sealOnce(deps: RoundDeps, approved: Approved, trained: Trained): Promise<Sealed> {
  const row = roundOf(deps.store.journal.read, approved);
  if (row.statement !== null) return sealedOf(approved, row);
  return seal(deps, approved, trained, needCoordinator(deps.store.journal.read).member);
}

/** Checks the approval once more, uses it up, and commits what will leave. The outbox does the rest. */
function send(deps: RoundDeps, offered: Offered, free: Released): void {
  const { store } = deps;
  const approved = approvedOf(deps, offered);
  const { planHash, approvalHash, study, round, attempt } = approved;
  const { sealed, notAfter } = free;
  const { statement, statementHash, blob, bytes } = sealed;
  store.journal.transact('update.intend', (tx) => {
    stillOpen(deps, approved);
    for (const hash of [...approved.approvals, ...free.approvals]) {
      const used = tx.run("update approval set state = 'used' where hash = ? and state = 'valid'", hash);
      if (used.changes !== 1)
        throw new AssentError('APPROVAL_USED', `The approval of round ${round} of ${study} was used before.`);
    }
    setRound(tx, approved, "stage = 'sending'");
    const { id } = intend(tx, deps.now(), 'update', statement, { key: sealed, blob, notAfter });
    tx.append({
      kind: 'update.intended',
      study,
      round,
      attempt,
      detail: { plan: planHash, approval: approvalHash, statement: statementHash, blob, bytes, outbox: id },
    });
  });
}

/** Throws ROUND_CLOSED when the coordinator has ended the round, or refused the decision, while work on it went on. */
function stillOpen({ store }: RoundDeps, key: RoundKey): void {
  const { outcome, result, stage, code } = roundOf(store.journal.read, key);
  if (outcome === null && OPEN_STAGES.includes(stage)) return;
  const why = result === null ? `${stage} (${code})` : result;
  throw new AssentError('ROUND_CLOSED', `Round ${key.round} of ${key.study} is over: ${why}.`);
}

/** Whether work on a round may go on: nobody ended it, and what was approved still is. */
export function goesOn(deps: Pick<RoundDeps, 'store' | 'now'>, key: RoundKey): boolean {
  const row = roundOf(deps.store.journal.read, key);
  if (row.outcome !== null || !OPEN_STAGES.includes(row.stage)) return false;
  if (row.stage === 'awaiting' || row.stage === 'sending') return true;
  try {
    approvedOf(deps, offeredOf(row));
    return true;
  } catch (error) {
    if (error instanceof AssentError) return false;
    throw error;
  }
}

/** The round is over for this institution before anything left; the record says why. */
function end(deps: RoundDeps, offered: Offered, error: AssentError): void {
  const { store } = deps;
  const { study, round, attempt, planHash } = offered;
  const row = roundOf(store.journal.read, offered);
  if (!OPEN_STAGES.includes(row.stage)) return; // how it ended is on record already
  const training = row.stage === 'training';
  const lapsed = error.code === 'APPROVAL_EXPIRED';
  store.journal.transact(training ? 'training.fail' : 'round.lapse', (tx) => {
    // Who approved and cannot deliver takes the approval back, or everybody would wait for the deadline.
    takeBack(tx, store, row, deps.now());
    setRound(tx, offered, 'stage = ?, code = ?', lapsed ? 'lapsed' : 'failed', `${error.code}: ${error.message}`);
    const about = { study, round, attempt };
    if (training) {
      const detail = { plan: planHash, approval: row.approval!, run: row.runs, code: error.code };
      tx.append({ kind: 'training.failed', ...about, detail });
    } else
      tx.append({
        kind: lapsed ? 'round.lapsed' : 'round.failed',
        ...about,
        detail: { plan: planHash, code: error.code },
      });
  });
}

function setRound(
  tx: { run(sql: string, ...values: (string | number | null)[]): unknown },
  { study, round, attempt }: RoundKey,
  change: string,
  ...values: (string | number | null)[]
): void {
  tx.run(`update round set ${change} where study = ? and round = ? and attempt = ?`, ...values, study, round, attempt);
}
