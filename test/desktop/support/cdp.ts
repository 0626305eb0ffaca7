// Drives any Electron from 9 on over its own debugging protocol, with trusted input: a small client on Node's own WebSocket.
import { spawn, type ChildProcess } from 'node:child_process';

/** One window of the app. */
export type ShellPage = {
  /** Evaluates in the page; promises are awaited, values come by value. */
  run<T>(expression: string): Promise<T>;
  /** Evaluates until it is true. */
  until(expression: string): Promise<void>;
  /** A click as a mouse makes it, in the middle of the first element of this selector. */
  click(selector: string): Promise<void>;
  /** Text as a keyboard gives it, into what has the focus. */
  type(text: string): Promise<void>;
  /** A PNG of the page. */
  picture(): Promise<Buffer>;
};
export type Shell = ShellPage & {
  /** Another window, once it is there: its address begins like this. */
  window(address: string): Promise<ShellPage>;
  pages(): Promise<string[]>;
  close(): Promise<void>;
};

const PATIENCE_MS = 30_000;

export async function startShell(binary: string, args: readonly string[], page: string): Promise<Shell> {
  const child = spawn('xvfb-run', ['-a', binary, '--no-sandbox', '--remote-debugging-port=0', ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  let said = '';
  const port = await new Promise<string>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`The shell did not start:\n${said}`)), PATIENCE_MS);
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      const found = /DevTools listening on ws:\/\/127\.0\.0\.1:(\d+)/.exec(said)?.[1];
      if (found === undefined) return;
      clearTimeout(late);
      resolve(found);
    });
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`The shell ended with ${code}:\n${said}`)));
  });
  const targets = async () => (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()) as Target[];
  const window = async (address: string) => {
    const target = await eventually(async () =>
      (await targets()).find(({ type, url }) => type === 'page' && url.startsWith(address)),
    );
    return drive(await connect(target.webSocketDebuggerUrl), () => said.slice(-2000));
  };
  return {
    ...(await window(page)),
    window,
    pages: async () => (await targets()).filter(({ type }) => type === 'page').map(({ url }) => url),
    close: () => end(child),
  };
}

type Send = (method: string, params: object) => Promise<unknown>;

function drive(send: Send, said: () => string): ShellPage {
  const run = async <T>(expression: string): Promise<T> => {
    const answer = await send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
    const { result, exceptionDetails } = answer as {
      result: { value: T };
      exceptionDetails?: { text: string; exception?: { description?: string } };
    };
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  };
  const until = async (expression: string) => {
    try {
      await eventually(async () => (await run<unknown>(expression)) || undefined);
    } catch {
      throw new Error(`never true: ${expression}\n${await run<string>('document.body.innerText')}\n${said()}`);
    }
  };
  return {
    run,
    until,
    async click(selector) {
      const found = JSON.stringify(selector);
      await until(`document.querySelector(${found}) !== null`);
      const at = await run<{ x: number; y: number }>(
        `(() => { const e = document.querySelector(${found}); e.scrollIntoView({ block: 'center' }); const r = e.getBoundingClientRect(); return { x: r.x + r.width / 2, y: r.y + r.height / 2 } })()`,
      );
      for (const type of ['mousePressed', 'mouseReleased'])
        await send('Input.dispatchMouseEvent', { type, ...at, button: 'left', clickCount: 1 });
    },
    type: async (text) => void (await send('Input.insertText', { text })),
    async picture() {
      const { data } = (await send('Page.captureScreenshot', { format: 'png' })) as { data: string };
      return Buffer.from(data, 'base64');
    },
  };
}

type Target = { type: string; url: string; webSocketDebuggerUrl: string };
type Answer = { id: number; result?: unknown; error?: { message: string } };

async function connect(url: string): Promise<Send> {
  const socket = new WebSocket(url);
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve);
    socket.addEventListener('error', () => reject(new Error(`${url} does not answer`)));
  });
  const waiting = new Map<number, (answer: Answer) => void>();
  socket.addEventListener('message', ({ data }) => {
    const answer = JSON.parse(String(data)) as Answer;
    waiting.get(answer.id)?.(answer);
    waiting.delete(answer.id);
  });
  let last = 0;
  return (method, params) =>
    new Promise((resolve, reject) => {
      const id = ++last;
      waiting.set(id, ({ result, error }) =>
        error ? reject(new Error(`${method}: ${error.message}`)) : resolve(result),
      );
      socket.send(JSON.stringify({ id, method, params }));
    });
}

async function eventually<T>(look: () => Promise<T | undefined>): Promise<T> {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const found = await look().catch(() => undefined);
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error('It never came.');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The shell, its helpers and its screen are one group. */
async function end(child: ChildProcess): Promise<void> {
  const gone = new Promise((resolve) => child.once('exit', resolve));
  if (child.exitCode !== null) return;
  process.kill(-child.pid!, 'SIGTERM');
  const late = setTimeout(() => process.kill(-child.pid!, 'SIGKILL'), 5_000);
  await gone;
  clearTimeout(late);
}
