// Erasure of personal openings: names and free text behind the commitments in the log. The log itself stays as it is.
import { AssentError } from '../../shared/errors.ts';
import { encodeUtf8, toHex } from '../../shared/wire/canonical.ts';
import { sha256 } from '../../platform/crypto.ts';
import type { Reader, Tx } from '../../platform/journal.ts';
import type { NodeJournal } from '../store/open.ts';
import { retentionOf } from './retention.ts';

/** Which openings: those of these commitments, what a person is called and wrote, or what a data set was called. Ids, not logins. */
export type Erased = { commitments: readonly string[] } | { person: string } | { dataset: string };

/** More are named by a hash over all of them. */
const MOST_NAMED = 20;

/**
 * Erases them on record; `by` is the person who does it. Their bytes are gone from the store's files afterwards, and so is the
 * login of a person. Returns how many there were. Throws LEGAL_HOLD, and REQUEST_INVALID where there is nothing to erase or
 * the account of the person is in force.
 */
export function eraseOpenings(
  { journal }: { journal: NodeJournal },
  request: { what: Erased; reason: string; by: string },
): { erased: number } {
  const { what, reason, by } = request;
  return journal.transact('opening.erase', (tx) => {
    if (retentionOf(tx).hold)
      throw new AssentError('LEGAL_HOLD', 'What is under a legal hold is not erased. An admin can end the hold first.');
    const found = openingsOf(tx, what);
    if (found.length === 0)
      throw new AssentError('REQUEST_INVALID', 'There is nothing to erase: no such opening is kept here (any more).');
    if ('person' in what) forgetLogin(tx, what.person);
    erase(tx, what, found, { reason: tx.commit(reason), person: by });
    return { erased: found.length };
  });
}

/** History goes on naming the person by the id, which takes the place of the login. */
function forgetLogin(tx: Tx, person: string): void {
  if (tx.get("select 1 from person where id = ? and state = 'active'", person))
    throw new AssentError(
      'REQUEST_INVALID',
      'This account is in force: people have to see whom they deal with. Deactivate it first (person deactivate).',
    );
  tx.run('update person set login = id where id = ?', person);
}

/** For the transaction that deletes a data set. Under a legal hold its openings stay. */
export function eraseWithDataset(tx: Tx, dataset: string, by: string | null): void {
  const what = { dataset };
  const found = openingsOf(tx, what);
  if (found.length > 0 && !retentionOf(tx).hold) erase(tx, what, found, { reason: null, person: by });
}

function erase(
  tx: Tx,
  what: Erased,
  found: readonly string[],
  who: { reason: string | null; person: string | null },
): void {
  const hash = toHex(sha256(encodeUtf8(found.map((commitment) => `${commitment}\n`).join(''))));
  for (const commitment of found) tx.run('delete from opening where commitment = ?', commitment);
  const [of, subject] =
    'person' in what
      ? (['person', what.person] as const)
      : 'dataset' in what
        ? (['dataset', what.dataset] as const)
        : (['commitments', null] as const);
  const named = found.length > MOST_NAMED ? [] : [...found];
  tx.append({
    kind: 'opening.erased',
    detail: { of, subject, commitments: found.length, named, sha256: hash, ...who },
  });
  tx.forget();
}

const BY_RECORD = `select commitment from opening join record on record.position = opening.position
  where json_extract(cast(record.bytes as text), ?) = ?`;

/** In ascending order. */
function openingsOf(read: Reader, what: Erased): string[] {
  const found =
    'person' in what
      ? read.all<{ commitment: string }>(BY_RECORD, '$.detail.person', what.person)
      : 'dataset' in what
        ? // Not what people wrote when they joined a study with it.
          read.all<{ commitment: string }>(`${BY_RECORD} and kind like 'dataset.%'`, '$.detail.dataset', what.dataset)
        : what.commitments.flatMap((commitment) =>
            read.all<{ commitment: string }>('select commitment from opening where commitment = ?', commitment),
          );
  return [...new Set(found.map(({ commitment }) => commitment))].toSorted();
}
