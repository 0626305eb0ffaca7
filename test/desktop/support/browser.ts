// The Chromium of this machine, driven by Playwright, and pages that tell of every error on their console.
import { AxeBuilder } from '@axe-core/playwright';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { existsSync } from 'node:fs';
import { onTestFinished } from 'vitest';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export type Look = { locale?: 'en' | 'zh'; dark?: boolean; width?: number; height?: number };

export async function launchBrowser(): Promise<Browser> {
  const executablePath = process.env['ASSENT_CHROMIUM'] ?? PLACES.find((place) => existsSync(place));
  if (!executablePath) throw new Error('No Chromium was found: install the package chromium, or set ASSENT_CHROMIUM.');
  return chromium.launch({ executablePath, args: FLAGS });
}

/** A browser window of its own: other cookies and storage than any other. */
export async function newWindow(
  browser: Browser,
  { locale = 'en', dark = false, width = 1280, height = 800 }: Look = {},
): Promise<{ context: BrowserContext; page: Page; errors: string[] }> {
  const context = await browser.newContext({
    locale: locale === 'zh' ? 'zh-CN' : 'en-GB',
    colorScheme: dark ? 'dark' : 'light',
    reducedMotion: 'reduce',
    viewport: { width, height },
  });
  context.setDefaultTimeout(60_000);
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => {
    // What a page is refused is shown to people; the browser also writes each such answer on its console.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      errors.push(message.text());
  });
  return { context, page, errors };
}

/** Browser and window for one test. */
export async function testWindow(look: Look = {}): Promise<{ browser: Browser; page: Page; errors: string[] }> {
  const browser = await launchBrowser();
  onTestFinished(() => browser.close());
  return { browser, ...(await newWindow(browser, look)) };
}

/** What axe finds against WCAG 2.2 A and AA, a line each; empty is what is wanted. */
export async function axe(page: Page): Promise<string[]> {
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
  const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')} ${failureSummary ?? ''}`),
  );
}
