// Runs `npm run demo` as a user does, without the set-up.
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { Readable } from 'node:stream';

export type Ended = { code: number | null; stdout: string; stderr: string };
type Demo = { process: ChildProcessByStdio<null, Readable, Readable>; said: Ended; ended: Promise<Ended> };

export function demo(...args: string[]): Demo {
  const script = path.resolve(import.meta.dirname, '../../scripts/demo.ts');
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const said: Ended = { code: null, stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (said.stdout += chunk.toString('utf8')));
  child.stderr.on('data', (chunk: Buffer) => (said.stderr += chunk.toString('utf8')));
  return {
    process: child,
    said,
    ended: once(child, 'close').then(([code]) => ({ ...said, code: code as number | null })),
  };
}
