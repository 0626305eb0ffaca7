// Real processes of the product, killed for real: a supervisor starts one again after each crash point it was killed at.
import { spawn, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { CrashPoint } from '../../platform/steps.ts';

export const programFile = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

export type Ended = { code: number | null; signal: NodeJS.Signals | null; output: string };
type Running = { child: ChildProcess; ready: Promise<void>; ended: Promise<Ended> };

function start(file: string, args: readonly string[], env: Record<string, string>): Running {
  // However the test ends, its processes end with it.
  const child = spawn(
    process.execPath,
    ['--require', programFile('scripts/follow-parent.cjs'), programFile(file), ...args],
    {
      env: { ...process.env, ASSENT_PARENT: String(process.pid), ...env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    },
  );
  let output = '';
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, output }));
  });
  const ready = new Promise<void>((resolve) => {
    for (const stream of [child.stdout!, child.stderr!])
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        if (output.includes('listening on')) resolve();
      });
  });
  return { child, ready, ended };
}

/** Runs a program to its end. */
export const runToEnd = (file: string, args: readonly string[], env: Record<string, string> = {}): Promise<Ended> =>
  start(file, args, env).ended;

export type Supervised = {
  /** The crash points that are still to come. */
  left(): readonly CrashPoint[];
  /** Resolves when a process listens. Rejects when one ended otherwise than by its crash point. */
  ready(): Promise<void>;
  /** Does something with the process, again after each crash, until it was done or `done` says that it had been. */
  until<T>(work: () => Promise<T>, done?: (error: unknown) => boolean): Promise<T | undefined>;
  /** Resolves when all crash points were reached and the last process listens. */
  survived(): Promise<void>;
  /** Of the process that runs now. */
  pid(): number;
  /** kill -9 of the process that runs now; resolves when the next one listens. */
  kill(): Promise<void>;
  stop(): Promise<void>;
};

/** Keeps a program running, to be killed at each point in turn: at the next one, once it was started again after the last. */
export function supervise(o: {
  file: string;
  args: readonly string[];
  env?: Record<string, string>;
  points?: readonly CrashPoint[];
}): Supervised {
  const points = [...(o.points ?? [])];
  let stopping = false;
  let killing = false;
  let failure: Error | undefined;
  const check = (): void => {
    if (failure) throw failure;
  };
  let current = begin();

  function begin(): Running {
    const [point] = points;
    const running = start(o.file, o.args, { ...o.env, ...(point && { ASSENT_CRASH_AT: point }) });
    void running.ended.then(({ code, signal, output }) => {
      if (stopping) return;
      if (signal === 'SIGKILL' && killing) killing = false;
      else if (signal === 'SIGKILL' && point !== undefined) points.shift();
      else
        failure = new Error(
          `${o.file} ${o.args.join(' ')} ended with ${signal ?? code}, waiting for ${point}:\n${output}`,
        );
      if (!failure) current = begin();
    });
    return running;
  }

  const ready = async (): Promise<void> => {
    for (;;) {
      check();
      const asked = current;
      await Promise.race([asked.ready, asked.ended]);
      check();
      if (asked.child.exitCode !== null || asked.child.signalCode !== null) await asked.ended;
      else if (asked === current) return;
    }
  };

  return {
    left: () => points,
    ready,
    async until(work, done = () => false) {
      for (;;) {
        await ready();
        const during = current;
        try {
          return await work();
        } catch (error) {
          if (done(error)) return undefined;
          // The process may be dying right now; if it lives, the error is its answer.
          const died = await Promise.race([during.ended.then(() => true), answers(during)]);
          if (!died && during === current) throw error;
        }
      }
    },
    async survived() {
      while (points.length > 0) {
        const { ended } = current;
        await ended;
        await ready();
      }
      await ready();
    },
    pid: () => current.child.pid!,
    async kill() {
      const { child, ended } = current;
      killing = true;
      child.kill('SIGKILL');
      await ended;
      await ready();
    },
    async stop() {
      stopping = true;
      current.child.kill('SIGTERM');
      const { code, output } = await current.ended;
      check();
      if (code !== 0) throw new Error(`${o.file} did not stop well: ${code}\n${output}`);
    },
  };
}

/** False once the process has shown that it is alive: a process about to die of a signal is reported within moments. */
async function answers({ child }: Running): Promise<boolean> {
  for (let turn = 0; turn < 200; turn++) {
    if (child.exitCode !== null || child.signalCode !== null) return true;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return false;
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
