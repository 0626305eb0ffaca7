// A clock that a test turns by hand.
import type { Clock } from '../../platform/clock.ts';

export type HandClock = Clock & { advance(milliseconds: number): void; waiting(): number };

export function handClock(start = Date.parse('2026-01-02T03:04:05.678Z')): HandClock {
  let now = start;
  const timers = new Set<{ time: number; callback: () => void }>();
  const fire = () => {
    for (const timer of [...timers].toSorted((a, b) => a.time - b.time)) {
      if (timer.time > now || !timers.delete(timer)) continue;
      timer.callback();
    }
  };
  return {
    now: () => now,
    at(time, callback) {
      const timer = { time, callback };
      timers.add(timer);
      if (time <= now) queueMicrotask(fire);
      return { cancel: () => void timers.delete(timer) };
    },
    advance(milliseconds) {
      now += milliseconds;
      fire();
    },
    waiting: () => timers.size,
  };
}
