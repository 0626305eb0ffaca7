// The real worker, with a listener before it that throws when it is asked to descend.
import { parentPort } from 'node:worker_threads';
import type { Request } from '../../../main/training/protocol.ts';

parentPort!.addEventListener('message', (event) => {
  if ((event as unknown as { data: Request }).data.call !== 'descend') return;
  event.stopImmediatePropagation();
  throw new Error('out of luck');
});
await import('../../../main/training/worker.ts');
