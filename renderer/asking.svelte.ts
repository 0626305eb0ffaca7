// Calls as a page needs them: something read that stays fresh, and something done once with its refusal.
import type { AssentError } from '../shared/errors.ts';
import { language } from './language.svelte.ts';
import { live } from './live.svelte.ts';
import { noticed, session } from './session.svelte.ts';

export type Query<T> = {
  /** Undefined until it came. */
  readonly value: T | undefined;
  readonly error: AssentError | undefined;
  again(): void;
};

/** Asks now and whenever the store, the language or what `ask` reads has changed. For use while a component is set up. */
export function query<T>(ask: () => Promise<T>): Query<T> {
  let value = $state.raw<T>();
  let error = $state.raw<AssentError>();
  let turn = $state(0);
  let latest = 0;
  $effect(() => {
    void [live.records, language.name, turn];
    if (session.locked) return;
    const mine = ++latest;
    ask().then(
      (answer) => {
        if (mine !== latest) return;
        value = answer;
        error = undefined;
      },
      (reason: unknown) => {
        const refusal = noticed(reason);
        if (mine === latest && refusal.code !== 'SESSION_MISSING') error = refusal;
      },
    );
  });
  return {
    get value() {
      return value;
    },
    get error() {
      return error;
    },
    again: () => void turn++,
  };
}

export type Attempt = {
  readonly busy: boolean;
  readonly error: AssentError | undefined;
  /** True when it went well. One at a time: a second click while it runs does nothing. */
  run(work: () => Promise<void>): Promise<boolean>;
  forget(): void;
};

export function attempt(): Attempt {
  let busy = $state(false);
  let error = $state.raw<AssentError>();
  return {
    get busy() {
      return busy;
    },
    get error() {
      return error;
    },
    async run(work) {
      if (busy) return false;
      busy = true;
      error = undefined;
      try {
        await work();
        return true;
      } catch (reason) {
        const refusal = noticed(reason);
        if (refusal.code !== 'CANCELED') error = refusal;
        return false;
      } finally {
        busy = false;
      }
    },
    forget: () => (error = undefined),
  };
}
