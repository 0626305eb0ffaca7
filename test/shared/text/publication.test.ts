import { expect, test } from 'vitest';
import { screenHash, screenOf } from '../../../main/consent/screen.ts';
import { parseStudy, type Study } from '../../../shared/study/study.ts';
import { en } from '../../../shared/text/en.ts';
import { statementsEn } from '../../../shared/text/statements-en.ts';
import { statementsZh } from '../../../shared/text/statements-zh.ts';
import { zh } from '../../../shared/text/zh.ts';
import { rowOf } from '../../support/deciding.ts';
import { changedStudy } from '../../support/example-study.ts';
import { institution, smallStudy } from '../../support/institution.ts';

const published = parseStudy(changedStudy(['publication', 'members']));
const others = [parseStudy(changedStudy(['publication', 'none'])), parseStudy(changedStudy())];
const WORDS = {
  en: 'and so can every member of the cohort once the round is aggregated',
  zh: '本轮聚合后参与本轮的每个成员也可以',
};

/** All that a person reads, or signs, about who can read an update. */
function sentences(study: Study, locale: 'en' | 'zh'): string[] {
  const text = { en, zh }[locale];
  const signed = { en: statementsEn, zh: statementsZh }[locale];
  const facts = { study, besides: [], round: 1, attempt: 1, cohort: 4, rows: 300, maxBytes: 100, bytes: 100 };
  const bounds = { rounds: 1, attempts: 1, norm: '1', hours: null, until: '2026-01-02T03:04:05.678Z' };
  const data = { snapshot: 'ab', documents: 1 };
  return [
    text.coordinatorReads(study),
    signed.approve(facts),
    signed.release({ ...facts, norm: '1', blob: 'cd' }),
    signed.policy({ ...facts, ...bounds }),
    signed.join({ ...facts, ...data }),
    signed.move({ ...facts, ...data }),
  ];
}

test.each(['en', 'zh'] as const)(
  'who else can read a published update is in every sentence about it, in %s',
  (locale) => {
    for (const sentence of sentences(published, locale)) expect(sentence).toContain(WORDS[locale]);
    for (const study of others)
      for (const sentence of sentences(study, locale)) expect(sentence).not.toContain(WORDS[locale]);
  },
);

test('what is shown before an approval, and what its hash covers, says it too', async () => {
  const screens = [];
  for (const study of [smallStudy(['publication', 'members']), smallStudy()]) {
    const here = await institution({ study });
    here.take(here.coordinator.plan(study, ['alpha', 'beta']));
    screens.push(screenOf(here.node.store.journal.read, rowOf(here), 'en'));
  }
  const [open, closed] = screens;
  for (const words of [open!.coordinatorReads, open!.approve]) expect(words).toContain(WORDS.en);
  for (const words of [closed!.coordinatorReads, closed!.approve]) expect(words).not.toContain(WORDS.en);
  expect(screenHash(open!)).not.toBe(screenHash(closed!));
});
