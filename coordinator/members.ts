// Who belongs to the consortium: invitations, proofs of the keys, admission by fingerprint, and the signed directory.
import { AssentError, type ErrorCode } from '../shared/errors.ts';
import { slug, type Keys } from '../shared/records/fields.ts';
import { fingerprint, sameFingerprint } from '../shared/records/fingerprint.ts';
import { directoryRecord, encodeInvitation, enrolmentRecord } from '../shared/records/membership.ts';
import { signedMessage } from '../shared/records/signed.ts';
import { fromHex, toHex } from '../shared/wire/canonical.ts';
import type { Clock } from '../platform/clock.ts';
import { primitives, randomBytes, sha256 } from '../platform/crypto.ts';
import type { Reader, Tx } from '../platform/journal.ts';
import { COORDINATOR } from '../platform/parties.ts';
import { admittedMembers, handOver, type Events } from './events.ts';
import type { Store } from './store/open.ts';

export type MemberRow = {
  id: string;
  name: string;
  state: 'invited' | 'enrolled' | 'admitted' | 'removed';
  since: string;
  keys: string | null;
};
export type MemberDeps = { store: Store; clock: Clock; events: Events };

const INVITATION_HOURS = 24;

/** Throws MEMBER_UNKNOWN. */
export function memberOf(read: Reader, id: string): MemberRow {
  const row = read.get<MemberRow>('select * from member where id = ?', id);
  if (!row)
    throw new AssentError('MEMBER_UNKNOWN', `There is no member ${id}. List the members to see their names.`, {
      member: id,
    });
  return row;
}

export const keysOf = ({ keys }: MemberRow): Keys => JSON.parse(keys!) as Keys;

/**
 * A line of text to hand over outside the network, good for one enrolment within 24 hours. A member that has not enrolled
 * yet can be invited again, and the earlier invitation is void then. Throws MEMBER_EXISTS, REQUEST_INVALID.
 */
export function invite(
  { store, clock }: MemberDeps,
  member: string,
  name: string,
  url: string,
): { invitation: string; expires: string } {
  if (!slug.safeParse(member).success)
    throw new AssentError(
      'REQUEST_INVALID',
      `"${member}" is no name for a member: use lowercase letters, digits and hyphens, a letter first, 63 at most.`,
    );
  if (member === COORDINATOR)
    throw new AssentError('REQUEST_INVALID', `No member can be called ${COORDINATOR}. Choose another name.`);
  const { consortium, keys: coordinator } = store;
  const token = toHex(randomBytes(16));
  const now = clock.now();
  const expires = new Date(now + INVITATION_HOURS * 3600_000).toISOString();
  const invitation = encodeInvitation({ v: 1, consortium, url, coordinator, member, name, token, expires });
  store.journal.transact('member.invite', (tx) => {
    const known = tx.get<MemberRow>('select * from member where id = ?', member);
    if (known && known.state !== 'invited')
      throw new AssentError(
        'MEMBER_EXISTS',
        `There is a member ${member} already (${known.state}). Choose another name.`,
        { member },
      );
    tx.run('delete from invitation where member = ?', member);
    tx.run(
      "insert into member (id, name, state, since) values (?, ?, 'invited', ?) on conflict (id) do update set name = excluded.name, since = excluded.since",
      member,
      name,
      new Date(now).toISOString(),
    );
    tx.run('insert into invitation (token, member, expires) values (?, ?, ?)', tokenHash(token), member, expires);
    tx.append({ kind: 'member.invited', detail: { member, name: tx.commit(name), token: tokenHash(token), expires } });
  });
  return { invitation, expires };
}

const tokenHash = (token: string): string => toHex(sha256(fromHex(token)));

export type Enrolment = { record: Uint8Array; proofs: { member: Uint8Array; log: Uint8Array; witness: Uint8Array } };

/** Each refusal is on record. Throws ENROLMENT_TOKEN_UNKNOWN, _USED, _EXPIRED, ENROLMENT_PROOF_INVALID, RECORD_INVALID. */
export function enrol({ store, clock }: MemberDeps, { record, proofs }: Enrolment): { admitted: boolean } {
  const { consortium, member, token: secret, keys } = enrolmentRecord.decode(record);
  const { journal } = store;
  const token = tokenHash(secret);
  const refuse = (code: ErrorCode, message: string): never => {
    journal.transact(
      'enrolment.refuse',
      (tx) => void tx.append({ kind: 'enrolment.refused', detail: { code, token } }),
    );
    throw new AssentError(code, message);
  };
  const found = journal.read.get<{ member: string; expires: string; enrolment: Buffer | null }>(
    'select * from invitation where token = ?',
    token,
  );
  if (!found || found.member !== member || consortium !== store.consortium)
    return refuse(
      'ENROLMENT_TOKEN_UNKNOWN',
      `No invitation of ${store.consortium} for ${member} has this token. Ask for a new one.`,
    );
  const { state } = memberOf(journal.read, member);
  if (found.enrolment) {
    // The answer may have been lost on the way.
    if (found.enrolment.equals(record) && state !== 'removed') return { admitted: state === 'admitted' };
    return refuse(
      'ENROLMENT_TOKEN_USED',
      `The invitation of ${member} was used before. Ask the coordinator for a new one.`,
    );
  }
  if (state !== 'invited') return refuse('ENROLMENT_TOKEN_UNKNOWN', `The invitation of ${member} was withdrawn.`);
  if (clock.now() >= Date.parse(found.expires))
    return refuse(
      'ENROLMENT_TOKEN_EXPIRED',
      `The invitation of ${member} expired at ${found.expires}. Ask for a new one.`,
    );
  const message = signedMessage(enrolmentRecord.kind, record);
  const proven = (['member', 'log', 'witness'] as const).every((name) =>
    primitives.verifyEd25519(fromHex(keys[name]), message, proofs[name]),
  );
  if (!proven || !areNew(store, keys))
    return refuse('ENROLMENT_PROOF_INVALID', `${member} did not prove that it holds three keys of its own.`);
  journal.transact('member.enrol', (tx) => {
    tx.run('update invitation set enrolment = ? where token = ?', record, token);
    tx.run(
      "update member set state = 'enrolled', keys = ?, since = ? where id = ?",
      JSON.stringify(keys),
      nowText(clock),
      member,
    );
    tx.append({ kind: 'member.enrolled', detail: { member, keys, token } });
  });
  return { admitted: false };
}

/** One key must not speak for two members, nor in two roles. */
export function areNew({ journal, keys: own }: Store, keys: Partial<Keys>): boolean {
  const others = journal.read.all<MemberRow>('select * from member where keys is not null').map(keysOf);
  const known = new Set([own, ...others].flatMap((each) => Object.values(each)));
  const given = Object.values(keys);
  return new Set(given).size === given.length && !given.some((key) => known.has(key));
}

/**
 * The operator types what the member's staff read aloud. What the new member is to be told besides the studies is written
 * by `also` in the same transaction. Throws MEMBER_UNKNOWN, FINGERPRINT_MISMATCH, REQUEST_INVALID.
 */
export function admit(deps: MemberDeps, member: string, typed: string, also: (tx: Tx) => void): void {
  const { store, clock, events } = deps;
  const row = memberOf(store.journal.read, member);
  if (row.state !== 'enrolled')
    throw new AssentError(
      'REQUEST_INVALID',
      `${member} is ${row.state}; only a member that has enrolled and is not yet admitted can be.`,
      { member },
    );
  const keys = keysOf(row);
  if (!sameFingerprint(typed, fingerprint(primitives, keys)))
    throw new AssentError(
      'FINGERPRINT_MISMATCH',
      `The fingerprint typed is not that of ${member}. Have it read once more; if it still differs, stop.`,
      { member },
    );
  store.journal.transact('member.admit', (tx) => {
    tx.run("update member set state = 'admitted', since = ? where id = ?", nowText(clock), member);
    const { hash, sequence } = publishDirectory(tx, deps);
    handOver(tx, member, 'study');
    also(tx);
    tx.append({ kind: 'member.admitted', detail: { member, keys, directory: hash, sequence } });
  });
  events.wake();
}

/** Takes the member out of the directory; what this does to running studies is written by `also` in the same transaction. */
export function remove(deps: MemberDeps, member: string, reason: string, also: (tx: Tx) => void): void {
  const { store, clock, events } = deps;
  const row = memberOf(store.journal.read, member);
  if (row.state === 'removed') throw new AssentError('REQUEST_INVALID', `${member} was removed already.`, { member });
  store.journal.transact('member.remove', (tx) => {
    tx.run("update member set state = 'removed', since = ? where id = ?", nowText(clock), member);
    const { hash, sequence } = publishDirectory(tx, deps);
    tx.append({
      kind: 'member.removed',
      detail: { member, directory: hash, sequence, reason: reason === '' ? null : tx.commit(reason) },
    });
    also(tx);
  });
  events.wake();
}

/** The members in force and their keys, to all of them. */
export function publishDirectory(tx: Tx, { store, clock, events }: MemberDeps): { hash: string; sequence: number } {
  const last = tx.get<{ sequence: number; hash: string }>(
    'select sequence, hash from directory order by sequence desc limit 1',
  );
  const rows = tx.all<MemberRow>("select * from member where state = 'admitted' order by id");
  const sequence = (last?.sequence ?? 0) + 1;
  const at = nowText(clock);
  const value = {
    v: 1 as const,
    consortium: store.consortium,
    sequence,
    at,
    coordinator: store.keys,
    members: rows.map((row) => ({ id: row.id, name: row.name, keys: keysOf(row), since: row.since })),
    previous: last?.hash ?? null,
  };
  const signed = events.publish(tx, 'directory', directoryRecord, value, admittedMembers(tx));
  const hash = toHex(sha256(signed.bytes));
  tx.run(
    'insert into directory (sequence, hash, at, bytes, signature) values (?, ?, ?, ?, ?)',
    sequence,
    hash,
    at,
    signed.bytes,
    signed.signature,
  );
  return { hash, sequence };
}

const nowText = (clock: Clock): string => new Date(clock.now()).toISOString();
