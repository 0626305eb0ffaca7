// What the demo found out: the figures of DIR/summary.json, from which report.html is made.
import type { Nouns } from './words.ts';

/** null: too few cases. `everyone`: on the test rows of all members, which only public data allows to compute. */
export type Scores = { everyone: number | null; own: number | null };

export type RoundFigures = {
  round: number;
  participants: string[];
  /** Weighted mean of the losses that the institutions released, of the model that the round began with. */
  loss: number | null;
  /** Of the model that the round led to, on the test rows of all members. */
  auc: number | null;
  /** Bytes of tensors, all institutions together. */
  bytesUp: number;
  bytesDown: number;
  seconds: number;
};

export type InstitutionFigures = {
  name: string;
  title: string;
  rows: number;
  testRows: number;
  /** Its own model, trained on its own rows alone. */
  localAuc: Scores;
  consortiumAuc: Scores;
};

export type LogFigures = {
  name: string;
  size: number;
  root: string;
  /** Sound, and signed by the key that the consortium knows for this institution, cosigned by more than half of the others. */
  verified: boolean;
  /** Whose cosignatures of the exported checkpoint verify: ids of institutions, and "coordinator". */
  anchoredBy: string[];
};

export type Summary = {
  seconds: number;
  study: string;
  title: string;
  /** What the study calls its rows and its members. */
  nouns: Nouns;
  studyHash: string;
  algorithm: string;
  hyperparameters: Record<string, number | string>;
  splitSeed: number;
  consortiumAuc: number | null;
  pooledAuc: number | null;
  testRows: number;
  rounds: RoundFigures[];
  institutions: InstitutionFigures[];
  logs: LogFigures[];
};
