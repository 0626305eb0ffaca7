// The records that this window has read: from the newest on, as far as somebody has scrolled, as the filter lets them through.
// They stay while one looks at a single record and comes back; another person begins anew.
import type { AuditRow } from '../../shared/gen/assent/v1/node_pb.ts';
import type { AssentError } from '../../shared/errors.ts';
import { language } from '../language.svelte.ts';
import { node } from '../node.ts';
import { noticed, session } from '../session.svelte.ts';
import { kindsOf, periodOf, type Theme } from './filter.ts';

export type Wanted = {
  text: string;
  theme: Theme | '';
  person: string;
  study: string;
  period: string;
  /** Days, where the period is between two. */
  from: string;
  to: string;
};

const NOTHING: Wanted = { text: '', theme: '', person: '', study: '', period: '', from: '', to: '' };
const PAGE = 100;

const wanted = $state<Wanted>({ ...NOTHING });
let rows = $state.raw<readonly AuditRow[]>([]);
/** Where to read on; undefined: all was read. */
let next = $state.raw<bigint | undefined>();
let total = $state.raw<bigint | undefined>();
let size = $state.raw<bigint | undefined>();
let error = $state.raw<AssentError>();
let reading = $state(false);
let top = $state(0);
/** Grows as the list is read anew, and begins at its top. */
let turn = $state(0);
/** What was read: for whom, in which language, by which filter. */
let readAs = '';
let readFor: string | undefined;
let stop = new AbortController();

export const log = {
  wanted,
  get rows() {
    return rows;
  },
  get next() {
    return next;
  },
  get total() {
    return total;
  },
  /** Of the whole log, when it was read; undefined before. */
  get size() {
    return size;
  },
  get error() {
    return error;
  },
  get reading() {
    return reading;
  },
  get turn() {
    return turn;
  },
  get top() {
    return top;
  },
  set top(value) {
    top = value;
  },
};

const asText = () => JSON.stringify([session.person?.id, language.name, wanted]);
export const restricts = (): boolean => Object.values(wanted).some((value) => value !== '');
export const forgetFilter = (): void => void Object.assign(wanted, NOTHING);

/** Reads from the newest on, unless it was read just so. */
export function readLog(): void {
  const as = asText();
  if (as === readAs) return;
  const person = session.person?.id;
  if (readFor !== person) forgetFilter();
  readFor = person;
  readAs = asText();
  void begin();
}

/** Reads what was written since, too. */
export function readAgain(): void {
  void begin();
}

async function begin(): Promise<void> {
  stop.abort();
  stop = new AbortController();
  next = undefined;
  await readTo(PAGE, true);
}

/** As the end of what was read comes into sight. */
export function readOn(): void {
  if (!reading && next !== undefined) void readTo(rows.length + PAGE, false);
}

/** A call looks at some records and no more, so a filter that lets few through takes many calls. */
async function readTo(count: number, fresh: boolean): Promise<void> {
  const { signal } = stop;
  const { text, theme, person, study } = wanted;
  const filter = {
    ...periodOf(wanted),
    kinds: kindsOf(theme),
    persons: person === '' ? [] : [person],
    studies: study === '' ? [] : [study],
  };
  reading = true;
  error = undefined;
  let before = fresh ? undefined : next;
  let found = fresh ? [] : rows;
  let isFirst = fresh;
  try {
    do {
      const page = await node.listRecords(
        { filter, text, limit: PAGE, locale: language.wire, ...(before !== undefined && { before }) },
        { signal },
      );
      if (signal.aborted) return;
      found = [...found, ...page.rows];
      [before, rows, next, size] = [page.next, found, page.next, page.size];
      if (isFirst) {
        isFirst = false;
        total = page.total;
        top = 0;
        turn++;
      }
    } while (before !== undefined && rows.length < count);
  } catch (reason) {
    if (signal.aborted) return;
    error = noticed(reason);
    readAs = '';
  } finally {
    if (!signal.aborted) reading = false;
  }
}
