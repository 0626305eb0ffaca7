// The real worker on a machine where the native package is replaced by the pure JavaScript one.
import { registerHooks } from 'node:module';

registerHooks({
  resolve: (specifier, context, next) =>
    next(specifier === '@tensorflow/tfjs-node' ? '@tensorflow/tfjs' : specifier, context),
});
await import('../../../main/training/worker.ts');
