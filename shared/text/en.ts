// Every sentence a person reads, in English. zh.ts holds the same keys; the compiler compares them.
import type { Study } from '../study/study.ts';

export type SuccessorFacts = { origin: string; size: number; kept: number };
/** `index` and `outcomeIndex` are where records stand in a log of `size`. */
export type LoggedFacts = { weight: number; index: number; outcomeIndex: number; size: number };

const number = (value: number) => value.toLocaleString('en-US');
const rowsOf = (study: Study, rows: number) =>
  `${number(rows)} ${rows === 1 ? study.nouns.row.en.one : study.nouns.row.en.other}`;
/** After "the coordinator can read this". */
export const othersToo = ({ publication }: Study) =>
  publication === 'members' ? ', and so can every member of the cohort once the round is aggregated' : '';

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
    `The coordinator can read this update as it is${othersToo(study)}, and records have been reconstructed from such updates.`,
  /** What a study wants in a column, for whoever maps local columns to it. */
  wants: {
    number: ([low, high]: readonly [number, number], unit: string | undefined) =>
      `a number${unit === undefined ? '' : ` in ${unit}`} from ${low} to ${high}`,
    oneOf: (values: readonly string[], more: number) =>
      `one of ${values.map((value) => `"${value}"`).join(', ')}${more === 0 ? '' : ` and ${more} more`}`,
  },
  successorMeaning: (f: SuccessorFacts) =>
    `I start a successor of the audit log ${f.origin}. Witnesses have cosigned ${number(f.size)} records of it; of these, this store is known to hold the first ${number(f.kept)}, and the others are lost here. The successor goes on from what is here, under a key of its own. Open rounds, approvals and standing policies are given up. I have compared accounts, withdrawals of data and what left with what we know from elsewhere.`,
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
};

export type Texts = typeof en;
