import { expect, test } from 'vitest';
import { roundScreen, screenHash } from '../../../main/consent/screen.ts';
import { planOf } from '../../../coordinator/plan.ts';
import { parseStudy, type Study } from '../../../shared/study/study.ts';
import { en } from '../../../shared/text/en.ts';
import { zh } from '../../../shared/text/zh.ts';
import { changedStudy } from '../../support/example-study.ts';

const published = parseStudy(changedStudy(['publication', 'members']));
const others = [parseStudy(changedStudy(['publication', 'none'])), parseStudy(changedStudy())];
const WORDS = {
  en: 'and so can every member of the cohort once the round is aggregated',
  zh: '参与本轮的每个成员也可以',
};

/** All that a person reads, or signs, about who can read an update. */
function sentences(study: Study, locale: 'en' | 'zh'): string[] {
  const text = { en, zh }[locale];
  const facts = { study, besides: [], round: 1, attempt: 1, cohort: 4, rows: 300, maxBytes: 100 };
  const bounds = { rounds: 1, attempts: 1, bytes: 1, norm: 1, until: '2026-01-02T03:04:05.678Z' };
  return [text.coordinatorReads(study), text.approvalMeaning(facts), text.policyMeaning({ ...facts, ...bounds })];
}

test.each(['en', 'zh'] as const)(
  'who else can read a published update is in every sentence about it, in %s',
  (locale) => {
    for (const sentence of sentences(published, locale)) expect(sentence).toContain(WORDS[locale]);
    for (const study of others)
      for (const sentence of sentences(study, locale)) expect(sentence).not.toContain(WORDS[locale]);
  },
);

test('what is shown before an approval, and what its hash covers, says it too', () => {
  const [open, closed] = [published, others[1]!].map((study) => {
    const about = { study, studyHash: '', round: 1, attempt: 1, cohort: ['a'], directory: '', inputModel: '' };
    const plan = planOf({ ...about, openedAt: 0 });
    const key = { study: study.id, round: 1, attempt: 1 };
    return roundScreen({ ...key, plan, planHash: '' }, 300, 'en');
  });
  for (const words of [open!.coordinatorReads, open!.approve]) expect(words).toContain(WORDS.en);
  for (const words of [closed!.coordinatorReads, closed!.approve]) expect(words).not.toContain(WORDS.en);
  expect(screenHash(open!)).not.toBe(screenHash(closed!));
});
