// A real Chromium without a window, driven over its own protocol (CDP) through a pipe: enough to open a page and use it.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/** The browser of this machine; undefined where there is none. */
export const findBrowser = (): string | undefined =>
  NAMES.find((name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0);

export type Page = {
  /** What the expression gives, awaited. */
  evaluate<T>(expression: string): Promise<T>;
  /** Chooses files in an input, as a person would. */
  choose(selector: string, files: string[]): Promise<void>;
  /** Addresses that the page has asked for since it was opened. */
  requests: string[];
};
export type Browser = { open(url: string): Promise<Page>; close(): Promise<void> };

type Reply = { id?: number; method?: string; params?: unknown; result?: unknown; error?: { message: string } };

export function startBrowser(binary: string): Browser {
  const profile = mkdtempSync(join(tmpdir(), 'assent-browser-'));
  const args = [
    '--headless=new',
    '--no-sandbox',
    '--disable-gpu',
    '--remote-debugging-pipe',
    `--user-data-dir=${profile}`,
  ];
  const child = spawn(binary, [...args, '--no-first-run', '--disable-dev-shm-usage', 'about:blank'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<void>((done) => child.on('close', () => done()));
  const [input, output] = [child.stdio[3] as Writable, child.stdio[4] as Readable];
  const waiting = new Map<number, { done: (value: never) => void; fail(error: Error): void }>();
  const requests: string[] = [];
  let last = 0;
  let rest = '';
  output.setEncoding('utf8').on('data', (chunk: string) => {
    const messages = (rest + chunk).split('\0');
    rest = messages.pop()!;
    for (const message of messages) hear(JSON.parse(message) as Reply);
  });
  void ended.then(() => {
    for (const { fail } of waiting.values()) fail(new Error('The browser has ended.'));
  });

  function hear({ id, method, params, result, error }: Reply): void {
    if (method === 'Network.requestWillBeSent') requests.push((params as { request: { url: string } }).request.url);
    const asked = id === undefined ? undefined : waiting.get(id);
    if (asked === undefined) return;
    waiting.delete(id!);
    if (error) asked.fail(new Error(error.message));
    else asked.done(result as never);
  }

  const call = <T>(method: string, params: object = {}, sessionId?: string): Promise<T> =>
    new Promise<T>((done, fail) => {
      const id = ++last;
      waiting.set(id, { done, fail });
      input.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });

  return {
    async open(url) {
      const { targetId } = await call<{ targetId: string }>('Target.createTarget', { url: 'about:blank' });
      const { sessionId } = await call<{ sessionId: string }>('Target.attachToTarget', { targetId, flatten: true });
      const here = <T>(method: string, params: object = {}) => call<T>(method, params, sessionId);
      await here('Network.enable');
      requests.length = 0;
      await here('Page.enable');
      await here('Page.navigate', { url });
      const page: Page = {
        requests,
        async evaluate<T>(expression: string) {
          const said = await here<{
            result: { value: T };
            exceptionDetails?: { exception?: { description?: string } };
          }>('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
          if (said.exceptionDetails) throw new Error(said.exceptionDetails.exception?.description ?? 'The page threw.');
          return said.result.value;
        },
        async choose(selector, files) {
          const { root } = await here<{ root: { nodeId: number } }>('DOM.getDocument');
          const { nodeId } = await here<{ nodeId: number }>('DOM.querySelector', { nodeId: root.nodeId, selector });
          await here('DOM.setFileInputFiles', { files, nodeId });
        },
      };
      // The address is the first thing to be there; what follows waits for the document.
      await page.evaluate(
        "new Promise((done) => (document.readyState === 'complete' ? done() : addEventListener('load', () => done())))",
      );
      return page;
    },
    async close() {
      await call('Browser.close').catch(() => {});
      await ended;
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
