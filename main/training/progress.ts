// Counts batches into the progress that people see, about ten times a second.
import type { Progress } from '../../shared/algorithms/algorithm.ts';

const PAUSE = 100;

export type Meter = {
  /** After each batch; epochs and batches count from 1. The first is reported at once, then one a tenth of a second. */
  batchDone(batch: { epoch: number; batch: number; rows: number; loss: number }): void;
};

/** `totalRows` is the work of all epochs, `now` in milliseconds. */
export function startMeter(deps: {
  epochs: number;
  batches: number;
  totalRows: number;
  now: () => number;
  report: (progress: Progress) => void;
}): Meter {
  const { epochs, batches, totalRows, now, report } = deps;
  const start = now();
  let next = start;
  let done = 0;
  return {
    batchDone({ epoch, batch, rows, loss }) {
      done += rows;
      const time = now();
      if (time < next) return;
      next = time + PAUSE;
      // A clock of a tenth of a millisecond at the first batch would promise absurd speeds.
      const seconds = Math.max(time - start, 0.1) / 1000;
      const rowsPerSecond = done / seconds;
      report({ epoch, epochs, batch, batches, loss, rowsPerSecond, secondsLeft: (totalRows - done) / rowsPerSecond });
    },
  };
}
