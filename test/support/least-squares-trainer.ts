// Training without TensorFlow: the plain least-squares problem where the product would open a native one.
import type { RoundDeps } from '../../main/round.ts';
import { leastSquaresProblem } from './least-squares.ts';

export const leastSquares: RoundDeps['openProblem'] = async (_study, rows) => ({
  ...leastSquaresProblem(rows.train),
  environment: { tensorflow: 'none', tfjs: 'none', device: 'cpu', threads: 1, memoryLimitMb: null },
  score: () => Promise.reject(new Error('not used by rounds')),
  cancel() {},
  close: async () => {},
});
