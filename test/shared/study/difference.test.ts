import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { approvedDifference, planDifference, studyDifference } from '../../../shared/study/difference.ts';
import type { Plan } from '../../../shared/records/round.ts';
import { parseStudy, studyBytes, type Study } from '../../../shared/study/study.ts';
import { encodeCanonical } from '../../../shared/wire/canonical.ts';
import { anyPlan, anyStudy, neighbours } from '../../support/any-study.ts';
import { changedStudy, exampleStudy } from '../../support/example-study.ts';

const sameBytes = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0;

test('two studies that differ give at least one code, and equal ones give none', () => {
  fc.assert(
    fc.property(fc.oneof(fc.tuple(anyStudy, anyStudy), neighbours), ([before, after]) => {
      const found = studyDifference(before, after);
      expect(found.length === 0).toBe(sameBytes(studyBytes(before), studyBytes(after)));
      expect(studyDifference(after, before).length).toBe(found.length);
    }),
    { numRuns: 2_000 },
  );
});

test('two plans that differ give at least one code, and equal ones give none', () => {
  const fields = Object.keys(fc.sample(anyPlan, 1)[0]!) as (keyof Plan)[];
  const pairs = fc.tuple(anyPlan, anyPlan, fc.constantFrom(...fields));
  fc.assert(
    fc.property(pairs, ([before, other, field]) => {
      const after = { ...before, [field]: other[field] };
      const same = sameBytes(encodeCanonical(before), encodeCanonical(after));
      expect(planDifference(before, after).length === 0).toBe(same);
      expect(planDifference(before, before)).toEqual([]);
    }),
    { numRuns: 500 },
  );
});

const study = exampleStudy();
const withChange = (...changes: [string, unknown][]): Study => parseStudy(changedStudy(...changes));
const difference = (...changes: [string, unknown][]) => studyDifference(study, withChange(...changes));

test('each change names its field and both values', () => {
  expect(difference(['algorithm.learningRate', 0.1])).toEqual([
    { code: 'learning-rate', before: study.algorithm.learningRate, after: 0.1 },
  ]);
  expect(difference(['algorithm', { name: 'fedsgd', learningRate: study.algorithm.learningRate }])).toEqual([
    { code: 'algorithm', before: 'fedavg', after: 'fedsgd' },
    { code: 'epochs', before: 5, after: null },
    { code: 'batch-size', before: 'full', after: null },
  ]);
  expect(difference(['releases', ['update', 'examples', 'accuracy']], ['metrics', ['auc', 'accuracy']])).toEqual([
    { code: 'release-added', release: 'accuracy' },
    { code: 'release-removed', release: 'loss' },
    { code: 'release-removed', release: 'auc' },
    ...studyDifference(study, withChange(['metrics', ['auc', 'accuracy']])),
  ]);
});

test('columns are followed by name: one taken out, one renamed, one in another place', () => {
  const [age, sex, ...others] = study.schema.features;
  expect(difference(['schema.features', [sex, ...others]])).toEqual([
    { code: 'feature-removed', column: 'age', label: age!.label },
  ]);
  expect(difference(['schema.features', [{ ...age, name: 'years' }, sex, ...others]]).map(({ code }) => code)).toEqual([
    'feature-added',
    'feature-removed',
  ]);
  expect(difference(['schema.features', [sex, age, ...others]])).toEqual([{ code: 'features-order' }]);
  expect(difference(['schema.features', [{ ...age, unit: 'months' }, sex, ...others]])).toEqual([
    expect.objectContaining({ code: 'feature-unit', column: 'age', after: 'months' }),
  ]);
});

test('what is asked for now is also compared in the own data it was approved for', () => {
  const [plan] = fc.sample(anyPlan, { numRuns: 1, seed: 1 });
  const before = { plan: plan!, rows: 40, snapshot: 'a' };
  expect(approvedDifference(before, { ...before, rows: 38, snapshot: 'b' })).toEqual([
    { code: 'rows', before: 40, after: 38 },
    { code: 'snapshot', before: 'a', after: 'b' },
  ]);
});
