// A screen as different people see it: in both colours, at the widths that the layouts are made for, and as axe reads it.
import type { Page } from 'playwright-core';
import { axe } from './browser.ts';

type Sight = { colorScheme: 'light' | 'dark'; width: number };
const SIGHTS: Record<'en' | 'zh', readonly Sight[]> = {
  en: [
    { colorScheme: 'light', width: 1280 },
    { colorScheme: 'dark', width: 640 },
  ],
  zh: [{ colorScheme: 'dark', width: 1024 }],
};

/** What is wrong with the screen that is shown, a line each. */
export async function wrongWith(page: Page, name: string, locale: 'en' | 'zh'): Promise<string[]> {
  const found: string[] = [];
  for (const { colorScheme, width } of SIGHTS[locale]) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 800 });
    for (const line of await axe(page)) found.push(`${name} ${colorScheme} ${width}: ${line}`);
    const wide = await page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth');
    if (wide > 0) found.push(`${name} ${width}: the page is ${wide} px wider than the window`);
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 1280, height: 800 });
  return found;
}
