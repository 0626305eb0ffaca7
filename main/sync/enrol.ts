// Enrolment: pins the coordinator's keys from the invitation, proves that this node holds its own, and waits to be admitted.
import { AssentError } from '../../shared/errors.ts';
import type { Keys } from '../../shared/records/fields.ts';
import { fingerprint, sameFingerprint } from '../../shared/records/fingerprint.ts';
import { decodeInvitation, enrolmentRecord } from '../../shared/records/membership.ts';
import { signedMessage } from '../../shared/records/signed.ts';
import { toHex } from '../../shared/wire/canonical.ts';
import { primitives } from '../../platform/crypto.ts';
import type { Store } from '../store/open.ts';
import { intend } from '../store/outbox.ts';
import { coordinatorOf } from '../store/rounds.ts';
import { checkTransport } from './outbound.ts';

export const memberKeys = (store: Store): Keys => ({
  member: toHex(store.keys.member.publicKey),
  log: toHex(store.keys.log.publicKey),
  witness: toHex(store.keys.witness.publicKey),
});

/** What a person may see of an invitation before joining; the fingerprint it pins is compared, never told. */
export function readInvitation(text: string, typed: readonly string[]) {
  const { consortium, member, name, url, expires, coordinator } = decodeInvitation(text);
  const expected = fingerprint(primitives, coordinator).split(' ');
  return { consortium, member, name, url, expires, right: typed.map((group, at) => group === expected[at]) };
}

/**
 * `typed` is the coordinator's fingerprint as its operator read it aloud: it must be that of the invitation's keys.
 * The request itself leaves through the outbox. Throws INVITATION_INVALID, FINGERPRINT_MISMATCH, REQUEST_INVALID.
 */
export function requestEnrolment(
  store: Store,
  now: () => number,
  text: string,
  typed: string,
): { member: string; consortium: string } {
  const invitation = decodeInvitation(text);
  checkTransport(invitation.url);
  if (!sameFingerprint(typed, fingerprint(primitives, invitation.coordinator)))
    throw new AssentError(
      'FINGERPRINT_MISMATCH',
      'The fingerprint typed is not that of the coordinator in this invitation. Ask its operator to read it once more; if it still differs, stop.',
    );
  const { consortium, member, url, coordinator, token } = invitation;
  const known = coordinatorOf(store.journal.read);
  if (known?.admitted)
    throw new AssentError('REQUEST_INVALID', `This node is member ${known.member} of ${known.consortium} already.`);
  const keys = memberKeys(store);
  const bytes = enrolmentRecord.encode({ v: 1, consortium, member, token, keys });
  const message = signedMessage(enrolmentRecord.kind, bytes);
  const proofs = [store.keys.member, store.keys.log, store.keys.witness].map((key) => key.sign(message));
  store.journal.transact('enrolment.request', (tx) => {
    tx.run("update outbox set state = 'refused', code = 'CANCELED' where purpose = 'enrolment' and state = 'intended'");
    tx.run('delete from coordinator');
    tx.run(
      'insert into coordinator (only, consortium, member, url, keys) values (1, ?, ?, ?, ?)',
      consortium,
      member,
      url,
      JSON.stringify(coordinator),
    );
    intend(tx, now(), 'enrolment', { bytes, signature: Buffer.concat(proofs) });
    tx.append({ kind: 'enrolment.requested', detail: { consortium, member, url, coordinator, keys } });
  });
  return { member, consortium };
}
