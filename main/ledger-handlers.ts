// The methods of node.proto about what left (the outbound ledger and its sums by day), and about what is erased and kept.
import type { ContextValues, ServiceImpl } from '@connectrpc/connect';
import { AssentError } from '../shared/errors.ts';
import { OutboundDay_State, type EraseOpeningsRequest, type NodeService } from '../shared/gen/assent/v1/node_pb.ts';
import { purpose as purposes, PURPOSES, type OutboundRow } from '../shared/records/ledger.ts';
import { encodeCanonical } from '../shared/wire/canonical.ts';
import type { Reader } from '../platform/journal.ts';
import { callerOf } from './access.ts';
import { eraseOpenings, type Erased } from './audit/erase.ts';
import { checkedDays, dayNumber, type CheckedDay } from './audit/ledger-days.ts';
import { outboundRows } from './audit/ledger.ts';
import { retentionOf, setRetention } from './audit/retention.ts';
import type { AssentNode } from './node.ts';
import { unlockPerson } from './people/keys.ts';
import { personNamed } from './people/people.ts';

type Methods = 'listOutbound' | 'listOutboundDays' | 'eraseOpenings' | 'getRetention' | 'setRetention';

const PAGE = 500;
/** Each of them is hashed again. */
const MOST_DAYS = 400;

export function ledgerHandlers({ store, clock }: AssentNode): Pick<ServiceImpl<typeof NodeService>, Methods> {
  const { read } = store.journal;
  /** Whoever erases or shortens what is kept shows the own password again: a session may have been left open. */
  const typed = async (context: { values: ContextValues }, password: string) =>
    (await unlockPerson({ store, now: clock.now }, callerOf(context).id, password)).person.id;
  return {
    listOutbound({ from, to, purpose, study, after, limit, newestFirst }) {
      const page = limit || PAGE;
      const wanted = { ...daysOf(from, to), ...(purpose !== '' && { purpose: purposeOf(purpose) }) };
      const rows = outboundRows(read, { ...wanted, study, after: Number(after), limit: page, newestFirst });
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
    async eraseOpenings({ what, reason, password }, context) {
      return eraseOpenings(store, { what: erasedOf(read, what), reason, by: await typed(context, password) });
    },
    getRetention: () => ({ retention: retentionOf(read) }),
    async setRetention({ years, hold, reason, password }, context) {
      const change = { ...(years !== undefined && { years }), ...(hold !== undefined && { hold }) };
      return { retention: setRetention(store, { ...change, reason, by: await typed(context, password) }) };
    },
  };
}

function erasedOf(read: Reader, what: EraseOpeningsRequest['what']): Erased {
  if (what.case === 'commitment') return { commitments: [what.value] };
  if (what.case === 'dataset') return { dataset: what.value };
  const person = personNamed(read, what.value ?? '');
  if (!person) throw new AssentError('PERSON_UNKNOWN', `There is no account ${what.value} here.`);
  return { person: person.id };
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
