// Every sentence a person reads, in English. zh.ts holds the same keys; the compiler compares them.
import type { Study } from '../study/study.ts';

const number = (value: number) => value.toLocaleString('en-US');
const rowsOf = (study: Study, rows: number) =>
  `${number(rows)} ${rows === 1 ? study.nouns.row.en.one : study.nouns.row.en.other}`;

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
  coordinatorReads:
    'The coordinator can read this update as it is, and records have been reconstructed from such updates.',
  /** What a study wants in a column, for whoever maps local columns to it. */
  wants: {
    number: ([low, high]: readonly [number, number], unit: string | undefined) =>
      `a number${unit === undefined ? '' : ` in ${unit}`} from ${low} to ${high}`,
    oneOf: (values: readonly string[], more: number) =>
      `one of ${values.map((value) => `"${value}"`).join(', ')}${more === 0 ? '' : ` and ${more} more`}`,
  },
};

export type Texts = typeof en;
