// Practice in real browser windows, against a real node: the way through a sample round, and nothing of it left anywhere.
import type { Page } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import type { RoundDeps } from '../../main/round.ts';
import { AssentError } from '../../shared/errors.ts';
import { FIRST_RULES } from '../../shared/records/account.ts';
import { HEART_DISEASE, studyOf } from '../../scripts/demo/examples.ts';
import { leastSquares } from '../support/least-squares-trainer.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { launchBrowser } from './support/browser.ts';
import { peopleInWindows } from './support/people-in-windows.ts';
import { button, goTo, heading, TEXTS, title } from './support/tour.ts';
import { startJoined, until } from './support/world.ts';

const STUDY = studyOf(HEART_DISEASE);
const PRACTICE = `#/studies/${STUDY.id}/practice`;

async function joined(locale: 'en' | 'zh', openProblem: RoundDeps['openProblem'] | 'own' = leastSquares) {
  const t = TEXTS[locale];
  const rules = { ...FIRST_RULES, floor: { rows: 1, perClass: 1 } };
  const here = await startJoined(temporaryFolder(), { rules, openProblem });
  const browser = await launchBrowser();
  onTestFinished(async () => {
    await browser.close();
    await here.end();
  });
  await until(here.node, async () => (await here.calls.listRounds({})).rounds[0]?.stage === 'awaiting');
  return { ...here, ...peopleInWindows(browser, here.world, locale), t };
}

/** A problem that trains until it is cancelled. */
const endless: RoundDeps['openProblem'] = async (study, rows, progress) => {
  const canceled = Promise.withResolvers<never>();
  canceled.promise.catch(() => {});
  return {
    ...(await leastSquares(study, rows, progress)),
    descend() {
      progress({ epoch: 1, epochs: 5, batch: 2, batches: 4, loss: 0.69, rowsPerSecond: 900, secondsLeft: 9 });
      return canceled.promise;
    },
    cancel: () => canceled.reject(new AssentError('CANCELED', 'Training was cancelled.')),
  };
};

test.each(['en', 'zh'] as const)(
  'somebody practises a round in native TensorFlow from reading to the end, and no record is made (%s)',
  async (locale) => {
    const { t, person, at, node, wrong } = await joined(locale, 'own');
    const p = t.practice;
    const ann = await person('ann');
    await goTo(ann, `#/studies/${STUDY.id}`);
    await ann.getByRole('link', { name: p.open, exact: true }).click();
    await title(ann, p.title).waitFor();
    await ann.getByText(p.startsFirst).waitFor();
    const records = node.store.journal.size();
    const parts = async () => {
      const marks = await ann.getByText(p.mark, { exact: true }).count();
      const frames = await ann.locator('.practice').count();
      expect(marks).toBe(frames + 1); // and once for the page
      expect(await ann.locator('main .card').count()).toBe(await ann.locator('main .practice .card').count());
    };
    await parts();
    await at(ann, 'practice-read');
    await button(ann, t.round.approvals.open).click();
    expect(await ann.locator('input[type=password]').count()).toBe(0);
    for (const which of [p.decide.approve, p.decide.decline]) {
      await button(ann, which).click();
      await ann.getByText(t.round.decide.sayWhy, { exact: true }).waitFor();
    }
    await parts();
    await at(ann, 'practice-decide');
    await ann.getByLabel(t.round.decide.reason).fill('Trying it out');
    await button(ann, p.decide.approve).click();
    await heading(ann, p.look.title).waitFor();
    await heading(ann, t.round.release.parts).waitFor();
    expect(await ann.evaluate('document.activeElement.innerText')).toBe(p.look.title);
    await parts();
    await at(ann, 'practice-look');
    await button(ann, p.look.end).click();
    await ann.getByText(p.end.kept, { exact: true }).waitFor();
    await ann.getByText(p.receipt.none, { exact: true }).waitFor();
    expect(await heading(ann, t.round.release.parts).count()).toBe(0);
    await parts();
    await at(ann, 'practice-end');
    await button(ann, p.end.again).click();
    await button(ann, t.round.approvals.open).click();
    await ann.getByLabel(t.round.decide.reason).fill('Would not do');
    await button(ann, p.decide.decline).click();
    await ann.getByText(p.end.declined, { exact: true }).waitFor();
    expect(node.store.journal.read.all("select 1 from record where kind like 'training.%'")).toEqual([]);
    expect(node.store.journal.read.all('select 1 from approval')).toEqual([]);
    expect(node.store.journal.size()).toBe(records);
    await ann.close();
    expect(wrong).toEqual([]);
  },
  600_000,
);

test('practice shows its training, is refused to a second person, and stops by a click and with the page', async () => {
  const { t, person, at, wrong } = await joined('en', endless);
  const p = t.practice;
  const [ann, sam] = [await person('ann'), await person('sam')];
  const start = async (page: Page) => {
    await goTo(page, PRACTICE);
    await button(page, t.round.approvals.open).click();
    await page.getByLabel(t.round.decide.reason).fill('Trying it out');
    await button(page, p.decide.approve).click();
  };
  await start(ann);
  await ann.getByText(t.round.training.curve).waitFor();
  await at(ann, 'practice-training');
  await start(sam);
  await sam.getByText('TRAINING_BUSY').waitFor();
  await at(sam, 'practice-busy');
  await button(ann, p.training.stop).click();
  await ann.getByText(p.training.stopped, { exact: true }).waitFor();
  await goTo(sam, '#/rounds');
  await start(sam);
  await sam.getByText(t.round.training.curve).waitFor();
  await goTo(sam, '#/rounds');
  await title(sam, t.rounds.title).waitFor();
  await start(ann);
  await ann.getByText(t.round.training.curve).waitFor();
  await Promise.all([ann.close(), sam.close()]);
  expect(wrong).toEqual([]);
}, 300_000);

test('whoever neither approves nor brings data is not offered practice', async () => {
  const { t, person, wrong } = await joined('en');
  const ada = await person('ada');
  await goTo(ada, `#/studies/${STUDY.id}`);
  await title(ada, STUDY.title.en).waitFor();
  expect(await ada.getByRole('link', { name: t.practice.open }).count()).toBe(0);
  await goTo(ada, PRACTICE);
  await ada.getByText('ROLE_MISSING').waitFor();
  await ada.close();
  expect(wrong).toEqual([]);
}, 300_000);
