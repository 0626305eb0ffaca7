// The sign of a study's phase.
import type { StateName } from '../parts/icons.ts';

const SIGNS: Record<string, StateName> = {
  gathering: 'waiting',
  running: 'running',
  paused: 'warning',
  finished: 'approved',
  stopped: 'declined',
};
export const phaseSign = (phase: string): StateName => SIGNS[phase] ?? 'warning';
