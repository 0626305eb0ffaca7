// The audit log in a real browser: searched, filtered, one record with its proof, and the check of a sound and a damaged store.
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import { primitives } from '../../platform/crypto.ts';
import { logKey } from '../../platform/log-origin.ts';
import { FIRST_RULES } from '../../shared/records/account.ts';
import { trustLog } from '../../shared/transparency/policy.ts';
import { verifyProof } from '../../shared/transparency/proof.ts';
import { damage, flipBit } from '../support/damaged-store.ts';
import { PASSWORD } from '../support/people.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { launchBrowser, newWindow } from './support/browser.ts';
import { wrongWith } from './support/sights.ts';
import { button, enter, goTo, TEXTS } from './support/tour.ts';
import { approveWaiting, startJoined, until } from './support/world.ts';

const LOCALES = ['en', 'zh'] as const;

test('an auditor searches, filters, opens a record with its proof, and verifies the log, sound and damaged', async () => {
  const here = await startJoined(temporaryFolder(), { rules: { ...FIRST_RULES, floor: { rows: 1, perClass: 1 } } });
  const browser = await launchBrowser();
  onTestFinished(async () => {
    await browser.close();
    await here.end();
  });
  const { node } = here;
  const { read } = node.store.journal;
  await until(node, async () => {
    const { rounds } = await here.calls.listRounds({});
    return rounds.some(({ stage }) => stage === 'awaiting');
  });
  await approveWaiting(node, PASSWORD, ['ann', 'bob']);
  const otto = { login: 'otto', name: 'Otto Auditor', roles: ['auditor'], password: PASSWORD };
  await here.calls.addPerson({ person: otto, password: PASSWORD });
  const wrong: string[] = [];
  for (const locale of LOCALES) {
    const t = TEXTS[locale].audit;
    const at = async (page: Page, name: string) => void wrong.push(...(await wrongWith(page, name, locale)));
    const person = async (login: string) => {
      const { page, errors } = await newWindow(browser, { locale });
      page.on('close', () => wrong.push(...errors));
      await enter({ page, t: TEXTS[locale], world: here.world }, login, PASSWORD);
      return page;
    };
    const page = await person('otto');
    await page.getByRole('link', { name: TEXTS[locale].common.sections.audit }).click();
    await page.getByRole('heading', { name: t.title, level: 1 }).waitFor();
    const rows = page.locator('tbody tr[aria-rowindex]');
    await rows.first().waitFor();
    await at(page, 'audit');

    // By keys: into the search, out of it, to the filters.
    await page.keyboard.press('/');
    await page.keyboard.type('Ann Approver');
    const found = async (count: number) => {
      await expect.poll(() => rows.count(), { timeout: 20_000 }).toBe(count);
    };
    const approvals = read.all("select 1 from record where kind = 'approval.granted'").length;
    await page.keyboard.press('Escape');
    await page.keyboard.press('f');
    await page.getByLabel(t.kind).selectOption({ label: t.kinds['decisions']! });
    await found(approvals / 2);
    expect(await rows.first().innerText()).toContain('Ann Approver');
    await page.getByLabel(t.person).selectOption({ label: 'Bob Approver' });
    await page.getByText(t.noMatch, { exact: true }).waitFor();
    await at(page, 'audit-nothing');
    await button(page, t.forget).click();
    await rows.nth(20).waitFor();
    await page.getByLabel(t.period).selectOption({ label: t.values['between']! });
    await page.getByLabel(t.to, { exact: true }).fill('2020-01-01');
    await page.getByText(t.noMatch, { exact: true }).waitFor();
    await page.getByLabel(t.period).selectOption({ label: t.values['today']! });
    await rows.nth(20).waitFor();

    // One record, reached by its link, with a proof that a stranger's verifier takes.
    await page.getByLabel(t.kind).selectOption({ label: t.kinds['decisions']! });
    await found(approvals);
    await rows.last().locator('a').focus();
    await page.keyboard.press('Enter');
    const { position, bytes } = read.get<{ position: number; bytes: Buffer }>(
      "select position, bytes from record where kind = 'approval.granted' order by position limit 1",
    )!;
    await page.getByRole('heading', { name: t.entry(String(position)), level: 1 }).waitFor();
    await page.getByText(t.proof.same).waitFor();
    expect(await page.getByText(t.record.valid, { exact: true }).count()).toBe(2);
    await page.getByText('Agrees with the protocol').first().waitFor();
    await at(page, 'audit-record');
    const [download] = await Promise.all([page.waitForEvent('download'), button(page, t.proof.save).click()]);
    const proof = readFileSync(await download.path());
    const trusted = trustLog(logKey(node.store.keys.log.publicKey));
    expect(verifyProof(primitives, proof, bytes, trusted)).toMatchObject({ ok: true, index: position });
    await page.getByText(t.record.json, { exact: true }).click();
    await page.getByText('"kind": "approval.granted"').waitFor();
    await page.getByRole('link', { name: t.record.next, exact: true }).click();
    await page.getByRole('heading', { name: t.entry(String(position + 1)), level: 1 }).waitFor();
    await page.keyboard.press('Escape');
    await found(approvals);
    await goTo(page, '#/audit/999999');
    await page.getByRole('alert').waitFor();
    await goTo(page, '#/audit');

    await button(page, t.check.start).click();
    await page.getByText(t.check.neverRecorded).waitFor();
    expect(await page.getByText(t.check.chipFailed).count()).toBe(0);
    await at(page, 'audit-verified');
    await page.close();

    // Nobody else sees the section, or anything of it.
    const ann = await person('ann');
    expect(await ann.getByRole('link', { name: TEXTS[locale].common.sections.audit }).count()).toBe(0);
    await goTo(ann, '#/audit');
    await ann.getByRole('heading', { name: TEXTS[locale].common.otherRoles, level: 1 }).waitFor();
    expect(await ann.locator('tbody tr').count()).toBe(0);
    await ann.close();
  }

  // More than is drawn, and more than comes with one call: read on as one scrolls, and kept while one looks at an entry.
  const { page, errors } = await newWindow(browser);
  await enter({ page, t: TEXTS.en, world: here.world }, 'otto', PASSWORD);
  await goTo(page, '#/audit');
  const rows = page.locator('tbody tr[aria-rowindex]');
  await rows.first().waitFor();
  const person = read.get<{ id: string }>("select id from person where login = 'ann'")!.id;
  node.store.journal.transact('audit.export', (tx) => {
    for (let i = 0; i < 250; i++) tx.append({ kind: 'session.opened', detail: { person, roles: ['approver'] } });
  });
  await button(page, TEXTS.en.audit.newer(250)).click();
  const entry = (position: number) =>
    page.getByRole('link', { name: TEXTS.en.audit.entry(String(position)), exact: true });
  const last = node.store.journal.size() - 1;
  await entry(last).waitFor();
  await expect
    .poll(
      async () => {
        await page.evaluate("(() => { const r = document.querySelector('.many'); r.scrollTop = r.scrollHeight })()");
        return entry(0).count();
      },
      { timeout: 20_000 },
    )
    .toBe(1);
  expect(await rows.count()).toBeLessThan(80);
  await entry(0).click();
  await page.getByRole('heading', { name: TEXTS.en.audit.entry('0'), level: 1 }).waitFor();
  expect(await page.getByRole('link', { name: TEXTS.en.audit.record.previous }).count()).toBe(0);
  await page.keyboard.press('Escape');
  await entry(0).waitFor();
  await page.getByLabel(TEXTS.en.audit.search).fill('Ann approved');
  await expect.poll(() => rows.count(), { timeout: 20_000 }).toBe(1);
  wrong.push(...errors);
  await page.close();

  damage(node.store.journal, flipBit('record', 'bytes', 'position = 5'));
  for (const locale of LOCALES) {
    const t = TEXTS[locale].audit;
    const { page, errors } = await newWindow(browser, { locale });
    await enter({ page, t: TEXTS[locale], world: here.world }, 'ada', PASSWORD);
    await goTo(page, '#/audit');
    await button(page, t.check.start).click();
    await page.getByText(t.check.failed('1'), { exact: true }).waitFor();
    await page.getByText(t.check.faults.record).waitFor();
    wrong.push(...(await wrongWith(page, 'audit-damaged', locale)));
    await page
      .getByRole('alert')
      .getByRole('link', { name: t.entry('5') })
      .click();
    await page.getByText(t.proof.notInLog).waitFor();
    wrong.push(...(await wrongWith(page, 'audit-damaged-record', locale)), ...errors);
    await page.close();
  }
  expect(wrong).toEqual([]);
}, 600_000);
