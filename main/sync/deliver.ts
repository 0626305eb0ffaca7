// Empties the outbox: one message at a time, in order, the same bytes until the coordinator has answered.
import { AssentError, isErrorCode, type ErrorCode } from '../../shared/errors.ts';
import { toHex } from '../../shared/wire/canonical.ts';
import { updateRecord } from '../../shared/records/round.ts';
import { wait, type Clock } from '../../platform/clock.ts';
import { crashPoint } from '../../platform/crash-points.ts';
import { sha256 } from '../../platform/crypto.ts';
import type { CrashPoint, NodeSend } from '../../platform/steps.ts';
import type { Store } from '../store/open.ts';
import { nextIntended, type OutboxRow } from '../store/outbox.ts';
import { calling, type CoordinatorClient } from './client.ts';

export type DeliverDeps = {
  store: Store;
  clock: Clock;
  client(): CoordinatorClient;
  /** Told of every change that a person may want to see. */
  notify(what: { reachable: boolean; message?: string }): void;
};

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
    if (row.not_after !== null && deps.clock.now() >= Date.parse(row.not_after)) {
      settle(deps.store, row, 'APPROVAL_EXPIRED');
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
    await counted('send.blob', () => client.upload(blob, store.blobs, signal, reached));
    await counted('send.update', () => calling(client.calls.submitUpdate({ statement: signed }, options)));
  }
}

async function counted(name: NodeSend, send: () => Promise<unknown>): Promise<void> {
  crashPoint(`${name}:before` as CrashPoint);
  await send();
  crashPoint(`${name}:after` as CrashPoint);
}

function settle(store: Store, row: OutboxRow, code: string | null): void {
  store.journal.transact('outbox.settle', (tx) => {
    tx.run('update outbox set state = ?, code = ? where id = ?', code === null ? 'delivered' : 'refused', code, row.id);
    if (row.purpose !== 'update') {
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
    const about = { plan, approval, statement: toHex(sha256(row.bytes)) };
    tx.append(
      code === null
        ? { kind: 'update.sent', study, round, attempt, detail: { ...about, blob, bytes, outbox: row.id } }
        : {
            kind: 'update.refused',
            study,
            round,
            attempt,
            detail: { ...about, code: isErrorCode(code) ? code : 'INTERNAL' },
          },
    );
  });
}
