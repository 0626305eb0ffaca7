// A person's own signing key, sealed under that person's password: typing the password is the act of signing.
import { AssentError } from '../../shared/errors.ts';
import { encodeUtf8, fromHex, toHex } from '../../shared/wire/canonical.ts';
import { generateEd25519, openAes256Gcm, randomBytes, sealAes256Gcm, signEd25519 } from '../../platform/crypto.ts';
import type { Tx } from '../../platform/journal.ts';
import { passwordKey, type Signer } from '../../platform/keyring.ts';
import { personOf, type PeopleDeps, type Person } from './people.ts';

/** A person whose password was just typed, at `at`; good for the one act that it was typed for. */
export type PersonSigner = Signer & { person: Person; at: number };

export const LEAST_PASSWORD = 10;
const FREE_FAILURES = 5;
const LONGEST_DELAY_MS = 15 * 60_000;

const aad = (person: string) => encodeUtf8(`assent/person/${person}`);

/** A key as it is kept. */
export type SealedKey = { salt: Uint8Array; sealed: Uint8Array };
export type NewKey = Signer & { kept: SealedKey };

/** Throws PASSWORD_WEAK. */
export function checkPassword(password: string): void {
  if (password.length < LEAST_PASSWORD)
    throw new AssentError('PASSWORD_WEAK', `A password has at least ${LEAST_PASSWORD} characters.`);
}

/** A new key: in memory, to sign with at once, and as it will be kept. Throws PASSWORD_WEAK. */
export async function newKey(person: string, password: string): Promise<NewKey> {
  const { publicKey, privateKey } = generateEd25519();
  const kept = await sealKey(person, privateKey, password);
  return { publicKey, kept, sign: (message) => signEd25519(privateKey, message) };
}

async function sealKey(person: string, seed: Uint8Array, password: string): Promise<SealedKey> {
  checkPassword(password);
  const salt = randomBytes(16);
  return { salt, sealed: sealAes256Gcm(await passwordKey(password, salt), seed, aad(person)) };
}

export function keepKey(tx: Tx, person: string, key: NewKey, since: string): void {
  tx.run(
    "insert into person_key (public_key, person, salt, sealed, state, since) values (?, ?, ?, ?, 'active', ?)",
    toHex(key.publicKey),
    person,
    key.kept.salt,
    key.kept.sealed,
    since,
  );
}

/**
 * Unwraps the key of a person for one act. Each wrong password is on record, and after five in a row every further try has to
 * wait twice as long as the one before. Throws PASSWORD_WRONG, SIGN_IN_DELAYED, PERSON_INACTIVE, PERSON_UNKNOWN.
 */
export async function unlockPerson(deps: PeopleDeps, id: string, password: string): Promise<PersonSigner> {
  const { person, seed } = await unlock(deps, id, password);
  return { publicKey: fromHex(person.key), sign: (message) => signEd25519(seed, message), person, at: deps.now() };
}

async function unlock(deps: PeopleDeps, id: string, password: string): Promise<{ person: Person; seed: Uint8Array }> {
  const { journal } = deps.store;
  const person = personOf(journal.read, id);
  if (person.state !== 'active')
    throw new AssentError('PERSON_INACTIVE', `The account ${person.login} was deactivated. Ask an admin.`);
  needNoDelay(deps, id);
  const row = journal.read.get<{ salt: Buffer; sealed: Buffer }>(
    'select salt, sealed from person_key where public_key = ?',
    person.key,
  )!;
  const key = await passwordKey(password, row.salt);
  // Tries made side by side must not gain by it.
  needNoDelay(deps, id);
  let seed;
  try {
    seed = openAes256Gcm(key, row.sealed, aad(id));
  } catch {
    throw refuse(deps, person); // nothing but a wrong key makes the tag wrong
  }
  if (journal.read.get('select 1 from sign_in where person = ?', id))
    journal.transact('session.forgive', (tx) => void tx.run('delete from sign_in where person = ?', id));
  return { person, seed };
}

function needNoDelay({ store, now }: PeopleDeps, id: string): void {
  const row = store.journal.read.get<{ not_before: string }>('select not_before from sign_in where person = ?', id);
  const wait = row ? Date.parse(row.not_before) - now() : 0;
  if (wait <= 0) return;
  const seconds = Math.ceil(wait / 1000);
  throw new AssentError('SIGN_IN_DELAYED', `After several wrong passwords the next try has to wait ${seconds} s.`, {
    seconds: String(seconds),
  });
}

function refuse({ store, now }: PeopleDeps, person: Person): AssentError {
  const failures = store.journal.transact('session.refuse', (tx) => {
    const row = tx.get<{ failures: number }>('select failures from sign_in where person = ?', person.id);
    const count = (row?.failures ?? 0) + 1;
    const delay = count < FREE_FAILURES ? 0 : Math.min(2 ** (count - FREE_FAILURES) * 1000, LONGEST_DELAY_MS);
    tx.run(
      `insert into sign_in (person, failures, not_before) values (?, ?, ?)
       on conflict (person) do update set failures = excluded.failures, not_before = excluded.not_before`,
      person.id,
      count,
      new Date(now() + delay).toISOString(),
    );
    tx.append({ kind: 'session.refused', detail: { person: person.id, failures: count } });
    return count;
  });
  return new AssentError('PASSWORD_WRONG', 'The password is not the one of this account.', {
    failures: String(failures),
  });
}

/** Seals the same key under another password. Throws as `unlockPerson` does, and PASSWORD_WEAK. */
export async function changePassword(deps: PeopleDeps, id: string, old: string, password: string): Promise<void> {
  const { person, seed } = await unlock(deps, id, old);
  const { salt, sealed } = await sealKey(id, seed, password);
  seed.fill(0);
  deps.store.journal.transact('account.password', (tx) => {
    const changed = tx.run(
      "update person_key set salt = ?, sealed = ? where public_key = ? and state = 'active'",
      salt,
      sealed,
      person.key,
    );
    if (changed.changes !== 1)
      throw new AssentError('PERSON_INACTIVE', 'The key of this account was replaced meanwhile.');
    tx.append({ kind: 'account.password-changed', detail: { person: id } });
  });
}
