// Who may decide on rounds of a study here: an approver in force who did not join it. Asked each time, by whatever way one comes.
import { AssentError } from '../../shared/errors.ts';
import type { Reader } from '../../platform/journal.ts';
import { mayAct, personOf, type Person } from '../people/people.ts';
import type { Store } from '../store/open.ts';
import { proposersOf } from '../store/participation.ts';

export type ConsentDeps = { store: Store; now(): number };

/** Why this person may not approve rounds of the study now; undefined when they may. */
export function unentitled(read: Reader, id: string, study: string): AssentError | undefined {
  const person = personOf(read, id);
  if (!mayAct(person, 'approver'))
    return new AssentError(
      'ROLE_MISSING',
      `${person.login} is not an approver here; what ${person.login} approved does not count.`,
    );
  if (proposersOf(read, study).has(id))
    return new AssentError(
      'PROPOSER_APPROVES',
      `${person.login} joined ${study}, so its rounds are for others to approve.`,
    );
  return undefined;
}

/** Throws ROLE_MISSING, PROPOSER_APPROVES, PERSON_INACTIVE where the key was replaced meanwhile. */
export function needApprover(read: Reader, { id, key }: Person, study: string): void {
  const why = unentitled(read, id, study);
  if (why) throw why;
  const now = personOf(read, id);
  if (now.key !== key)
    throw new AssentError('PERSON_INACTIVE', `The key of ${now.login} was replaced meanwhile. Sign in again.`);
}
