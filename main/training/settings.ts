// What a node allows training to use, turned into what TensorFlow reads, and refused where it cannot be kept.
import { availableParallelism } from 'node:os';
import { AssentError } from '../../shared/errors.ts';
import { parameterCount, parameterLayout } from '../../shared/model/layout.ts';
import { chunkRows, rowOutputs } from './chunks.ts';
import type { ProblemSpec, Versions } from './protocol.ts';

export type TrainingSettings = {
  /** 'auto' takes a GPU where TensorFlow has one. */
  device: 'auto' | 'cpu' | 'gpu';
  /** Threads of one operation; 'auto' takes all processors this process may use. One is quickest for small batches. */
  threads: number | 'auto';
  memoryLimitMb: number | 'none';
};

/** What training really ran with; belongs into the training record. */
export type TrainingEnvironment = {
  tensorflow: string;
  tfjs: string;
  device: 'cpu' | 'gpu';
  threads: number;
  memoryLimitMb: number | null;
};

// Resident memory that native TensorFlow adds to a process once it has worked (380 MB on Linux, x64).
const RUNTIME_MB = 380;

let threadsOfProcess: number | null = null;

/**
 * Puts the settings into the process environment, before TensorFlow starts in a worker. TensorFlow makes its threads once a
 * process: asking for another number later is refused (TRAINING_SETTINGS), as is a number that is none.
 */
export function prepareProcess({ device, threads }: TrainingSettings): { threads: number } {
  const wanted = threads === 'auto' ? (threadsOfProcess ?? availableParallelism()) : threads;
  if (!Number.isInteger(wanted) || wanted < 1 || wanted > 1024) {
    throw refused(
      `Training cannot run with ${wanted} threads: give a whole number from 1 to 1024, or auto.`,
      'threads',
    );
  }
  if (threadsOfProcess !== null && wanted !== threadsOfProcess) {
    throw refused(
      `TensorFlow runs with ${threadsOfProcess} threads in this process and cannot change to ${wanted}: restart the node.`,
      'threads',
    );
  }
  threadsOfProcess = wanted;
  process.env['TF_NUM_INTRAOP_THREADS'] = String(wanted);
  // Operations follow one another here: a pool to run them side by side only adds waiting.
  process.env['TF_NUM_INTEROP_THREADS'] = '1';
  process.env['TF_DETERMINISTIC_OPS'] = '1';
  // oneDNN's kernels announce themselves on stderr, may order sums differently, and are slower at these sizes.
  process.env['TF_ENABLE_ONEDNN_OPTS'] = '0';
  if (device === 'cpu') process.env['CUDA_VISIBLE_DEVICES'] = '-1';
  return { threads: wanted };
}

/** Throws TRAINING_SETTINGS when the device asked for is not the one that answers. */
export function checkDevice({ device: wanted }: TrainingSettings, { device, tensorflow }: Versions): void {
  if (wanted === 'auto' || wanted === device) return;
  throw refused(
    wanted === 'gpu'
      ? `Training on a GPU was asked for, but TensorFlow ${tensorflow} finds none here. Set the device to auto or cpu, or install a GPU build.`
      : `Training on the CPU was asked for, but TensorFlow ${tensorflow} has taken a GPU already. Restart the node.`,
    'device',
  );
}

/**
 * Throws TRAINING_MEMORY when the estimate exceeds the limit. Native memory cannot be limited from outside without ending the
 * process, so this is checked before the work starts; the estimate is of rows, weights, one chunk and TensorFlow itself.
 */
export function checkMemory({ memoryLimitMb }: TrainingSettings, spec: ProblemSpec): void {
  if (memoryLimitMb === 'none') return;
  const needed = estimateMb(spec);
  if (needed <= memoryLimitMb) return;
  throw new AssentError(
    'TRAINING_MEMORY',
    `Training needs about ${needed} MB and this node allows ${memoryLimitMb} MB. Raise the memory limit, or use fewer rows.`,
    { needed: String(needed), limit: String(memoryLimitMb) },
  );
}

/** Memory of training a problem, in MB of 10^6 bytes, rounded up. */
export function estimateMb({ layers, rows }: ProblemSpec): number {
  const layout = parameterLayout(layers, rows.train.width);
  const rowBytes = [rows.train, rows.validation, rows.test].reduce(
    (sum, part) => sum + 4 * part.rows * (part.width + 1),
    0,
  );
  // Float32: as sent and as received here, in the worker, start, current, step and correction. Float64: the sum.
  const weightBytes = parameterCount(layout) * (4 * 8 + 8);
  // Going up and coming down, with what an operation holds for the moment.
  const chunkBytes =
    4 * 3 * rowOutputs(layout) * Math.min(chunkRows(layout), Math.max(rows.train.rows, rows.test.rows));
  return RUNTIME_MB + Math.ceil((rowBytes + weightBytes + chunkBytes) / 1e6);
}

const refused = (message: string, setting: string): AssentError =>
  new AssentError('TRAINING_SETTINGS', message, { setting });
