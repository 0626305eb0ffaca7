// In the place of the thread that makes PDFs: fails at the first volume.
import { parentPort } from 'node:worker_threads';

parentPort!.on('message', () => {
  throw new Error('no room to set type');
});
