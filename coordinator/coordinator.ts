// The composition root: everything the coordinator consists of, in the order in which it depends on each other.
import { systemClock, type Clock } from '../platform/clock.ts';
import { SOFTWARE } from '../platform/software.ts';
import type { LastSeen } from './caller.ts';
import { openAnchoring, type Anchoring } from './anchoring.ts';
import { openConductor, type Conductor } from './conductor.ts';
import { openEvents, type Events } from './events.ts';
import { openLetters, type Letters } from './letters.ts';
import { performer } from './rounds.ts';
import { openResults, type Results } from './status.ts';
import { openStore, type Store } from './store/open.ts';
import { sweepModels, sweepUploads } from './sweep.ts';

export type Coordinator = {
  store: Store;
  clock: Clock;
  events: Events;
  conductor: Conductor;
  lastSeen: LastSeen;
  results: Results;
  anchoring: Anchoring;
  letters: Letters;
  /** Told of what went wrong inside: full disks, bugs. */
  report(error: unknown): void;
  /** Records the start and takes up whatever was left undone. */
  start(): Promise<void>;
  close(): Promise<void>;
};

/** Nothing is done by itself before `start`. Throws what `openStore` throws. */
export async function openCoordinator(o: {
  home: string;
  passphrase: string;
  clock?: Clock;
  report(error: unknown): void;
  /** Told one line at a time what its operator would want to know. */
  say?(line: string): void;
}): Promise<Coordinator> {
  const { clock = systemClock, report } = o;
  const store = await openStore({ home: o.home, passphrase: o.passphrase, now: clock.now });
  const events = openEvents({ store, clock });
  const conductor: Conductor = openConductor(
    { store, clock, events, report },
    performer({ store, clock, events, conductor: () => conductor }),
  );
  const anchoring = openAnchoring({ store, clock, say: o.say ?? (() => {}) });
  const letters = openLetters({ anchoring, clock, events });
  store.journal.onCheckpoint(letters.announce);
  return {
    store,
    clock,
    events,
    conductor,
    anchoring,
    letters,
    lastSeen: new Map(),
    results: openResults(store),
    report,
    async start() {
      const { version, platform, arch } = process;
      const detail = { software: SOFTWARE, node: version, platform: `${platform} ${arch}` };
      store.journal.transact('coordinator.start', (tx) => void tx.append({ kind: 'program.started', detail }));
      letters.open();
      await sweepModels(store);
      const everybody = store.journal.read.all<{ id: string }>('select id from member').map(({ id }) => id);
      await sweepUploads(store, conductor, everybody);
      conductor.recover();
      await conductor.idle();
    },
    async close() {
      events.close();
      await conductor.close();
      store.close();
    },
  };
}
