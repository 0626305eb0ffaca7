// Messages that will leave: their exact bytes are committed before the first attempt, and every retry sends the same ones.
import type { Signed } from '../../shared/records/signed.ts';
import { toHex } from '../../shared/wire/canonical.ts';
import { sha256 } from '../../platform/crypto.ts';
import type { Reader, Tx } from '../../platform/journal.ts';
import type { RoundKey } from '../stages.ts';

export type Purpose = 'enrolment' | 'join' | 'leave' | 'decision' | 'update';
export type OutboxRow = {
  id: number;
  purpose: Purpose;
  record: string;
  bytes: Buffer;
  signature: Buffer;
  study: string | null;
  round: number | null;
  attempt: number | null;
  blob: string | null;
  state: 'intended' | 'delivered' | 'refused';
  code: string | null;
  /** From then on the message may not leave any more. */
  not_after: string | null;
};

/** Puts a signed record into the outbox of this transaction; returns its number and the record's hash. */
export function intend(
  tx: Tx,
  at: number,
  purpose: Purpose,
  signed: Signed,
  about: { study?: string; key?: RoundKey; blob?: string; notAfter?: string } = {},
): { id: number; record: string } {
  const record = toHex(sha256(signed.bytes));
  const { id } = tx.get<{ id: number }>('select coalesce(max(id), 0) + 1 as id from outbox')!;
  tx.run(
    `insert into outbox (id, purpose, record, bytes, signature, study, round, attempt, blob, state, at, not_after)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, 'intended', ?, ?)`,
    id,
    purpose,
    record,
    signed.bytes,
    signed.signature,
    about.key?.study ?? about.study ?? null,
    about.key?.round ?? null,
    about.key?.attempt ?? null,
    about.blob ?? null,
    new Date(at).toISOString(),
    about.notAfter ?? null,
  );
  return { id, record };
}

/** The round that a message is about. */
export const keyOf = ({ study, round, attempt }: OutboxRow): RoundKey => ({
  study: study!,
  round: round!,
  attempt: attempt!,
});

/** The oldest message not yet acknowledged: they leave in the order they were intended. */
export const nextIntended = (read: Reader): OutboxRow | undefined =>
  read.get<OutboxRow>("select * from outbox where state = 'intended' order by id limit 1");
