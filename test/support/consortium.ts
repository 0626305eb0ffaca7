// Rounds of an algorithm among problems in one process: client halves, the mean in member order, the server half.
import { startMean } from '../../shared/aggregators/mean.ts';
import type { LocalProblem, Message } from '../../shared/algorithms/algorithm.ts';
import type { BoundAlgorithm } from '../../shared/algorithms/catalog.ts';
import type { Vector } from '../../shared/math/vector.ts';

export async function runRounds(o: {
  algorithm: BoundAlgorithm;
  members: readonly LocalProblem[];
  start: Vector;
  rounds: number;
}): Promise<Vector> {
  let weights = o.start;
  for (let round = 1; round <= o.rounds; round++) {
    const means = new Map(o.algorithm.vectors.map((name) => [name, startMean(weights.length)]));
    for (const [member, problem] of o.members.entries()) {
      const shuffle = { seed: 0, labels: ['test', round, member] };
      const result = await o.algorithm.clientUpdate({ weights, round }, problem, shuffle);
      for (const [name, mean] of means) mean.add(result.message[name]!, result.weight);
    }
    const aggregate: Message = Object.fromEntries([...means].map(([name, mean]) => [name, mean.finish()]));
    weights = o.algorithm.serverUpdate(weights, aggregate);
  }
  return weights;
}
