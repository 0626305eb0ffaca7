// Who is asking: every request of a member is signed by its member key, whatever network or proxy it came through.
import { AssentError } from '../shared/errors.ts';
import { encodeUtf8, fromHex } from '../shared/wire/canonical.ts';
import type { Clock } from '../platform/clock.ts';
import { primitives } from '../platform/crypto.ts';
import { keysOf, memberOf, type MemberRow } from './members.ts';
import type { Store } from './store/open.ts';

/** When a member last asked for anything, ms since 1970; not kept over a restart. */
export type LastSeen = Map<string, number>;
export type CallerDeps = { store: Store; clock: Clock; lastSeen: LastSeen };

const WINDOW_SECONDS = 300;

/**
 * The member that signed the request (see coordinator.proto), enrolled or admitted; `header` gives '' for what is absent.
 * Throws SIGNATURE_INVALID, MEMBER_UNKNOWN, MEMBER_REMOVED, CLOCK_SKEW (its detail has our time).
 */
export function callerOf(
  { store, clock, lastSeen }: CallerDeps,
  request: { method: string; path: string; header(name: string): string },
): MemberRow {
  const [member, time, signature] = ['assent-member', 'assent-time', 'assent-signature'].map((name) =>
    request.header(name),
  );
  if (!member || !/^\d{1,12}$/.test(time!) || !/^[0-9a-f]{128}$/.test(signature!))
    throw new AssentError(
      'SIGNATURE_INVALID',
      'The request is not signed: assent-member, assent-time and assent-signature are needed.',
    );
  const row = memberOf(store.journal.read, member);
  if (row.state === 'removed')
    throw new AssentError('MEMBER_REMOVED', `${member} was removed from ${store.consortium}.`, { member });
  if (row.keys === null) throw new AssentError('MEMBER_UNKNOWN', `${member} has not enrolled yet.`, { member });
  const lines = ['assent/request/v1', store.consortium, member, time, `${request.method} ${request.path}`];
  if (!primitives.verifyEd25519(fromHex(keysOf(row).member), encodeUtf8(lines.join('\n')), fromHex(signature!)))
    throw new AssentError('SIGNATURE_INVALID', `The request is not signed by the member key of ${member}.`, { member });
  const now = clock.now() / 1000;
  if (Math.abs(now - Number(time)) > WINDOW_SECONDS) {
    const [ours, theirs] = [now, Number(time)].map((seconds) => new Date(Math.floor(seconds) * 1000).toISOString());
    throw new AssentError(
      'CLOCK_SKEW',
      `The request says it is ${theirs}; here it is ${ours}. Set the clock of that machine.`,
      {
        coordinatorTime: ours!,
        requestTime: theirs!,
      },
    );
  }
  lastSeen.set(member, clock.now());
  return row;
}

/** Throws NOT_ADMITTED. */
export function needAdmitted(caller: MemberRow): MemberRow {
  if (caller.state === 'admitted') return caller;
  throw new AssentError(
    'NOT_ADMITTED',
    `${caller.id} is not admitted yet. Read its fingerprint to the coordinator’s operator.`,
    {
      member: caller.id,
    },
  );
}

/** What a member signs is about itself. Throws SIGNATURE_INVALID. */
export function memberRef(caller: MemberRow, member: string): void {
  if (caller.id !== member)
    throw new AssentError('SIGNATURE_INVALID', `A record of ${member} was sent by ${caller.id}.`, {
      member,
      caller: caller.id,
    });
}
