// Lets a loop sleep until somebody has news for it; news that comes while it works is not lost.
import type { Clock } from './clock.ts';

export type Wake = {
  wake(): void;
  /** Resolves at the next `wake` since the last sleep, at `until`, or when the signal ends it. */
  sleep(signal: AbortSignal, until?: number): Promise<void>;
};

export function createWake(clock: Clock): Wake {
  let pending = false;
  let resume: (() => void) | undefined;
  return {
    wake() {
      pending = true;
      resume?.();
    },
    sleep(signal, until) {
      if (pending || signal.aborted) {
        pending = false;
        return Promise.resolve();
      }
      return new Promise((resolve) => {
        const timer = until === undefined ? undefined : clock.at(until, () => done());
        const done = () => {
          timer?.cancel();
          signal.removeEventListener('abort', done);
          resume = undefined;
          pending = false;
          resolve();
        };
        resume = done;
        signal.addEventListener('abort', done, { once: true });
      });
    },
  };
}
