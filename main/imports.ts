// Imports that run now, so that every window can tell of them.
import type { Changes } from './changes.ts';
import type { ImportProgress } from './data/reading.ts';

export type RunningImports = {
  /** `tell` keeps what is told until the import has ended. */
  during<R>(work: (tell: (progress: ImportProgress) => void) => Promise<R>): Promise<R>;
  running(): Iterable<[number, ImportProgress]>;
};

export function openImports({ touch }: Changes): RunningImports {
  const running = new Map<number, ImportProgress>();
  let last = 0;
  return {
    async during(work) {
      const number = ++last;
      try {
        return await work((progress) => {
          running.set(number, progress);
          touch();
        });
      } finally {
        running.delete(number);
        touch();
      }
    },
    running: () => running,
  };
}
