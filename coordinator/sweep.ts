// Files that nothing needs any more. What an outcome names stays, so that anybody can compute its aggregate again: the updates
// that counted, the aggregate, the model before and the model after. The statements and records of all others stay too.
import { outcomeRecord } from '../shared/records/round.ts';
import type { Conductor } from './conductor.ts';
import type { Store } from './store/open.ts';

/** Removes what these members sent and no accepted update names, unless they may still be sending for an open round. */
export async function sweepUploads({ uploads }: Store, conductor: Conductor, members: Iterable<string>): Promise<void> {
  const sending = new Set(conductor.all().flatMap(({ state: { open } }) => (open ? Object.keys(open.seats) : [])));
  for (const member of members) if (!sending.has(member)) await uploads.inTurn(member, () => uploads.sweep(member));
}

/** What was accepted for a round that came to nothing. */
export async function releaseUploads(
  { journal, uploads }: Store,
  { study, round, attempt }: { study: string; round: number; attempt: number },
): Promise<void> {
  const accepted = journal.read.all<{ member: string; blob: string }>(
    'select member, blob from statement where study = ? and round = ? and attempt = ?',
    study,
    round,
    attempt,
  );
  for (const { member, blob } of accepted) await uploads.inTurn(member, () => uploads.release(member, blob));
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
