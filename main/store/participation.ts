// Who signed that this institution joined or left a study; whoever proposes a study does not approve its rounds.
import { participationRecord, type Participation } from '../../shared/records/consent.ts';
import { toHex } from '../../shared/wire/canonical.ts';
import { signedMessage } from '../../shared/records/signed.ts';
import type { Reader, Tx } from '../../platform/journal.ts';
import type { Signer } from '../../platform/keyring.ts';
import { keepSigned } from './signed.ts';

/** Signs and keeps a joining or leaving; what the log says of it besides the study's own. */
export function keepParticipation(
  tx: Tx,
  value: Participation,
  { sign }: Signer,
): { decision: string; signer: string; signature: string; person: string } {
  const bytes = participationRecord.encode(value);
  const decision = keepSigned(tx, participationRecord.kind, bytes);
  const { person, key } = value.signer;
  tx.run(
    'insert into participation (hash, study, decision, person) values (?, ?, ?, ?)',
    decision,
    value.study,
    value.decision,
    person,
  );
  const signature = toHex(sign(signedMessage(participationRecord.kind, bytes)));
  return { decision, signer: key, signature, person };
}

/** Whoever signed a joining of this study since it was last left. */
export const proposersOf = (read: Reader, study: string): Set<string> =>
  new Set(
    read
      .all<{ person: string }>(
        `select person from participation where study = ? and decision = 'join' and rowid >
           (select coalesce(max(rowid), 0) from participation where study = ? and decision = 'leave')`,
        study,
        study,
      )
      .map(({ person }) => person),
  );
