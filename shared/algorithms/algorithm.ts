// What an algorithm is: a pair of pure halves over flat vectors, and the local problem that is all a client half sees.
import type { Vector } from '../math/vector.ts';

/** The named vectors a client sends; each has the model's length. Clipping, wire and aggregation treat all alike. */
export type Message = Readonly<Record<string, Vector>>;

/** `loss`: mean training loss over the own training rows. The rest is over the own test rows; null means too few cases. */
export type Evaluation = {
  loss: number;
  test: { rows: number; auc: number | null; accuracy: number | null; logLoss: number | null };
};

/** Epochs and batches count from 1; `loss` is that of the batch just done. */
export type Progress = {
  epoch: number;
  epochs: number;
  batch: number;
  batches: number;
  loss: number;
  rowsPerSecond: number;
  secondsLeft: number;
};

/** Names the random stream of a member's shuffles: the study's seed and who shuffles when. */
export type Shuffle = { seed: number; labels: readonly (string | number)[] };

export type Descent = {
  start: Vector;
  epochs: number;
  /** Rows a step; 'full' takes all rows at once and shuffles nothing. The last batch of an epoch may be smaller. */
  batchSize: number | 'full';
  learningRate: number;
  shuffle: Shuffle;
  /** Strength of a pull towards `start`, added to the gradient as `proximal * (weights - start)`; none when absent. */
  proximal?: number;
  /** Added to every step's gradient; none when absent. */
  correction?: Vector;
};

/** Training at one institution, without its rows: what crosses are flat vectors, examples are counted, losses are means. */
export type LocalProblem = {
  /** Number of training rows, at least 1. */
  readonly examples: number;
  /** Mean gradient and mean loss over all training rows. */
  gradient(weights: Vector): Promise<{ gradient: Vector; loss: number }>;
  evaluate(weights: Vector): Promise<Evaluation>;
  /** Plain mini-batch gradient descent from `start`, which is left unchanged; `losses` has one mean an epoch. */
  descend(options: Descent): Promise<{ weights: Vector; losses: number[] }>;
};

/** `weight` is what the message counts in the mean (examples); `metrics.loss` is the training loss at the broadcast model. */
export type ClientResult<ClientState> = {
  message: Message;
  weight: number;
  clientState: ClientState;
  metrics: { loss: number };
};

/** One paper: what an institution computes in a round and what the coordinator makes of the aggregate. */
export type Algorithm<Hyper, ClientState = null, ServerState = { weights: Vector }> = {
  name: string;
  /** Names of the vectors of a message. */
  vectors: readonly string[];
  clientUpdate(
    broadcast: { weights: Vector; round: number },
    problem: LocalProblem,
    clientState: ClientState,
    hyper: Hyper,
    shuffle: Shuffle,
  ): Promise<ClientResult<ClientState>>;
  /**
   * Coordinate by coordinate: value i of what follows depends on value i of the state's and the aggregate's vectors alone.
   * A coordinator calls it for one stretch of the vectors after another, so that no whole model is in memory.
   */
  serverUpdate(serverState: ServerState, aggregate: Message, hyper: Hyper): ServerState;
};
