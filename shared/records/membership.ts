// Who belongs to a consortium: invitation, enrolment and the signed member directory.
import { z } from 'zod';
import { AssentError } from '../errors.ts';
import { fromBase64, toBase64 } from '../transparency/bytes.ts';
import { hash, keys, name, slug, time, version } from './fields.ts';
import { defineRecord } from './signed.ts';

/** Handed over outside the network; it pins the coordinator's keys and is good for one enrolment. */
export const invitation = z.strictObject({
  v: version,
  consortium: slug,
  url: z.url({ protocol: /^https?$/ }),
  coordinator: keys,
  member: slug,
  name,
  /** 128 bits, hex; the coordinator keeps only its hash. */
  token: z.string().regex(/^[0-9a-f]{32}$/),
  expires: time,
});
export type Invitation = z.infer<typeof invitation>;
const invitationRecord = defineRecord('invitation', invitation);

const PREFIX = 'assent-invitation:';

/** One line of text that can be mailed or read from a file. */
export const encodeInvitation = (value: Invitation): string => PREFIX + toBase64Url(invitationRecord.encode(value));

/** Throws INVITATION_INVALID. White space around and line breaks within do not matter. */
export function decodeInvitation(line: string): Invitation {
  const compact = line.replace(/\s/g, '');
  try {
    if (!compact.startsWith(PREFIX)) throw new Error(`it does not begin with ${PREFIX}`);
    return invitationRecord.decode(fromBase64Url(compact.slice(PREFIX.length)));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new AssentError('INVITATION_INVALID', `This is no invitation: ${why}.`, {}, cause);
  }
}

/** Signed by each of the three keys that it names: proof that the sender holds them. */
export const enrolmentRecord = defineRecord(
  'enrolment',
  z.strictObject({ v: version, consortium: slug, member: slug, token: z.string().regex(/^[0-9a-f]{32}$/), keys }),
);

const member = z.strictObject({ id: slug, name, keys, since: time });

/** All members in force, in the order of their ids; each directory names the one before it. */
export const directoryRecord = defineRecord(
  'directory',
  z.strictObject({
    v: version,
    consortium: slug,
    sequence: z.int().min(1),
    at: time,
    coordinator: keys,
    members: z.array(member).max(1_000),
    previous: hash.nullable(),
  }),
);
export type Directory = ReturnType<typeof directoryRecord.decode>;

/** A member joins a study: it has read this very study file and will be asked for each round. */
export const joinRecord = defineRecord(
  'join',
  z.strictObject({ v: version, study: slug, studyHash: hash, member: slug, at: time }),
);

/** A member takes part no more: it is asked for no further round, and what it sent before stays. */
export const leaveRecord = defineRecord(
  'leave',
  z.strictObject({ v: version, study: slug, studyHash: hash, member: slug, at: time }),
);

function toBase64Url(bytes: Uint8Array): string {
  return toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

function fromBase64Url(text: string): Uint8Array {
  const padded = text.replaceAll('-', '+').replaceAll('_', '/') + '='.repeat((4 - (text.length % 4)) % 4);
  const bytes = fromBase64(padded);
  if (!bytes) throw new Error('it is not whole');
  return bytes;
}
