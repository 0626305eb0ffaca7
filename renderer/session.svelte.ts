// Who is signed in at this window. Locking keeps the page as it is, unseen, until the same person signs in again.
import type { Person } from '../shared/gen/assent/v1/node_pb.ts';
import type { AssentError } from '../shared/errors.ts';
import { node, useSession } from './node.ts';
import { refusalOf } from './refusals.ts';

const KEPT = 'assent-session';
const IDLE_MS = 10 * 60_000;

let person = $state.raw<Person>();
let locked = $state(false);
let token = '';
let lastSeen = Date.now();

function take(given: string): void {
  token = given;
  useSession(given);
  if (given === '') sessionStorage.removeItem(KEPT);
  else sessionStorage.setItem(KEPT, given);
}

export const session = {
  get person() {
    return person;
  },
  get locked() {
    return locked;
  },
  /** Whether this person may do what `role` does. The node asks again. */
  has: (role: string): boolean => person?.roles.includes(role) ?? false,
};

export async function signIn(login: string, password: string): Promise<void> {
  const answer = await node.signIn({ login, password });
  take(answer.token);
  person = answer.person;
  locked = false;
  lastSeen = Date.now();
}

/** Learns whose session the desktop app lends to this window. */
export async function recogniseSession(): Promise<void> {
  ({ person } = await node.whoAmI({}));
}

/** Goes on with the session of this window, which a reload left behind. */
export async function resumeSession(): Promise<void> {
  const kept = sessionStorage.getItem(KEPT);
  if (kept === null) return;
  useSession(kept);
  try {
    ({ person } = await node.whoAmI({}));
    take(kept);
  } catch {
    take('');
  }
}

export async function signOut(): Promise<void> {
  const ended = tell(false);
  person = undefined;
  locked = false;
  await ended;
}

export async function lock(): Promise<void> {
  if (!person || locked) return;
  locked = true;
  await tell(true);
}

async function tell(byLock: boolean): Promise<void> {
  if (token === '') return;
  const ended = node.signOut({ locked: byLock });
  take('');
  await ended.catch(() => {}); // it ends by itself after ten minutes
}

/** Every refusal comes by here: a session that the node ended locks the window. */
export function noticed(error: unknown): AssentError {
  const refusal = refusalOf(error);
  if (refusal.code === 'SESSION_MISSING' && person) {
    take('');
    locked = true;
  }
  return refusal;
}

/** Locks after ten minutes without a key, a click or a touch. */
export function watchIdleness(): () => void {
  const seen = () => (lastSeen = Date.now());
  const names = ['keydown', 'pointerdown', 'wheel', 'touchstart'] as const;
  for (const name of names) addEventListener(name, seen, { passive: true, capture: true });
  const timer = setInterval(() => {
    if (Date.now() - lastSeen > IDLE_MS) void lock();
  }, 10_000);
  return () => {
    clearInterval(timer);
    for (const name of names) removeEventListener(name, seen, { capture: true });
  };
}
