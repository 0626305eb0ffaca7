// Refused updates: each is on record once, and only so many of a member and a round, so that nobody can fill the log.
import { AssentError, type ErrorCode } from '../shared/errors.ts';
import type { UpdateStatement } from '../shared/records/round.ts';
import type { Reader, Tx } from '../platform/journal.ts';

/** Of one member in one attempt of a round; and a day, of what names no round of ours. */
const MOST_REFUSALS = 10;
/** These follow from the statement and the blob it names: judged again they would come out the same. */
const FINAL: ReadonlySet<string> = new Set<ErrorCode>([
  'RECORD_INVALID',
  'TENSORS_INVALID',
  'UPDATE_NORM',
  'UPDATE_NOT_FINITE',
  'UPDATE_SHAPE',
]);

/** Which refusals count together: those of a round we opened, else those of a day, as anybody can make up round numbers. */
export type Subject = { member: string; about: string };

export function subjectOf(read: Reader, member: string, statement: UpdateStatement | undefined, now: number): Subject {
  const { study, round, attempt } = statement ?? { study: '', round: 0, attempt: 0 };
  const ours = read.get('select 1 from round where study = ? and round = ? and attempt = ?', study, round, attempt);
  return { member, about: ours ? `${study}/${round}/${attempt}` : new Date(now).toISOString().slice(0, 10) };
}

/** Before an update is read: answers what was refused for good as it was, and nobody who is refused again and again. */
export function checkRefusals(read: Reader, { member, about }: Subject, hash: string): void {
  const codes = read.all<{ code: ErrorCode }>(
    'select code from refusal where member = ? and about = ? and statement = ?',
    member,
    about,
    hash,
  );
  const final = codes.find(({ code }) => FINAL.has(code));
  if (final) throw new AssentError(final.code, 'The same statement was refused before. Send a corrected one.');
  if (countOf(read, member, about) >= MOST_REFUSALS)
    throw new AssentError(
      'UPDATE_REFUSED_OFTEN',
      `${MOST_REFUSALS} updates of ${member} were refused in this round; it takes no more from this member.`,
      { member },
    );
}

/** Whether this refusal is to be on record: it is neither there already nor one too many. */
export function isNewRefusal(read: Reader, { member, about }: Subject, hash: string, code: ErrorCode): boolean {
  const there = read.get(
    'select 1 from refusal where member = ? and about = ? and statement = ? and code = ?',
    member,
    about,
    hash,
    code,
  );
  return there === undefined && countOf(read, member, about) < MOST_REFUSALS;
}

export const keepRefusal = (tx: Tx, { member, about }: Subject, hash: string, code: ErrorCode): void =>
  void tx.run('insert into refusal (member, about, statement, code) values (?, ?, ?, ?)', member, about, hash, code);

const countOf = (read: Reader, member: string, about: string): number =>
  read.get<{ n: number }>('select count(*) as n from refusal where member = ? and about = ?', member, about)!.n;
