// Blobs that nothing here needs any more: updates and input models of rounds that are over, and what a crash left. The log keeps
// their hashes; the models can be fetched again.
import { planRecord } from '../../shared/records/round.ts';
import type { Store } from './open.ts';
import { ROUND_OVER } from './rounds.ts';

/** The next update is shown beside the last one that was sent. */
const LAST_SENT = `select sealed from (
  select sealed, row_number() over (partition by study order by round desc, attempt desc) as place
  from round join study on study.id = round.study where round.stage = 'sent' and study.stage = 'joined' and study.phase not in ('finished', 'stopped')
) where place = 1`;

/**
 * Removes what is not needed: all of it with 'everything', for the start, before anything is written; else only what rounds
 * that are over left.
 */
export async function sweepBlobs({ journal: { read }, blobs }: Store, what: 'everything' | 'closed'): Promise<void> {
  const needed = new Set(
    read
      .all<{ blob: string }>(
        `select blob from outbox where state = 'intended' and blob is not null
         union select model from study where model is not null
         union select sha256 from model union select sha256 from local_model
         union select trained from round where trained is not null and not ${ROUND_OVER}
         union select sealed from round where sealed is not null and not ${ROUND_OVER}
         union ${LAST_SENT}`,
      )
      .map(({ blob }) => blob),
  );
  for (const { bytes } of read.all<{ bytes: Buffer }>(`select bytes from round where not ${ROUND_OVER}`))
    needed.add(planRecord.decode(bytes).inputModel.sha256);
  const spare = (await blobs.list()).map(({ hash }) => hash).filter((hash) => !needed.has(hash));
  if (spare.length === 0) return;
  const closed = (hash: string) =>
    read.get(
      `select 1 from round where ${ROUND_OVER}
       and (trained = ? or sealed = ? or json_extract(cast(bytes as text), '$.inputModel.sha256') = ?)`,
      hash,
      hash,
      hash,
    ) !== undefined;
  for (const hash of spare) if (what === 'everything' || closed(hash)) await blobs.remove(hash);
}
