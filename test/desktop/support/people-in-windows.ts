// People of a test's institution, each in a browser window of their own, and what was wrong with anything they saw.
import type { Browser, Page } from 'playwright-core';
import { PASSWORD } from '../../support/people.ts';
import { newWindow } from './browser.ts';
import { wrongWith } from './sights.ts';
import { enter, TEXTS } from './tour.ts';
import type { World } from './world.ts';

export function peopleInWindows(browser: Browser, world: World, locale: 'en' | 'zh') {
  const wrong: string[] = [];
  return {
    /** Screens that `at` was told of, and errors of windows that were closed: a line each. */
    wrong,
    async person(login: string): Promise<Page> {
      const { page, errors } = await newWindow(browser, { locale });
      page.on('close', () => wrong.push(...errors));
      await enter({ page, t: TEXTS[locale], world }, login, PASSWORD);
      return page;
    },
    async at(page: Page, name: string): Promise<void> {
      wrong.push(...(await wrongWith(page, name, locale)));
    },
  };
}
