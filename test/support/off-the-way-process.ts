// Does one thing to a node's store and ends: takes in an event, looks at the receipts that are due, or takes a round as far as
// it goes.
import { fromBinary } from '@bufbuild/protobuf';
import { openNode } from '../../main/node.ts';
import { runRound } from '../../main/round.ts';
import { accept } from '../../main/sync/inbox.ts';
import { collectReceipts } from '../../main/sync/receipts.ts';
import { AssentError } from '../../shared/errors.ts';
import { EventSchema } from '../../shared/gen/assent/v1/coordinator_pb.ts';
import { handClock } from './hand-clock.ts';

export type Task = { home: string; passphrase: string; now: number; event?: string; receipts?: true };

const task = JSON.parse(process.argv[2]!) as Task;
const node = await openNode({
  home: task.home,
  passphrase: task.passphrase,
  clock: handClock(task.now),
  openProblem: () => Promise.reject(new AssentError('TRAINING_DIVERGED', 'the loss is NaN')),
});
if (task.event !== undefined)
  accept({ store: node.store, now: () => task.now }, fromBinary(EventSchema, Buffer.from(task.event, 'base64')));
else if (task.receipts) {
  // Nothing here is asked of the coordinator.
  const client = (): never => {
    throw new AssentError('COORDINATOR_UNREACHABLE', 'no answer');
  };
  const { store, clock } = node;
  const deps = { store, clock, client, free: async () => 0, say: () => {} };
  await collectReceipts(deps, new AbortController().signal);
} else await runRound(node.rounds, { study: 'small', round: 1, attempt: 1 }, new AbortController().signal);
await node.close();
