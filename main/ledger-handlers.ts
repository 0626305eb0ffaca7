// The methods of node.proto about what left: the rows of the outbound ledger, and their sums by day.
import type { ServiceImpl } from '@connectrpc/connect';
import { AssentError } from '../shared/errors.ts';
import { OutboundDay_State, type NodeService } from '../shared/gen/assent/v1/node_pb.ts';
import { purpose as purposes, PURPOSES, type OutboundRow } from '../shared/records/ledger.ts';
import { encodeCanonical } from '../shared/wire/canonical.ts';
import { checkedDays, dayNumber, type CheckedDay } from './audit/ledger-days.ts';
import { outboundRows } from './audit/ledger.ts';
import type { AssentNode } from './node.ts';

type Methods = 'listOutbound' | 'listOutboundDays';

const PAGE = 500;
/** Each of them is hashed again. */
const MOST_DAYS = 400;

export function ledgerHandlers({ store, clock }: AssentNode): Pick<ServiceImpl<typeof NodeService>, Methods> {
  const { read } = store.journal;
  return {
    listOutbound({ from, to, purpose, study, after, limit }) {
      const page = limit || PAGE;
      const wanted = { ...daysOf(from, to), ...(purpose !== '' && { purpose: purposeOf(purpose) }) };
      const rows = outboundRows(read, { ...wanted, study, after: Number(after), limit: page });
      return { rows: rows.map(rowFor), next: BigInt(rows.length < page ? 0 : rows.at(-1)!.id) };
    },
    async listOutboundDays({ from, to }) {
      const { to: last = dayNumber(new Date(clock.now()).toISOString().slice(0, 10)), ...rest } = daysOf(from, to);
      const { from: first = last - MOST_DAYS + 1 } = rest;
      if (last - first >= MOST_DAYS)
        throw new AssentError(
          'REQUEST_INVALID',
          `Ask for ${MOST_DAYS} days at most: each one's rows are hashed again.`,
        );
      return { days: (await checkedDays(read, first, last)).map(dayFor) };
    },
  };
}

const daysOf = (from: string, to: string): { from?: number; to?: number } => ({
  ...(from !== '' && { from: dayNumber(from) }),
  ...(to !== '' && { to: dayNumber(to) }),
});

function purposeOf(name: string) {
  const known = purposes.safeParse(name);
  if (!known.success) throw new AssentError('REQUEST_INVALID', `"${name}" is no purpose: ${PURPOSES.join(', ')}.`);
  return known.data;
}

const rowFor = (row: OutboundRow) => ({
  id: BigInt(row.id),
  at: row.at,
  method: row.method,
  url: row.url,
  purpose: row.purpose,
  study: row.study ?? '',
  round: row.round ?? 0,
  attempt: row.attempt ?? 0,
  try: row.try,
  ...(row.head !== null && { headBytes: BigInt(row.head) }),
  bodyBytes: BigInt(row.body),
  status: row.status ?? 0,
  error: row.error ?? '',
  record: encodeCanonical(row),
});

const STATES = {
  open: OutboundDay_State.OPEN,
  summed: OutboundDay_State.SUMMED,
  differs: OutboundDay_State.DIFFERS,
  removed: OutboundDay_State.REMOVED,
} as const;

const dayFor = ({ day, rows, bytes, interrupted, sha256, purposes, state }: CheckedDay) => ({
  day,
  rows: BigInt(rows),
  bytes: BigInt(bytes),
  interrupted: BigInt(interrupted),
  sha256,
  purposes: purposes.map((each) => ({ ...each, rows: BigInt(each.rows), bytes: BigInt(each.bytes) })),
  state: STATES[state],
});
