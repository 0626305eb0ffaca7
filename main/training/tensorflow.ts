// The only way to TensorFlow: mends what its Node package misses in newer Node, and accepts the native backend alone.
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import util from 'node:util';
import { AssentError } from '../../shared/errors.ts';

export type TensorFlow = typeof import('@tensorflow/tfjs-node');

export type Backend = {
  tf: TensorFlow;
  /** Version of the TensorFlow library. */
  tensorflow: string;
  /** Version of the tfjs-node package. */
  tfjs: string;
  device: 'cpu' | 'gpu';
};

/** Loads native TensorFlow, which takes about a second. Throws TRAINING_BACKEND where it is missing or another backend answers. */
export function loadTensorFlow(): Backend {
  // tfjs-node 4.22 calls both; Node 23 removed them.
  const mended = util as unknown as Record<string, unknown>;
  mended['isNullOrUndefined'] ??= (value: unknown) => value === null || value === undefined;
  mended['isArray'] ??= Array.isArray;
  // Keeps TensorFlow's banner out of the output; warnings and errors stay.
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  const require = createRequire(import.meta.url);
  let tf: TensorFlow;
  try {
    tf = withoutUnloading(() => require('@tensorflow/tfjs-node') as TensorFlow);
  } catch (cause) {
    throw new AssentError('TRAINING_BACKEND', `Native TensorFlow does not load: ${firstLine(cause)}`, {}, cause);
  }
  // None is chosen yet where no native one registered itself.
  const backend = (tf.getBackend() as string | undefined) ?? 'none';
  if (backend !== 'tensorflow') {
    throw new AssentError(
      'TRAINING_BACKEND',
      `TensorFlow came without its native backend (found: ${backend}). Slower ones are not used: run the set-up again.`,
      { backend },
    );
  }
  // Not in the package's types.
  const native = tf.backend() as unknown as { binding: { TF_Version: string }; isUsingGpuDevice: boolean };
  return {
    tf,
    tensorflow: native.binding.TF_Version,
    tfjs: (tf.version as Record<string, string>)['tfjs-node'] ?? 'unknown',
    device: native.isUsingGpuDevice ? 'gpu' : 'cpu',
  };
}

// When a worker ends, Node unloads the native modules that only it had loaded. TensorFlow's threads live on in the unmapped
// code and the process dies at its exit, so the library is marked as never to be unloaded (RTLD_NODELETE).
function withoutUnloading<T>(load: () => T): T {
  const noDelete = { linux: 0x1000, darwin: 0x80 }[process.platform as string] ?? 0;
  const open = process.dlopen;
  process.dlopen = (module: object, file: string, flags: number = constants.dlopen.RTLD_LAZY) =>
    open.call(process, module, file, flags | noDelete);
  try {
    return load();
  } finally {
    process.dlopen = open;
  }
}

const firstLine = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause)).split('\n')[0]!;
