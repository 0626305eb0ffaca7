// A new user's way through the window, with nothing but what is visible on it: its texts are those of the language file.
import type { Page } from 'playwright-core';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeCanonical } from '../../../shared/wire/canonical.ts';
import { en, type UiTexts } from '../../../shared/text/ui/en.ts';
import { zh } from '../../../shared/text/ui/zh.ts';
import { HEART_DISEASE, studyOf, writeMemberFile } from '../../../scripts/demo/examples.ts';
import { approveWaiting, startOthers, until, type TestCoordinator, type World } from './world.ts';

export const TEXTS: Record<'en' | 'zh', UiTexts> = { en, zh };
export const PASSWORD = 'a good long password';
const MEMBER = HEART_DISEASE.members[3]!;

export type Tour = {
  page: Page;
  t: UiTexts;
  world: World;
  coordinator: TestCoordinator;
  /** Told at each screen and dialog, when it stands still. */
  at(name: string): Promise<void>;
};

const label = (page: Page, text: string) => page.getByLabel(text, { exact: true });
export const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const heading = (page: Page, name: string, level = 1) => page.getByRole('heading', { name, exact: true, level });

const section = (page: Page, name: string) => page.getByRole('navigation').getByRole('link', { name, exact: true });

/** The recovery sheet, two admins, the rules. Ends at the sign-in. */
export async function firstRun({ page, t, world, at }: Tour): Promise<void> {
  await page.goto(world.server.invite());
  await heading(page, t.start.sheet.title).waitFor();
  await page.locator('.groups li').nth(7).waitFor();
  await at('first-run-sheet');
  const groups = (await page.locator('.groups li').allInnerTexts()).map((text) => text.trim().split(/\s+/).at(-1)!);
  for (const number of [1, 2, 3, 4, 5, 6, 7, 8]) {
    const field = label(page, t.start.sheet.group(number));
    if (await field.isVisible()) await field.fill(groups[number - 1]!.toUpperCase());
  }
  await button(page, t.start.sheet.make).click();
  await heading(page, t.start.accounts.title).waitFor();
  for (const [i, name] of ['Nina North', 'Omar South'].entries()) {
    await label(page, t.start.accounts.name).nth(i).fill(name);
    await label(page, t.start.accounts.login).nth(i).fill(name.split(' ')[0]!.toLowerCase());
    await label(page, t.start.accounts.password).nth(i).fill(PASSWORD);
    await label(page, t.start.accounts.repeat).nth(i).fill(PASSWORD);
  }
  await at('first-run-accounts');
  await button(page, t.common.next).click();
  await heading(page, t.start.rules.title).waitFor();
  await at('first-run-rules');
  await button(page, t.start.rules.make).click();
  await heading(page, t.start.signIn.title).waitFor();
}

export async function signIn({ page, t }: Pick<Tour, 'page' | 't'>, login: string, password = PASSWORD): Promise<void> {
  await label(page, t.start.signIn.login).fill(login);
  await label(page, t.start.signIn.password).fill(password);
  await button(page, t.start.signIn.go).click();
}

export async function signOut({ page, t }: Tour): Promise<void> {
  await button(page, t.common.signOut).click();
  await heading(page, t.start.signIn.title).waitFor();
}

/** As an admin: the invitation, fingerprints on both sides, admission. */
export async function joinConsortium({ page, t, coordinator, world, at }: Tour): Promise<void> {
  await heading(page, t.consortium.joinTitle).waitFor();
  await at('consortium-invitation');
  const { admin } = coordinator;
  const { invitation, fingerprint } = await admin.invite({ member: MEMBER.id, name: MEMBER.name });
  await label(page, t.consortium.invitation).fill(invitation);
  await button(page, t.consortium.read).click();
  await heading(page, t.consortium.theirs, 2).waitFor();
  const heard = fingerprint.split(' ');
  await label(page, t.consortium.group(1)).fill('00000');
  await page.getByText(t.consortium.wrong('1'), { exact: true }).waitFor();
  for (const number of [1, 2, 3, 4, 5]) await label(page, t.consortium.group(number)).fill(heard[number - 1]!);
  await page.getByText(t.consortium.matching(5), { exact: true }).waitFor();
  await at('consortium-fingerprints');
  for (const number of [6, 7, 8]) await label(page, t.consortium.group(number)).fill(heard[number - 1]!);
  await page.getByText(t.consortium.matching(8), { exact: true }).waitFor();
  await button(page, t.consortium.join).click();
  await page.getByText(t.consortium.waitTitle, { exact: true }).waitFor();
  await at('consortium-waiting');
  const read = (await page.locator('main p.mono').first().innerText()).match(/\d{5}/g)!.join(' ');
  await until(await world.node(), async () =>
    (await admin.listMembers({})).members.some(({ id, state }) => id === MEMBER.id && state === 'enrolled'),
  );
  await admin.admit({ member: MEMBER.id, fingerprint: read });
  await page.getByText(t.consortium.admittedTitle, { exact: true }).waitFor();
  await at('consortium-member');
}

/** As an admin: a steward, two approvers. */
export async function addStaff({ page, t, at }: Tour): Promise<void> {
  await section(page, t.common.sections.people).click();
  await page.getByText(t.people.noSteward, { exact: true }).waitFor();
  await at('people-at-first');
  for (const [name, role] of [
    ['Priya Raman', 'steward'],
    ['Maria Alvarez', 'approver'],
    ['James Okafor', 'approver'],
  ] as const) {
    await button(page, t.people.add).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel(t.start.accounts.name, { exact: true }).fill(name);
    await dialog.getByLabel(t.start.accounts.login, { exact: true }).fill(name.split(' ')[0]!.toLowerCase());
    await dialog.getByRole('checkbox', { name: t.common.roles[role]! }).check();
    await dialog.getByLabel(t.people.firstPassword, { exact: true }).fill(PASSWORD);
    await dialog.getByLabel(t.common.yourPassword).fill(PASSWORD);
    if (role === 'steward') await at('people-add');
    await dialog.getByRole('button', { name: t.people.add, exact: true }).click();
    await page.getByText(t.people.added(name), { exact: true }).waitFor();
  }
  await at('people');
  await button(page, `${t.people.rules.change}…`).click();
  await at('people-rules');
  await button(page, t.common.close).click();
  await button(page, t.people.changeTitle('Maria Alvarez')).click();
  await at('people-change');
  await button(page, t.common.close).click();
}

/** As a steward: a file chosen in the browser, looked at, imported, its quality read. */
export async function bringData({ page, t, world, at }: Tour): Promise<void> {
  await section(page, t.common.sections.data).click();
  await heading(page, t.data.empty, 2).waitFor();
  await at('data-empty');
  await page.getByRole('link', { name: t.data.bring }).click();
  await heading(page, t.data.fresh.title).waitFor();
  await at('data-new');
  const file = join(world.folder, 'heart-va.csv');
  writeMemberFile(HEART_DISEASE, MEMBER, file);
  await page.locator('input[type=file]').setInputFiles(file);
  await heading(page, 'heart-va.csv').waitFor();
  await button(page, t.data.fresh.import).waitFor();
  await at('data-inspected');
  await button(page, t.data.fresh.import).click();
  await heading(page, 'heart-va').waitFor();
  await page.locator('main svg[role=img]').nth(3).waitFor();
  await button(page, 'chol').click();
  await at('data-set');
  await button(page, `${t.data.set.withdraw}…`).click();
  await at('data-withdraw');
  await button(page, t.common.close).first().click();
  await button(page, `${t.data.set.remove}…`).click();
  await at('data-delete');
  await button(page, t.common.cancel).click();
  await section(page, t.common.sections.data).click();
  await page.getByRole('link', { name: 'heart-va' }).waitFor();
  await at('data');
}

/** As a steward: a study appears, its purpose is read, the mapping looked at, the joining signed. */
export async function readStudy({ page, t, coordinator, world, at }: Tour): Promise<void> {
  await section(page, t.common.sections.studies).click();
  await heading(page, t.studies.empty, 2).waitFor();
  await at('studies-empty');
  const study = studyOf(HEART_DISEASE);
  await coordinator.admin.startStudy({ definition: Buffer.from(encodeCanonical(study)).toString('utf8') });
  await page.locator('main td a').first().waitFor();
  await at('studies');
  await page.locator('main td a').first().click();
  await page.getByText(t.studies.leaves, { exact: true }).waitFor();
  await button(page, `${t.studies.join.button}…`).waitFor();
  await at('study-join');
  await button(page, `${t.studies.join.button}…`).click();
  const dialog = page.getByRole('dialog');
  const letter = writeRows(world.folder, 'ethics-approval.pdf', 'approved');
  await dialog.locator('input[type=file]').setInputFiles(letter);
  await dialog.getByText('ethics-approval.pdf', { exact: true }).waitFor();
  await dialog.getByLabel(t.common.yourPassword).fill(PASSWORD);
  await at('study-confirm');
  await dialog.getByRole('button', { name: t.studies.join.button, exact: true }).click();
  await page.getByText(t.studies.joined, { exact: true }).waitFor();
  await at('study-joined');
}

/** The other hospitals take part: a round waits, and after two people approved it another one. */
export async function seeRounds({ page, t, coordinator, world, at }: Tour): Promise<void> {
  await section(page, t.common.sections.rounds).click();
  await heading(page, t.rounds.empty, 2).waitFor();
  await at('rounds-empty');
  const end = await startOthers(world.folder, coordinator, studyOf(HEART_DISEASE).id);
  await page.getByText(t.rounds.waiting, { exact: true }).waitFor();
  await at('rounds-waiting');
  await approveWaiting(await world.node(), PASSWORD, ['maria', 'james']);
  await page.getByText(t.rounds.complete, { exact: true }).waitFor();
  await at('rounds');
  await end();
}

/** Whoever is signed in: settings, keys, jumping, the lock. */
export async function lookAround({ page, t, at }: Tour): Promise<void> {
  await section(page, t.common.sections.settings).click();
  await heading(page, t.settings.title).waitFor();
  await at('settings');
  await page.keyboard.press('?');
  await heading(page, t.common.keys.title, 2).waitFor();
  await at('keys');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+k');
  await heading(page, t.common.jumpTo, 2).waitFor();
  await at('jump');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Alt+Digit1');
  await heading(page, t.rounds.title).waitFor();
  await page.keyboard.press('Control+l');
  await heading(page, t.start.signIn.locked).waitFor();
  await at('locked');
  await label(page, t.start.signIn.password).fill('not the password');
  await button(page, t.start.signIn.go).click();
  await page.getByText('PASSWORD_WRONG').waitFor();
  await at('password-wrong');
  await label(page, t.start.signIn.password).fill(PASSWORD);
  await button(page, t.start.signIn.go).click();
  await heading(page, t.rounds.title).waitFor();
}

/** All of it, one after another. */
export async function wholeTour(tour: Tour): Promise<void> {
  const { page, t } = tour;
  await firstRun(tour);
  await tour.at('sign-in');
  await label(page, t.start.signIn.password).fill(PASSWORD);
  await button(page, t.start.signIn.go).click();
  await joinConsortium(tour);
  await addStaff(tour);
  await signOut(tour);
  await signIn(tour, 'priya');
  await bringData(tour);
  await readStudy(tour);
  await seeRounds(tour);
  await lookAround(tour);
}

/** A file for a test that brings one. */
export function writeRows(folder: string, name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}
