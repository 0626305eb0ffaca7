// A trainer that tells of its steps as native training does, and then stands still until it is let go on, so that people see it.
import { setTimeout } from 'node:timers/promises';
import type { RoundDeps } from '../../main/round.ts';
import { AssentError } from '../../shared/errors.ts';
import { leastSquares } from './least-squares-trainer.ts';

const BATCHES = 8;
const STEP_MS = 25;
/** Where it stands still. */
const HELD_AT = { epoch: 4, epochs: 5, batch: 6, batches: BATCHES };
const STEPS = (HELD_AT.epoch - 1) * BATCHES + HELD_AT.batch;

export type HeldTrainer = {
  openProblem: RoundDeps['openProblem'];
  heldAt: typeof HELD_AT;
  /** Lets the training that is held, or the next one, go on to its end. */
  go(): void;
};

export function heldTrainer(): HeldTrainer {
  let gate = Promise.withResolvers<void>();
  const openProblem: RoundDeps['openProblem'] = async (study, rows, progress) => {
    const canceled = Promise.withResolvers<never>();
    canceled.promise.catch(() => {});
    const problem = await leastSquares(study, rows, progress);
    const held = gate.promise;
    return {
      ...problem,
      async descend(options) {
        for (let step = 1; step <= STEPS; step++) {
          const [epoch, batch] = [Math.ceil(step / BATCHES), ((step - 1) % BATCHES) + 1];
          const loss = 0.42 + 0.27 * Math.exp(-step / 12) + 0.006 * Math.sin(step * 2.4);
          progress({ ...HELD_AT, epoch, batch, loss, rowsPerSecond: 940, secondsLeft: (40 - step) / 4 });
          await Promise.race([setTimeout(STEP_MS), canceled.promise]);
        }
        await Promise.race([held, canceled.promise]);
        return problem.descend(options);
      },
      cancel: () => canceled.reject(new AssentError('CANCELED', 'Training was cancelled.')),
    };
  };
  return {
    openProblem,
    heldAt: HELD_AT,
    go() {
      gate.resolve();
      gate = Promise.withResolvers();
    },
  };
}
