// A process that trains and then ends in the way its argument names.
import { createTrainer } from '../../../main/training/trainer.ts';
import { dense, randomRows, study, studyRows } from './reference.ts';

const way = process.argv[2];
const trainer = createTrainer({ device: 'cpu', threads: 1, memoryLimitMb: 'none' });
const progress = way === 'exit while training' ? (): void => process.exit(7) : (): void => undefined;
const problem = await trainer.open(study([dense(1)]), studyRows(randomRows(100, 3)), { progress });
if (way === 'exit while training') {
  const shuffle = { seed: 1, labels: [] };
  await problem.descend({ start: new Float32Array(4), epochs: 1e6, batchSize: 10, learningRate: 0.1, shuffle });
}
if (way === 'close') await trainer.close();
else process.exit(7);
