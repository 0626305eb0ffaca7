import { expect, test } from 'vitest';
import { createTrainer } from '../../../main/training/trainer.ts';
import { dense, randomRows, randomWeights, study, studyRows } from './reference.ts';

test('two workers compute the same bits on two threads: gradient, descent and evaluation', async () => {
  const model = study([dense(128, 'relu'), dense(10)], 10);
  const rows = studyRows(randomRows(3500, 100, 10), randomRows(300, 100, 10, 2));
  const start = randomWeights(14_218);
  const shuffle = { seed: 3, labels: ['shuffle'] };
  const compute = async (): Promise<unknown> => {
    const trainer = createTrainer({ device: 'cpu', threads: 2, memoryLimitMb: 'none' });
    const problem = await trainer.open(model, rows);
    const results = [
      await problem.gradient(start),
      await problem.descend({ start, epochs: 2, batchSize: 32, learningRate: 0.05, shuffle }),
      await problem.descend({ start, epochs: 3, batchSize: 'full', learningRate: 0.05, shuffle }),
      await problem.evaluate(start),
    ];
    await trainer.close();
    return results;
  };
  expect(await compute()).toEqual(await compute());
});
