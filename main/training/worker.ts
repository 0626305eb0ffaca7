// The training worker: one thread that alone talks to TensorFlow. It gets rows in shared memory and weights by message;
// it never opens the store and holds no key.
import { parentPort } from 'node:worker_threads';
import { AssentError } from '../../shared/errors.ts';
import { openEager } from './eager.ts';
import type { EagerProblem } from './eager.ts';
import type { Answer, Failure, Reply, Request, Ticket, Watch } from './protocol.ts';
import { loadTensorFlow } from './tensorflow.ts';
import type { Backend } from './tensorflow.ts';

type Open = { problem: EagerProblem; canceled: Int32Array<SharedArrayBuffer> };

let backend: Backend | null = null;
const problems = new Map<number, Open>();

const port = parentPort;
if (port === null) throw new Error('worker.ts runs as a worker thread only');

const send = (reply: Reply): void => port.postMessage(reply);

port.on('message', (request: Request) => {
  try {
    send({ kind: 'done', id: request.id, answer: answer(request) });
  } catch (error) {
    send({ kind: 'failed', id: request.id, failure: failureOf(error) });
  }
});

function answer(request: Request): Answer {
  backend ??= loadTensorFlow();
  const { tf, tensorflow, tfjs, device } = backend;
  switch (request.call) {
    case 'start':
      return { tensorflow, tfjs, device };
    case 'open': {
      const { problem, spec } = request;
      problems.set(problem, { problem: openEager(tf, spec), canceled: spec.canceled });
      return null;
    }
    case 'gradient':
      return work(request, ({ problem }, watch) => problem.gradient(request.weights, watch));
    case 'loss':
      return work(request, ({ problem }, watch) => problem.loss(request.weights, watch));
    case 'score':
      return work(request, ({ problem }, watch) => problem.score(request.weights, request.part, watch));
    case 'descend':
      return work(request, ({ problem }, watch) => problem.descend(request.descent, watch));
    case 'close':
      problems.delete(request.problem);
      return null;
    case 'tensors':
      return tf.memory().numTensors;
  }
}

function work<T>({ id, problem, ticket }: Ticket & { id: number }, run: (open: Open, watch: Watch) => T): T {
  const open = problems.get(problem);
  if (open === undefined) throw new AssentError('TRAINING_FAILED', `The training problem ${problem} is not open.`);
  const check = (): void => {
    if (Atomics.load(open.canceled, 0) >= ticket) throw new AssentError('CANCELED', 'Training was cancelled.');
  };
  return run(open, { check, progress: (progress) => send({ kind: 'progress', id, progress }) });
}

function failureOf(error: unknown): Failure {
  if (error instanceof AssentError) return { code: error.code, message: error.message, detail: error.detail };
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'TRAINING_FAILED', message: `TensorFlow failed: ${message}`, detail: {} };
}
