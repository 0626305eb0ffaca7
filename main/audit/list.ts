// The log as people read it: the newest records first, those that a filter and words let through, in pages of bounded work.
import { performance } from 'node:perf_hooks';
import type { Reader } from '../../platform/journal.ts';
import { conditionsOf, restrictsNothing, type AuditFilter } from './filter.ts';
import { aboutPersons, KEPT, tellerOf, type Kept, type Manner, type Row } from './rows.ts';

export type Listed = {
  rows: (Row & { aboutName: string })[];
  /** Everything from here on was looked at; undefined: down to the first record. */
  next: number | undefined;
  /** How many the filter lets through, where an index knows. */
  total: number | undefined;
};

/** A call holds up everything else of the program, so it ends after this time, with a full page or not. */
const MOST_MS = 20;
/** So many positions one statement looks at. */
const WINDOW = 2048;
const BATCH = 64;

/** From below the position `before` downwards. `text`: words that all stand in the row. */
export function listRecords(
  read: Reader,
  size: number,
  filter: AuditFilter,
  { text, before = size, limit }: { text: string; before: number | undefined; limit: number },
  manner: Manner,
): Listed {
  const until = performance.now() + MOST_MS;
  const teller = tellerOf(read, size, manner);
  const isAbout = aboutPersons(filter);
  const hasWords = wordsIn(text);
  const rows: Listed['rows'] = [];
  let next = Math.min(before, size);
  const over = () => rows.length === limit || performance.now() >= until;
  do {
    const low = Math.max(0, next - WINDOW);
    const page = pageBelow(read, next, low, filter);
    let looked = 0;
    for (const kept of page) {
      const facts = teller.facts(kept);
      next = kept.position;
      looked++;
      if (isAbout(facts)) {
        const row = teller.told(facts);
        const aboutName = teller.name(row.about);
        if (hasWords(row, aboutName)) rows.push({ ...row, aboutName });
      }
      if (over()) break;
    }
    if (looked === page.length && page.length < BATCH) next = low;
  } while (next > 0 && !over());
  return {
    rows,
    next: next > 0 ? next : undefined,
    total: text.trim() === '' ? totalOf(read, size, filter) : undefined,
  };
}

function pageBelow(read: Reader, next: number, low: number, filter: AuditFilter): Kept[] {
  const { sql, values } = conditionsOf(filter);
  return read.all<Kept>(
    `select ${KEPT} from record where position < ? and position >= ?${sql} order by position desc limit ${BATCH}`,
    next,
    low,
    ...values,
  );
}

function totalOf(read: Reader, size: number, { kinds, ...rest }: AuditFilter): number | undefined {
  if (!restrictsNothing(rest)) return undefined;
  if (kinds === undefined) return size;
  const { sql, values } = conditionsOf({ kinds });
  return read.get<{ n: number }>(`select count(*) as n from record where position < ?${sql}`, size, ...values)!.n;
}

function wordsIn(text: string): (row: Row, aboutName: string) => boolean {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  if (words.length === 0) return () => true;
  return ({ index, kind, study, leaf, actors, about, sentence }, aboutName) => {
    const who = actors.flatMap(({ person, name }) => [person, name]);
    const said = [index, kind, study, leaf, about, aboutName, ...who, sentence].join('\n').toLowerCase();
    return words.every((word) => said.includes(word));
  };
}
