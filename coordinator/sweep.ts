// Files that nothing needs any more. What an outcome names stays, so that anybody can compute its aggregate again: the updates
// that counted, the aggregate, the model before and the model after. The statements and records of all others stay too.
import { outcomeRecord } from '../shared/records/round.ts';
import type { Conductor } from './conductor.ts';
import type { Store } from './store/open.ts';

/** Removes what these members sent and no aggregated or open round counts, unless they may still be sending for one. */
export async function sweepUpdates(store: Store, conductor: Conductor, members: Iterable<string>): Promise<void> {
  const sending = new Set(
    conductor.all().flatMap(({ state: { open } }) => (open?.stage === 'collecting' ? Object.keys(open.seats) : [])),
  );
  for (const member of members) {
    const files = store.updates(member);
    for (const { hash } of await files.list()) {
      const { counts, closed } = standing(store, member, hash);
      if (counts || (sending.has(member) && !closed)) continue;
      await files.remove(hash);
    }
  }
}

/** `closed`: it was counted once, in a round that came to nothing. */
function standing({ journal }: Store, member: string, hash: string): { counts: boolean; closed: boolean } {
  const results = journal.read.all<{ result: string | null }>(
    'select result from statement join round using (study, round, attempt) where member = ? and blob = ?',
    member,
    hash,
  );
  const counts = results.some(({ result }) => result !== 'aborted');
  return { counts, closed: results.length > 0 && !counts };
}

/** For the start, before anything is written: models and aggregates that a crash left without a record. */
export async function sweepModels({ journal, models }: Store): Promise<void> {
  const kept = new Set(journal.read.all<{ sha256: string }>('select sha256 from model').map(({ sha256 }) => sha256));
  for (const { outcome } of journal.read.iterate<{ outcome: Buffer }>(
    "select outcome from round where result = 'aggregated'",
  ))
    kept.add(outcomeRecord.decode(outcome).aggregate!);
  for (const { hash } of await models.list()) if (!kept.has(hash)) await models.remove(hash);
}
