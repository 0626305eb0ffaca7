// How long things are kept, and the one table of what goes when that time is over. Records of the log are kept for ever.
import { AssentError } from '../../shared/errors.ts';
import { LEAST_YEARS } from '../../shared/records/ledger.ts';
import type { BlobFiles } from '../../platform/blob-files.ts';
import type { Reader, Tx } from '../../platform/journal.ts';
import type { NodeJournal } from '../store/open.ts';

export type Retention = {
  years: number;
  /** Nothing is removed while somebody may have to show it to a court. */
  hold: boolean;
};

const DEFAULT: Retention = { years: 10, hold: false };
const MOST_YEARS = 100;

export function retentionOf(read: Reader): Retention {
  const row = read.get<{ years: number; hold: number }>('select years, hold from retention');
  return row ? { years: row.years, hold: row.hold === 1 } : DEFAULT;
}

/** On record with who changed it (`by`) and why. Throws REQUEST_INVALID for less than 6 years. */
export function setRetention(
  { journal }: { journal: NodeJournal },
  change: Partial<Retention> & { reason: string; by: string },
): Retention {
  const { reason, by, ...rest } = change;
  const next = { ...retentionOf(journal.read), ...rest };
  if (!(Number.isInteger(next.years) && next.years >= LEAST_YEARS && next.years <= MOST_YEARS))
    throw new AssentError(
      'REQUEST_INVALID',
      `Things are kept for ${LEAST_YEARS} to ${MOST_YEARS} whole years, not ${next.years}: laws ask for no less.`,
    );
  journal.transact('retention.set', (tx) => {
    tx.run('delete from retention');
    tx.run('insert into retention (only, years, hold) values (1, ?, ?)', next.years, next.hold ? 1 : 0);
    tx.append({ kind: 'retention.changed', detail: { ...next, reason: tx.commit(reason), person: by } });
  });
  return next;
}

type Rule = { table: string; where: string; set?: string };

/** Who may sign what, and under which rules, is kept as long as the log: old signatures are checked against it. */
const decisions = "kind in ('approval', 'revocation', 'policy', 'participation')";
const written = "json_extract(cast(bytes as text), '$.at') < ?";
const signedBefore = (column: string) =>
  `${column} in (select hash from signed_record where ${decisions} and ${written})`;
const ended = "(phase in ('finished', 'stopped') or left_at is not null)";
/** Studies that are over, whose last round was opened before then. */
const over = `(select id from study as past where ${ended} and ? >
  (select max(json_extract(cast(bytes as text), '$.openedAt')) from round where round.study = past.id))`;

/**
 * What goes; the question mark stands for the time before which. Updates and models of a round go as soon as it is over
 * (store/sweep.ts), rows of a data set when it is deleted.
 */
const RULES: Readonly<Record<'openings' | 'signed' | 'models' | 'outbound', readonly Rule[]>> = {
  openings: [
    {
      table: 'opening',
      // People whose accounts are in force are called by their names.
      where: `(select at from record where record.position = opening.position) < ?
        and commitment not in (select name from person where state = 'active')`,
    },
  ],
  signed: [
    // The last one stays, so that no later message gets its number.
    { table: 'outbox', where: "state <> 'intended' and at < ? and id < (select max(id) from outbox)" },
    { table: 'approval', where: signedBefore('hash') },
    { table: 'policy_signature', where: signedBefore('policy') },
    { table: 'policy', where: signedBefore('hash') },
    // Taking part is decided once: that lasts as long as the study.
    { table: 'participation', where: `${signedBefore('hash')} and study in (select id from study where ${ended})` },
    {
      table: 'signed_record',
      where: `${decisions} and ${written} and not exists (select 1 from participation where participation.hash = signed_record.hash)`,
    },
  ],
  models: [
    { table: 'model', where: `study in ${over}` },
    { table: 'local_model', where: `study in ${over}` },
    { table: 'study', where: `model is not null and id in ${over}`, set: 'model = null' },
  ],
  outbound: [
    {
      table: 'outbound',
      where: 'day < unixepoch(substr(?, 1, 10)) / 86400 and day <= (select max(day) from outbound_day)',
    },
  ],
};
const NAMES = Object.keys(RULES) as (keyof typeof RULES)[];
const MODELS = 'select sha256 from model union select sha256 from local_model union select model from study';

/** The same day, so many years earlier. */
function earlier(now: number, years: number): string {
  const date = new Date(now);
  date.setUTCFullYear(date.getUTCFullYear() - years);
  return date.toISOString();
}

/** Removes what was kept long enough; on record where there was something. */
export async function applyRetention(deps: { journal: NodeJournal; blobs: BlobFiles; now(): number }): Promise<void> {
  const { journal, blobs, now } = deps;
  const { read } = journal;
  const { years, hold } = retentionOf(read);
  const before = earlier(now(), years);
  const due = ({ table, where }: Rule) => read.get(`select 1 from ${table} where ${where}`, before) !== undefined;
  if (hold || !NAMES.some((name) => RULES[name].some(due))) return;
  const models = () => new Set(read.all<{ sha256: string | null }>(MODELS).map(({ sha256 }) => sha256));
  const had = models();
  journal.transact('retention.apply', (tx) => {
    const count = (name: keyof typeof RULES) =>
      RULES[name].map((rule) => remove(tx, rule, before)).reduce((sum, each) => sum + each, 0);
    const removed = Object.fromEntries(NAMES.map((name) => [name, count(name)])) as Record<keyof typeof RULES, number>;
    tx.run('delete from endpoint where not exists (select 1 from outbound where outbound.endpoint = endpoint.id)');
    tx.append({ kind: 'retention.applied', detail: { before, ...removed } });
    tx.forget();
  });
  const left = models();
  for (const hash of had) if (hash !== null && !left.has(hash)) await blobs.remove(hash);
}

const remove = (tx: Tx, { table, where, set }: Rule, before: string): number =>
  tx.run(
    set === undefined ? `delete from ${table} where ${where}` : `update ${table} set ${set} where ${where}`,
    before,
  ).changes;
