// What a window shows of the node, as it changes: parts that differ from what was sent last, at most ten times a second.
import { wait } from '../platform/clock.ts';
import { randomUuid } from '../platform/crypto.ts';
import type { Changes } from './changes.ts';
import type { AssentNode } from './node.ts';

/** Parts by name. What reads the same as JSON has not changed. */
export type Parts = Record<string, unknown>;
type Known = { text: string; value: unknown; at: number };
export type Update<P> = { run: string; sequence: number; parts: Partial<P> };

const PAUSE_MS = 100;

export type Feed<P extends Parts> = {
  /** Everything first, unless `from` is a place in this feed: then what changed since. Ends with the signal. */
  updates(from: { run: string; after: number }, signal: AbortSignal): AsyncGenerator<Update<P>, void>;
};

export function openFeed<P extends Parts>(
  { clock, changes }: Pick<AssentNode, 'clock'> & { changes: Changes },
  partsNow: () => P,
): Feed<P> {
  const run = randomUuid();
  const known = new Map<keyof P, Known>();
  let sequence = 0;
  let seen = -1;

  function refresh(): void {
    if (seen === changes.count()) return;
    seen = changes.count();
    for (const [name, value] of Object.entries(partsNow()) as [keyof P, unknown][]) {
      const text = JSON.stringify(value, (_key, each: unknown) => (typeof each === 'bigint' ? String(each) : each));
      if (known.get(name)?.text === text) continue;
      sequence++;
      known.set(name, { text, value, at: sequence });
    }
  }

  return {
    async *updates(from, signal) {
      let sent = from.run === run && from.after <= sequence ? from.after : 0;
      let first = true;
      while (!signal.aborted) {
        refresh();
        const now = seen;
        const changed = [...known].filter(([, { at }]) => at > sent);
        if (changed.length > 0 || first) {
          sent = sequence;
          const parts = Object.fromEntries(changed.map(([name, { value }]) => [name, value])) as Partial<P>;
          yield { run, sequence, parts };
        }
        first = false;
        if (!(await wait(clock, PAUSE_MS, signal))) return;
        await changes.after(now, signal);
      }
    },
  };
}
