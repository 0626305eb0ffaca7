// `npm run screenshots`: walks through the window in a real browser, against a real node and coordinator, and writes a picture of
// each screen, light and dark and in Chinese, to docs/screenshots/.
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { launchBrowser, newWindow, type Look } from '../test/desktop/support/browser.ts';
import { TEXTS, wholeTour } from '../test/desktop/support/tour.ts';
import { startCoordinator, startInstallation } from '../test/desktop/support/world.ts';
import { root } from './tools.ts';

const MOST_BYTES = 200_000;
const LOOKS: readonly { suffix: string; look: Look }[] = [
  { suffix: '', look: { locale: 'en' } },
  { suffix: '-dark', look: { locale: 'en', dark: true } },
  { suffix: '-zh', look: { locale: 'zh' } },
];

const target = path.join(root, 'docs/screenshots');
// The faces that a hospital's machine is likely to have, where this one has them.
const work = mkdtempSync(path.join(tmpdir(), 'assent-screenshots-'));
const fonts = path.join(work, 'fonts.conf');
const prefer = (family: string, faces: string[]) =>
  `<alias binding="strong"><family>${family}</family><prefer>${faces.map((face) => `<family>${face}</family>`).join('')}</prefer></alias>`;
writeFileSync(
  fonts,
  `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><include ignore_missing="yes">/etc/fonts/fonts.conf</include>${prefer('system-ui', ['Inter', 'Noto Sans CJK SC'])}${prefer('sans-serif', ['Inter', 'Noto Sans CJK SC'])}${prefer('monospace', ['Noto Sans Mono', 'DejaVu Sans Mono'])}</fontconfig>`,
);
process.env['FONTCONFIG_FILE'] = fonts;

rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
const browser = await launchBrowser();
let pictures = 0;
for (const { suffix, look } of LOOKS) {
  const folder = path.join(work, `tour${suffix}`);
  const world = await startInstallation(folder);
  const coordinator = await startCoordinator(folder);
  const { page, context } = await newWindow(browser, look);
  const at = async (name: string) => {
    const file = path.join(target, `${name}${suffix}.png`);
    await page.mouse.move(0, 0);
    await page.screenshot({ path: file });
    const { size } = statSync(file);
    if (size > MOST_BYTES) throw new Error(`${file} has ${size} bytes, more than ${MOST_BYTES}.`);
    pictures++;
  };
  await wholeTour({ page, t: TEXTS[look.locale ?? 'en'], world, coordinator, at });
  await context.close();
  await world.close();
  await coordinator.close();
}
await browser.close();
rmSync(work, { recursive: true, force: true });
console.log(`${pictures} pictures in ${path.relative(root, target)}`);
process.exit(0);
