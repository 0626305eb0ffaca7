// What a packaged build carries in the place of crash-points.ts.
import type { CrashPoint } from './steps.ts';

export function crashPoint(_name: CrashPoint): void {}
