// Time as a dependency: programs take the system's, tests hand in one that they turn by hand.
export type Clock = {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls back once at `time` (at once when it has passed) unless cancelled before. */
  at(time: number, callback: () => void): { cancel(): void };
};

const LONGEST_TIMER = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: Date.now,
  at(time, callback) {
    let timer: NodeJS.Timeout;
    const arm = () => {
      const left = time - Date.now();
      timer = left > LONGEST_TIMER ? setTimeout(arm, LONGEST_TIMER) : setTimeout(callback, Math.max(0, left));
    };
    arm();
    return { cancel: () => clearTimeout(timer) };
  },
};

/** Waits on the clock; false when the signal ended the wait. */
export function wait(clock: Clock, milliseconds: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(false);
    const stop = () => {
      timer.cancel();
      resolve(false);
    };
    const timer = clock.at(clock.now() + milliseconds, () => {
      signal.removeEventListener('abort', stop);
      resolve(true);
    });
    signal.addEventListener('abort', stop, { once: true });
  });
}
