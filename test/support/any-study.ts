// Studies of every shape for property tests, drawn from few values, so that two of them often agree in most fields.
import * as fc from 'fast-check';
import type { Plan } from '../../shared/records/round.ts';
import { studySchema } from '../../shared/study/schema.ts';
import type { Study } from '../../shared/study/study.ts';

const text = fc.record({ en: fc.constantFrom('one', 'two'), zh: fc.constantFrom('一', '二') });
const noun = fc.record({
  en: fc.record({ one: fc.constantFrom('row', 'case'), other: fc.constantFrom('rows', 'cases') }),
  zh: fc.constantFrom('行', '例'),
});
const optional = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: undefined });
const some = <T>(values: readonly T[], least = 0) => fc.shuffledSubarray([...values], { minLength: least });

/** Without the keys that came out undefined: a study has none. */
const given = <T extends object>(values: fc.Arbitrary<T>) =>
  values.map((value) => Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)));

const choice = (value: string) =>
  given(fc.record({ value: fc.constant(value), label: text, accepts: optional(some([`${value}1`, `${value}2`], 1)) }));
const choices = (least: number) =>
  some(['a', 'b', 'c'], least).chain((values) => fc.tuple(...values.map((value) => choice(value))));

const feature = (name: string) =>
  fc.oneof(
    given(
      fc.record({
        name: fc.constant(name),
        label: text,
        kind: fc.constant('number'),
        unit: optional(fc.constantFrom('kg', 'g')),
        substance: optional(fc.constantFrom('glucose', 'urea')),
        range: fc.constantFrom([0, 10], [0, 20]),
        mean: fc.constantFrom(5, 6),
        sd: fc.constantFrom(1, 2),
        source: optional(fc.constantFrom('a table', 'a book')),
        missing: fc.record({ value: fc.constantFrom(4, 5), indicator: fc.boolean() }),
        treatAsMissing: optional(some([-1, -9], 1)),
      }),
    ),
    given(
      fc.record({
        name: fc.constant(name),
        label: text,
        kind: fc.constant('category'),
        categories: choices(1),
        missing: fc.record({ indicator: fc.boolean() }),
      }),
    ),
  );
const target = fc
  .constantFrom('y', 'z')
  .chain((name) =>
    given(fc.record({ name: fc.constant(name), label: text, kind: fc.constant('class'), classes: choices(2) })),
  );

const METRICS = ['auc', 'accuracy', 'logLoss'] as const;
const dense = fc.record({
  class_name: fc.constant('Dense'),
  config: given(
    fc.record({
      units: fc.constantFrom(2, 3),
      activation: optional(fc.constantFrom('relu', 'tanh')),
      use_bias: optional(fc.boolean()),
    }),
  ),
});

const parts = {
  $schema: optional(fc.constantFrom('./a.json', './b.json')),
  schemaVersion: fc.constant(1),
  id: fc.constantFrom('small', 'other'),
  title: text,
  purpose: text,
  sponsor: optional(fc.constantFrom('one sponsor', 'another')),
  nouns: fc.record({ row: noun, member: noun }),
  schema: fc.record({
    features: some(['f', 'g', 'h'], 1).chain((names) => fc.tuple(...names.map((name) => feature(name)))),
    target,
  }),
  split: fc.record({
    seed: fc.constantFrom(1, 2),
    train: fc.constantFrom(0.5, 0.6),
    validation: fc.constantFrom(0.1, 0.2),
    test: fc.constantFrom(0.3, 0.4),
  }),
  model: fc.record({ layers: fc.array(dense, { minLength: 1, maxLength: 2 }) }),
  loss: fc.constantFrom('sigmoidCrossEntropy', 'softmaxCrossEntropy'),
  metrics: some(METRICS),
  algorithm: fc.oneof(
    fc.record({ name: fc.constant('fedsgd'), learningRate: fc.constantFrom(0.1, 0.2) }),
    fc.record({
      name: fc.constant('fedavg'),
      learningRate: fc.constantFrom(0.1, 0.2),
      epochs: fc.constantFrom(1, 2),
      batchSize: fc.constantFrom('full', 16),
    }),
  ),
  aggregation: fc.constant({ name: 'mean' }),
  seed: fc.constantFrom(1, 2),
  rounds: fc.constantFrom(3, 4),
  stop: optional(
    fc.record({
      metric: fc.constantFrom('loss', ...METRICS),
      leastImprovement: fc.constantFrom(0, 0.1),
      patience: fc.constantFrom(1, 2),
    }),
  ),
  cohort: fc.record({ least: fc.constantFrom(2, 3), quorum: fc.constantFrom(1, 2) }),
  deadlines: fc.record({ approveSeconds: fc.constantFrom(10, 20), sendSeconds: fc.constantFrom(20, 30) }),
  releases: some(['update', 'examples', 'loss', ...METRICS], 2),
  publication: optional(fc.constantFrom('none', 'members')),
  bounds: fc.record({ norm: fc.constantFrom(1, 2) }),
};

/** Of the exact form; its fields may contradict each other, since what differs does not depend on that. */
export const anyStudy: fc.Arbitrary<Study> = given(fc.record(parts)).map((value) => studySchema.parse(value));

/** Two studies of which the second differs in at most one field. */
export const neighbours: fc.Arbitrary<[Study, Study]> = fc
  .tuple(anyStudy, anyStudy, fc.constantFrom(...(Object.keys(parts) as (keyof Study)[])))
  .map(([first, second, field]) => {
    const mixed = Object.fromEntries(
      Object.entries({ ...first, [field]: second[field] }).filter(([, value]) => value !== undefined),
    );
    return [first, studySchema.parse(mixed)];
  });

const hash = fc.constantFrom('0'.repeat(64), '1'.repeat(64));
const time = fc.constantFrom('2026-01-02T03:04:05.678Z', '2026-01-03T03:04:05.678Z');

/** Their studies may contradict themselves, too. */
export const anyPlan: fc.Arbitrary<Plan> = fc.record({
  v: fc.constant(1 as const),
  round: fc.constantFrom(1, 2),
  attempt: fc.constantFrom(1, 2),
  definition: anyStudy,
  studyHash: hash,
  cohort: some(['alpha', 'beta', 'gamma'], 1),
  directory: hash,
  inputModel: fc.record({ sha256: hash, bytes: fc.constantFrom(10, 20) }),
  update: fc.record({ vectors: some(['delta', 'gradient'], 1), bytes: fc.constantFrom(10, 20) }),
  openedAt: time,
  approveBy: time,
  sendBy: time,
});
