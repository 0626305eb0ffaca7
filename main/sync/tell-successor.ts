// Tells the coordinator of a successor log before anything is said under its name, again until it has answered.
import { crashPoint } from '../../platform/crash-points.ts';
import type { Store } from '../store/open.ts';
import { calling, type CoordinatorClient } from './client.ts';

type Row = { origin: string; record: Buffer; member_signature: Buffer; log_signature: Buffer; checkpoint: Buffer };

/** Throws what calls throw; what the coordinator refuses is thrown each time, until somebody puts it right. */
export async function tellSuccessor(
  { journal }: Store,
  client: () => CoordinatorClient,
  signal: AbortSignal,
): Promise<void> {
  for (const row of journal.read.all<Row>('select * from successor where told = 0 order by rowid')) {
    const { record, member_signature: memberSignature, log_signature: logSignature, checkpoint } = row;
    crashPoint('send.successor:before');
    await calling(
      client().calls.succeedLog({ record, memberSignature, logSignature, checkpoint }, { signal, timeoutMs: 60_000 }),
    );
    crashPoint('send.successor:after');
    journal.transact('anchor.keep', (tx) => void tx.run('update successor set told = 1 where origin = ?', row.origin));
  }
}
