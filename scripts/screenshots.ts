// `npm run screenshots`: walks through the window in a real browser, against a real node and coordinator, and writes a picture of
// each screen, light and dark and in Chinese, to docs/screenshots/.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { FIRST_RULES } from '../shared/records/account.ts';
import { launchBrowser, newWindow, type Look } from '../test/desktop/support/browser.ts';
import { button, enter, openDecision, sign, TEXTS, wholeTour } from '../test/desktop/support/tour.ts';
import { startCoordinator, startInstallation, startJoined } from '../test/desktop/support/world.ts';
import { heldTrainer } from '../test/support/held-trainer.ts';
import { PASSWORD } from '../test/support/people.ts';
import { toPalette } from './palette.ts';
import { root } from './tools.ts';

const MOST_BYTES = 200_000;
const LOOKS: readonly { suffix: string; look: Look }[] = [
  { suffix: '', look: { locale: 'en' } },
  { suffix: '-dark', look: { locale: 'en', dark: true } },
  { suffix: '-zh', look: { locale: 'zh' } },
];

const target = path.join(root, 'docs/screenshots');
// The faces that the reports are set in, so that a picture looks the same wherever it was made.
const work = mkdtempSync(path.join(tmpdir(), 'assent-screenshots-'));
const fonts = path.join(work, 'fonts.conf');
const prefer = (family: string, faces: string[]) =>
  `<alias binding="strong"><family>${family}</family><prefer>${faces.map((face) => `<family>${face}</family>`).join('')}</prefer></alias>`;
const FACES = ['Noto Sans', 'Noto Sans S Chinese'];
const folders = ['latin', 'sc'].map(
  (script) => `<dir>${path.join(root, 'node_modules/@embedpdf', `fonts-${script}`, 'fonts')}</dir>`,
);
writeFileSync(
  fonts,
  `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><include ignore_missing="yes">/etc/fonts/fonts.conf</include>${folders.join('')}${prefer('system-ui', FACES)}${prefer('sans-serif', FACES)}${prefer('monospace', ['DejaVu Sans Mono', 'Noto Sans S Chinese'])}</fontconfig>`,
);
process.env['FONTCONFIG_FILE'] = fonts;

rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
const browser = await launchBrowser();
let pictures = 0;

async function picture(page: Page, name: string): Promise<void> {
  const file = path.join(target, `${name}.png`);
  await page.mouse.move(0, 0);
  const small = toPalette(await page.screenshot());
  if (small.length > MOST_BYTES) throw new Error(`${file} has ${small.length} bytes, more than ${MOST_BYTES}.`);
  writeFileSync(file, small);
  pictures++;
}

for (const { suffix, look } of LOOKS) {
  const t = TEXTS[look.locale ?? 'en'];
  const folder = path.join(work, `tour${suffix}`);
  const trainer = heldTrainer();
  const world = await startInstallation(folder, trainer);
  const coordinator = await startCoordinator(folder);
  const another = async () => (await newWindow(browser, look)).page;
  const page = await another();
  const at = (name: string, shown = page) => picture(shown, `${name}${suffix}`);
  await wholeTour({ page, t, world, coordinator, trainer, another, at });
  await page.close();
  await world.close();
  await coordinator.close();

  // An institution that looks at every update before it leaves.
  const release = { when: 'always', norm: '3' } as const;
  const rules = { ...FIRST_RULES, floor: { rows: 1, perClass: 1 }, release };
  const second = await startJoined(path.join(work, `release${suffix}`), { rules });
  const windows = [await another(), await another()] as const;
  for (const [i, login] of ['ann', 'bob'].entries()) {
    const page = windows[i]!;
    await enter({ page, t, world: second.world }, login, PASSWORD);
    await page.locator('article a').click();
    await openDecision({ page, t });
    await sign({ page, t }, t.round.decide.approve, 'Agrees with protocol 2.1', PASSWORD);
    await page.getByRole('status').first().waitFor();
  }
  const [ann, bob] = windows;
  await ann.getByRole('heading', { name: t.round.release.parts, exact: true }).waitFor();
  await at('release', ann);
  await openDecision({ page: ann, t });
  await at('release-deciding', ann);
  await button(ann, t.round.decide.back).click();
  await Promise.all([ann.close(), bob.close()]);
  await second.end();
}
await browser.close();
rmSync(work, { recursive: true, force: true });
console.log(`${pictures} pictures in ${path.relative(root, target)}`);
process.exit(0);
