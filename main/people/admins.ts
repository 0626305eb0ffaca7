// Signatures of admins: who must sign a change, and that they still are admins when it is made.
import { AssentError } from '../../shared/errors.ts';
import { signedMessage, type RecordType } from '../../shared/records/signed.ts';
import { toHex } from '../../shared/wire/canonical.ts';
import type { Reader } from '../../platform/journal.ts';
import { unlockPerson, type PersonSigner } from './keys.ts';
import { listPeople, mayAct, personNamed, personOf, type PeopleDeps, type Person } from './people.ts';

export type SignedByAdmins = { bytes: Uint8Array; signatures: { signer: string; signature: string }[] };

/** Whether this institution chose, on record, to have one admin only. */
export const hasSingleAdmin = (read: Reader): boolean =>
  read.get("select 1 from record where kind = 'account.single-admin'") !== undefined;

/** How many admins sign what nobody should be able to do alone: new keys for others, the rules, a successor log. */
export const adminsNeeded = (read: Reader): 1 | 2 => (hasSingleAdmin(read) ? 1 : 2);

/** Throws ROLE_MISSING unless the account is in force and has the role now. */
export function needAdmin(read: Reader, { id }: Pick<Person, 'id'>): void {
  const person = personOf(read, id);
  if (!mayAct(person, 'admin')) throw new AssentError('ROLE_MISSING', `${person.login} is not an admin here.`);
}

/** Throws ADMINS_NEEDED unless these are as many distinct admins as are needed, and ROLE_MISSING. */
export function needAdmins(read: Reader, admins: readonly PersonSigner[]): void {
  for (const { person } of admins) needAdmin(read, person);
  const needed = adminsNeeded(read);
  const distinct = new Set(admins.map(({ person }) => person.id)).size;
  if (distinct >= needed) return;
  throw new AssentError(
    'ADMINS_NEEDED',
    `This takes ${needed} different admins; ${distinct} signed. Let the second one type login and password as well.`,
  );
}

/**
 * The caller, and a second admin where one typed login and password too; whether they are enough is for `needAdmins` to see.
 * Throws what `unlockPerson` throws.
 */
export async function unlockAdmins(
  deps: PeopleDeps,
  caller: Pick<Person, 'id'>,
  password: string,
  second: { login: string; password: string } | undefined,
): Promise<PersonSigner[]> {
  const signers = [await unlockPerson(deps, caller.id, password)];
  if (second) {
    const other = personNamed(deps.store.journal.read, second.login);
    if (!other) throw new AssentError('PASSWORD_WRONG', 'Login or password of the second admin is wrong.');
    signers.push(await unlockPerson(deps, other.id, second.password));
  }
  return signers;
}

/** The record that `make` gives for the admins' keys, signed by each of them. Throws as `needAdmins` does. */
export function signByAdmins<T>(
  read: Reader,
  type: RecordType<T>,
  admins: readonly PersonSigner[],
  make: (by: string[]) => T,
): SignedByAdmins {
  needAdmins(read, admins);
  return signAll(type, make(admins.map(({ person }) => person.key)), admins);
}

export function signAll<T>(
  type: RecordType<T>,
  value: T,
  signers: readonly { publicKey: Uint8Array; sign(message: Uint8Array): Uint8Array }[],
): SignedByAdmins {
  const bytes = type.encode(value);
  const message = signedMessage(type.kind, bytes);
  const signatures = signers.map(({ publicKey, sign }) => ({
    signer: toHex(publicKey),
    signature: toHex(sign(message)),
  }));
  return { bytes, signatures };
}

/** Admins in force, in the order in which they were added. */
export const activeAdmins = (read: Reader): Person[] => listPeople(read).filter((person) => mayAct(person, 'admin'));
