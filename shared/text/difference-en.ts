// What changed since the last plan that was approved here, in English. difference-zh.ts holds the same keys; the compiler
// compares them.
import type { DifferenceCode, DifferenceOf } from '../study/difference.ts';
import type { Study } from '../study/study.ts';
import { en } from './en.ts';

export type DifferenceWords = {
  [C in DifferenceCode]: (change: DifferenceOf<C>, nouns: Study['nouns']) => string;
};
export type DifferenceTexts = {
  change: DifferenceWords;
  /** No plan of this study was approved here before. */
  first: string;
  /** What every round brings, in one sentence. */
  routine: (round: number, before: number, attempt: number, sameModel: boolean) => string;
  nothing: string;
};

type Said = string | number;
const number = (value: number) => value.toLocaleString('en-US');
const from = (before: Said, after: Said) => `from ${before} to ${after}`;
const or = (value: Said | null) => (value === null ? 'none' : String(value));
const list = (values: readonly Said[] | null) => (values === null || values.length === 0 ? 'none' : values.join(', '));
const share = (value: number) => `${number(value * 100)} %`;
/** A text for people in two languages, of which perhaps only the other one changed. */
const worded = (what: string, before: { en: string }, after: { en: string }) =>
  before.en === after.en ? `${what} changes in Chinese only.` : `${what} changes from “${before.en}” to “${after.en}”.`;
const layers = (all: Study['model']['layers']) =>
  all
    .map(({ class_name: name, config }) =>
      name === 'Dense'
        ? `dense with ${config.units} units${config.activation ? `, ${config.activation}` : ''}${config.use_bias === false ? ', without bias' : ''}`
        : config.activation,
    )
    .join('; ');
const nouns = ({ row, member }: Study['nouns']) =>
  [row, member].map(({ en: { one, other } }) => `${one}/${other}`).join(', ');
const stop = (rule: Study['stop'] | null) =>
  rule
    ? `when ${en.releases[rule.metric]} has not improved by ${rule.leastImprovement} for ${rule.patience} rounds`
    : 'never';
const splits = ({ train, validation, test }: Omit<Study['split'], 'seed'>) =>
  `${share(train)} training, ${share(validation)} validation, ${share(test)} test`;

const change: DifferenceWords = {
  'release-added': ({ release }) => `This leaves now as well: ${en.releases[release]}.`,
  'release-removed': ({ release }) => `This leaves no more: ${en.releases[release]}.`,
  'releases-order': () => 'What leaves is listed in another order; it is the same.',
  publication: ({ after }) =>
    after === 'members'
      ? 'Updates are published now: every member of the cohort can read yours once the round is aggregated.'
      : after === 'none'
        ? 'The study says now that updates are not published: of those taking part, nobody else can read yours.'
        : 'The study no longer says whether updates are published: they are not.',
  'vector-added': ({ vector }) => `The update has one more part: ${vector}.`,
  'vector-removed': ({ vector }) => `The update has a part less: ${vector}.`,
  'vectors-order': () => 'The parts of the update come in another order.',
  'update-bytes': ({ before, after }) => `The size of the update changes ${from(number(before), number(after))} bytes.`,
  'norm-bound': ({ before, after }) => `The most that the update may weigh (its norm) changes ${from(before, after)}.`,
  'member-added': ({ member }, { member: noun }) => `One more ${noun.en.one} takes part: ${member}.`,
  'member-removed': ({ member }, { member: noun }) => `This ${noun.en.one} takes part no more: ${member}.`,
  'members-order': (_change, { member: noun }) => `The ${noun.en.other} taking part are listed in another order.`,
  rows: ({ before, after }, { row }) =>
    `Your own data set has ${number(after)} ${after === 1 ? row.en.one : row.en.other} now; it had ${number(before)}.`,
  snapshot: () => 'Your own data are another snapshot: rows were withdrawn, or another data set is used.',
  algorithm: ({ before, after }) => `The algorithm changes ${from(before, after)}.`,
  'learning-rate': ({ before, after }) => `The learning rate changes ${from(before, after)}.`,
  epochs: ({ before, after }) =>
    `How often training goes through the training rows changes ${from(or(before), or(after))}.`,
  'batch-size': ({ before, after }) =>
    `How many rows training looks at in one step changes ${from(or(before), or(after))}.`,
  aggregation: ({ before, after }) => `How updates are combined changes ${from(before, after)}.`,
  quorum: ({ before, after }, { member }) =>
    `The fewest ${member.en.other} without whose updates a round does not count change ${from(before, after)}.`,
  'least-members': ({ before, after }, { member }) =>
    `The fewest ${member.en.other} with which the study begins change ${from(before, after)}.`,
  rounds: ({ before, after }) => `The number of rounds changes ${from(number(before), number(after))}.`,
  'feature-added': ({ column, label }) => `The study asks for one more column: ${column} (${label.en}).`,
  'feature-removed': ({ column, label }) => `The study asks for a column less: ${column} (${label.en}).`,
  'features-order': () => 'The columns come in another order.',
  'feature-kind': ({ column, before, after }) => `${column}: what it holds changes ${from(before, after)}.`,
  'feature-range': ({ column, before, after }) =>
    `${column}: the range that values are kept in changes ${from(before.join(' to '), after.join(' to '))}.`,
  'feature-mean': ({ column, before, after }) =>
    `${column}: the published mean that is taken off changes ${from(before, after)}.`,
  'feature-sd': ({ column, before, after }) =>
    `${column}: the published deviation that values are divided by changes ${from(before, after)}.`,
  'feature-missing-value': ({ column, before, after }) =>
    `${column}: what stands for a missing value changes ${from(before, after)}.`,
  'feature-missing-indicator': ({ column, after }) =>
    after
      ? `${column}: training now also sees whether the value was missing.`
      : `${column}: training no longer sees whether the value was missing.`,
  'feature-missing-codes': ({ column, before, after }) =>
    `${column}: the values that mean missing change ${from(list(before), list(after))}.`,
  'feature-unit': ({ column, before, after }) => `${column}: the unit changes ${from(or(before), or(after))}.`,
  'feature-substance': ({ column, before, after }) =>
    `${column}: the substance that is measured changes ${from(or(before), or(after))}.`,
  'feature-source': ({ column, before, after }) =>
    `${column}: where its constants are published changes ${from(or(before), or(after))}.`,
  'column-label': ({ column, before, after }) => worded(`${column}: its description`, before, after),
  'choice-added': ({ column, choice }) => `${column}: there is one more possible value, ${choice}.`,
  'choice-removed': ({ column, choice }) => `${column}: the possible value ${choice} is gone.`,
  'choices-order': ({ column }) => `${column}: the possible values come in another order.`,
  'choice-label': ({ column, choice, before, after }) =>
    worded(`${column}: the description of ${choice}`, before, after),
  'choice-accepts': ({ column, choice, before, after }) =>
    `${column}: other spellings of ${choice} change ${from(list(before), list(after))}.`,
  'target-name': ({ before, after }) => `What the model predicts is another column: ${after} instead of ${before}.`,
  'target-kind': ({ column, before, after }) => `${column}: what is predicted changes ${from(before, after)}.`,
  layers: ({ before, after }) => `The model changes ${from(layers(before), layers(after))}.`,
  loss: ({ before, after }) => `What training makes small (the loss) changes ${from(before, after)}.`,
  'metric-added': ({ metric }) => `Computed here as well: ${en.releases[metric]}.`,
  'metric-removed': ({ metric }) => `Computed here no more: ${en.releases[metric]}.`,
  'metrics-order': () => 'The figures computed here are listed in another order.',
  split: ({ before, after }) => `How rows are dealt out changes ${from(splits(before), splits(after))}.`,
  'split-seed': ({ before, after }) => `Rows are dealt out by another seed: ${after} instead of ${before}.`,
  seed: ({ before, after }) =>
    `The first model and the order of rows follow another seed: ${after} instead of ${before}.`,
  'stop-rule': ({ before, after }) => `When the study ends early changes ${from(stop(before), stop(after))}.`,
  'approve-seconds': ({ before, after }) =>
    `The time for approving a round changes ${from(number(before), number(after))} seconds.`,
  'send-seconds': ({ before, after }) =>
    `The time for sending an update changes ${from(number(before), number(after))} seconds.`,
  title: ({ before, after }) => worded('The title', before, after),
  purpose: ({ before, after }) => worded('The purpose', before, after),
  sponsor: ({ before, after }) => `The sponsor changes ${from(or(before), or(after))}.`,
  nouns: ({ before, after }) => worded('What rows and members are called', { en: nouns(before) }, { en: nouns(after) }),
  study: ({ before, after }) => `It is another study: ${after} instead of ${before}.`,
  'schema-version': ({ before, after }) => `The form of the study file changes ${from(before, after)}.`,
  'editor-schema': () => 'The study file names another form for editors; nothing that is run changes.',
  'plan-version': ({ before, after }) => `The form of the plan changes ${from(before, after)}.`,
  'study-hash': () => 'The study is another version of itself.',
  'model-bytes': ({ before, after }) =>
    `The size of the model to start from changes ${from(number(before), number(after))} bytes.`,
  directory: () => 'The signed list of members is a newer one.',
  model: () => 'Training starts from another model.',
  round: ({ before, after }) => `It is round ${after}; the one before was ${before}.`,
  attempt: ({ before, after }) => `It is attempt ${after}; the one before was ${before}.`,
  'opened-at': ({ after }) => `It was opened at ${after}.`,
  'approve-by': ({ after }) => `It can be approved until ${after}.`,
  'send-by': ({ after }) => `The update has to be there by ${after}.`,
};

export const differenceEn: DifferenceTexts = {
  change,
  first: 'No round of this study was approved here before.',
  routine: (round, before, attempt, sameModel) =>
    `Since round ${before}, which was approved here last: it is round ${round}${attempt > 1 ? `, attempt ${attempt}` : ''}, with times of its own, and starts from ${sameModel ? 'the same model' : 'the model that was reached meanwhile'}.`,
  nothing: 'Nothing else changed.',
};
