// A node that starts a successor log as soon as it finds itself behind; for tests that kill it on the way.
import { openNode } from '../../main/node.ts';
import { startSuccessor } from '../../main/successor.ts';
import { processIo } from '../../platform/cli.ts';
import { leastSquares } from './least-squares-trainer.ts';
import { signerOf } from './people.ts';

const [home, passphrase] = process.argv.slice(2) as [string, string];
const { signal, out } = processIo();
const node = await openNode({ home, passphrase, openProblem: leastSquares });
const done = node.run(signal);
out('listening on nothing\n');

const admin = await signerOf(node, 'ada');
while (!signal.aborted) {
  const { conflict } = node.anchoring.state();
  if (conflict) {
    startSuccessor({ store: node.store, now: node.clock.now }, { anchored: conflict.size, locale: 'en' }, [admin]);
    node.wake();
  }
  await new Promise((resolve) => setTimeout(resolve, 20));
}
await done;
await node.close();
