// assent-node as a process of its own, with the plain least-squares problem in the place of TensorFlow.
import { main } from '../../main/headless.ts';
import { processIo } from '../../platform/cli.ts';
import { leastSquares } from './least-squares-trainer.ts';

process.exitCode = await main(process.argv.slice(2), processIo(), { openProblem: leastSquares });
