// The exact shape of a study file, field by field. What fields say about each other is in contradictions.ts.
import { z } from 'zod';
import { layerSchema } from '../model/layers.ts';
import {
  between,
  columnName,
  flag,
  line,
  list,
  nounSchema,
  object,
  oneOf,
  positive,
  rawNumber,
  slug,
  textSchema,
  told,
  variant,
  whole,
} from './fields.ts';

export const SUPPORTED_SCHEMA_VERSIONS: readonly number[] = [1];

const MOST_CATEGORIES = 10_000;
const WEEK = 7 * 24 * 3600;

export const SUBSTANCES = [
  'glucose',
  'cholesterol',
  'triglycerides',
  'creatinine',
  'urea',
  'uric-acid',
  'bilirubin',
  'calcium',
  'thyroxine',
  'triiodothyronine',
] as const;

const choiceSchema = object({
  value: line(200).describe('The value itself; a cell that reads so always matches'),
  label: textSchema,
  accepts: list(line(200), 1, 100).exactOptional().describe('Further spellings that mean this value'),
});

const numberFeature = object({
  name: columnName,
  label: textSchema,
  kind: z.literal('number'),
  unit: line(40).exactOptional(),
  substance: oneOf(SUBSTANCES)
    .exactOptional()
    .describe('What a concentration measures, so that mass and amount (mg/dl, mmol/l) convert into each other'),
  range: z.tuple([rawNumber, rawNumber], told('must be [low, high]')).describe('Raw values outside are clipped to it'),
  mean: rawNumber.describe(
    'A published constant, never asked of the institutions: (value - mean) / sd is what is trained on',
  ),
  sd: positive(1e30),
  source: line(500).exactOptional().describe('Where the constants are published'),
  missing: object({
    value: rawNumber.describe('Raw value that stands for a missing one'),
    indicator: flag.describe('Adds a column that is 1 where the value was missing'),
  }),
  treatAsMissing: list(rawNumber, 1, 20).exactOptional().describe('Raw values that are codes for missing'),
});

const categoryFeature = object({
  name: columnName,
  label: textSchema,
  kind: z.literal('category'),
  categories: list(choiceSchema, 1, MOST_CATEGORIES),
  missing: object({ indicator: flag.describe('Adds a column that is 1 where the value was missing') }),
});

const featureSchema = variant('kind', 'kind', ['number', 'category'], [numberFeature, categoryFeature]);

const targetSchema = object({
  name: columnName,
  label: textSchema,
  kind: z.literal('class', told('must be "class"')),
  classes: list(choiceSchema, 2, 1000).describe('Of two classes the second is the positive one'),
});

const BATCH = 'must be "full" or a whole number from 1 to 1000000';

const algorithmSchema = variant(
  'name',
  'algorithm',
  ['fedsgd', 'fedavg'],
  [
    object({ name: z.literal('fedsgd'), learningRate: positive(10) }),
    object({
      name: z.literal('fedavg'),
      learningRate: positive(10),
      epochs: whole(1, 1000),
      batchSize: z.union([z.literal('full'), whole(1, 1_000_000, BATCH)], told(BATCH)),
    }),
  ],
);

const METRICS = ['auc', 'accuracy', 'logLoss'] as const;

export const studySchema = object({
  $schema: line(500).exactOptional().describe('Address of this JSON Schema, for editors only'),
  schemaVersion: z.literal(1, told('must be 1')),
  id: slug,
  title: textSchema,
  purpose: textSchema.describe('What people read before they approve'),
  sponsor: line(200).exactOptional(),
  nouns: object({ row: nounSchema, member: nounSchema }),
  schema: object({ features: list(featureSchema, 1, 4096), target: targetSchema }),
  split: object({
    seed: whole(0, 2 ** 32 - 1),
    train: between(0, 1),
    validation: between(0, 1),
    test: between(0, 1),
  }).describe('Shares of the rows; they add up to 1'),
  model: object({ layers: list(layerSchema, 1, 64) }).describe(
    'Keras-layers JSON; the input width follows from the schema, and softmax or sigmoid belong to the loss',
  ),
  loss: oneOf(['sigmoidCrossEntropy', 'softmaxCrossEntropy']),
  metrics: list(oneOf(METRICS), 0, 3).describe('Computed by each institution on its own test rows'),
  algorithm: algorithmSchema,
  aggregation: object({ name: oneOf(['mean']) }),
  seed: whole(0, 2 ** 32 - 1).describe('Of the first model and of shuffles'),
  rounds: whole(1, 10_000),
  stop: object({
    metric: oneOf(['loss', ...METRICS]),
    leastImprovement: between(0, 1e6),
    patience: whole(1, 10_000),
  })
    .exactOptional()
    .describe('Ends the study when the metric has not improved by leastImprovement for `patience` rounds'),
  cohort: object({
    least: whole(1, 10_000).describe('Members that must be admitted before a round is opened'),
    quorum: whole(1, 10_000).describe('Updates without which a round does not count'),
  }),
  deadlines: object({ approveSeconds: whole(1, WEEK), sendSeconds: whole(1, WEEK) }).describe(
    'Both counted from the opening of the round',
  ),
  releases: list(oneOf(['update', 'examples', 'loss', ...METRICS]), 1, 6).describe(
    'Everything that leaves an institution each round; update and examples always do',
  ),
  publication: oneOf(['none', 'members'])
    .exactOptional()
    .describe(
      'Who besides the coordinator may read updates of an aggregated round: none (also where absent), or its cohort',
    ),
  bounds: object({ norm: positive(1e6).describe('L2 norm of a whole update; a larger one is refused') }),
});

export type Study = z.infer<typeof studySchema>;
export type Feature = z.infer<typeof featureSchema>;
export type NumberFeature = z.infer<typeof numberFeature>;
export type Target = z.infer<typeof targetSchema>;
export type Choice = z.infer<typeof choiceSchema>;
