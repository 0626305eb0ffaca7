// The main thread's end of the training worker: starts it, matches replies to calls, and fails them all when it ends.
import { SHARE_ENV, Worker } from 'node:worker_threads';
import type { Progress } from '../../shared/algorithms/algorithm.ts';
import { AssentError } from '../../shared/errors.ts';
import type { Answer, Call, Calls, Reply } from './protocol.ts';

export type WorkerThread = {
  /** False once the thread has ended, however that came; a new one must be started then. */
  readonly running: boolean;
  call<C extends Call>(
    call: C,
    ask: Calls[C]['ask'],
    progress?: (progress: Progress) => void,
  ): Promise<Calls[C]['answer']>;
  /** Ends the thread; calls that wait are rejected with `reason`. */
  end(reason: AssentError): Promise<void>;
};

type Waiting = {
  done(answer: Answer): void;
  failed(error: AssentError): void;
  progress: ((progress: Progress) => void) | undefined;
};

export function startWorkerThread(url: URL): WorkerThread {
  // A worker's environment is a copy by default; TensorFlow reads the real one.
  const worker = new Worker(url, { env: SHARE_ENV, name: 'training' });
  const waiting = new Map<number, Waiting>();
  let running = true;
  let lastId = 0;

  const failAll = (error: AssentError): void => {
    running = false;
    for (const { failed } of waiting.values()) failed(error);
    waiting.clear();
  };

  worker.on('message', (reply: Reply) => {
    const call = waiting.get(reply.id);
    if (call === undefined) return;
    if (reply.kind === 'progress') return call.progress?.(reply.progress);
    waiting.delete(reply.id);
    if (reply.kind === 'done') call.done(reply.answer);
    else call.failed(new AssentError(reply.failure.code, reply.failure.message, reply.failure.detail));
  });
  worker.on('error', (cause: unknown) => {
    const message = cause instanceof Error ? cause.message : String(cause);
    failAll(new AssentError('TRAINING_FAILED', `The training worker failed: ${message}. Try again.`, {}, cause));
  });
  worker.on('exit', (code) => {
    failAll(
      new AssentError('TRAINING_FAILED', `The training worker ended with code ${code}. Try again.`, {
        exit: String(code),
      }),
    );
  });

  return {
    get running() {
      return running;
    },
    call(call, ask, progress) {
      return new Promise((resolve, reject) => {
        if (!running) return reject(new AssentError('TRAINING_FAILED', 'The training worker has ended. Try again.'));
        const id = ++lastId;
        waiting.set(id, { done: resolve, failed: reject, progress });
        worker.postMessage({ call, id, ...ask });
      });
    },
    async end(reason) {
      failAll(reason);
      await worker.terminate();
    },
  };
}
