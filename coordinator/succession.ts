// A member's log goes on under another key: the coordinator checks what the member signed against what it has cosigned itself,
// and tells everybody the new key.
import { AssentError } from '../shared/errors.ts';
import { successorRecord } from '../shared/records/succession.ts';
import { signedMessage } from '../shared/records/signed.ts';
import { parseCheckpoint } from '../shared/transparency/checkpoint.ts';
import { isSignedBy } from '../shared/transparency/witness.ts';
import { fromHex, toHex } from '../shared/wire/canonical.ts';
import { primitives, sha256 } from '../platform/crypto.ts';
import { logKey } from '../platform/log-origin.ts';
import { areNew, keysOf, publishDirectory, type MemberDeps, type MemberRow } from './members.ts';

export type Succession = {
  record: Uint8Array;
  memberSignature: Uint8Array;
  logSignature: Uint8Array;
  /** The last anchored checkpoint of the log before. */
  checkpoint: Uint8Array;
};

/** Idempotent. Throws RECORD_INVALID, SIGNATURE_INVALID, SUCCESSION_INVALID, CHECKPOINT_INVALID. */
export function succeedLog(deps: MemberDeps, caller: MemberRow, said: Succession): void {
  const { store, events } = deps;
  const { journal } = store;
  const hash = toHex(sha256(said.record));
  if (journal.read.get('select 1 from successor where hash = ?', hash)) return;
  const value = successorRecord.decode(said.record);
  const keys = keysOf(caller);
  const message = signedMessage(successorRecord.kind, said.record);
  const proven =
    primitives.verifyEd25519(fromHex(keys.member), message, said.memberSignature) &&
    primitives.verifyEd25519(fromHex(value.log), message, said.logSignature);
  if (!proven)
    throw new AssentError('SIGNATURE_INVALID', `${caller.id} did not sign its successor log with both keys.`);
  const refuse = (why: string): never => {
    throw new AssentError('SUCCESSION_INVALID', `The successor log of ${caller.id} is not taken: ${why}`);
  };
  if (value.member !== caller.id || value.consortium !== store.consortium) refuse('it is of another member.');
  const before = logKey(fromHex(keys.log));
  const anchor = parseCheckpoint(said.checkpoint);
  const { origin, size, root } = value.predecessor;
  if (origin !== before.name || anchor.origin !== origin || anchor.size !== size || toHex(anchor.root) !== root)
    refuse('it does not name the log that is known here, or another checkpoint of it.');
  if (!isSignedBy(primitives, anchor, before)) refuse('the checkpoint that it names is not signed by the log before.');
  const cosigned = journal.read.get<{ size: number; root: Buffer }>(
    'select size, root from witnessed where origin = ?',
    origin,
  );
  if (cosigned && (size < cosigned.size || (size === cosigned.size && root !== toHex(cosigned.root))))
    refuse(`${cosigned.size} records of the log before were cosigned here, and it names ${size}.`);
  if (!areNew(store, { log: value.log })) refuse('its key is in use already.');
  journal.transact('member.succeed', (tx) => {
    const now = { ...keys, log: value.log };
    tx.run('update member set keys = ? where id = ?', JSON.stringify(now), caller.id);
    tx.run(
      'insert into successor (hash, member, record, member_signature, log_signature, checkpoint) values (?, ?, ?, ?, ?, ?)',
      hash,
      caller.id,
      said.record,
      said.memberSignature,
      said.logSignature,
      said.checkpoint,
    );
    const { hash: directory, sequence } = publishDirectory(tx, deps);
    const detail = {
      member: caller.id,
      keys: now,
      successor: hash,
      origin,
      anchored: { size, root },
      directory,
      sequence,
    };
    tx.append({ kind: 'member.succeeded', detail });
  });
  events.wake();
}
