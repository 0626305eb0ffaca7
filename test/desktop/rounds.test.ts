// Rounds decided on in real browser windows, each person in one of their own, against a real node and a real coordinator.
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import type { RuleChoice } from '../../main/people/rules.ts';
import type { RoundDeps } from '../../main/round.ts';
import { FIRST_RULES } from '../../shared/records/account.ts';
import type { Study } from '../../shared/study/study.ts';
import { HEART_DISEASE, studyOf, writeMemberFile } from '../../scripts/demo/examples.ts';
import { PASSWORD } from '../support/people.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { launchBrowser } from './support/browser.ts';
import { peopleInWindows } from './support/people-in-windows.ts';
import { button, goTo, heading, openDecision, sign as signAs, TEXTS, title } from './support/tour.ts';
import { startJoined, until } from './support/world.ts';

type Locale = 'en' | 'zh';
const STUDY = studyOf(HEART_DISEASE);
const TWO: RuleChoice = { ...FIRST_RULES, floor: { rows: 1, perClass: 1 } };
const ROUND = `#/rounds/${STUDY.id}/1/1`;

async function joined(options: {
  rules?: RuleChoice;
  study?: Study;
  openProblem?: RoundDeps['openProblem'] | 'own';
  locale?: Locale;
}) {
  const { rules = TWO, locale = 'en', ...more } = options;
  const t = TEXTS[locale];
  const here = await startJoined(temporaryFolder(), { rules, ...more });
  const browser: Browser = await launchBrowser();
  onTestFinished(async () => {
    await browser.close();
    await here.end();
  });
  const stageOf = async (round: number) =>
    (await here.calls.listRounds({})).rounds.find(({ name }) => name!.round === round)?.stage;
  await until(here.node, async () => (await stageOf(1)) === 'awaiting');
  return { ...here, ...peopleInWindows(browser, here.world, locale), t, stageOf };
}
type Here = Awaited<ReturnType<typeof joined>>;

const review = ({ t }: Here, page: Page) => openDecision({ page, t });
const sign = ({ t }: Here, page: Page, which: string, reason?: string) => signAs({ page, t }, which, reason, PASSWORD);

test.each(['en', 'zh'] as const)(
  'two people in two windows approve one round; it trains, is sent and shows its receipt; the next is declined (%s)',
  async (locale) => {
    const here = await joined({ locale });
    const { t, person, at, node, calls } = here;
    const [ann, bob] = [await person('ann'), await person('bob')];
    const decide = t.round.decide;

    await at(ann, 'inbox');
    await ann.locator('article a').click();
    await heading(ann, t.round.approvals.decision).waitFor();
    expect(ann.url()).toContain(ROUND);
    const { coordinatorReads, approveStatement, declineStatement, tensors } = await calls.as('ann').getRound({
      name: { study: STUDY.id, round: 1, attempt: 1 },
      locale: locale === 'zh' ? 2 : 1,
    });
    expect(await ann.locator('main p.lead').first().innerText()).toMatch(new RegExp(`^${coordinatorReads}`));
    for (const { name } of tensors) await ann.getByRole('cell', { name, exact: true }).waitFor();
    await at(ann, 'round-waiting');

    // Nothing is preselected, Enter signs nothing, and both buttons ask for the same.
    await review(here, ann);
    expect(await ann.evaluate('document.activeElement.tagName')).toBe('H2');
    await ann.getByText(approveStatement, { exact: true }).waitFor();
    await ann.getByText(declineStatement, { exact: true }).waitFor();
    for (const which of [decide.approve, decide.decline]) {
      await button(ann, which).click();
      await ann.getByText(decide.sayWhy, { exact: true }).waitFor();
      await ann.getByText(decide.typeIt, { exact: true }).waitFor();
      expect(await ann.evaluate('document.activeElement.tagName')).toBe('TEXTAREA');
    }
    await at(ann, 'round-deciding');
    const sizes = await Promise.all([decide.approve, decide.decline].map((name) => button(ann, name).boundingBox()));
    expect([sizes[0]!.width, sizes[0]!.height]).toEqual([sizes[1]!.width, sizes[1]!.height]);
    await ann.getByLabel(decide.reason).fill('Agrees with protocol 2.1');
    await ann.getByLabel(t.common.yourPassword).fill('not the password');
    await ann.keyboard.press('Enter');
    expect(await here.stageOf(1)).toBe('awaiting');
    await button(ann, decide.approve).click();
    await ann.getByText('PASSWORD_WRONG').waitFor();
    expect(await ann.evaluate('document.activeElement.type')).toBe('password');
    await at(ann, 'round-password-wrong');
    expect(await ann.getByLabel(decide.reason).inputValue()).toBe('Agrees with protocol 2.1');
    expect(await ann.getByLabel(t.common.yourPassword).inputValue()).toBe('');
    await ann.getByLabel(t.common.yourPassword).fill(PASSWORD);
    await button(ann, decide.approve).click();
    await ann.getByText(t.round.approvals.recorded('1', '2'), { exact: true }).waitFor();
    await ann.getByText(t.round.approvals.yours, { exact: true }).waitFor();
    await at(ann, 'round-approved-by-one');

    // In the inbox it is not hers any more; what a lock keeps, and what it does not.
    await goTo(ann, '#/rounds');
    await ann.getByText(t.rounds.notForYou, { exact: true }).waitFor();
    expect(await ann.getByText(t.common.waitingCount(1), { exact: true }).count()).toBe(0);
    await at(ann, 'inbox-approved');
    await bob.getByText(t.common.waitingCount(1), { exact: true }).waitFor();
    await goTo(bob, ROUND);
    await review(here, bob);
    await bob.getByLabel(decide.reason).fill('Half a reason');
    await bob.getByLabel(t.common.yourPassword).fill(PASSWORD);
    await bob.keyboard.press('Control+l');
    await title(bob, t.start.signIn.locked).waitFor();
    await bob.getByRole('textbox', { name: t.start.signIn.password, exact: true }).fill(PASSWORD);
    await button(bob, t.start.signIn.go).click();
    await bob.getByLabel(decide.reason).waitFor();
    expect(await bob.getByLabel(decide.reason).inputValue()).toBe('Half a reason');
    expect(await bob.getByLabel(t.common.yourPassword).inputValue()).toBe('');
    expect(await bob.evaluate('document.activeElement.type')).toBe('password');
    await button(bob, decide.back).click();

    await goTo(bob, ROUND);
    await bob.getByText('Ann Approver').waitFor();
    await review(here, bob);
    await sign(here, bob, decide.approve, 'Read it, too');
    await bob.getByText(t.round.receipt.logged, { exact: true }).waitFor();
    await goTo(ann, ROUND);
    await ann.getByText(t.round.counted).waitFor();
    await at(ann, 'round-receipt');
    await goTo(ann, '#/rounds');
    await ann.getByText(t.rounds.complete, { exact: true }).waitFor();
    const { endedAt } = (await calls.listRounds({})).rounds.find(({ name }) => name!.round === 1)!;
    expect(Math.abs(Date.parse(endedAt) - Date.now())).toBeLessThan(600_000);
    await ann.getByRole('columnheader', { name: t.rounds.columns.ended, exact: true }).waitFor();
    expect(await ann.getByRole('cell', { name: '–', exact: true }).count()).toBe(0);
    const approvals = node.store.journal.read.all("select 1 from approval where purpose = 'train' and round = 1");
    expect(approvals).toHaveLength(2);

    await until(node, async () => (await here.stageOf(2)) === 'awaiting');
    await goTo(ann, ROUND.replace('/1/1', '/2/1'));
    await review(here, ann);
    await button(ann, decide.later).click();
    await ann.getByText(t.round.approvals.deferred, { exact: true }).waitFor();
    await review(here, ann);
    await goTo(bob, ROUND.replace('/1/1', '/2/1'));
    await review(here, bob);
    await sign(here, ann, decide.decline, 'Not covered by our consent form');
    await ann.getByText(t.round.approvals.declinedNow, { exact: true }).waitFor();
    await at(ann, 'round-declined');
    // Whoever was deciding meanwhile is told, and is not left without a focus.
    await bob.getByText(t.round.ownWindow.over, { exact: true }).waitFor();
    await expect.poll(() => bob.evaluate('document.activeElement.tagName')).toBe('H2');
    expect(await here.stageOf(2)).toBe('declined');
    await Promise.all([ann.close(), bob.close()]);
    expect(here.wrong).toEqual([]);
  },
  600_000,
);

test('whoever is no approver reads the round and is offered nothing to sign', async () => {
  const here = await joined({});
  const { t, person, at } = here;
  const sam = await person('sam');
  await goTo(sam, ROUND);
  await sam.getByText(t.round.approvals.onlyApprovers, { exact: true }).waitFor();
  expect(await button(sam, t.round.approvals.open).count()).toBe(0);
  await at(sam, 'round-reading');
  await sam.keyboard.press('d');
  expect(await sam.evaluate('document.activeElement.innerText')).toBe(t.round.approvals.title);
  await sam.keyboard.press('Escape');
  await title(sam, t.rounds.title).waitFor();
  expect(await sam.getByText(t.common.waitingCount(1), { exact: true }).count()).toBe(0);
  for (const address of ['#/nonsense', '#/data/%ZZ', '#/rounds/a/x/1', '#/audit/abc']) {
    await goTo(sam, address);
    await title(sam, t.common.noPage).waitFor();
  }
  await at(sam, 'no-page');
  await goTo(sam, '#/audit');
  await title(sam, t.common.otherRoles).waitFor();
  await at(sam, 'page-of-others');
  await goTo(sam, '#/rounds/nothing/1/1');
  await sam.getByRole('alert').waitFor();
  await sam.close();
  expect(here.wrong).toEqual([]);
}, 300_000);

test('what changes while somebody decides empties the form, and says what it was; nothing was signed', async () => {
  const here = await joined({});
  const { t, person, at, calls, node } = here;
  const ann = await person('ann');
  await goTo(ann, ROUND);
  await review(here, ann);
  await ann.getByLabel(t.round.decide.reason).fill('Agrees with what I read');
  await ann.getByLabel(t.common.yourPassword).fill(PASSWORD);
  const before = await ann.locator('blockquote').first().innerText();

  const file = join(node.store.home, 'more.csv');
  writeMemberFile(HEART_DISEASE, HEART_DISEASE.members[1]!, file);
  for await (const { kind } of calls.importDataset({ path: file, name: 'Other rows' }))
    if (kind.case === 'dataset') {
      const study = STUDY.id;
      await calls.as('sam').moveStudy({ study, dataset: kind.value.id, password: PASSWORD });
    }
  await ann.getByText(t.round.decide.changedTitle, { exact: true }).waitFor();
  expect(await ann.getByLabel(t.round.decide.reason).inputValue()).toBe('');
  expect(await ann.getByLabel(t.common.yourPassword).inputValue()).toBe('');
  await ann.getByText(before).waitFor();
  expect(await ann.locator('blockquote').first().innerText()).not.toBe(before);
  await at(ann, 'round-changed');
  await button(ann, t.round.decide.approve).click();
  expect(node.store.journal.read.all('select 1 from approval')).toEqual([]);
  // Another language alone changes what is signed, and keeps what was typed.
  await sign(here, ann, t.round.decide.approve);
  await ann.getByText(t.round.approvals.recorded('1', '2'), { exact: true }).waitFor();
  await ann.close();
  expect(here.wrong).toEqual([]);
}, 300_000);

test.each(['en', 'zh'] as const)(
  'the update itself waits for two people: one is released and leaves, the next is kept and does not (%s)',
  async (locale) => {
    const here = await joined({ rules: { ...TWO, release: { when: 'always', norm: '3' } }, locale });
    const { t, person, at, node, calls } = here;
    const [ann, bob] = [await person('ann'), await person('bob')];
    const both = async (round: number, which: string) => {
      for (const page of [ann, bob]) {
        await goTo(page, ROUND.replace('/1/1', `/${round}/1`));
        await review(here, page);
        await sign(here, page, which);
        await page.getByLabel(t.round.decide.reason).waitFor({ state: 'detached' });
      }
    };
    await both(1, t.round.decide.approve);
    await title(ann, t.round.itself(t.round.titled('1', STUDY.rounds))).waitFor();
    const shown = await calls.as('ann').getRelease({ name: { study: STUDY.id, round: 1, attempt: 1 } });
    for (const { name } of shown.parts) await ann.getByRole('cell', { name, exact: true }).first().waitFor();
    expect(await ann.locator('main svg[role=img]').count()).toBe(shown.parts.length);
    // The training was approved by both, and what was said of that is over.
    const approved = ann.locator('main ol li').filter({ hasText: t.round.steps.approved });
    expect(await approved.innerText()).toContain(t.round.facts.of('2', '2'));
    expect(await ann.getByText(t.round.approvals.recorded('1', '2'), { exact: true }).count()).toBe(0);
    await at(ann, 'release-waiting');
    await review(here, ann);
    await at(ann, 'release-deciding');
    await sign(here, ann, t.round.decide.release);
    await ann.getByText(t.round.approvals.recorded('1', '2'), { exact: true }).waitFor();
    await review(here, bob);
    await sign(here, bob, t.round.decide.release);
    await bob.getByText(t.round.receipt.logged, { exact: true }).waitFor();

    await until(node, async () => (await here.stageOf(2)) === 'awaiting');
    await both(2, t.round.decide.approve);
    await ann.getByText(t.round.release.distance, { exact: true }).waitFor();
    await at(ann, 'release-second');
    await review(here, ann);
    await sign(here, ann, t.round.decide.keep, 'Larger than we expect');
    await ann.getByText(t.round.approvals.keptNow, { exact: true }).waitFor();
    expect(await here.stageOf(2)).toBe('declined');
    expect(node.store.journal.read.all("select 1 from outbox where purpose = 'update' and round = 2")).toEqual([]);
    await Promise.all([ann.close(), bob.close()]);
    expect(here.wrong).toEqual([]);
  },
  600_000,
);

test.each(['en', 'zh'] as const)(
  'a standing policy is proposed by one person and signed by another, approves rounds, and is revoked (%s)',
  async (locale) => {
    const here = await joined({ locale });
    const { t, person, at, node, calls } = here;
    const p = t.policies;
    const [ann, bob] = [await person('ann'), await person('bob')];
    for (const page of [ann, bob]) {
      await goTo(page, `#/studies/${STUDY.id}`);
      await button(page, p.propose).waitFor();
    }
    await at(ann, 'policies-none');
    await button(ann, p.propose).click();
    const dialog = ann.getByRole('dialog');
    const old = await dialog.locator('blockquote').innerText();
    await dialog.getByLabel(p.days, { exact: true }).fill('x');
    await dialog.getByText(p.whole, { exact: true }).waitFor();
    await dialog.getByLabel(p.days, { exact: true }).fill('30');
    await dialog.getByLabel(p.rounds, { exact: true }).fill('7');
    await dialog.getByLabel(p.limited).check();
    await dialog.getByLabel(p.from, { exact: true }).fill('0');
    await dialog.getByLabel(p.to, { exact: true }).fill('24');
    await dialog.locator('blockquote', { hasText: '24:00' }).waitFor();
    await at(ann, 'policy-proposing');
    let words = await dialog.locator('blockquote').innerText();
    expect(words).not.toBe(old);
    // Ten minutes later: signing in is not behind the dialog, and the dialog comes back as it was.
    await dialog.getByLabel(t.common.yourPassword).fill('typed before');
    await ann.evaluate('{ const now = Date.now; window.now = now; Date.now = () => now() + 660000; }');
    await title(ann, t.start.signIn.locked).waitFor();
    await ann.evaluate('Date.now = window.now');
    await ann.getByRole('textbox', { name: t.start.signIn.password, exact: true }).fill(PASSWORD);
    await button(ann, t.start.signIn.go).click();
    await dialog.waitFor();
    expect(await dialog.getByLabel(p.rounds, { exact: true }).inputValue()).toBe('7');
    expect(await dialog.getByLabel(t.common.yourPassword).inputValue()).toBe('');
    // Asked anew: it names another end.
    await expect.poll(() => dialog.locator('blockquote').innerText()).not.toBe(words);
    words = await dialog.locator('blockquote').innerText();
    await dialog.getByLabel(t.common.yourPassword).fill(PASSWORD);
    await dialog.getByRole('button', { name: p.sign, exact: true }).click();
    await ann.getByText(p.signedNow('1', '2'), { exact: true }).waitFor();
    await at(ann, 'policy-proposed');
    expect(await button(ann, p.signOpen).count()).toBe(0);

    await button(bob, p.signOpen).click();
    expect(await bob.getByRole('dialog').locator('blockquote').innerText()).toBe(words);
    await at(bob, 'policy-signing');
    await bob.getByRole('dialog').getByLabel(t.common.yourPassword).fill(PASSWORD);
    await bob.getByRole('dialog').getByRole('button', { name: p.sign, exact: true }).click();
    await bob.getByText(p.forceNow, { exact: true }).waitFor();
    const [policy] = (await calls.as('ann').getStudy({ study: STUDY.id })).policies;
    expect(policy).toMatchObject({ meaning: words, inForce: true, bounds: { rounds: 7, hours: { from: 0, to: 24 } } });
    await at(bob, 'policy-in-force');

    // The round that waits is within its bounds: nobody has to be asked.
    await until(node, async () => (await here.stageOf(1)) === 'sent');
    await goTo(ann, ROUND);
    await ann.getByText(t.round.approvals.installation, { exact: true }).waitFor();
    await at(ann, 'round-by-policy');

    await goTo(bob, `#/studies/${STUDY.id}`);
    await button(bob, p.revoke).click();
    await at(bob, 'policy-revoke');
    await bob.getByRole('dialog').getByRole('button', { name: p.revokeNow, exact: true }).click();
    await bob.getByText(p.revokedNow, { exact: true }).waitFor();
    expect((await calls.as('ann').getStudy({ study: STUDY.id })).policies[0]!.state).toBe('revoked');
    await Promise.all([ann.close(), bob.close()]);
    expect(here.wrong).toEqual([]);
  },
  600_000,
);

test.each(['en', 'zh'] as const)(
  'native training is followed as it goes on, and a withdrawal stops it at once (%s)',
  async (locale) => {
    const long: Study = { ...STUDY, algorithm: { name: 'fedavg', learningRate: 0.001, epochs: 1000, batchSize: 1 } };
    const here = await joined({ rules: { ...TWO, approvals: 1 }, study: long, openProblem: 'own', locale });
    const { t, person, at, node } = here;
    const ann = await person('ann');
    await goTo(ann, ROUND);
    await review(here, ann);
    await sign(here, ann, t.round.decide.approve);
    await heading(ann, t.round.training.curve).waitFor();
    await ann.getByText(t.round.training.nothingLeft).first().waitFor();
    // The curve grows with what the node tells.
    const length = () =>
      ann.evaluate<number>('document.querySelector("main svg[role=img] path").getAttribute("d").length');
    const first = await length();
    await until(node, async () => (await length()) > first);
    await at(ann, 'round-training');
    await ann.getByLabel(t.data.set.asTable).check();
    await ann.locator('main table').first().waitFor();
    await at(ann, 'round-training-table');
    await button(ann, t.round.revoke.stop).click();
    await at(ann, 'round-withdraw');
    const dialog = ann.getByRole('dialog');
    await dialog.getByRole('button', { name: t.round.revoke.button, exact: true }).click();
    await dialog.getByText(t.round.decide.sayWhy, { exact: true }).waitFor();
    expect(await here.stageOf(1)).toBe('training');
    await dialog.getByLabel(t.round.decide.reason).fill('We found a mistake in the data');
    await dialog.getByLabel(t.common.yourPassword).fill(PASSWORD);
    await dialog.getByRole('button', { name: t.round.revoke.button, exact: true }).click();
    await ann.getByText(t.round.approvals.withdrawn, { exact: true }).waitFor();
    await expect.poll(() => ann.evaluate('document.activeElement.tagName')).toBe('H2');
    await ann.getByText(t.rounds.happened['revoked']!).first().waitFor();
    await at(ann, 'round-withdrawn');
    expect(node.store.journal.read.all("select 1 from outbox where purpose = 'update'")).toEqual([]);
    await ann.close();
    expect(here.wrong).toEqual([]);
  },
  600_000,
);
