// The processes of the demo: each started from its own file with the project's Node, watched while it runs, ended and
// awaited however the demo ends.
import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';

export const root = path.resolve(import.meta.dirname, '../..');
const followParent = path.join(root, 'scripts/follow-parent.cjs');
const PATIENCE_MS = 10_000;
const KEPT_LINES = 15;

type Program = { name: string; script: string; args: readonly string[]; log: string };

export type Programs = {
  /** Starts a server; resolves when it says that it listens, with what ends it before the others. */
  start(program: Program): Promise<() => Promise<void>>;
  /** Runs a command to its end; rejects with what it said when it fails. */
  run(program: Program): Promise<void>;
  /** Never resolves; rejects when a server ends on its own. */
  failed: Promise<never>;
  /** Ends all and resolves when the last is gone. */
  stop(): Promise<void>;
};

export function openPrograms(): Programs {
  const running = new Map<ChildProcess, { name: string; ended: Promise<string> }>();
  let stopping = false;
  let fail: (error: Error) => void = () => {};
  const failed = new Promise<never>((_resolve, reject) => (fail = reject));
  failed.catch(() => {}); // whoever waits for it hears of it

  function open({ name, script, args, log }: Program) {
    if (stopping) throw new Error('The demo is ending.');
    const child = spawn(process.execPath, ['--require', followParent, path.resolve(root, script), ...args], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // A Ctrl-C at the terminal is for the demo, which then ends the others in order.
      detached: process.platform !== 'win32',
      env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2', ASSENT_PARENT: String(process.pid) },
    });
    const lines: string[] = [];
    const file = createWriteStream(log, { flags: 'a' });
    const onLine = new Set<(line: string) => void>();
    for (const stream of [child.stdout!, child.stderr!]) {
      createInterface({ input: stream }).on('line', (line) => {
        file.write(`${line}\n`);
        lines.push(line);
        if (lines.length > KEPT_LINES) lines.shift();
        for (const listener of onLine) listener(line);
      });
    }
    const ended = new Promise<string>((resolve) => {
      const end = (how: string) => {
        running.delete(child);
        file.end(() => resolve(how));
      };
      child.once('error', (error) => end(`could not be started: ${error.message}`));
      child.once('close', (code, signal) => end(signal ? `ended by ${signal}` : `ended with code ${code}`));
    });
    running.set(child, { name, ended });
    const said = () =>
      lines.length === 0 ? 'It said nothing.' : `Its last lines:\n${lines.map((line) => `  ${line}`).join('\n')}`;
    return { child, ended, said, onLine };
  }

  return {
    failed,
    async start(program) {
      const { child, ended, said, onLine } = open(program);
      let wanted = false;
      void ended.then((how) => {
        if (!stopping && !wanted) fail(new Error(`${program.name} ${how}. ${said()}`));
      });
      const listening = new Promise<void>((resolve) => {
        onLine.add((line) => {
          if (/listening on http/i.test(line)) resolve();
        });
      });
      await Promise.race([listening, failed]);
      return async () => {
        wanted = true;
        child.kill('SIGTERM');
        await ended;
      };
    },
    async run(program) {
      const { ended, said } = open(program);
      const how = await ended;
      if (how !== 'ended with code 0') throw new Error(`${program.name} ${how}. ${said()}`);
    },
    async stop() {
      stopping = true;
      const all = [...running.values()];
      for (const child of running.keys()) child.kill('SIGTERM');
      const late = setTimeout(() => {
        for (const child of running.keys()) child.kill('SIGKILL');
      }, PATIENCE_MS);
      await Promise.all(all.map(({ ended }) => ended));
      clearTimeout(late);
    },
  };
}
