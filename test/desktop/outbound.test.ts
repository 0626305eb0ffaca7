// What left, anchors, exports and a successor log in real browser windows, against a real node and a real coordinator.
import { cpSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import { sumDays } from '../../main/audit/ledger-days.ts';
import type { AssentNode } from '../../main/node.ts';
import { FIRST_RULES } from '../../shared/records/account.ts';
import { HEART_DISEASE, studyOf } from '../../scripts/demo/examples.ts';
import { sha256 } from '../../platform/crypto.ts';
import { verifyCommand } from '../../platform/assent-verify.ts';
import { toHex } from '../../shared/wire/canonical.ts';
import { callsWithin, PASSWORD, type Login } from '../support/people.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { launchBrowser } from './support/browser.ts';
import { peopleInWindows } from './support/people-in-windows.ts';
import { button, goTo, heading, makeExport, TEXTS } from './support/tour.ts';
import { approveWaiting, PASSPHRASE, startJoined, until } from './support/world.ts';

type Locale = 'en' | 'zh';
const STUDY = studyOf(HEART_DISEASE);
const RULES = { ...FIRST_RULES, floor: { rows: 1, perClass: 1 } };
const PEOPLE: Login[] = ['ada', 'eve', 'sam', 'ann', 'bob', 'otto'];

async function joined(locale: Locale) {
  const t = TEXTS[locale];
  const folder = temporaryFolder();
  const here = await startJoined(folder, { rules: RULES, people: PEOPLE });
  const browser: Browser = await launchBrowser();
  onTestFinished(async () => {
    await browser.close();
    await here.end();
  });
  const windows = peopleInWindows(browser, here.world, locale);
  const person = async (login: Login, address: string) => {
    const page = await windows.person(login);
    await goTo(page, address);
    return page;
  };
  const number = (value: bigint | number) => value.toLocaleString(locale === 'zh' ? 'zh-CN' : 'en-GB');
  await until(here.node, async () =>
    (await here.calls.listRounds({})).rounds.some(({ stage, outcome }) => stage === 'awaiting' && outcome === ''),
  );
  return { ...here, ...windows, folder, t, person, number };
}
type Here = Awaited<ReturnType<typeof joined>>;

const anchorOf = async (node: AssentNode) => (await callsWithin(node).getStatus({})).anchor!;
const anchored = (node: AssentNode) =>
  until(node, async () => {
    const { by, of, size } = await anchorOf(node);
    const { latest } = node.store.journal.read.get<{ latest: number }>('select max(size) as latest from checkpoint')!;
    return of === 4 && by.length === 4 && Number(size) === latest;
  });

const makeAndSave = ({ t, folder }: Here, page: Page) => makeExport({ page, t }, folder);

test.each(['en', 'zh'] as const)(
  'after an approved round: what left to the byte, who anchored it, and exports that verify (%s)',
  async (locale) => {
    const here = await joined(locale);
    const { t, person, at, node, calls, number, folder, world } = here;
    await approveWaiting(node, PASSWORD, ['ann', 'bob']);
    await anchored(node);

    const otto = await person('otto', '#/audit/outbound');
    await heading(otto, t.outbound.days).waitFor();
    await heading(otto, t.outbound.rows).waitFor();
    await otto.locator('main td.num').nth(4).waitFor();
    await at(otto, 'outbound');
    await otto.getByLabel(t.outbound.asTable).check();
    await otto.getByRole('region', { name: t.outbound.plot, exact: true }).waitFor();
    await at(otto, 'outbound-table');

    await otto.getByLabel(t.outbound.purpose, { exact: true }).selectOption('update');
    const { rows } = await calls.listOutbound({ purpose: 'update', newestFirst: true });
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.map(({ id }) => id)).toEqual(rows.map(({ id }) => id).toSorted((a, b) => (a > b ? -1 : 1)));
    const table = otto.getByRole('region', { name: t.outbound.rows, exact: true });
    for (const [at, { bodyBytes, headBytes, url }] of rows.entries()) {
      const cells = table.locator('tbody tr').nth(at).locator('td');
      await cells.getByText(t.outbound.kinds['update']!).waitFor();
      expect(await cells.nth(1).innerText()).toContain(new URL(url).host);
      expect(await cells.nth(3).innerText()).toBe(number(bodyBytes));
      expect(await cells.nth(4).innerText()).toBe(number(bodyBytes + headBytes!));
    }
    expect(await table.locator('tbody tr').count()).toBe(rows.length);

    const all = rows.reduce((sum, { bodyBytes, headBytes }) => sum + bodyBytes + headBytes!, 0n);
    const days = otto.getByRole('region', { name: t.outbound.days, exact: true });
    expect(await days.locator('td.num').allInnerTexts()).toEqual([number(rows.length), number(all)]);

    // A day of its own, and one that nothing left on.
    await otto.getByLabel(t.outbound.period, { exact: true }).selectOption('own');
    await otto.getByLabel(t.outbound.to, { exact: true }).fill('2020-01-02');
    await otto.getByText(t.outbound.badDays, { exact: true }).waitFor();
    await at(otto, 'outbound-own-days');
    await otto.getByLabel(t.outbound.from, { exact: true }).fill('2020-01-01');
    await heading(otto, t.outbound.nothing).waitFor();
    await at(otto, 'outbound-nothing');

    // Rows as they would lie there a day later: on record, and then one of them was changed behind the node's back.
    await otto.getByLabel(t.outbound.period, { exact: true }).selectOption('week');
    const { journal } = node.store;
    const change = (sql: string) => journal.transact('ledger.note', (tx) => tx.run(sql));
    for (const trigger of ['outbound_is_settled_once', 'outbound_is_summed_first']) change(`drop trigger ${trigger}`);
    const yesterday = 'settled is not null and day = (select max(day) from outbound)';
    change(`update outbound set day = day - 1 where ${yesterday}`);
    change('delete from outbound where settled is null');
    await sumDays({ journal, now: Date.now });
    await otto.getByText(t.outbound.states['summed']!, { exact: true }).waitFor();
    await otto.getByText(t.outbound.agree(1), { exact: true }).waitFor();
    await at(otto, 'outbound-summed');
    change("update outbound set body = body + 1 where purpose = 'update'");
    await otto.getByLabel(t.outbound.period, { exact: true }).selectOption('month');
    await otto.getByText(t.outbound.differ(1), { exact: true }).waitFor();
    await at(otto, 'outbound-differs');
    await otto.close();

    const ada = await person('ada', '#/audit/anchors');
    await heading(ada, t.anchors.witnesses).waitFor();
    await ada.getByText(t.anchors.coordinator, { exact: true }).first().waitFor();
    await ada.getByRole('cell', { name: t.anchors.current, exact: true }).nth(3).waitFor();
    const { logs } = await calls.listAnchors({});
    await ada.getByText(logs[0]!.vkey, { exact: true }).waitFor();
    expect(await button(ada, t.anchors.start).count()).toBe(0);
    await at(ada, 'anchors');

    // The evidence, as it is offered first, with names.
    const vkey = logs[0]!.vkey;
    await button(ada, t.exports.open).click();
    const dialog = ada.getByRole('dialog');
    await dialog.getByLabel(t.exports.names).check();
    await at(ada, 'export');
    const [evidence] = await makeAndSave(here, ada);
    await at(ada, 'export-made');
    expect(evidence!.text).toContain(toHex(sha256(readFileSync(evidence!.file))));
    expect(evidence!.text).toContain(number(readFileSync(evidence!.file).length));
    expect(evidence!.text).toContain(vkey);
    expect(await verifyCommand([evidence!.file, '--key', vkey])).toMatchObject({ code: 0 });
    await ada.keyboard.press('Escape');
    expect(await dialog.count()).toBe(0);
    expect(await ada.evaluate('document.activeElement.innerText')).toBe(t.exports.open);

    // Every other format once, each with other records.
    const kinds = Object.keys(t.exports.kinds);
    for (const [i, format] of ['pdf', 'csv', 'fhirBundle', 'fhirNdjson', 'syslog'].entries()) {
      await button(ada, t.exports.open).click();
      await dialog.getByRole('radio', { name: t.exports.types[format]!.title }).check();
      await dialog.getByLabel(t.exports.kind, { exact: true }).selectOption(kinds[i]!);
      await dialog.getByLabel(t.exports.study, { exact: true }).selectOption(i === 0 ? STUDY.id : '');
      const [made] = await makeAndSave(here, ada);
      expect([format, made!.text.includes(toHex(sha256(readFileSync(made!.file))))]).toEqual([format, true]);
      if (format === 'pdf') expect(readFileSync(made!.file).subarray(0, 5).toString()).toBe('%PDF-');
      if (format === 'csv') await at(ada, 'export-made-csv');
      await dialog.getByRole('button', { name: t.common.close, exact: true }).last().click();
    }
    await button(ada, t.exports.open).click();
    await dialog.getByRole('radio', { name: t.exports.types['folder']!.title }).check();
    await dialog.getByRole('button', { name: t.exports.make, exact: true }).click();
    await dialog.getByText(t.exports.pathMissing, { exact: true }).waitFor();
    await at(ada, 'export-folder');
    const whole = join(folder, 'whole');
    await dialog.getByLabel(t.exports.path, { exact: true }).fill(whole);
    expect(await makeAndSave(here, ada)).toEqual([]);
    expect(await verifyCommand([whole, '--key', vkey])).toMatchObject({ code: 0 });
    // What was made and not saved is gone with the dialog, and what is stopped leaves nothing.
    await dialog.getByRole('button', { name: t.exports.another, exact: true }).click();
    await dialog.getByRole('radio', { name: t.exports.types['syslog']!.title }).check();
    await dialog.getByRole('button', { name: t.exports.make, exact: true }).click();
    await dialog.getByText(t.exports.doneTitle, { exact: true }).waitFor();
    await ada.keyboard.press('Escape');
    await until(node, async () => readdirSync(join(world.home, 'downloads')).length === 0);
    await ada.close();
    expect(here.wrong).toEqual([]);
  },
  600_000,
);

test.each(['en', 'zh'] as const)(
  'a store that was put back from a backup: two admins start a successor log (%s)',
  async (locale) => {
    const here = await joined(locale);
    const { t, person, at, world, folder } = here;
    const backup = join(folder, 'backup');
    const again = async (whileDown: () => void) => {
      await world.restart(whileDown);
      await world.installation.open(PASSPHRASE);
      return world.node();
    };
    await anchored(here.node);
    const later = await again(() => cpSync(world.home, backup, { recursive: true }));
    await approveWaiting(later, PASSWORD, ['ann', 'bob']);
    await anchored(later);
    const node = await again(() => {
      rmSync(world.home, { recursive: true });
      cpSync(backup, world.home, { recursive: true });
    });
    await until(node, async () => (await anchorOf(node)).code !== '');

    const otto = await person('otto', '#/audit/anchors');
    await otto.getByText(t.anchors.onlyAdmins, { exact: true }).waitFor();
    expect(await button(otto, t.anchors.start).count()).toBe(0);
    await otto.close();

    const ada = await person('ada', '#/audit/anchors');
    await ada.getByText(t.anchors.behindTitle, { exact: true }).waitFor();
    await at(ada, 'anchors-behind');
    await button(ada, t.anchors.start).click();
    const dialog = ada.getByRole('dialog');
    const go = dialog.getByRole('button', { name: t.anchors.startNow, exact: true });
    const mine = dialog.getByLabel(t.common.yourPassword);
    const second = dialog.getByLabel(t.people.secondPassword, { exact: true });
    await go.click();
    await dialog.getByText(t.anchors.typeIt, { exact: true }).waitFor();
    await at(ada, 'successor');

    // Witnesses hold more by now than was shown.
    const before = await dialog.locator('blockquote').innerText();
    const move = (by: number) =>
      node.store.journal.transact('ledger.note', (tx) => tx.run('update log_conflict set size = size + ?', by));
    const type = async (password = PASSWORD) => {
      await mine.fill(PASSWORD);
      await dialog.getByLabel(t.people.secondLogin, { exact: true }).fill('eve');
      await second.fill(password);
    };
    const typed = async () => [await mine.inputValue(), await second.inputValue()];
    await type();
    // The window has not heard of it when it asks to sign.
    const answered = ada.waitForResponse(/StartSuccessor$/);
    await ada.route(/ListAnchors$/, (route) => answered.then(() => route.continue()));
    move(1);
    await go.click();
    expect(await (await answered).text()).toContain('failed_precondition');
    await dialog.getByText(t.anchors.movedTitle, { exact: true }).waitFor();
    await dialog.locator('blockquote', { hasNotText: before }).waitFor();
    expect(await typed()).toEqual(['', '']);
    expect((await anchorOf(node)).code).toBe('LOG_BEHIND');
    await at(ada, 'successor-moved');
    // And here it hears of it while they type.
    await type();
    move(-1);
    await dialog.locator('blockquote', { hasText: before }).waitFor();
    expect(await typed()).toEqual(['', '']);

    await type('not the password');
    await go.click();
    await dialog.getByText('PASSWORD_WRONG').waitFor();
    await type();
    await go.click();
    await ada
      .getByRole('status')
      .filter({ hasText: t.anchors.started('').slice(0, 4) })
      .waitFor();
    await until(node, async () => (await anchorOf(node)).by.length === 4);
    await ada.getByText(t.anchors.behindTitle, { exact: true }).waitFor({ state: 'detached' });
    const { logs } = await here.world.node().then((now) => callsWithin(now).listAnchors({}));
    expect(logs).toHaveLength(2);
    for (const { vkey } of logs) await ada.getByText(vkey, { exact: true }).waitFor();
    await at(ada, 'anchors-successor');
    await ada.close();
    expect(here.wrong).toEqual([]);
  },
  600_000,
);
