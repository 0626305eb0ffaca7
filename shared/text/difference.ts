// A difference as the sentences that a person reads, in one language.
import { approvedDifference, EVERY_ROUND, type Basis, type Difference } from '../study/difference.ts';
import type { Study } from '../study/study.ts';
import { differenceEn } from './difference-en.ts';
import { differenceZh } from './difference-zh.ts';

export type Locale = 'en' | 'zh';

const TEXTS = { en: differenceEn, zh: differenceZh };

/**
 * What changed since `before`, which was approved here last; what every round brings is one sentence, whatever is new a
 * sentence each. Says so where nothing was approved before, and where nothing else changed.
 */
export function changesInWords(before: Basis | undefined, after: Basis, locale: Locale): string[] {
  const text = TEXTS[locale];
  if (!before) return [text.first];
  const { round, attempt, definition, inputModel } = after.plan;
  const sameModel = inputModel.sha256 === before.plan.inputModel.sha256;
  const found = approvedDifference(before, after).filter(({ code }) => !EVERY_ROUND.has(code));
  const sentences = found.map((change) => inWords(change, definition.nouns, locale));
  return [
    text.routine(round, before.plan.round, attempt, sameModel),
    ...(sentences.length > 0 ? sentences : [text.nothing]),
  ];
}

/** One change. */
export function inWords(change: Difference, nouns: Study['nouns'], locale: Locale): string {
  const say = TEXTS[locale].change[change.code] as (change: Difference, nouns: Study['nouns']) => string;
  return say(change, nouns);
}
