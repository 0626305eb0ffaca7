// The outbound ledger: a row for each request before its first byte leaves, settled once it is over.
import type { OutboundRow, Purpose } from '../../shared/records/ledger.ts';
import { toHex } from '../../shared/wire/canonical.ts';
import type { Reader, Tx } from '../../platform/journal.ts';
import type { NodeJournal } from '../store/open.ts';

/** What a request belongs to. `message` is its number in the outbox. */
export type About = { study?: string; round?: number; attempt?: number; message?: number };
/** What whoever sends says of it; `start` is where in a blob the body begins. */
export type Sending = About & { purpose: Purpose; start?: number };
export type Settled = Pick<OutboundRow, 'status' | 'error'> & {
  head: number;
  body: number;
  sha256: Uint8Array | null;
};

export type Ledger = {
  /** Throws what keeps rows from being written, now or before: then nothing may leave. */
  check(): void;
  /** Throws when the row cannot be written. */
  intend(request: { method: string; url: string; length: number }, sending: Sending): number;
  /** Does not throw, since the bytes have left; but see `check`. */
  settle(id: number, settled: Settled): void;
};

/** What people decided, and what comes of it: its row is on the disk before its body leaves. */
const DURABLE: ReadonlySet<Purpose> = new Set<Purpose>(['enrolment', 'join', 'leave', 'decision', 'update']);
/** A clock that is set back opens no day again. */
const LEAST_DAY = `select max(coalesce((select max(day) from outbound), 0),
  coalesce((select max(day) + 1 from outbound_day), 0)) as least`;
export const DAY_MS = 24 * 3600_000;

export const dayOf = (time: number): number => Math.floor(time / DAY_MS);

/** Rows that a dead program left open are settled as interrupted: nobody knows how much of them left. */
export function openLedger({ journal, now }: { journal: NodeJournal; now(): number }): Ledger {
  let failure: { error: unknown } | undefined;
  if (journal.read.get('select 1 from outbound where settled is null'))
    journal.transact('ledger.note', (tx) =>
      tx.run("update outbound set settled = ?, error = 'INTERRUPTED' where settled is null", now()),
    );
  /** The first failure is the last request: a ledger with a gap would say that less left than did. */
  const check = () => {
    if (failure) throw failure.error;
  };
  const writing = <R>(step: 'ledger.intend' | 'ledger.note', change: (tx: Tx) => R): R | undefined => {
    try {
      return journal.transact(step, change);
    } catch (error) {
      failure ??= { error };
      return undefined;
    }
  };
  return {
    check,
    intend({ method, url, length }, sending) {
      check();
      const durable = DURABLE.has(sending.purpose) && length > 0;
      const row = writing(durable ? 'ledger.intend' : 'ledger.note', (tx) => {
        const { study, round, attempt, message } = sending;
        const at = now();
        const { least } = tx.get<{ least: number }>(LEAST_DAY)!;
        const endpoint = endpointOf(tx, method, url);
        const earlier = 'select count(*) as n from outbound where message = ? and endpoint = ?';
        const tries = message === undefined ? 0 : tx.get<{ n: number }>(earlier, message, endpoint)!.n;
        return tx.get<{ id: number }>(
          `insert into outbound (day, at, endpoint, purpose, study, round, attempt, message, try, start, body)
           values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) returning id`,
          Math.max(dayOf(at), least),
          at,
          endpoint,
          sending.purpose,
          study ?? null,
          round ?? null,
          attempt ?? null,
          message ?? null,
          tries + 1,
          sending.start ?? 0,
          length,
        );
      });
      check();
      return row!.id;
    },
    settle(id, { head, body, sha256, status, error }) {
      const change =
        'update outbound set settled = ?, head = ?, body = ?, sha256 = ?, status = ?, error = ? where id = ?';
      writing('ledger.note', (tx) => tx.run(change, now(), head, body, sha256, status, error, id));
    },
  };
}

function endpointOf(tx: Tx, method: string, url: string): number {
  const known = tx.get<{ id: number }>('select id from endpoint where method = ? and url = ?', method, url);
  return (
    known ?? tx.get<{ id: number }>('insert into endpoint (method, url) values (?, ?) returning id', method, url)!
  ).id;
}

type Row = Omit<OutboundRow, 'at' | 'settled' | 'sha256'> & { at: number; settled: number; sha256: Buffer | null };
const COLUMNS = `outbound.id, at, settled, method, url, purpose, study, round, attempt, message, try, start, head, body,
  sha256, status, error from outbound join endpoint on endpoint.id = outbound.endpoint`;

export type Wanted = {
  /** Days from 1970-01-01, the last one included. */
  from?: number;
  to?: number;
  purpose?: Purpose;
  study?: string;
  /** Rows after this id, `limit` of them; where the newest come first, rows before it, and 0 is no bound. */
  after: number;
  limit: number;
  newestFirst?: boolean;
};

/** Requests that are over, in the order in which they were made, or the other way round. */
export function outboundRows(read: Reader, wanted: Wanted): OutboundRow[] {
  const {
    from = 0,
    to = Number.MAX_SAFE_INTEGER,
    purpose = '',
    study = '',
    after,
    limit,
    newestFirst = false,
  } = wanted;
  // Days never go back, so the ids of some days are a range.
  const edge = (sql: string, day: number) =>
    read.get<{ id: number }>(`select id from outbound where ${sql} limit 1`, day);
  const first = edge('day >= ? order by day, id', from)?.id ?? Number.MAX_SAFE_INTEGER;
  const last = edge('day <= ? order by day desc, id desc', to)?.id ?? 0;
  return read
    .all<Row>(
      `select ${COLUMNS} where outbound.id between ? and ? and ? in ('', purpose) and ? in ('', ifnull(study, ' '))
         and settled is not null order by outbound.id ${newestFirst ? 'desc' : 'asc'} limit ?`,
      newestFirst ? first : Math.max(first, after + 1),
      newestFirst && after > 0 ? Math.min(last, after - 1) : last,
      purpose,
      study,
      limit,
    )
    .map(({ at, settled, sha256, ...row }) => ({
      ...row,
      at: new Date(at).toISOString(),
      settled: new Date(settled).toISOString(),
      sha256: sha256 && toHex(sha256),
    }));
}
