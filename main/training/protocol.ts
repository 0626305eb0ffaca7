// What the main thread and the training worker say to each other. Types only; rows are shared, vectors are copied.
import type { Descent, Progress } from '../../shared/algorithms/algorithm.ts';
import type { ErrorCode } from '../../shared/errors.ts';
import type { Vector } from '../../shared/math/vector.ts';
import type { Layer } from '../../shared/model/layers.ts';
import type { TrainingRows } from '../stages.ts';
import type { Loss } from './loss.ts';

export type Part = 'train' | 'validation' | 'test';

export type ProblemSpec = {
  layers: readonly Layer[];
  loss: Loss;
  /** Classes of the target. */
  classes: number;
  rows: Record<Part, TrainingRows>;
  /** One number: all work of this problem with a ticket up to it is cancelled. Read between native calls. */
  canceled: Int32Array<SharedArrayBuffer>;
};

/** Figures of a model on one part of the own rows. `loss` is null without rows, the others with too few cases. */
export type Scores = {
  rows: number;
  loss: number | null;
  auc: number | null;
  accuracy: number | null;
  logLoss: number | null;
};

/** What runs below: versions, and the device that TensorFlow chose. */
export type Versions = { tensorflow: string; tfjs: string; device: 'cpu' | 'gpu' };

/** How work in the worker hears and is heard while it runs. */
export type Watch = {
  /** Throws CANCELED when this request was cancelled. */
  check(): void;
  progress(progress: Progress): void;
};

/** Which work this is: tickets of a problem count up from 1, in the order in which work was asked for. */
export type Ticket = { problem: number; ticket: number };

export type Calls = {
  start: { ask: object; answer: Versions };
  open: { ask: { problem: number; spec: ProblemSpec }; answer: null };
  gradient: { ask: Ticket & { weights: Vector }; answer: { gradient: Vector; loss: number } };
  loss: { ask: Ticket & { weights: Vector }; answer: number };
  score: { ask: Ticket & { weights: Vector; part: Part }; answer: Scores };
  descend: { ask: Ticket & { descent: Descent }; answer: { weights: Vector; losses: number[] } };
  close: { ask: { problem: number }; answer: null };
  tensors: { ask: object; answer: number };
};

export type Call = keyof Calls;
export type Request = { [C in Call]: { call: C; id: number } & Calls[C]['ask'] }[Call];
export type Answer = Calls[Call]['answer'];

export type Failure = { code: ErrorCode; message: string; detail: Readonly<Record<string, string>> };

export type Reply =
  | { kind: 'done'; id: number; answer: Answer }
  | { kind: 'failed'; id: number; failure: Failure }
  | { kind: 'progress'; id: number; progress: Progress };
