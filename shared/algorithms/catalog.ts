// Every algorithm a study can name. A study names it and gives the hyper-parameters; both halves come from here.
import type { Study } from '../study/schema.ts';
import type { Algorithm, ClientResult, LocalProblem, Message, Shuffle } from './algorithm.ts';
import type { Vector } from '../math/vector.ts';
import { fedavg } from './fedavg.ts';
import { fedsgd } from './fedsgd.ts';

/** An algorithm with the study's hyper-parameters filled in. */
export type BoundAlgorithm = {
  name: Study['algorithm']['name'];
  vectors: readonly string[];
  clientUpdate(
    broadcast: { weights: Vector; round: number },
    problem: LocalProblem,
    shuffle: Shuffle,
  ): Promise<ClientResult<null>>;
  /** Of whole vectors or of the same stretch of each. */
  serverUpdate(weights: Vector, aggregate: Message): Vector;
};

/** The algorithm of a study, e.g. `algorithmOf(study.algorithm)`. */
export function algorithmOf(named: Study['algorithm']): BoundAlgorithm {
  switch (named.name) {
    case 'fedsgd':
      return bind(named.name, fedsgd, named);
    case 'fedavg':
      return bind(named.name, fedavg, named);
  }
}

function bind<Hyper>(name: BoundAlgorithm['name'], algorithm: Algorithm<Hyper>, hyper: Hyper): BoundAlgorithm {
  return {
    name,
    vectors: algorithm.vectors,
    clientUpdate: (broadcast, problem, shuffle) => algorithm.clientUpdate(broadcast, problem, null, hyper, shuffle),
    serverUpdate: (weights, aggregate) => algorithm.serverUpdate({ weights }, aggregate, hyper).weights,
  };
}
