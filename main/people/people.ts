// The people of this institution, as the store knows them. Nobody is ever deleted: history names them for good.
import { AssentError } from '../../shared/errors.ts';
import type { Role } from '../../shared/records/account.ts';
import type { Reader } from '../../platform/journal.ts';
import type { Store } from '../store/open.ts';

export type PeopleDeps = { store: Store; now(): number };
export type Person = {
  id: string;
  login: string;
  /** Empty once it was erased. */
  name: string;
  roles: Role[];
  /** The key with which this person signs now, hex. */
  key: string;
  state: 'active' | 'deactivated';
};

type Row = Omit<Person, 'roles' | 'name'> & { roles: string; name: string | null };

const PERSON = `
  select p.id, p.login, o.value as name, p.roles, k.public_key as key, p.state
  from person p
  join person_key k on k.person = p.id and k.state = 'active'
  left join opening o on o.commitment = p.name`;

const personFrom = ({ name, roles, ...row }: Row): Person => ({
  ...row,
  name: name === null ? '' : (JSON.parse(name) as string),
  roles: JSON.parse(roles) as Role[],
});

/** Throws PERSON_UNKNOWN. */
export function personOf(read: Reader, id: string): Person {
  const row = read.get<Row>(`${PERSON} where p.id = ?`, id);
  if (!row) throw new AssentError('PERSON_UNKNOWN', `There is no account ${id} here.`);
  return personFrom(row);
}

export function personNamed(read: Reader, login: string): Person | undefined {
  const row = read.get<Row>(`${PERSON} where p.login = ?`, login);
  return row && personFrom(row);
}

/** In the order in which they were added. */
export const listPeople = (read: Reader): Person[] => read.all<Row>(`${PERSON} order by p.rowid`).map(personFrom);

/** Whose key this is or was; `current` is false for a retired one. */
export function holderOf(read: Reader, key: string): { person: Person; current: boolean } | undefined {
  const row = read.get<{ person: string; state: string }>(
    'select person, state from person_key where public_key = ?',
    key,
  );
  return row && { person: personOf(read, row.person), current: row.state === 'active' };
}

/** Whether this person may act in the role now. */
export const mayAct = ({ state, roles }: Person, role: Role): boolean => state === 'active' && roles.includes(role);

/** Before the first accounts are made, a node does nothing for anybody. */
export const isSetUp = (read: Reader): boolean => read.get('select 1 from person limit 1') !== undefined;
