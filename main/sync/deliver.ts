// Empties the outbox: one message at a time, in order, the same bytes until the coordinator has answered.
import { AssentError, type ErrorCode } from '../../shared/errors.ts';
import { toHex } from '../../shared/wire/canonical.ts';
import { outcomeRecord, updateRecord } from '../../shared/records/round.ts';
import { wait, type Clock } from '../../platform/clock.ts';
import { crashPoint } from '../../platform/crash-points.ts';
import type { Tx } from '../../platform/journal.ts';
import { createSha256, sha256 } from '../../platform/crypto.ts';
import type { CrashPoint, NodeSend } from '../../platform/steps.ts';
import type { Store } from '../store/open.ts';
import { nextIntended, type OutboxRow } from '../store/outbox.ts';
import { oweReceipts } from '../store/receipts.ts';
import { roundOf } from '../store/rounds.ts';
import { calling, type CoordinatorClient } from './client.ts';

export type DeliverDeps = {
  store: Store;
  clock: Clock;
  client(): CoordinatorClient;
  /** Told of every change that a person may want to see. */
  notify(what: { reachable: boolean; message?: string }): void;
};

/**
 * How an update ended that need not be sent (any more): null when its round's outcome counts it, so that only the answer
 * was lost; the reason when the round is over or the approval has expired. Undefined: it is to be sent.
 */
function overWith({ store, clock }: DeliverDeps, row: OutboxRow): ErrorCode | null | undefined {
  const round = roundOf(store.journal.read, { study: row.study!, round: row.round!, attempt: row.attempt! });
  if (round.outcome_bytes !== null) {
    const { participants } = outcomeRecord.decode(round.outcome_bytes);
    return participants.some(({ statement }) => statement === row.record) ? null : 'ROUND_CLOSED';
  }
  return clock.now() >= Date.parse(row.not_after!) ? 'APPROVAL_EXPIRED' : undefined;
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
         and stage in ('approved', 'training', 'trained', 'sealed')`,
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
    row && !signal.aborted;
    row = nextIntended(deps.store.journal.read)
  ) {
    const over = row.purpose === 'update' ? overWith(deps, row) : undefined;
    if (over !== undefined) {
      settle(deps.store, row, over);
      continue;
    }
    try {
      await send(deps.client(), deps.store, row, signal, reached);
      settle(deps.store, row, null);
      deps.notify({ reachable: true });
      pause = FIRST_WAIT;
    } catch (error) {
      if (!(error instanceof AssentError)) throw error;
      if (error.code === 'CANCELED' && signal.aborted) return;
      if (TRY_AGAIN.has(error.code)) {
        deps.notify({ reachable: false, message: `${error.message} Trying again in ${Math.ceil(pause / 1000)} s.` });
        if (!(await wait(deps.clock, pause, signal))) return;
        pause = Math.min(pause * 2, LONGEST_WAIT);
      } else {
        deps.notify({ reachable: true, message: `${row.purpose} was refused: ${error.message}` });
        settle(deps.store, row, error.code);
      }
    }
  }
}

async function send(
  client: CoordinatorClient,
  store: Store,
  row: OutboxRow,
  signal: AbortSignal,
  reached: (offset: number) => void,
): Promise<void> {
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
  } else if (row.purpose === 'decision') {
    await counted('send.decision', () => calling(client.calls.decide({ decision: signed }, options)));
  } else {
    const blob = row.blob!;
    // What leaves is what was approved, whatever happened to the file meanwhile.
    await checkSealed(store, blob);
    await counted('send.blob', () => client.upload(blob, store.blobs, signal, reached));
    await counted('send.update', () => calling(client.calls.submitUpdate({ statement: signed }, options)));
  }
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

function settle(store: Store, row: OutboxRow, code: ErrorCode | null): void {
  store.journal.transact('outbox.settle', (tx) => {
    tx.run('update outbox set state = ?, code = ? where id = ?', code === null ? 'delivered' : 'refused', code, row.id);
    if (row.purpose !== 'update') {
      if (code !== null) undo(tx, row, code);
      const told = { purpose: row.purpose, record: row.record, outbox: row.id };
      const where = row.study === null ? {} : { study: row.study };
      const which = row.round === null ? {} : { round: row.round, attempt: row.attempt! };
      tx.append(
        code === null
          ? { kind: 'message.delivered', ...where, ...which, detail: told }
          : { kind: 'message.refused', ...where, ...which, detail: { ...told, code } },
      );
      return;
    }
    const statement = updateRecord.decode(row.bytes);
    const { study, round, attempt, plan, approval, blob, bytes } = statement;
    tx.run(
      'update round set stage = ?, code = ? where study = ? and round = ? and attempt = ?',
      code === null ? 'sent' : 'failed',
      code,
      study,
      round,
      attempt,
    );
    if (code === null) oweReceipts(tx, statement);
    const about = { plan, approval, statement: toHex(sha256(row.bytes)) };
    tx.append(
      code === null
        ? { kind: 'update.sent', study, round, attempt, detail: { ...about, blob, bytes, outbox: row.id } }
        : {
            // What was sent before its approval expired may have arrived all the same: nobody said no.
            kind: code === 'APPROVAL_EXPIRED' ? 'update.unconfirmed' : 'update.refused',
            study,
            round,
            attempt,
            detail: { ...about, code },
          },
    );
  });
}
