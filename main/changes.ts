// Tells whoever shows the node's state that something changed. Every change of the store has its record, so committed
// transactions are the signal; progress and the connection, which are not in the store, are touched by hand.
import type { NodeJournal } from './store/open.ts';

export type Changes = {
  /** How often something changed so far. */
  count(): number;
  touch(): void;
  /** Resolves when more than `seen` changes have happened, or when the signal ends the wait. */
  after(seen: number, signal: AbortSignal): Promise<void>;
};

export function createChanges(): Changes {
  let count = 0;
  const waiting = new Set<() => void>();
  return {
    count: () => count,
    touch() {
      count++;
      for (const resume of waiting) resume();
    },
    after(seen, signal) {
      if (count > seen || signal.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const done = () => {
          waiting.delete(done);
          signal.removeEventListener('abort', done);
          resolve();
        };
        waiting.add(done);
        signal.addEventListener('abort', done, { once: true });
      });
    },
  };
}

/** The same journal; whatever is committed through it is told. */
export const announced = (journal: NodeJournal, { touch }: Changes): NodeJournal => ({
  ...journal,
  transact(step, change) {
    const result = journal.transact(step, change);
    touch();
    return result;
  },
});
