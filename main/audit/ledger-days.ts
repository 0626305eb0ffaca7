// The rows of a day become one record, and can be held against it as long as they are kept.
import { AssentError } from '../../shared/errors.ts';
import { PURPOSES, rowLine, type OutboundDay, type Purpose } from '../../shared/records/ledger.ts';
import { sameBytes } from '../../shared/transparency/bytes.ts';
import { encodeCanonical, toHex } from '../../shared/wire/canonical.ts';
import { createSha256 } from '../../platform/crypto.ts';
import type { Reader } from '../../platform/journal.ts';
import type { NodeJournal } from '../store/open.ts';
import { DAY_MS, dayOf, outboundRows } from './ledger.ts';

type DaysDeps = { journal: NodeJournal; now(): number };
const PAGE = 200;

export const dayName = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10);

/** Throws REQUEST_INVALID. */
export function dayNumber(name: string): number {
  const day = /^\d{4}-\d{2}-\d{2}$/.test(name) ? dayOf(Date.parse(name)) : NaN;
  if (Number.isNaN(day) || dayName(day) !== name)
    throw new AssentError('REQUEST_INVALID', `A day is given as 2026-01-31 (UTC), not ${name}.`);
  return day;
}

/** Lets other work go on between pages. */
async function sumOf(read: Reader, day: number): Promise<OutboundDay> {
  const hash = createSha256();
  const sums = new Map<Purpose, { rows: number; bytes: number }>();
  let interrupted = 0;
  for (let after = 0; ;) {
    const rows = outboundRows(read, { from: day, to: day, after, limit: PAGE });
    for (const row of rows) {
      hash.update(rowLine(row));
      const sum = sums.get(row.purpose) ?? { rows: 0, bytes: 0 };
      sums.set(row.purpose, { rows: sum.rows + 1, bytes: sum.bytes + (row.head ?? 0) + row.body });
      if (row.head === null) interrupted++;
      after = row.id;
    }
    if (rows.length < PAGE) break;
    await new Promise((resolve) => setImmediate(resolve));
  }
  const purposes = PURPOSES.flatMap((purpose) => {
    const sum = sums.get(purpose);
    return sum ? [{ purpose, ...sum }] : [];
  });
  const total = (of: 'rows' | 'bytes') => purposes.reduce((sum, each) => sum + each[of], 0);
  return {
    day: dayName(day),
    rows: total('rows'),
    bytes: total('bytes'),
    interrupted,
    sha256: toHex(hash.digest()),
    purposes,
  };
}

/** Puts days that are over on record, the oldest first. A day whose last request is still under way waits, and so do those after it. */
export async function sumDays({ journal, now }: DaysDeps): Promise<void> {
  const { read } = journal;
  const today = dayOf(now());
  const unsummed = 'day > coalesce((select max(day) from outbound_day), -1)';
  for (;;) {
    const { day } = read.get<{ day: number | null }>(`select min(day) as day from outbound where ${unsummed}`)!;
    if (day === null || day >= today) return;
    if (read.get('select 1 from outbound where day = ? and settled is null', day)) return;
    const detail = await sumOf(read, day);
    // A clock that was set back meanwhile may have put another request into the day.
    if (rowsOf(read, day) !== detail.rows) return;
    journal.transact('ledger.sum', (tx) => {
      const { position } = tx.append({ kind: 'ledger.summed', detail });
      tx.run('insert into outbound_day (day, position) values (?, ?)', day, position);
    });
  }
}

const rowsOf = (read: Reader, day: number): number =>
  read.get<{ n: number }>('select count(*) as n from outbound where day = ?', day)!.n;

export type CheckedDay = OutboundDay & {
  /** `open`: not over, or not on record yet. `removed`: its rows were kept as long as the institution's rule says. */
  state: 'open' | 'summed' | 'differs' | 'removed';
};

/** What left on each day that has rows or a record; the rows are held against the record. */
export async function checkedDays(read: Reader, from: number, to: number): Promise<CheckedDay[]> {
  const days = read.all<{ day: number; bytes: Buffer | null }>(
    `select day, (select bytes from record where position = outbound_day.position) as bytes
     from (select day from outbound_day union select distinct day from outbound) left join outbound_day using (day)
     where day between ? and ? order by day`,
    from,
    to,
  );
  const removed = removedBefore(read);
  const checked: CheckedDay[] = [];
  for (const { day, bytes } of days) {
    const said = bytes && detailOf<OutboundDay>(bytes);
    if (said && day < removed && rowsOf(read, day) === 0) {
      checked.push({ ...said, state: 'removed' });
      continue;
    }
    const found = await sumOf(read, day);
    const same = said && sameBytes(encodeCanonical(said), encodeCanonical(found));
    checked.push({ ...(said ?? found), state: !said ? 'open' : same ? 'summed' : 'differs' });
  }
  return checked;
}

/** The first day whose rows no retention on record has taken. */
function removedBefore(read: Reader): number {
  const row = read.get<{ bytes: Buffer }>(
    "select bytes from record where kind = 'retention.applied' order by position desc limit 1",
  );
  return row ? dayOf(Date.parse(detailOf<{ before: string }>(row.bytes).before)) : 0;
}

const detailOf = <T>(bytes: Buffer): T => (JSON.parse(bytes.toString('utf8')) as { detail: T }).detail;
