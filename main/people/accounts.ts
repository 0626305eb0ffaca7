// Making and changing accounts. Each change is a record that admins sign with their own keys.
import { AssentError } from '../../shared/errors.ts';
import {
  accountRecord,
  FIRST_RULES,
  roleConflict,
  rulesRecord,
  type Account,
  type Role,
} from '../../shared/records/account.ts';
import { toHex } from '../../shared/wire/canonical.ts';
import { randomBytes } from '../../platform/crypto.ts';
import type { Reader, Tx } from '../../platform/journal.ts';
import { keepSigned } from '../store/signed.ts';
import { activeAdmins, adminsNeeded, needAdmin, signAll, signByAdmins, type SignedByAdmins } from './admins.ts';
import { checkPassword, keepKey, newKey, type PersonSigner } from './keys.ts';
import { isSetUp, personNamed, personOf, type PeopleDeps, type Person } from './people.ts';
import { keepRules, rulesNow, type RuleChoice } from './rules.ts';

export type NewPerson = { login: string; name: string; roles: Role[]; password: string };

const LOGIN = /^[a-z][a-z0-9._-]{1,62}$/;
const MOST_NAME = 200;
const newId = (): string => `p-${toHex(randomBytes(8))}`;

/**
 * The first accounts of an installation, signed by their own keys: two admins, or one alone, which is then on record for good.
 * `rules` says what differs from FIRST_RULES. Throws SET_UP_BEFORE, ACCOUNT_INVALID, PASSWORD_WEAK.
 */
export async function setUp(
  deps: PeopleDeps,
  first: readonly NewPerson[],
  choice: { singleAdmin: boolean; rules?: Partial<RuleChoice> },
): Promise<void> {
  const { journal } = deps.store;
  for (const person of first) checkNew(person);
  const wanted = choice.singleAdmin ? 1 : 2;
  if (first.length !== wanted || first.some(({ roles }) => !roles.includes('admin')))
    throw invalid(
      'The first accounts are two admins, so that neither can act for others alone. One admin only has to be asked for (--single-admin) and is on record.',
    );
  if (new Set(first.map(({ login }) => login)).size !== wanted) throw invalid('The two admins need different logins.');
  const at = deps.now();
  const made = await Promise.all(
    first.map(async (person) => {
      const id = newId();
      const key = await newKey(id, person.password);
      const account = accountNow('set-up', id, toHex(key.publicKey), person.roles, [toHex(key.publicKey)], at);
      return { person, key, account, signed: signAll(accountRecord, account, [key]) };
    }),
  );
  const rules: RuleChoice = { ...FIRST_RULES, ...choice.rules };
  const by = made.map(({ account }) => account.key);
  const signedRules = signAll(
    rulesRecord,
    rulesNow(rules, by, at),
    made.map(({ key }) => key),
  );
  journal.transact('people.set-up', (tx) => {
    if (isSetUp(tx))
      throw new AssentError('SET_UP_BEFORE', 'The first accounts were made before. Ask an admin for one.');
    for (const { person, key, account, signed } of made) {
      insertPerson(tx, person, account, signed, true);
      keepKey(tx, account.person, key, account.at);
    }
    if (choice.singleAdmin) tx.append({ kind: 'account.single-admin', detail: { person: made[0]!.account.person } });
    keepRules(tx, rules, signedRules);
  });
}

/** Signed by one admin. Throws ACCOUNT_INVALID, PASSWORD_WEAK, ROLE_MISSING. */
export async function addPerson(deps: PeopleDeps, person: NewPerson, admin: PersonSigner): Promise<Person> {
  const { journal } = deps.store;
  checkNew(person);
  needAdmin(journal.read, admin.person);
  const id = newId();
  const key = await newKey(id, person.password);
  const account = accountNow('add', id, toHex(key.publicKey), person.roles, [admin.person.key], deps.now());
  const signed = signAll(accountRecord, account, [admin]);
  journal.transact('person.add', (tx) => {
    needAdmin(tx, admin.person);
    insertPerson(tx, person, account, signed, false);
    keepKey(tx, id, key, account.at);
  });
  return personOf(journal.read, id);
}

/** What the person may do from the next request on. Signed by one admin. Throws ACCOUNT_INVALID, ADMINS_NEEDED, ROLE_MISSING. */
export function changeRoles(deps: PeopleDeps, login: string, roles: Role[], admin: PersonSigner): void {
  checkRoles(roles);
  change(deps, 'change-roles', login, roles, admin, (tx, account, detail) => {
    tx.run('update person set roles = ? where id = ?', JSON.stringify(roles), account.person);
    tx.append({ kind: 'account.changed', detail });
  });
}

/** The account stays, and so does all that it did; it just opens nothing any more. Throws as `changeRoles` does. */
export function deactivate(deps: PeopleDeps, login: string, admin: PersonSigner): void {
  change(deps, 'deactivate', login, [], admin, (tx, account, detail) => {
    tx.run("update person set roles = '[]', state = 'deactivated' where id = ?", account.person);
    tx.append({ kind: 'account.deactivated', detail });
  });
}

/**
 * For somebody who forgot the password: a new key under a new one. What the old key signed still verifies, and it signs
 * nothing any more. Signed by two admins. Throws ADMINS_NEEDED, PASSWORD_WEAK, PERSON_INACTIVE.
 */
export async function issueKey(
  deps: PeopleDeps,
  login: string,
  password: string,
  admins: readonly PersonSigner[],
): Promise<void> {
  const { journal } = deps.store;
  checkPassword(password);
  const person = needNamed(journal.read, login);
  const key = await newKey(person.id, password);
  const signed = signByAdmins(journal.read, accountRecord, admins, (by) =>
    accountNow('issue-key', person.id, toHex(key.publicKey), person.roles, by, deps.now()),
  );
  journal.transact('person.issue-key', (tx) => {
    for (const admin of admins) needAdmin(tx, admin.person);
    const { key: retired, state, roles } = personOf(tx, person.id);
    if (state !== 'active' || retired !== person.key || roles.join() !== person.roles.join())
      throw new AssentError('PERSON_INACTIVE', `The account ${login} was changed meanwhile. Look at it again.`);
    tx.run("update person_key set state = 'retired' where public_key = ?", retired);
    keepKey(tx, person.id, key, new Date(deps.now()).toISOString());
    tx.run('delete from sign_in where person = ?', person.id);
    const account = keepSigned(tx, accountRecord.kind, signed.bytes);
    const detail = { account, person: person.id, key: toHex(key.publicKey), roles, retired };
    tx.append({ kind: 'account.key-issued', detail: { ...detail, signatures: signed.signatures } });
  });
}

type AccountDetail = {
  account: string;
  person: string;
  key: string;
  roles: Role[];
  signatures: SignedByAdmins['signatures'];
};

function change(
  deps: PeopleDeps,
  action: 'change-roles' | 'deactivate',
  login: string,
  roles: Role[],
  admin: PersonSigner,
  write: (tx: Tx, account: Account, detail: AccountDetail) => void,
): void {
  const { journal } = deps.store;
  needAdmin(journal.read, admin.person);
  const person = needNamed(journal.read, login);
  const account = accountNow(action, person.id, person.key, roles, [admin.person.key], deps.now());
  const { bytes, signatures } = signAll(accountRecord, account, [admin]);
  journal.transact(action === 'deactivate' ? 'person.deactivate' : 'person.change-roles', (tx) => {
    needAdmin(tx, admin.person);
    const now = personOf(tx, person.id);
    if (now.state !== 'active' || now.key !== person.key)
      throw new AssentError('PERSON_INACTIVE', `The account ${login} is not in force any more.`);
    const hash = keepSigned(tx, accountRecord.kind, bytes);
    write(tx, account, { account: hash, person: person.id, key: person.key, roles, signatures });
    if (activeAdmins(tx).length < adminsNeeded(tx))
      throw new AssentError(
        'ADMINS_NEEDED',
        `${adminsNeeded(tx)} admins are needed here, and fewer would be left. Make another one first.`,
      );
  });
}

function insertPerson(tx: Tx, person: NewPerson, account: Account, signed: SignedByAdmins, setUp: boolean): void {
  if (personNamed(tx, person.login))
    throw invalid(`There is an account ${person.login} already. Choose another login.`);
  const name = tx.commit(person.name);
  const { person: id, key, roles, at } = account;
  tx.run(
    "insert into person (id, login, name, roles, state, since) values (?, ?, ?, ?, 'active', ?)",
    id,
    person.login,
    name,
    JSON.stringify(roles),
    at,
  );
  const hash = keepSigned(tx, accountRecord.kind, signed.bytes);
  const detail = { account: hash, person: id, key, roles, signatures: signed.signatures, name, setUp };
  tx.append({ kind: 'account.added', detail });
}

const accountNow = (
  action: Account['action'],
  person: string,
  key: string,
  roles: Role[],
  by: string[],
  at: number,
): Account => ({
  v: 1,
  action,
  person,
  key,
  roles,
  by,
  at: new Date(at).toISOString(),
  nonce: toHex(randomBytes(16)),
});

/** Throws PERSON_UNKNOWN; also for a deactivated account PERSON_INACTIVE. */
function needNamed(read: Reader, login: string): Person {
  const person = personNamed(read, login);
  if (!person) throw new AssentError('PERSON_UNKNOWN', `There is no account ${login} here.`);
  if (person.state !== 'active') throw new AssentError('PERSON_INACTIVE', `The account ${login} was deactivated.`);
  return person;
}

function checkNew({ login, name, roles, password }: NewPerson): void {
  if (!LOGIN.test(login))
    throw invalid(`"${login}" is no login: 2 to 63 lowercase letters, digits, dots, hyphens; a letter first.`);
  if (name.trim() === '' || name.length > MOST_NAME) throw invalid(`A name has 1 to ${MOST_NAME} characters.`);
  if (/\p{Cc}/u.test(name)) throw invalid('A name holds no control characters.');
  checkRoles(roles);
  checkPassword(password);
}

function checkRoles(roles: readonly Role[]): void {
  if (roles.length === 0) throw invalid('An account has at least one role. To end an account, deactivate it.');
  if (new Set(roles).size !== roles.length) throw invalid('A role was named twice.');
  const conflict = roleConflict(roles);
  if (conflict !== undefined) throw invalid(`These roles exclude each other: ${conflict}.`);
}

const invalid = (message: string) => new AssentError('ACCOUNT_INVALID', message);
