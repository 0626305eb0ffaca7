// What members are told: signed records in one sequence, each with the members it is for, and the waiting for more.
import type { RecordType, Signed } from '../shared/records/signed.ts';
import { signRecord } from '../shared/records/signed.ts';
import type { Reader, Tx } from '../platform/journal.ts';
import type { Clock } from '../platform/clock.ts';
import type { Store } from './store/open.ts';

export type EventKind = 'directory' | 'study' | 'plan' | 'outcome' | 'studyState';
export type StoredEvent = { sequence: number; kind: EventKind; bytes: Buffer; signature: Buffer };

export type Events = {
  /** Signs and queues in this transaction; `wake` after it is committed. */
  publish<T>(tx: Tx, kind: EventKind, type: RecordType<T>, value: T, members: readonly string[]): Signed;
  /** Tells everybody who waits to look again; or one member, for whom there is something that is no event. */
  wake(): void;
  wakeMember(member: string): void;
  /** Events for the member after a sequence number; waits up to `milliseconds` for the first, or until `done` says so. */
  next(o: {
    member: string;
    after: number;
    milliseconds: number;
    signal: AbortSignal;
    done(): boolean;
  }): Promise<StoredEvent[]>;
  /** Counts what was told so far; resolves when it is no longer `seen`, or the signal or the end comes first. */
  changed(seen: number, signal: AbortSignal): Promise<number>;
  isClosed(): boolean;
  close(): void;
};

const MOST_EVENTS = 50;
/** An answer stays well below what a node reads at once; one event always fits. */
const MOST_BYTES = 2 * 1024 * 1024;

export function openEvents({ store, clock }: { store: Store; clock: Clock }): Events {
  const waiting = new Map<() => void, string | undefined>();
  let closed = false;
  let version = 0;
  const wake = () => {
    version++;
    for (const resume of waiting.keys()) resume();
  };
  async function look(signal: AbortSignal, until: number | undefined, member?: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = until === undefined ? undefined : clock.at(until, resolve);
    const abort = () => resolve();
    waiting.set(resolve, member);
    signal.addEventListener('abort', abort, { once: true });
    await promise;
    waiting.delete(resolve);
    signal.removeEventListener('abort', abort);
    timer?.cancel();
  }
  return {
    publish(tx, kind, type, value, members) {
      const signed = signRecord(type, value, store.member.sign);
      const { sequence } = tx.get<{ sequence: number }>(
        'select coalesce(max(sequence), 0) + 1 as sequence from event',
      )!;
      tx.run(
        'insert into event (sequence, kind, bytes, signature) values (?, ?, ?, ?)',
        sequence,
        kind,
        signed.bytes,
        signed.signature,
      );
      for (const member of members) tx.run('insert into inbox (member, sequence) values (?, ?)', member, sequence);
      return signed;
    },
    wake,
    wakeMember(member) {
      for (const [resume, waiter] of waiting) if (waiter === member) resume();
    },
    async next({ member, after, milliseconds, signal, done }) {
      const until = clock.now() + milliseconds;
      for (;;) {
        const found = eventsAfter(store.journal.read, member, after);
        if (found.length > 0 || closed || signal.aborted || done() || clock.now() >= until) return found;
        await look(signal, until, member);
      }
    },
    async changed(seen, signal) {
      if (version === seen && !closed && !signal.aborted) await look(signal, undefined);
      return version;
    },
    isClosed: () => closed,
    close() {
      closed = true;
      wake();
    },
  };
}

function eventsAfter(read: Reader, member: string, after: number): StoredEvent[] {
  const found: StoredEvent[] = [];
  let bytes = 0;
  const rows = read.all<StoredEvent>(
    `select event.* from inbox join event using (sequence) where member = ? and sequence > ? order by sequence limit ${MOST_EVENTS}`,
    member,
    after,
  );
  for (const row of rows) {
    bytes += row.bytes.length;
    if (found.length > 0 && bytes > MOST_BYTES) break;
    found.push(row);
  }
  return found;
}

/** Members in force, in the order of their ids. */
export const admittedMembers = (read: Reader): string[] =>
  read.all<{ id: string }>("select id from member where state = 'admitted' order by id").map(({ id }) => id);

/** Hands a new member what it could not have been sent before. */
export function handOver(tx: Tx, member: string, kind: EventKind): void {
  tx.run('insert or ignore into inbox (member, sequence) select ?, sequence from event where kind = ?', member, kind);
}
