// A node that starts a successor log as soon as it finds itself behind; for tests that kill it on the way.
import { openNode } from '../../main/node.ts';
import { startSuccessor } from '../../main/successor.ts';
import { processIo } from '../../platform/cli.ts';
import { generateEd25519, signEd25519 } from '../../platform/crypto.ts';
import { leastSquares } from './least-squares-trainer.ts';

const [home, passphrase] = process.argv.slice(2) as [string, string];
const { signal, out } = processIo();
const node = await openNode({ home, passphrase, openProblem: leastSquares });
const done = node.run(signal);
out('listening on nothing\n');

const admins = ['p-1', 'p-2'].map((person) => {
  const { publicKey, privateKey } = generateEd25519();
  return { person, publicKey, sign: (message: Uint8Array) => signEd25519(privateKey, message) };
});
while (!signal.aborted) {
  if (node.anchoring.state().conflict) {
    startSuccessor({ store: node.store, now: node.clock.now }, admins);
    node.wake();
  }
  await new Promise((resolve) => setTimeout(resolve, 20));
}
await done;
await node.close();
