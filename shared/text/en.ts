// Every sentence a person reads, in English. zh.ts holds the same keys; the compiler compares them.
import type { Study } from '../study/study.ts';

export type RoundFacts = {
  study: Study;
  /** What leaves with the update, in words. */
  besides: readonly string[];
  round: number;
  attempt: number;
  cohort: number;
  rows: number;
  maxBytes: number;
};
export type PolicyFacts = {
  study: Study;
  besides: readonly string[];
  rounds: number;
  attempts: number;
  bytes: number;
  norm: number;
  cohort: number;
  until: string;
};

/** `index` and `outcomeIndex` are where records stand in a log of `size`. */
export type LoggedFacts = { weight: number; index: number; outcomeIndex: number; size: number };

const number = (value: number) => value.toLocaleString('en-US');
const rowsOf = (study: Study, rows: number) =>
  `${number(rows)} ${rows === 1 ? study.nouns.row.en.one : study.nouns.row.en.other}`;
const members = (study: Study, count: number) =>
  `${count} ${count === 1 ? study.nouns.member.en.one : study.nouns.member.en.other}`;
/** After "the coordinator can read this". */
const othersToo = ({ publication }: Study) =>
  publication === 'members' ? ', and so can every member of the cohort once the round is aggregated' : '';
const again = (attempt: number) => (attempt > 1 ? ` (attempt ${attempt})` : '');

export const en = {
  /** What leaves, named as the algorithm does. */
  update: {
    fedsgd: (study: Study, rows: number) =>
      `the gradient: which way the model should move, averaged over the training rows among ${rowsOf(study, rows)}`,
    fedavg: (study: Study, rows: number) =>
      `the change of the model after training on the training rows among ${rowsOf(study, rows)}`,
  },
  releases: {
    update: 'the update',
    examples: 'how many training rows it was computed from',
    loss: 'the loss on these training rows',
    auc: 'the area under the ROC curve on the test rows here',
    accuracy: 'the accuracy on the test rows here',
    logLoss: 'the log loss on the test rows here',
  },
  coordinatorReads: (study: Study) =>
    `The coordinator can read this update as it is${othersToo(study)}: it is neither masked nor noised, and records have been reconstructed from such updates.`,
  approvalMeaning: (f: RoundFacts) =>
    `I reviewed round ${f.round}${again(f.attempt)} of “${f.study.title.en}” and approve it. One update computed from the data set of ${rowsOf(f.study, f.rows)} may leave, ${number(f.maxBytes)} bytes at most, to be averaged with those of ${members(f.study, f.cohort)} taking part. With it leave: ${f.besides.join('; ')}. No record leaves. The coordinator can read the update${othersToo(f.study)}.`,
  declineMeaning: (f: RoundFacts) =>
    `I reviewed round ${f.round}${again(f.attempt)} of “${f.study.title.en}” and decline it. Nothing is trained and nothing leaves for this round.`,
  policyMeaning: (f: PolicyFacts) =>
    `I authorise this installation to approve rounds of “${f.study.title.en}” by itself up to round ${f.rounds}, each at most ${f.attempts === 1 ? 'once' : `${f.attempts} times`}, until ${f.until}, as long as no more than ${number(f.bytes)} bytes leave a round, the norm bound is at most ${f.norm} and at least ${members(f.study, f.cohort)} take part. With each update leave: ${f.besides.join('; ')}. Anything else waits for a person. The coordinator can read each update${othersToo(f.study)}.`,
  /** What each state of a receipt shows, and what it does not. */
  receipt: {
    due: 'Not there yet. The node asks the coordinator for it by itself.',
    logged: (f: LoggedFacts) =>
      `Record ${f.index} of the coordinator’s log counts the update that this institution sent, with weight ${number(f.weight)}, and record ${f.outcomeIndex} names the aggregate and the model of the outcome that the coordinator signed. Both are in a log of ${number(f.size)} records under the coordinator’s signature, which goes on from every earlier state of it that this node was shown. This says what the log says, and that the coordinator cannot take it back unseen. It does not say that the aggregate was computed from the update.`,
    recomputed: (members: number) =>
      `This node fetched the published updates of all ${number(members)} that counted, its own among them, checked each against the form and the norm bound of the study, and averaged them again: the aggregate and the next model are those of the outcome, bit for bit. This says that the aggregate is the mean of the published updates, weighted as the outcome says. It does not say who made the others’ updates, or from which rows.`,
    refused: (why: string) =>
      `${why} What the coordinator showed is kept and on record; write it to a file for others to see.`,
  },
  policyReason: 'approved within the standing policy',
};

export type Texts = typeof en;
