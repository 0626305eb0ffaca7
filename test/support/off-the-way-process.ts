// Does one thing to a node's store and ends: takes in an event, or takes a round as far as it goes.
import { fromBinary } from '@bufbuild/protobuf';
import { openNode } from '../../main/node.ts';
import { runRound } from '../../main/round.ts';
import { accept } from '../../main/sync/inbox.ts';
import { AssentError } from '../../shared/errors.ts';
import { EventSchema } from '../../shared/gen/assent/v1/coordinator_pb.ts';
import { handClock } from './hand-clock.ts';
import { leastSquares } from './least-squares-trainer.ts';

export type Task = { home: string; passphrase: string; now: number; trains: boolean; event?: string };

const task = JSON.parse(process.argv[2]!) as Task;
const node = await openNode({
  home: task.home,
  passphrase: task.passphrase,
  clock: handClock(task.now),
  openProblem: task.trains
    ? leastSquares
    : () => Promise.reject(new AssentError('TRAINING_DIVERGED', 'the loss is NaN')),
});
if (task.event !== undefined)
  accept({ store: node.store, now: () => task.now }, fromBinary(EventSchema, Buffer.from(task.event, 'base64')));
else await runRound(node.rounds, { study: 'small', round: 1, attempt: 1 }, new AbortController().signal);
await node.close();
