// Does one thing to a node's store and ends: takes in an event, looks at the receipts that are due, takes a round as far as it
// goes, or keeps house.
import { fromBinary } from '@bufbuild/protobuf';
import { eraseOpenings } from '../../main/audit/erase.ts';
import { sumDays } from '../../main/audit/ledger-days.ts';
import { applyRetention, setRetention } from '../../main/audit/retention.ts';
import { listDatasets } from '../../main/data/datasets.ts';
import { openNode } from '../../main/node.ts';
import { runRound } from '../../main/round.ts';
import { accept } from '../../main/sync/inbox.ts';
import { collectReceipts } from '../../main/sync/receipts.ts';
import { AssentError } from '../../shared/errors.ts';
import { EventSchema } from '../../shared/gen/assent/v1/coordinator_pb.ts';
import { handClock } from './hand-clock.ts';
import { leastSquares } from './least-squares-trainer.ts';

export type Chore = 'log.checkpoint' | 'ledger.sum' | 'opening.erase' | 'retention.set' | 'retention.apply';
export type Task = {
  home: string;
  passphrase: string;
  now: number;
  trains: boolean;
  event?: string;
  receipts?: true;
  chore?: Chore;
};

const task = JSON.parse(process.argv[2]!) as Task;
const node = await openNode({
  home: task.home,
  passphrase: task.passphrase,
  clock: handClock(task.now),
  openProblem: task.trains
    ? leastSquares
    : () => Promise.reject(new AssentError('TRAINING_DIVERGED', 'the loss is NaN')),
});
const { store } = node;
const { journal, blobs } = store;
const now = () => task.now;
const who = { reason: 'asked for', by: 'p-00112233445566aa' };
const chores: Readonly<Record<Chore, () => unknown>> = {
  'log.checkpoint': () => journal.transact('log.checkpoint', () => {}),
  'ledger.sum': () => sumDays({ journal, now }),
  'opening.erase': () => {
    const [dataset] = listDatasets(node.data);
    return eraseOpenings({ journal }, { what: { dataset: dataset!.id }, ...who });
  },
  'retention.set': () => setRetention({ journal }, { years: 7, ...who }),
  'retention.apply': () => applyRetention({ journal, blobs, now }),
};

/** Nothing is asked of the coordinator by it. */
function lookAtReceipts(): Promise<boolean> {
  const client = (): never => {
    throw new AssentError('COORDINATOR_UNREACHABLE', 'no answer');
  };
  const deps = { store, clock: node.clock, client, free: async () => 0, say: () => {} };
  return collectReceipts(deps, new AbortController().signal);
}

if (task.chore !== undefined) await chores[task.chore]();
else if (task.event !== undefined) accept({ store, now }, fromBinary(EventSchema, Buffer.from(task.event, 'base64')));
else if (task.receipts) await lookAtReceipts();
else await runRound(node.rounds, { study: 'small', round: 1, attempt: 1 }, new AbortController().signal);
await node.close();
