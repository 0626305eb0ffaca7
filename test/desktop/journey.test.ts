// People's ways through the window, in a real browser, against a real node and a real coordinator.
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { verifyCommand } from '../../platform/assent-verify.ts';
import { heldTrainer } from '../support/held-trainer.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { axe, newWindow, testWindow, type Look } from './support/browser.ts';
import { wrongWith } from './support/sights.ts';
import {
  addStaff,
  button,
  firstRun,
  joinConsortium,
  PASSWORD,
  signIn,
  TEXTS,
  wholeTour,
  writeRows,
  type Tour,
} from './support/tour.ts';
import { startCoordinator, startInstallation } from './support/world.ts';

async function tourist(look: Look = {}): Promise<Tour & { errors: string[]; folder: string }> {
  const folder = temporaryFolder();
  const trainer = heldTrainer();
  const world = await startInstallation(folder, trainer);
  const coordinator = await startCoordinator(folder);
  onTestFinished(async () => {
    await world.close();
    await coordinator.close();
  });
  const { browser, page, errors } = await testWindow(look);
  const another = async () => {
    const window = await newWindow(browser, look);
    window.page.on('close', () => errors.push(...window.errors));
    return window.page;
  };
  const t = TEXTS[look.locale ?? 'en'];
  return { page, errors, folder, another, t, world, coordinator, trainer, at: async () => {} };
}

test.each(['en', 'zh'] as const)(
  'from the first run to a round that was sent and evidence that verifies, by what is visible; axe finds nothing (%s)',
  async (locale) => {
    const tour = await tourist({ locale });
    const found: string[] = [];
    const seen: string[] = [];
    const { file, key } = await wholeTour({
      ...tour,
      async at(name, page = tour.page) {
        seen.push(name);
        found.push(...(await wrongWith(page, name, locale)));
      },
    });
    expect(found).toEqual([]);
    expect(tour.errors).toEqual([]);
    expect(seen).toHaveLength(new Set(seen).size);
    expect(await tour.page.evaluate('document.documentElement.lang')).toBe(locale === 'zh' ? 'zh-Hans' : 'en');
    expect(await verifyCommand([file, '--key', key])).toMatchObject({ code: 0 });
  },
  600_000,
);

test('a copied address opens nothing in another browser, which is told how to get one of its own', async () => {
  const { page, t, world, another } = await tourist();
  const address = world.server.invite();
  await page.goto(address);
  await page.getByRole('heading', { name: t.start.sheet.title }).waitFor();
  expect(page.url()).not.toContain('open=');
  const thief = await another();
  await thief.goto(address);
  await thief.getByRole('heading', { name: t.start.refused.title }).waitFor();
  expect(await axe(thief)).toEqual([]);
}, 300_000);

test('after a restart the store asks for the passphrase of the sheet', async () => {
  const tour = await tourist();
  const { page, t, world } = tour;
  await page.goto(world.server.invite());
  await page.locator('.groups li').nth(7).waitFor();
  const groups = (await page.locator('.groups li').allInnerTexts()).map((text) => text.trim().split(/\s+/).at(-1)!);
  for (const [at, group] of groups.entries()) {
    const field = page.getByLabel(t.start.sheet.group(at + 1), { exact: true });
    if (await field.isVisible()) await field.fill(group);
  }
  await button(page, t.start.sheet.make).click();
  await page.getByRole('heading', { name: t.start.accounts.title }).waitFor();
  await world.restart();
  await page.goto(world.server.invite());
  await page.getByRole('heading', { name: t.start.open.title }).waitFor();
  expect(await axe(page)).toEqual([]);
  await page.getByLabel(t.start.open.passphrase).fill('not the passphrase');
  await button(page, t.start.open.open).click();
  await page.getByText('PASSPHRASE_WRONG').waitFor();
  await page.getByLabel(t.start.open.passphrase).fill(groups.join(' '));
  await button(page, t.start.open.open).click();
  await page.getByRole('heading', { name: t.start.accounts.title }).waitFor();
}, 300_000);

test('a lock hides the page, and gives it back with what was typed; another person gets none of it', async () => {
  const tour = await tourist();
  const { page, t } = tour;
  await firstRun(tour);
  await signIn(tour, 'nina');
  await page.getByLabel(t.consortium.invitation).fill('half an invitation');
  await page.keyboard.press('Control+l');
  await page.getByRole('heading', { name: t.start.signIn.locked }).waitFor();
  expect(await page.getByLabel(t.consortium.invitation).isVisible()).toBe(false);
  await page.getByLabel(t.start.signIn.password).fill(PASSWORD);
  await button(page, t.start.signIn.go).click();
  await page.getByLabel(t.consortium.invitation).waitFor();
  expect(await page.getByLabel(t.consortium.invitation).inputValue()).toBe('half an invitation');
  await button(page, t.common.lock).click();
  await button(page, t.start.signIn.other).click();
  await signIn(tour, 'omar');
  await page.getByLabel(t.consortium.invitation).waitFor();
  expect(await page.getByLabel(t.consortium.invitation).inputValue()).toBe('');
}, 300_000);

test('files that are no tables, doubtful, repeated or given up end with words and leave nothing', async () => {
  const tour = await tourist();
  const { page, t, world, folder } = tour;
  await firstRun(tour);
  await signIn(tour, 'nina');
  await joinConsortium(tour);
  await addStaff(tour);
  await button(page, t.common.signOut).click();
  await signIn(tour, 'priya');
  await page.getByRole('navigation').getByRole('link', { name: t.common.sections.data }).click();
  await page.getByRole('link', { name: t.data.bring }).click();
  const choose = (file: string) => page.locator('input[type=file]').setInputFiles(file);

  await choose(writeRows(folder, 'broken.csv', 'x,y\n1,2\n3\n'));
  await page.getByRole('alert').waitFor();
  expect(await axe(page)).toEqual([]);

  await page.getByLabel(t.data.fresh.path).fill(join(folder, 'nowhere.csv'));
  await button(page, t.data.fresh.look).click();
  await page.getByText('FILE_UNREADABLE').waitFor();

  const dates = Array.from({ length: 60 }, (_, i) => `0${(i % 9) + 1}/0${(i % 8) + 1}/2024,${i}`).join('\n');
  const doubtful = writeRows(folder, 'visits.csv', `visit,n\n${dates}\n`);
  await choose(doubtful);
  await page.getByRole('heading', { name: t.data.fresh.doubt }).waitFor();
  expect(await page.getByRole('button', { name: t.data.fresh.import, exact: true }).getAttribute('aria-disabled')).toBe(
    'true',
  );
  expect(await axe(page)).toEqual([]);
  await page.getByLabel(t.data.fresh.values['dmy']!).first().click();
  await page.getByRole('heading', { name: t.data.fresh.doubt }).waitFor({ state: 'detached' });
  await button(page, t.data.fresh.import).click();
  await page.getByRole('heading', { name: 'visits', exact: true }).waitFor();

  // The same file once more is asked about, and goes when it is given up.
  await page.getByRole('navigation').getByRole('link', { name: t.common.sections.data }).click();
  await page.getByRole('link', { name: t.data.bring }).click();
  await choose(doubtful);
  await page.getByLabel(t.data.fresh.name).fill('visits again');
  await page.getByLabel(t.data.fresh.values['dmy']!).first().click();
  await page.getByRole('heading', { name: t.data.fresh.doubt }).waitFor({ state: 'detached' });
  await button(page, t.data.fresh.import).click();
  await page.getByText('FILE_IMPORTED').waitFor();
  await button(page, t.data.fresh.again).click();
  await page.getByRole('heading', { name: 'visits again', exact: true }).waitFor();
  const node = await world.node();
  expect(node.store.journal.read.all("select 1 from dataset where state = 'ready'")).toHaveLength(2);
}, 300_000);

test('everything is reached by the keyboard alone', async () => {
  const tour = await tourist();
  const { page, t } = tour;
  await firstRun(tour);
  await signIn(tour, 'nina');
  await page.getByRole('heading', { name: t.consortium.joinTitle }).waitFor();
  await page.keyboard.press('Alt+Digit4');
  await page.getByRole('heading', { name: t.people.title, level: 1 }).waitFor();
  await page.locator('main [data-row]').first().waitFor();
  const focused = () =>
    page.evaluate<string>('document.activeElement.getAttribute("aria-label") ?? document.activeElement.innerText');
  await page.keyboard.press('j');
  expect(await focused()).toBe(t.people.changeTitle('Nina North'));
  await page.keyboard.press('ArrowDown');
  expect(await focused()).toBe(t.people.changeTitle('Omar South'));
  await page.keyboard.press('k');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: t.people.changeTitle('Nina North') }).waitFor();
  expect(await focused()).toBe(t.people.changeTitle('Nina North'));
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  expect(await focused()).toBe(t.people.changeTitle('Nina North'));
  await page.keyboard.press(']');
  expect(await focused()).toBe(t.people.accounts);
  await page.keyboard.press('Control+k');
  await page.keyboard.type(t.common.sections.settings.slice(0, 4));
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: t.settings.title, level: 1 }).waitFor();
  // Single letters rest in fields, and can be turned off.
  await page.getByLabel(t.settings.password.old).focus();
  await page.keyboard.type('?');
  expect(await page.getByRole('dialog').count()).toBe(0);
  await page.keyboard.press('Escape');
  await page.getByRole('checkbox', { name: t.settings.letters }).uncheck();
  await page.keyboard.press('?');
  expect(await page.getByRole('dialog').count()).toBe(0);
  await page.keyboard.press('Control+l');
  await page.getByRole('heading', { name: t.start.signIn.locked }).waitFor();
}, 300_000);
