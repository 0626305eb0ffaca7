// Which records an export holds: by time, study, person and kind.
import type { z } from 'zod';
import { AssentError } from '../../shared/errors.ts';
import { AUDIT_KINDS, exportFilter, isAuditKind } from '../../shared/records/audit.ts';

/** Both times count in. What is absent restricts nothing. */
export type AuditFilter = z.infer<typeof exportFilter>;

/** As a person says it; a kind may be the first word of several, `approval`. */
export type SaidFilter = { from: string; to: string; studies: string[]; persons: string[]; kinds: string[] };

/** The filter, in the form in which the export's own record holds it. Throws REQUEST_INVALID. */
export function parseFilter(said: SaidFilter): AuditFilter {
  const from = said.from === '' ? undefined : timeOf(said.from, '00:00:00.000');
  const to = said.to === '' ? undefined : timeOf(said.to, '23:59:59.999');
  if (from !== undefined && to !== undefined && from > to)
    throw new AssentError('REQUEST_INVALID', `Nothing lies from ${from} to ${to}.`);
  const filter = exportFilter.safeParse({
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    ...(said.studies.length > 0 && { studies: unique(said.studies) }),
    ...(said.persons.length > 0 && { persons: unique(said.persons) }),
    ...(said.kinds.length > 0 && { kinds: unique(said.kinds.flatMap(kindsOf)) }),
  });
  if (filter.success) return filter.data;
  const { path, message } = filter.error.issues[0]!;
  throw new AssentError('REQUEST_INVALID', `The filter is not valid: ${path.join('.')}: ${message}.`);
}

/** As a call has it. */
export const filterOf = (said: Partial<SaidFilter> | undefined): AuditFilter => {
  const { from = '', to = '', studies = [], persons = [], kinds = [] } = said ?? {};
  return parseFilter({ from, to, studies, persons, kinds });
};

export const restrictsNothing = (filter: AuditFilter): boolean => Object.keys(filter).length === 0;

/** What stands in the columns of `record`, as conditions that follow others; who acted stands in the bytes alone. */
export function conditionsOf({ from, to, studies, kinds }: AuditFilter): { sql: string; values: string[] } {
  const bounds: [string, string][] = [];
  if (from !== undefined) bounds.push(['at >= ?', from]);
  if (to !== undefined) bounds.push(['at <= ?', to]);
  if (studies !== undefined) bounds.push([`study in ${ANY_OF}`, JSON.stringify(studies)]);
  if (kinds !== undefined) bounds.push([`kind in ${ANY_OF}`, JSON.stringify(kinds)]);
  return { sql: bounds.map(([sql]) => ` and ${sql}`).join(''), values: bounds.map(([, value]) => value) };
}
const ANY_OF = '(select value from json_each(?))';

/** A day, or a time in UTC to the millisecond, second or minute. */
function timeOf(said: string, restOfDay: string): string {
  const day = /^\d{4}-\d{2}-\d{2}$/.test(said);
  const time = new Date(day ? `${said}T${restOfDay}Z` : said);
  const exact = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?Z$/.test(said);
  // A day that is none, such as the 30th of February, would become one in March.
  if ((!day && !exact) || Number.isNaN(time.valueOf()) || time.toISOString().slice(0, 10) !== said.slice(0, 10))
    throw new AssentError('REQUEST_INVALID', `${said} is no time: say 2026-01-31, or 2026-01-31T10:00Z.`);
  return time.toISOString();
}

function kindsOf(said: string): string[] {
  if (isAuditKind(said)) return [said];
  const group = Object.keys(AUDIT_KINDS).filter((kind) => kind.startsWith(`${said}.`));
  if (group.length === 0) throw new AssentError('REQUEST_INVALID', `There is no kind of audit record named ${said}.`);
  return group;
}

const unique = (values: readonly string[]): string[] => [...new Set(values)].sort();
