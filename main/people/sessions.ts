// Who is signed in. Sessions are in memory: a restart, ten idle minutes or a lock end them, and signing asks the password anew.
import { AssentError } from '../../shared/errors.ts';
import { toHex } from '../../shared/wire/canonical.ts';
import { randomBytes } from '../../platform/crypto.ts';
import { passwordKey } from '../../platform/keyring.ts';
import { unlockPerson } from './keys.ts';
import { isSetUp, personNamed, personOf, type PeopleDeps, type Person } from './people.ts';

export type Sessions = {
  /** Throws PASSWORD_WRONG for an unknown login too, SIGN_IN_DELAYED, PERSON_INACTIVE, NOT_SET_UP. */
  open(login: string, password: string): Promise<{ token: string; person: Person }>;
  /** The person as the store knows them now. Throws SESSION_MISSING for an unknown, ended or expired one. */
  personOf(token: string): Person;
  close(token: string, why: 'signed-out' | 'locked'): void;
};

export const IDLE_MS = 10 * 60_000;
const FREE_FAILURES = 5;
const PAUSE_MS = 5_000;

type Session = { person: string; key: string; lastUsed: number };

export function openSessions(deps: PeopleDeps): Sessions {
  const { store, now } = deps;
  const { read } = store.journal;
  const sessions = new Map<string, Session>();
  const strangers = { failures: 0, notBefore: 0 };

  function end(token: string, session: Session, why: 'signed-out' | 'locked' | 'expired' | 'changed'): void {
    sessions.delete(token);
    store.journal.transact('session.close', (tx) =>
      tx.append({ kind: 'session.closed', detail: { person: session.person, why } }),
    );
  }

  /** An unknown login costs as much time as a known one, and tries of many are slowed down together. */
  async function refuseStranger(password: string): Promise<never> {
    if (now() < strangers.notBefore)
      throw new AssentError('SIGN_IN_DELAYED', 'After several wrong logins the next try has to wait a few seconds.');
    await passwordKey(password, randomBytes(16));
    strangers.failures++;
    if (strangers.failures >= FREE_FAILURES) strangers.notBefore = now() + PAUSE_MS;
    store.journal.transact('session.refuse', (tx) =>
      tx.append({ kind: 'session.refused', detail: { person: null, failures: strangers.failures } }),
    );
    throw new AssentError('PASSWORD_WRONG', 'Login or password is wrong.');
  }

  return {
    async open(login, password) {
      if (!isSetUp(read)) throw new AssentError('NOT_SET_UP', 'No accounts were made yet. Run: assent-node set-up');
      const known = personNamed(read, login);
      if (!known) return refuseStranger(password);
      const { person } = await unlockPerson(deps, known.id, password);
      const token = toHex(randomBytes(32));
      store.journal.transact('session.open', (tx) =>
        tx.append({ kind: 'session.opened', detail: { person: person.id, roles: person.roles } }),
      );
      sessions.set(token, { person: person.id, key: person.key, lastUsed: now() });
      return { token, person };
    },
    personOf(token) {
      const session = sessions.get(token);
      if (!session) throw new AssentError('SESSION_MISSING', 'Nobody is signed in.');
      if (now() - session.lastUsed > IDLE_MS) {
        end(token, session, 'expired');
        throw new AssentError(
          'SESSION_MISSING',
          'You were signed out after ten minutes without a request. Sign in again.',
        );
      }
      const person = personOf(read, session.person);
      if (person.state !== 'active' || person.key !== session.key) {
        end(token, session, 'changed');
        throw new AssentError('SESSION_MISSING', 'Your account was changed by an admin. Sign in again.');
      }
      session.lastUsed = now();
      return person;
    },
    close(token, why) {
      const session = sessions.get(token);
      if (session) end(token, session, why);
    },
  };
}
