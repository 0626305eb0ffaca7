// verify.html in a real browser: gives it a package and reads what it says.
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from './browser.ts';

export type Said = { verdict: string; heading: string; report: string; rounds: string[]; seconds: number };

export const openVerifyPage = (browser: Browser, file = 'platform/gen/verify.html'): Promise<Page> =>
  browser.open(pathToFileURL(file).href);

/** What the page says once it has checked; it says "working" from the moment a file is chosen. */
export async function checkedBy(page: Page, files: string[], input = '#zip'): Promise<Said> {
  const answered = page.evaluate<Said>(`new Promise((done) => {
    const look = () => {
      const { verdict, seconds } = document.body.dataset;
      if (verdict === undefined || verdict === 'working' || seconds === undefined) return;
      const text = (id) => document.getElementById(id).textContent;
      const rounds = [...document.querySelectorAll('#rounds li')].map((line) => line.textContent);
      watch.disconnect();
      done({ verdict, heading: text('verdict'), report: text('report'), rounds, seconds: Number(seconds) });
    };
    delete document.body.dataset.seconds;
    const watch = new MutationObserver(look);
    watch.observe(document.body, { attributes: true });
  })`);
  await page.choose(input, files);
  return answered;
}
