// assent-node as a process of its own, whose training only fills an update as large as the model: for tests of what carries it.
import { main } from '../../main/headless.ts';
import { processIo } from '../../platform/cli.ts';
import { leastSquares } from './least-squares-trainer.ts';

process.exitCode = await main(process.argv.slice(2), processIo(), {
  openProblem: async (...given) => ({
    ...(await leastSquares(...given)),
    gradient: async (weights) => ({ gradient: new Float32Array(weights.length).fill(0.01), loss: 1 }),
  }),
});
