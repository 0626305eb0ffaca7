// Whose turn it is to train: rounds, local models and final evaluations at any time; practice only while nothing else does,
// and it gives way.
import { AssentError } from '../shared/errors.ts';
import type { OpenTraining } from './local-update.ts';

export type Turns = {
  /** The same, noted: practice that runs is stopped when anything is opened through it. */
  noted(open: OpenTraining): OpenTraining;
  /** Throws TRAINING_BUSY while anything trains, and PRACTICE_STOPPED when the work had to give way. */
  practice<T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T>;
};

export function createTurns(): Turns {
  let training = 0;
  let practising: AbortController | null = null;
  return {
    noted: (open) => async (study, rows, progress) => {
      training++;
      practising?.abort();
      let over = false;
      const end = () => {
        if (!over) training--;
        over = true;
      };
      try {
        const problem = await open(study, rows, progress);
        return { ...problem, close: () => problem.close().finally(end) };
      } catch (error) {
        end();
        throw error;
      }
    },
    async practice(signal, work) {
      if (training > 0)
        throw new AssentError(
          'TRAINING_BUSY',
          'This node is training for the consortium or for a local model; practice would hold that up.',
        );
      if (practising) throw new AssentError('TRAINING_BUSY', 'Somebody else is practising on this node.');
      const stop = new AbortController();
      practising = stop;
      try {
        return await work(AbortSignal.any([signal, stop.signal]));
      } catch (error) {
        if (!stop.signal.aborted) throw error;
        throw new AssentError('PRACTICE_STOPPED', 'Practice was stopped because real training began.', {}, error);
      } finally {
        practising = null;
      }
    },
  };
}
