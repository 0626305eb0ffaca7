// Asks the coordinator for news, for as long as the node runs; outbound only, one long poll after another.
import { AssentError } from '../../shared/errors.ts';
import { SUPPORTED_SCHEMA_VERSIONS } from '../../shared/study/schema.ts';
import { toHex } from '../../shared/wire/canonical.ts';
import { wait, type Clock } from '../../platform/clock.ts';
import type { Store } from '../store/open.ts';
import { coordinatorOf, needCoordinator } from '../store/rounds.ts';
import { calling, PROTOCOL_VERSIONS, type CoordinatorClient } from './client.ts';
import { accept } from './inbox.ts';

export type WatchDeps = {
  store: Store;
  clock: Clock;
  client(): CoordinatorClient;
  notify(what: { reachable: boolean; message?: string }): void;
  /** Called after events were taken in. */
  changed(): void;
  /** Called when there may be letters to take out. */
  letters(): void;
};

const POLL_SECONDS = 25;
const FIRST_WAIT = 500;
const LONGEST_WAIT = 10_000;

/** Compares what the coordinator says of itself with the pinned keys. Throws SIGNATURE_INVALID, VERSION_UNSUPPORTED. */
export async function greet(deps: WatchDeps, signal: AbortSignal): Promise<void> {
  const { consortium, keys } = needCoordinator(deps.store.journal.read);
  const versions = { protocolVersions: PROTOCOL_VERSIONS, schemaVersions: [...SUPPORTED_SCHEMA_VERSIONS] };
  const said = await calling(deps.client().calls.hello(versions, { signal, timeoutMs: 20_000 }));
  const same =
    said.consortium === consortium &&
    toHex(said.memberKey) === keys.member &&
    toHex(said.logKey) === keys.log &&
    toHex(said.witnessKey) === keys.witness;
  if (!same)
    throw new AssentError(
      'SIGNATURE_INVALID',
      'Whoever answers at the coordinator’s address does not hold the keys of the invitation. Ask its operator.',
    );
}

/** Runs until the signal ends it; a coordinator that is down is asked again, ever more seldom. */
export async function watch(deps: WatchDeps, signal: AbortSignal): Promise<void> {
  let pause = FIRST_WAIT;
  let greeted = false;
  let letters = 0;
  while (!signal.aborted) {
    try {
      if (!greeted) await greet(deps, signal);
      greeted = true;
      const { watched } = coordinatorOf(deps.store.journal.read)!;
      const ask = { after: watched, waitSeconds: POLL_SECONDS, letters };
      const asked = deps.clock.now();
      const said = await calling(deps.client().calls.watch(ask, { signal, timeoutMs: (POLL_SECONDS + 15) * 1000 }));
      const { events } = said;
      deps.notify({ reachable: true });
      const written = said.letters !== letters;
      letters = said.letters;
      if (written) deps.letters();
      for (const event of events) accept({ store: deps.store, now: deps.clock.now }, event);
      if (events.length > 0) deps.changed();
      // Whoever answers at once and has nothing new is not asked without pause.
      else if (!written && deps.clock.now() - asked < FIRST_WAIT && !(await wait(deps.clock, FIRST_WAIT, signal)))
        return;
      pause = FIRST_WAIT;
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof AssentError)) throw error;
      greeted = false;
      const reachable = error.code !== 'COORDINATOR_UNREACHABLE';
      deps.notify({ reachable, message: `${error.message} Asking again in ${Math.ceil(pause / 1000)} s.` });
      if (!(await wait(deps.clock, pause, signal))) return;
      pause = Math.min(pause * 2, LONGEST_WAIT);
    }
  }
}
