import { expect, test } from 'vitest';
import { AssentError } from '../../shared/errors.ts';
import { rowsCsv, smallStudy } from '../support/institution.ts';
import { startConsortium } from '../support/live-consortium.ts';
import { leastSquares } from '../support/least-squares-trainer.ts';

test('an institution whose training fails takes its approval back, and the others do not wait for it', async () => {
  const study = smallStudy(['cohort', { least: 2, quorum: 1 }], ['rounds', 1]);
  const rows = { alpha: rowsCsv(40), beta: rowsCsv(20) };
  const openProblem: typeof leastSquares = (definition, loaded, progress) =>
    loaded.train.rows > 20
      ? Promise.reject(new AssentError('TRAINING_DIVERGED', 'the loss is NaN'))
      : leastSquares(definition, loaded, progress);
  const { until } = await startConsortium({ study, rows, options: { openProblem } });
  const { results } = await until(({ state }) => state === 'finished');
  expect(results.map(({ result, participants }) => [result, participants])).toEqual([['aggregated', ['beta']]]);
});
