import { expect, test } from 'vitest';
import { startMeter } from '../../../main/training/progress.ts';
import type { Progress } from '../../../shared/algorithms/algorithm.ts';

test('reports the first batch, then at most one a tenth of a second, with rate and time left', () => {
  let time = 5000;
  const seen: Progress[] = [];
  const report = (progress: Progress): number => seen.push(progress);
  const meter = startMeter({ epochs: 1, batches: 6, totalRows: 60, now: () => time, report });
  for (const [batch, at] of [5050, 5051, 5149, 5150, 5200, 5250].entries()) {
    time = at;
    meter.batchDone({ epoch: 1, batch: batch + 1, rows: 10, loss: batch });
  }
  expect(seen).toEqual([
    { epoch: 1, epochs: 1, batch: 1, batches: 6, loss: 0, rowsPerSecond: 200, secondsLeft: 0.25 },
    { epoch: 1, epochs: 1, batch: 4, batches: 6, loss: 3, rowsPerSecond: 40 / 0.15, secondsLeft: 0.075 },
    { epoch: 1, epochs: 1, batch: 6, batches: 6, loss: 5, rowsPerSecond: 240, secondsLeft: 0 },
  ]);
});

test('a first batch in no time promises no infinite speed', () => {
  const seen: Progress[] = [];
  const meter = startMeter({
    epochs: 1,
    batches: 1,
    totalRows: 10,
    now: () => 1,
    report: (progress) => seen.push(progress),
  });
  meter.batchDone({ epoch: 1, batch: 1, rows: 10, loss: 1 });
  expect(seen[0]).toMatchObject({ rowsPerSecond: 100_000, secondsLeft: 0 });
});
