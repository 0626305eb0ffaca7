// Empties the outbox: one message at a time, in order, the same bytes until the coordinator has answered.
import { AssentError, type ErrorCode } from '../../shared/errors.ts';
import { toHex } from '../../shared/wire/canonical.ts';
import { outcomeRecord, updateRecord } from '../../shared/records/round.ts';
import { wait, type Clock } from '../../platform/clock.ts';
import { crashPoint } from '../../platform/crash-points.ts';
import type { Tx } from '../../platform/journal.ts';
import { createSha256, sha256 } from '../../platform/crypto.ts';
import type { CrashPoint, NodeSend } from '../../platform/steps.ts';
import type { About } from '../audit/ledger.ts';
import type { Store } from '../store/open.ts';
import { nextIntended, type OutboxRow } from '../store/outbox.ts';
import { oweReceipts } from '../store/receipts.ts';
import { offeredOf, roundOf } from '../store/rounds.ts';
import { takeBack } from '../store/taking-back.ts';
import { calling, type CoordinatorClient } from './client.ts';

export type DeliverDeps = {
  store: Store;
  clock: Clock;
  client(about: About): CoordinatorClient;
  /** Why this update must not leave any more; undefined when it may. Asked before every part of it that leaves. */
  mayNotLeave(row: OutboxRow): ErrorCode | undefined;
  /** Told what is on its way, and how to stop it; null when nothing is. */
  sending(what: { row: OutboxRow; stop: AbortController } | null): void;
  /** Told of every change that a person may want to see. */
  notify(what: { reachable: boolean; message?: string }): void;
  /** Nothing may leave now: this log is behind what witnesses hold of it, or it is not known yet that it is not. */
  held?(): boolean;
};

/**
 * How an update ended that need not be sent (any more): null when its round's outcome counts it, so that only the answer
 * was lost; the reason when the round is over or its approvals do not hold any more. Undefined: it is to be sent.
 */
function overWith({ store, mayNotLeave }: DeliverDeps, row: OutboxRow): ErrorCode | null | undefined {
  const round = roundOf(store.journal.read, { study: row.study!, round: row.round!, attempt: row.attempt! });
  if (round.outcome_bytes !== null) {
    const { participants } = outcomeRecord.decode(round.outcome_bytes);
    return participants.some(({ statement }) => statement === row.record) ? null : 'ROUND_CLOSED';
  }
  return mayNotLeave(row);
}

/** What a message that was refused for good had prepared here is taken back, so that nothing waits for it. */
function undo(tx: Tx, row: OutboxRow, code: ErrorCode): void {
  if (row.purpose === 'join')
    tx.run(
      "update study set stage = 'offered', dataset = null, snapshot = null, mapping = null, rows = null where id = ?",
      row.study,
    );
  // Without its decision the coordinator takes no update: there is no use in training for one.
  if (row.purpose === 'decision')
    tx.run(
      `update round set stage = 'failed', code = ? where study = ? and round = ? and attempt = ?
         and stage in ('approved', 'training', 'trained', 'sealed', 'releasing', 'released')`,
      code,
      row.study,
      row.round,
      row.attempt,
    );
}

/** Says nothing about the message itself. */
const TRY_AGAIN: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'COORDINATOR_UNREACHABLE',
  'INTERNAL',
  'CLOCK_SKEW',
  'NOT_ADMITTED',
  'LOG_BEHIND', // the coordinator's own: it takes in nothing now
  'BLOB_OFFSET',
  'CANCELED', // over there: the upload broke off in between
]);
const FIRST_WAIT = 500;
const LONGEST_WAIT = 10_000;

/** Sends until the outbox is empty or the signal ends it; while the coordinator is down it waits and says so. */
export async function deliverAll(deps: DeliverDeps, signal: AbortSignal): Promise<void> {
  let pause = FIRST_WAIT;
  let arrived = 0;
  // A line that breaks often is not one that is down: whatever got through ends the waiting.
  const reached = (offset: number) => {
    if (offset > arrived) pause = FIRST_WAIT;
    arrived = offset;
  };
  for (
    let row = nextIntended(deps.store.journal.read);
    row && !signal.aborted && !deps.held?.();
    row = nextIntended(deps.store.journal.read)
  ) {
    const over = row.purpose === 'update' ? overWith(deps, row) : undefined;
    if (over !== undefined) {
      settle(deps, row, over, 'here');
      continue;
    }
    const stop = new AbortController();
    try {
      deps.sending({ row, stop });
      const ended = await send(deps, row, AbortSignal.any([signal, stop.signal]), reached);
      settle(deps, row, ended ?? null, 'here');
      deps.notify({ reachable: true });
      pause = FIRST_WAIT;
    } catch (error) {
      if (!(error instanceof AssentError)) throw error;
      if (error.code === 'CANCELED' && signal.aborted) return;
      if (stop.signal.aborted) continue; // looked at anew: it is not to be sent any more
      if (TRY_AGAIN.has(error.code)) {
        deps.notify({ reachable: false, message: `${error.message} Trying again in ${Math.ceil(pause / 1000)} s.` });
        if (!(await wait(deps.clock, pause, signal))) return;
        pause = Math.min(pause * 2, LONGEST_WAIT);
      } else {
        deps.notify({ reachable: true, message: `${row.purpose} was refused: ${error.message}` });
        settle(deps, row, error.code, 'there');
      }
    } finally {
      deps.sending(null);
    }
  }
}

const aboutOf = ({ id, study, round, attempt }: OutboxRow): About => ({
  message: id,
  ...(study !== null && { study }),
  ...(round !== null && { round, attempt: attempt! }),
});

/** Returns why it stopped half way; undefined when all has arrived. */
async function send(
  deps: DeliverDeps,
  row: OutboxRow,
  signal: AbortSignal,
  reached: (offset: number) => void,
): Promise<ErrorCode | undefined> {
  const { store } = deps;
  const client = deps.client(aboutOf(row));
  const signed = { record: row.bytes, signature: row.signature };
  const options = { signal, timeoutMs: 60_000 };
  if (row.purpose === 'enrolment') {
    const [memberSignature, logSignature, witnessSignature] = [0, 64, 128].map((at) =>
      row.signature.subarray(at, at + 64),
    );
    const request = {
      record: row.bytes,
      memberSignature: memberSignature!,
      logSignature: logSignature!,
      witnessSignature: witnessSignature!,
    };
    await counted('send.enrolment', () => calling(client.calls.enrol(request, options)));
  } else if (row.purpose === 'join') {
    await counted('send.join', () => calling(client.calls.join({ join: signed }, options)));
  } else if (row.purpose === 'leave') {
    await counted('send.leave', () => calling(client.calls.leave({ leave: signed }, options)));
  } else if (row.purpose === 'decision') {
    await counted('send.decision', () => calling(client.calls.decide({ decision: signed }, options)));
  } else {
    const blob = row.blob!;
    // What leaves is what was approved, whatever happened to the file meanwhile.
    await checkSealed(store, blob);
    await counted('send.blob', () => client.upload(blob, store.blobs, signal, reached));
    const ended = deps.mayNotLeave(row);
    if (ended) return ended;
    await counted('send.update', () => calling(client.calls.submitUpdate({ statement: signed }, options)));
  }
  return undefined;
}

/** Throws STORE_DAMAGED unless the file holds what its name says; read in pieces, since it may be large. */
async function checkSealed({ home, blobs }: Store, blob: string): Promise<void> {
  const size = await blobs.size(blob);
  if (size !== undefined) {
    const sum = createSha256();
    for await (const piece of blobs.stream(blob, 0, size)) sum.update(piece as Uint8Array);
    if (toHex(sum.digest()) === blob) return;
  }
  throw new AssentError('STORE_DAMAGED', `The update in ${home} is not the one that was sealed; it was not sent.`);
}

async function counted(name: NodeSend, send: () => Promise<unknown>): Promise<void> {
  crashPoint(`${name}:before` as CrashPoint);
  await send();
  crashPoint(`${name}:after` as CrashPoint);
}

/** `where` it ended: here, or by an answer from there. */
function settle({ store, clock }: DeliverDeps, row: OutboxRow, code: ErrorCode | null, where: 'here' | 'there'): void {
  // Withdrawn while it was on its way: only that it arrived all the same is still to be told.
  const withdrawn = store.journal.read.get("select 1 from outbox where id = ? and state <> 'intended'", row.id);
  if (withdrawn && code !== null) return;
  store.journal.transact('outbox.settle', (tx) => {
    tx.run('update outbox set state = ?, code = ? where id = ?', code === null ? 'delivered' : 'refused', code, row.id);
    if (row.purpose !== 'update') {
      if (code !== null) undo(tx, row, code);
      const told = { purpose: row.purpose, record: row.record, outbox: row.id };
      const about = row.study === null ? {} : { study: row.study };
      const which = row.round === null ? {} : { round: row.round, attempt: row.attempt! };
      tx.append(
        code === null
          ? { kind: 'message.delivered', ...about, ...which, detail: told }
          : { kind: 'message.refused', ...about, ...which, detail: { ...told, code } },
      );
      return;
    }
    const statement = updateRecord.decode(row.bytes);
    const { study, round, attempt, plan, approval, blob, bytes } = statement;
    tx.run(
      `update round set stage = ?, code = case stage when 'revoked' then code else ? end
       where study = ? and round = ? and attempt = ?`,
      code === null ? 'sent' : 'failed',
      code,
      study,
      round,
      attempt,
    );
    const here = roundOf(tx, { study, round, attempt });
    if (code !== null && where === 'here' && clock.now() < Date.parse(offeredOf(here).plan.sendBy))
      takeBack(tx, store, here, clock.now());
    if (code === null) oweReceipts(tx, statement);
    const about = { plan, approval, statement: toHex(sha256(row.bytes)) };
    tx.append(
      code === null
        ? { kind: 'update.sent', study, round, attempt, detail: { ...about, blob, bytes, outbox: row.id } }
        : {
            // Nobody over there said no: what was sent before its approval ended may have arrived all the same.
            kind: where === 'here' && code !== 'ROUND_CLOSED' ? 'update.unconfirmed' : 'update.refused',
            study,
            round,
            attempt,
            detail: { ...about, code },
          },
    );
  });
}
