// The real worker on a machine where the native library was never installed.
import { registerHooks } from 'node:module';

registerHooks({
  resolve(specifier, context, next) {
    if (specifier === '@tensorflow/tfjs-node')
      throw new Error('libtensorflow.so.2: cannot open shared object file\nmore');
    return next(specifier, context);
  },
});
await import('../../../main/training/worker.ts');
