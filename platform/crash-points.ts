// Kills this process at a named point, so that tests can see what a power cut leaves behind. Packaged builds carry
// crash-points.off.ts in its place.
import { appendFileSync } from 'node:fs';
import type { CrashPoint } from './steps.ts';

const target = process.env['ASSENT_CRASH_AT'];
const trace = process.env['ASSENT_CRASH_TRACE'];

export function crashPoint(name: CrashPoint): void {
  if (trace !== undefined) appendFileSync(trace, `${name}\n`);
  if (name === target) process.kill(process.pid, 'SIGKILL');
}
