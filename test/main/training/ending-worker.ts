// The real worker, which ends as a crash would when it is asked to descend.
import { parentPort } from 'node:worker_threads';
import type { Request } from '../../../main/training/protocol.ts';

parentPort!.on('message', ({ call }: Request) => {
  if (call === 'descend') process.exit(3);
});
await import('../../../main/training/worker.ts');
