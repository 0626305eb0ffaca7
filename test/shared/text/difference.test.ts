import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { planDifference, type DifferenceCode } from '../../../shared/study/difference.ts';
import { changesInWords, inWords } from '../../../shared/text/difference.ts';
import { differenceEn } from '../../../shared/text/difference-en.ts';
import { anyPlan } from '../../support/any-study.ts';

const pair = fc.tuple(anyPlan, anyPlan);

test('every code has a sentence in both languages, without gaps and without words for what no plan has', () => {
  const seen = new Set<DifferenceCode>();
  fc.assert(
    fc.property(pair, ([before, after]) => {
      for (const change of planDifference(before, after)) {
        seen.add(change.code);
        const [en, zh] = [inWords(change, after.definition.nouns, 'en'), inWords(change, after.definition.nouns, 'zh')];
        expect(en).toMatch(/\.$/);
        expect(zh).toMatch(/。$/);
        for (const sentence of [en, zh]) expect(sentence).not.toMatch(/undefined|null|\[object|masked|noised|ε|掩码/);
      }
    }),
    { numRuns: 2_000, seed: 7 },
  );
  const never: DifferenceCode[] = ['rows', 'snapshot', 'aggregation', 'schema-version', 'plan-version', 'target-kind'];
  expect([...seen, ...never].toSorted()).toEqual(Object.keys(differenceEn.change).toSorted());
});

test('without an earlier approval that is what it says', () => {
  fc.assert(
    fc.property(anyPlan, (plan) => {
      expect(changesInWords(undefined, { plan, rows: 1, snapshot: 'a' }, 'en')).toEqual([
        'No round of this study was approved here before.',
      ]);
    }),
    { numRuns: 10 },
  );
});

const [plan] = fc.sample(anyPlan, { numRuns: 1, seed: 3 });
const basis = { plan: { ...plan!, round: 6, attempt: 1, cohort: ['alpha', 'beta'] }, rows: 40, snapshot: 'a' };

test('the next round of an unchanged study is one sentence, and says that nothing else changed', () => {
  const next = { ...basis.plan, round: 7, inputModel: { ...basis.plan.inputModel, sha256: '2'.repeat(64) } };
  expect(changesInWords(basis, { ...basis, plan: next }, 'en')).toEqual([
    'Since round 6, which was approved here last: it is round 7, with times of its own, and starts from the model that was reached meanwhile.',
    'Nothing else changed.',
  ]);
  expect(changesInWords(basis, { ...basis, plan: { ...basis.plan, attempt: 2 } }, 'zh')).toEqual([
    '与本机构上次批准的第 6 轮相比：现为第 6 轮（第 2 次尝试），时限另定，从同一模型开始。',
    '其余均无变化。',
  ]);
});

test('what is new is named: who takes part, and which rows of one’s own', () => {
  const after = { plan: { ...basis.plan, cohort: ['alpha', 'beta', 'gamma'] }, rows: 38, snapshot: 'b' };
  expect(changesInWords(basis, after, 'en').slice(1)).toEqual([
    `One more ${plan!.definition.nouns.member.en.one} takes part: gamma.`,
    `Your own data set has 38 ${plan!.definition.nouns.row.en.other} now; it had 40.`,
    'Your own data are another snapshot: rows were withdrawn, or another data set is used.',
  ]);
});
