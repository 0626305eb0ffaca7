// A new user's way through the window, with nothing but what is visible on it: its texts are those of the language file.
import type { Page } from 'playwright-core';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeCanonical } from '../../../shared/wire/canonical.ts';
import { en, type UiTexts } from '../../../shared/text/ui/en.ts';
import { zh } from '../../../shared/text/ui/zh.ts';
import { HEART_DISEASE, studyOf, writeMemberFile } from '../../../scripts/demo/examples.ts';
import type { HeldTrainer } from '../../support/held-trainer.ts';
import { startOthers, until, type TestCoordinator, type World } from './world.ts';

export const TEXTS: Record<'en' | 'zh', UiTexts> = { en, zh };
export const PASSWORD = 'a good long password';
const MEMBER = HEART_DISEASE.members[3]!;

export type Tour = {
  page: Page;
  t: UiTexts;
  world: World;
  coordinator: TestCoordinator;
  /** What the installation trains with. */
  trainer: HeldTrainer;
  /** A browser window of its own, for another person. */
  another(): Promise<Page>;
  /** Told at each screen and dialog, when it stands still; of the tour's own window unless another is given. */
  at(name: string, page?: Page): Promise<void>;
};

const label = (page: Page, text: string) => page.getByLabel(text, { exact: true });
export const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
export const title = (page: Page, name: string) => page.getByRole('heading', { name, exact: true, level: 1 });
export const heading = (page: Page, name: string) => page.getByRole('heading', { name, exact: true, level: 2 });
export const goTo = (page: Page, address: string) => page.evaluate(`location.hash = ${JSON.stringify(address)}`);

const section = (page: Page, name: string) => page.getByRole('navigation').getByRole('link', { name, exact: true });

/** The recovery sheet, two admins, the rules. Ends at the sign-in. */
export async function firstRun({ page, t, world, at }: Tour): Promise<void> {
  await page.goto(world.server.invite());
  await title(page, t.start.sheet.title).waitFor();
  await page.locator('.groups li').nth(7).waitFor();
  await at('first-run-sheet');
  const groups = (await page.locator('.groups li').allInnerTexts()).map((text) => text.trim().split(/\s+/).at(-1)!);
  for (const number of [1, 2, 3, 4, 5, 6, 7, 8]) {
    const field = label(page, t.start.sheet.group(number));
    if (await field.isVisible()) await field.fill(groups[number - 1]!.toUpperCase());
  }
  await button(page, t.start.sheet.make).click();
  await title(page, t.start.accounts.title).waitFor();
  for (const [i, name] of ['Nina North', 'Omar South'].entries()) {
    await label(page, t.start.accounts.name).nth(i).fill(name);
    await label(page, t.start.accounts.login).nth(i).fill(name.split(' ')[0]!.toLowerCase());
    await label(page, t.start.accounts.password).nth(i).fill(PASSWORD);
    await label(page, t.start.accounts.repeat).nth(i).fill(PASSWORD);
  }
  await at('first-run-accounts');
  await button(page, t.common.next).click();
  await title(page, t.start.rules.title).waitFor();
  await at('first-run-rules');
  await button(page, t.start.rules.make).click();
  await title(page, t.start.signIn.title).waitFor();
}

export async function signIn({ page, t }: Pick<Tour, 'page' | 't'>, login: string, password = PASSWORD): Promise<void> {
  await label(page, t.start.signIn.login).fill(login);
  await label(page, t.start.signIn.password).fill(password);
  await button(page, t.start.signIn.go).click();
}

/** Lets this browser window in, where this person then signs in. */
export async function enter(
  { page, t, world }: Pick<Tour, 'page' | 't' | 'world'>,
  login: string,
  password = PASSWORD,
): Promise<void> {
  await page.goto(world.server.invite());
  await signIn({ page, t }, login, password);
  await title(page, t.rounds.title).waitFor();
}

export async function signOut({ page, t }: Tour): Promise<void> {
  await button(page, t.common.signOut).click();
  await title(page, t.start.signIn.title).waitFor();
}

/** As an admin: the invitation, fingerprints on both sides, admission. */
export async function joinConsortium({ page, t, coordinator, world, at }: Tour): Promise<void> {
  await title(page, t.consortium.joinTitle).waitFor();
  await at('consortium-invitation');
  const { admin } = coordinator;
  const { invitation, fingerprint } = await admin.invite({ member: MEMBER.id, name: MEMBER.name });
  await label(page, t.consortium.invitation).fill(invitation);
  await button(page, t.consortium.read).click();
  await heading(page, t.consortium.theirs).waitFor();
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

/** As an admin: a steward, two approvers, an auditor. */
export async function addStaff({ page, t, at }: Tour): Promise<void> {
  await section(page, t.common.sections.people).click();
  await page.getByText(t.people.noSteward, { exact: true }).waitFor();
  await at('people-at-first');
  for (const [name, role] of [
    ['Priya Raman', 'steward'],
    ['Maria Alvarez', 'approver'],
    ['James Okafor', 'approver'],
    ['Ines Kaya', 'auditor'],
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
  await heading(page, t.data.empty).waitFor();
  await at('data-empty');
  await page.getByRole('link', { name: t.data.bring }).click();
  await title(page, t.data.fresh.title).waitFor();
  await at('data-new');
  const file = join(world.folder, 'heart-va.csv');
  writeMemberFile(HEART_DISEASE, MEMBER, file);
  await page.locator('input[type=file]').setInputFiles(file);
  await title(page, 'heart-va.csv').waitFor();
  await button(page, t.data.fresh.import).waitFor();
  await at('data-inspected');
  await button(page, t.data.fresh.import).click();
  await title(page, 'heart-va').waitFor();
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
  await heading(page, t.studies.empty).waitFor();
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

/** As a steward who has joined a study: a sample round from reading to its end. */
export async function practise({ page, t, trainer, at }: Tour): Promise<void> {
  const { practice } = t;
  await section(page, t.common.sections.studies).click();
  await page.locator('main td a').first().click();
  await page.getByRole('link', { name: practice.open, exact: true }).click();
  await title(page, practice.title).waitFor();
  await page.getByText(practice.startsFirst).waitFor();
  await at('practice-read');
  await openDecision({ page, t });
  await page.getByLabel(t.round.decide.reason).fill('Trying it out');
  await at('practice-deciding');
  await button(page, practice.decide.approve).click();
  await heldTraining({ page, t, trainer });
  await at('practice-training');
  trainer.go();
  await heading(page, t.round.release.parts).waitFor();
  await at('practice-update');
  await button(page, practice.look.end).click();
  await page.getByText(practice.end.kept, { exact: true }).waitFor();
  await at('practice-end');
}

/** At a round that waits: the statement, and what it takes to sign it. */
export async function openDecision({ page, t }: Pick<Tour, 'page' | 't'>): Promise<void> {
  await button(page, t.round.approvals.open).click();
  await page.getByLabel(t.round.decide.reason).waitFor();
}

/** With the statement open. */
export async function sign(
  { page, t }: Pick<Tour, 'page' | 't'>,
  which: string,
  reason = 'Agrees with protocol 2.1',
  password = PASSWORD,
): Promise<void> {
  await page.getByLabel(t.round.decide.reason).fill(reason);
  await page.getByLabel(t.common.yourPassword).fill(password);
  await button(page, which).click();
}

async function heldTraining({ page, t, trainer }: Pick<Tour, 'page' | 't' | 'trainer'>): Promise<void> {
  await heading(page, t.round.training.curve).waitFor();
  const { epochs, epoch, batches, batch } = trainer.heldAt;
  const held = t.round.training.step(String(epoch), String(epochs), String(batch), String(batches));
  await page.getByText(held).waitFor();
}

/** The other hospitals take part. A round waits; two people, each in a window of their own, approve it; it trains and is sent. */
export async function seeRounds(tour: Tour): Promise<void> {
  const { page, t, coordinator, world, trainer, another, at } = tour;
  await section(page, t.common.sections.rounds).click();
  await heading(page, t.rounds.empty).waitFor();
  await at('rounds-empty');
  const end = await startOthers(world.folder, coordinator, studyOf(HEART_DISEASE).id);
  await page.getByText(t.rounds.waiting, { exact: true }).waitFor();
  await at('rounds-waiting');
  await practise(tour);

  const [maria, james] = [await another(), await another()];
  for (const [login, window] of Object.entries({ maria, james })) {
    await enter({ page: window, t, world }, login);
    await window.locator('article a').click();
    await heading(window, t.round.approvals.decision).waitFor();
  }
  await at('round', maria);
  await openDecision({ page: maria, t });
  await at('round-deciding', maria);
  await sign({ page: maria, t }, t.round.decide.approve);
  await maria.getByText(t.round.approvals.recorded('1', '2'), { exact: true }).waitFor();
  await james.getByText('Maria Alvarez').waitFor();
  await at('round-approved-by-one', james);
  await openDecision({ page: james, t });
  await sign({ page: james, t }, t.round.decide.approve, 'Read it, too');
  await james.getByText(t.round.approvals.complete, { exact: true }).waitFor();
  await heldTraining({ page: james, t, trainer });
  await at('round-training', james);
  trainer.go();
  await james.getByText(t.round.receipt.logged, { exact: true }).waitFor();
  await james.getByText(t.round.counted).waitFor();
  await at('round-receipt', james);

  await seePolicies({ page: maria, t, at });
  await section(page, t.common.sections.rounds).click();
  await page.getByText(t.rounds.complete, { exact: true }).waitFor();
  await page.getByText(t.rounds.waiting, { exact: true }).waitFor();
  await at('rounds');
  await Promise.all([maria.close(), james.close()]);
  await end();
}

/** As an approver: a standing policy as it would be proposed. */
async function seePolicies({ page, t, at }: Pick<Tour, 'page' | 't' | 'at'>): Promise<void> {
  await section(page, t.common.sections.studies).click();
  await page.locator('main td a').first().click();
  await button(page, t.policies.propose).click();
  const dialog = page.getByRole('dialog');
  await dialog.locator('blockquote').waitFor();
  await at('policy', page);
  await dialog.getByRole('button', { name: t.common.cancel, exact: true }).click();
}

/** Whoever is signed in: settings, keys, jumping, the lock. */
export async function lookAround({ page, t, at }: Tour): Promise<void> {
  await section(page, t.common.sections.settings).click();
  await title(page, t.settings.title).waitFor();
  await at('settings');
  await page.keyboard.press('?');
  await heading(page, t.common.keys.title).waitFor();
  await at('keys');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+k');
  await heading(page, t.common.jumpTo).waitFor();
  await at('jump');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Alt+Digit1');
  await title(page, t.rounds.title).waitFor();
  await page.keyboard.press('Control+l');
  await title(page, t.start.signIn.locked).waitFor();
  await at('locked');
  await label(page, t.start.signIn.password).fill('not the password');
  await button(page, t.start.signIn.go).click();
  await page.getByText('PASSWORD_WRONG').waitFor();
  await at('password-wrong');
  await label(page, t.start.signIn.password).fill(PASSWORD);
  await button(page, t.start.signIn.go).click();
  await title(page, t.rounds.title).waitFor();
}

/** As an auditor: the log is searched, one entry read with its proof, all of it verified, and what left and the anchors looked at. */
export async function readLog({ page, t, at }: Tour): Promise<void> {
  const { audit } = t;
  await section(page, t.common.sections.audit).click();
  await title(page, audit.title).waitFor();
  const rows = page.locator('tbody tr[aria-rowindex]');
  await rows.nth(10).waitFor();
  await at('audit');
  await label(page, audit.search).fill('Maria Alvarez');
  await label(page, audit.kind).selectOption({ label: audit.kinds['decisions']! });
  await rows.nth(1).waitFor({ state: 'detached' });
  await at('audit-searched');
  await rows.first().locator('a').click();
  await page.getByText(audit.proof.same).waitFor();
  await page.getByText('Agrees with protocol 2.1').first().waitFor();
  await at('audit-entry');
  await page.locator('main').getByRole('link', { name: audit.title, exact: true }).click();
  await label(page, audit.search).fill('');
  await label(page, audit.kind).selectOption({ label: audit.everyKind });
  await button(page, audit.check.start).click();
  await page.getByText(audit.check.neverRecorded).waitFor();
  await rows.nth(10).waitFor();
  await at('audit-verified');

  await page.getByRole('link', { name: audit.pages.outbound, exact: true }).click();
  await heading(page, t.outbound.rows).waitFor();
  await page.locator('main td.num').nth(4).waitFor();
  await at('outbound');
  await page.getByRole('link', { name: audit.pages.anchors, exact: true }).click();
  await page.getByRole('cell', { name: t.anchors.current, exact: true }).first().waitFor();
  await at('anchors');
}

/** As an auditor: an evidence package is made and saved. Returns its file, and the key that the window says to verify it with. */
export async function exportEvidence({ page, t, world, at }: Tour): Promise<{ file: string; key: string }> {
  await button(page, t.exports.open).click();
  await page.getByRole('dialog').getByLabel(t.exports.names).check();
  await at('export');
  const [made] = await makeExport({ page, t }, world.folder);
  await at('export-made');
  const command = await page.locator('p', { hasText: /^assent-verify / }).innerText();
  const [, key] = /--key '([^']+)'$/.exec(command)!;
  return { file: made!.file, key: key! };
}

/** Makes the export that the dialog is set to, and saves its files. */
export async function makeExport(
  { page, t }: Pick<Tour, 'page' | 't'>,
  folder: string,
): Promise<{ file: string; text: string }[]> {
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: t.exports.make, exact: true }).click();
  await dialog.getByText(t.exports.doneTitle, { exact: true }).waitFor();
  const saved: { file: string; text: string }[] = [];
  for (;;) {
    const next = dialog.getByRole('button', { name: new RegExp(`^${t.exports.save} `) }).first();
    if ((await next.count()) === 0) return saved;
    const coming = page.waitForEvent('download');
    await next.click();
    const download = await coming;
    const file = join(folder, `${saved.length}-${download.suggestedFilename()}`);
    await download.saveAs(file);
    await dialog.getByText(t.exports.saved, { exact: true }).nth(saved.length).waitFor();
    saved.push({ file, text: await dialog.innerText() });
  }
}

/** All of it, one after another. Returns the evidence at its end. */
export async function wholeTour(tour: Tour): Promise<{ file: string; key: string }> {
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
  await signOut(tour);
  await signIn(tour, 'ines');
  await readLog(tour);
  return exportEvidence(tour);
}

/** A file for a test that brings one. */
export function writeRows(folder: string, name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}
