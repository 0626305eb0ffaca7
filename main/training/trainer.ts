// Training behind `LocalProblem`: the one door to the worker that holds TensorFlow.
import type { Evaluation, LocalProblem, Progress } from '../../shared/algorithms/algorithm.ts';
import { AssentError } from '../../shared/errors.ts';
import type { Vector } from '../../shared/math/vector.ts';
import type { Study } from '../../shared/study/study.ts';
import type { StudyRows } from '../stages.ts';
import type { Part, ProblemSpec, Scores } from './protocol.ts';
import { checkDevice, checkMemory, prepareProcess } from './settings.ts';
import type { TrainingEnvironment, TrainingSettings } from './settings.ts';
import { startWorkerThread } from './worker-thread.ts';
import type { WorkerThread } from './worker-thread.ts';

export type { Part, Scores } from './protocol.ts';
export type { TrainingEnvironment, TrainingSettings } from './settings.ts';

/** What the trainer looks at of a study. */
export type TrainedStudy = Pick<Study, 'model' | 'loss' | 'schema'>;

export type OpenProblem = LocalProblem & {
  /** What this problem is really trained with. */
  readonly environment: TrainingEnvironment;
  /** Loss and metrics over one part of the rows, as `evaluate` computes them. */
  score(weights: Vector, part: Part): Promise<Scores>;
  /** Rejects all calls made so far with CANCELED, within a fraction of a second; later calls run. */
  cancel(): void;
  /** Cancels what runs and forgets the rows. */
  close(): Promise<void>;
};

export type Trainer = {
  /**
   * A problem over these rows, which stay the caller's: erase them only after `close`. Throws TRAINING_SETTINGS,
   * TRAINING_MEMORY, TRAINING_ROWS or TRAINING_BACKEND. After TRAINING_FAILED, TRAINING_DIVERGED and CANCELED a problem can
   * go on being used: where the worker has ended, the next call starts another.
   */
  open(
    study: TrainedStudy,
    rows: StudyRows,
    events?: { progress?: (progress: Progress) => void },
  ): Promise<OpenProblem>;
  /** Tensors alive in the worker: 0 between calls. For diagnosis. */
  tensors(): Promise<number>;
  close(): Promise<void>;
};

/** The worker starts with the first problem. `workerUrl` is for packaged builds, whose files lie elsewhere. */
export function createTrainer(
  settings: TrainingSettings,
  { workerUrl = new URL('./worker.ts', import.meta.url) }: { workerUrl?: URL } = {},
): Trainer {
  let closed = false;
  let problems = 0;
  let current: { thread: WorkerThread; environment: Promise<TrainingEnvironment> } | null = null;

  const running = async (): Promise<{ thread: WorkerThread; environment: TrainingEnvironment }> => {
    if (closed) throw new AssentError('TRAINING_FAILED', 'The trainer is closed; create another.');
    if (current === null || !current.thread.running) {
      const { threads } = prepareProcess(settings);
      const thread = startWorkerThread(workerUrl);
      current = { thread, environment: start(thread, settings, threads) };
    }
    const { thread, environment } = current;
    return { thread, environment: await environment };
  };

  return {
    async open(study, rows, events = {}) {
      const { environment } = await running();
      const spec: ProblemSpec = {
        layers: study.model.layers,
        loss: study.loss,
        classes: study.schema.target.classes.length,
        rows: { train: rows.train, validation: rows.validation, test: rows.test },
        canceled: new Int32Array(new SharedArrayBuffer(4)),
      };
      checkMemory(settings, spec);
      const problem = openProblem({ running, spec, problem: ++problems, progress: events.progress });
      await problem.ready();
      return { ...problem.calls, environment };
    },
    tensors: async () => (await running()).thread.call('tensors', {}),
    async close() {
      closed = true;
      await current?.thread.end(new AssentError('CANCELED', 'The trainer was closed.'));
    },
  };
}

async function start(thread: WorkerThread, settings: TrainingSettings, threads: number): Promise<TrainingEnvironment> {
  try {
    const versions = await thread.call('start', {});
    checkDevice(settings, versions);
    const { memoryLimitMb } = settings;
    return { ...versions, threads, memoryLimitMb: memoryLimitMb === 'none' ? null : memoryLimitMb };
  } catch (error) {
    await thread.end(new AssentError('TRAINING_FAILED', 'The training worker did not start.'));
    throw error;
  }
}

type Deps = {
  running: () => Promise<{ thread: WorkerThread }>;
  spec: ProblemSpec;
  problem: number;
  progress: ((progress: Progress) => void) | undefined;
};

function openProblem({ running, spec, problem, progress }: Deps): {
  calls: Omit<OpenProblem, 'environment'>;
  ready: () => Promise<WorkerThread>;
} {
  let closed = false;
  let tickets = 0;
  let opened: { thread: WorkerThread; done: Promise<null> } | null = null;

  // A worker that took over from one that ended does not know this problem yet.
  const ready = async (): Promise<WorkerThread> => {
    if (closed) throw new AssentError('TRAINING_FAILED', 'This training problem is closed; open it again.');
    const { thread } = await running();
    if (opened?.thread !== thread) opened = { thread, done: thread.call('open', { problem, spec }) };
    await opened.done;
    return thread;
  };

  // What was cancelled before it reached the worker ends here; `close` may have made the worker forget the problem.
  const begin = async (ticket: number): Promise<WorkerThread> => {
    const thread = await ready();
    if (Atomics.load(spec.canceled, 0) >= ticket) throw new AssentError('CANCELED', 'Training was cancelled.');
    return thread;
  };

  const score = async (ticket: number, weights: Vector, part: Part): Promise<Scores> =>
    (await begin(ticket)).call('score', { problem, ticket, weights, part }, progress);
  const cancel = (): void => void Atomics.store(spec.canceled, 0, tickets);

  const calls: Omit<OpenProblem, 'environment'> = {
    examples: spec.rows.train.rows,
    async gradient(weights) {
      const ticket = ++tickets;
      return (await begin(ticket)).call('gradient', { problem, ticket, weights }, progress);
    },
    async descend(descent) {
      const ticket = ++tickets;
      return (await begin(ticket)).call('descend', { problem, ticket, descent }, progress);
    },
    async evaluate(weights): Promise<Evaluation> {
      const ticket = ++tickets;
      const loss = await (await begin(ticket)).call('loss', { problem, ticket, weights }, progress);
      const { rows, auc, accuracy, logLoss } = await score(ticket, weights, 'test');
      return { loss, test: { rows, auc, accuracy, logLoss } };
    },
    score: (weights, part) => score(++tickets, weights, part),
    cancel,
    async close() {
      if (closed) return;
      closed = true;
      cancel();
      if (opened?.thread.running === true) await opened.thread.call('close', { problem });
    },
  };
  return { calls, ready };
}
