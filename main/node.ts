// The composition root: everything an institution's node consists of, in the order in which it depends on each other.
import type { Progress } from '../shared/algorithms/algorithm.ts';
import { AssentError } from '../shared/errors.ts';
import { systemClock, type Clock } from '../platform/clock.ts';
import { behindText } from '../platform/log-conflict.ts';
import { freeBytes } from '../platform/free-bytes.ts';
import { SOFTWARE } from '../platform/software.ts';
import { createWake } from '../platform/wake.ts';
import { sumDays } from './audit/ledger-days.ts';
import { dayOf, openLedger, type About } from './audit/ledger.ts';
import { applyRetention } from './audit/retention.ts';
import { announced, createChanges, type Changes } from './changes.ts';
import { mayNotLeave } from './consent/release.ts';
import { openAnchoring, type Anchoring } from './anchoring.ts';
import { discardUnfinished } from './data/import.ts';
import { loadRows } from './data/rows.ts';
import { openJoined } from './data/saved-mappings.ts';
import type { DataDeps } from './data/sealing.ts';
import { openImports, type RunningImports } from './imports.ts';
import { keepFinalModel } from './local-model.ts';
import { openSessions, type Sessions } from './people/sessions.ts';
import type { PracticeDeps } from './practice.ts';
import { goesOn, runRound, type RoundDeps } from './round.ts';
import type { RoundKey } from './stages.ts';
import { networkOf } from './store/network.ts';
import { openStore, type Store } from './store/open.ts';
import { keyOf, type OutboxRow } from './store/outbox.ts';
import { sweepBlobs } from './store/sweep.ts';
import { coordinatorOf, needCoordinator, openRounds, planDeadline, roundOf } from './store/rounds.ts';
import { coordinatorClient } from './sync/client.ts';
import { deliverAll, type DeliverDeps } from './sync/deliver.ts';
import { fetchBlob } from './sync/fetch-blob.ts';
import { correspond } from './sync/letters.ts';
import { openNetwork } from './sync/network.ts';
import { noted, openOutbound } from './sync/outbound.ts';
import { watchReceipts } from './sync/receipts.ts';
import { sweepPublished } from './sync/recompute.ts';
import { watch } from './sync/watch.ts';
import { createTrainer, type TrainingSettings } from './training/trainer.ts';
import { createTurns } from './turns.ts';
import { openUploads, type Uploads } from './uploads.ts';
import { openDownloads, type Downloads } from './downloads.ts';

export type NodeOptions = {
  home: string;
  passphrase: string;
  clock?: Clock;
  training?: TrainingSettings;
  /** In the place of native TensorFlow. */
  openProblem?: RoundDeps['openProblem'];
  /** Told one line at a time what a person watching the node would want to know. */
  say?: (line: string) => void;
};

export type Contact = { reachable: boolean; message: string };
export type AssentNode = {
  store: Store;
  clock: Clock;
  data: DataDeps;
  rounds: RoundDeps;
  practice: PracticeDeps;
  sessions: Sessions;
  anchoring: Anchoring;
  changes: Changes;
  imports: RunningImports;
  uploads: Uploads;
  downloads: Downloads;
  /** How the connection stands, and what is being trained. */
  now(): { contact: Contact; training: { key: RoundKey; progress: Progress } | null };
  /** Something changed that the loops of `run` should look at. */
  wake(): void;
  /** Watches, trains, sends and witnesses until the signal ends it. Rejects when the program itself fails. */
  run(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
};

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 10_000;
const DAILY_MS = 15 * 60_000;
const DEFAULTS: TrainingSettings = { device: 'auto', threads: 'auto', memoryLimitMb: 'none' };

/** Opens the store and puts the node together; nothing runs before `run`. Throws what `openStore` throws. */
export async function openNode(options: NodeOptions): Promise<AssentNode> {
  const { clock = systemClock, say = () => {} } = options;
  const opened = await openStore(options.home, options.passphrase, clock.now);
  const changes = createChanges();
  const store: Store = { ...opened, journal: announced(opened.journal, changes) };
  const { journal } = store;
  const uploads = openUploads(options.home);
  const downloads = openDownloads(options.home);
  const data: DataDeps = {
    journal,
    now: clock.now,
    keys: {
      seal: (name, key) => store.keyring.seal('data', name, key),
      open: (name, sealed) => store.keyring.open('data', name, sealed),
    },
  };
  discardUnfinished(data);
  await sweepBlobs(store, 'everything');
  await sweepPublished(store);
  const trainer = createTrainer(options.training ?? DEFAULTS);
  const ledger = openLedger({ journal, now: clock.now });
  const tunnels = noted(ledger, { purpose: 'tunnel' }, 0);
  const network = openNetwork(() => networkOf(store), process.env, tunnels);
  const outbound = openOutbound(() => coordinatorOf(journal.read), store.keys.member, clock.now, network, ledger);
  const client = (about?: About) => coordinatorClient(needCoordinator(journal.read).url, outbound, about);

  const wakes = [
    createWake(clock),
    createWake(clock),
    createWake(clock),
    createWake(clock),
    createWake(systemClock),
    createWake(clock),
  ] as const;
  const [watching, delivering, working, writing, daily, receiving] = wakes;
  const wake = () => {
    stopWhatEnded();
    wakes.forEach((one) => one.wake());
  };
  let contact: Contact = { reachable: false, message: 'not asked yet' };
  let training: { key: RoundKey; progress: Progress } | null = null;
  let current: { key: RoundKey; stop: AbortController } | null = null;
  let onItsWay: { row: OutboxRow; stop: AbortController } | null = null;
  const notify = ({ reachable, message = '' }: { reachable: boolean; message?: string }) => {
    const back = reachable && !contact.reachable;
    if (message !== '' && message !== contact.message) say(message);
    else if (back) say('The coordinator answers.');
    contact = { reachable, message };
    changes.touch();
    if (back) wake();
  };

  const turns = createTurns();
  const openProblem: RoundDeps['openProblem'] =
    options.openProblem ?? ((study, rows, progress) => trainer.open(study, rows, { progress }));
  const rounds: RoundDeps = {
    store,
    now: clock.now,
    rows: (study, joined) => loadRows(data, joined.dataset, study, openJoined(data, study.id, joined.mapping)),
    openProblem: turns.noted(openProblem),
    async model(hash, bytes, signal, about) {
      await fetchBlob({ client: () => client(about), blobs: store.blobs, clock }, hash, bytes, signal);
      return store.blobs.read(hash);
    },
    progress(key, progress) {
      training = { key, progress };
      changes.touch();
    },
    say,
  };

  const fellBehind = () => {
    current?.stop.abort();
    wake();
  };
  const anchoring = openAnchoring({ store, clock, client, say, fellBehind });
  journal.onCheckpoint(() => writing.wake());

  /** Work on a round that was ended, here or over there, or for which an approval is gone, is given up at once. */
  function stopWhatEnded(): void {
    const consent = { store, now: clock.now };
    if (current && !goesOn(consent, current.key)) current.stop.abort();
    if (onItsWay?.row.purpose === 'update' && mayNotLeave(consent, keyOf(onItsWay.row))) onItsWay.stop.abort();
  }

  const delivery: DeliverDeps = {
    store,
    clock,
    client,
    notify,
    mayNotLeave: (row) => mayNotLeave({ store, now: clock.now }, keyOf(row)),
    sending(what) {
      onItsWay = what;
    },
    held: () => anchoring.held(),
  };

  async function watchLoop(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const enrolled = journal.read.get("select 1 from outbox where purpose = 'enrolment' and state = 'delivered'");
      if (enrolled && coordinatorOf(journal.read))
        await watch({ store, clock, client, notify, changed: wake, letters: writing.wake }, signal);
      else await watching.sleep(signal);
    }
  }

  async function deliverLoop(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (coordinatorOf(journal.read) && !anchoring.held()) await deliverAll(delivery, signal);
      watching.wake();
      await delivering.sleep(signal);
    }
  }

  async function workLoop(signal: AbortSignal): Promise<void> {
    let pause = FIRST_PAUSE;
    while (!signal.aborted) {
      let again = false;
      for (const row of openRounds(journal.read)) {
        if (signal.aborted) return;
        if (anchoring.held()) break;
        const before = row.stage;
        const stop = new AbortController();
        current = { key: row, stop };
        const done = await runRound(rounds, row, AbortSignal.any([signal, stop.signal]));
        again ||= !done;
        current = null;
        training = null;
        changes.touch();
        const { stage } = roundOf(journal.read, row);
        if (stage !== before) say(`${row.study}, round ${row.round}: ${stage}`);
        delivering.wake();
      }
      const kept = await keepFinalModels(signal);
      await sweepBlobs(store, 'closed');
      again ||= !kept;
      pause = again ? Math.min(pause * 2, LONGEST_PAUSE) : FIRST_PAUSE;
      const retry = again ? clock.now() + pause : Infinity;
      const next = Math.min(planDeadline(journal.read) ?? Infinity, retry);
      await working.sleep(signal, next === Infinity ? undefined : next);
    }
  }

  /** What a new day brings. The machine's own time wakes it too, and more often: one that slept must not miss a day. */
  async function dailyLoop(signal: AbortSignal): Promise<void> {
    let today: number | undefined;
    while (!signal.aborted) {
      await sumDays({ journal, now: clock.now });
      const day = dayOf(clock.now());
      // A log that is behind its anchor takes in no such thing; it is done on the day that a successor goes on.
      if (day !== today && !anchoring.state().conflict) {
        await applyRetention({ journal, blobs: store.blobs, now: clock.now });
        today = day;
      }
      await daily.sleep(signal, systemClock.now() + DAILY_MS);
    }
  }

  async function writeLoop(signal: AbortSignal): Promise<void> {
    const { letters, anchors, ready } = anchoring;
    let held = true;
    const said = () => {
      if (held && !anchoring.held()) wake();
      held = anchoring.held();
    };
    await correspond({ letters, anchors, clock, wake: writing, ready, said }, signal);
  }

  /** False: one is still to be fetched. */
  async function keepFinalModels(signal: AbortSignal): Promise<boolean> {
    const ended = journal.read.all<{ id: string }>(
      `select id from study where stage = 'joined' and phase in ('finished', 'stopped') and model is not null and kept = 0`,
    );
    let all = true;
    for (const { id } of ended) {
      try {
        await keepFinalModel(rounds, id, signal);
        say(`${id}: the study is over; its last model is kept and evaluated here.`);
      } catch (error) {
        if (!(error instanceof AssentError)) throw error;
        if (!signal.aborted) say(`${id}: the last model could not be kept: ${error.message}`);
        all = false;
      }
    }
    return all;
  }

  return {
    store,
    clock,
    data,
    rounds,
    practice: { store, now: clock.now, rows: rounds.rows, openProblem, turns },
    sessions: openSessions({ store, now: clock.now }),
    anchoring,
    changes,
    imports: openImports(changes),
    uploads,
    downloads,
    now: () => ({ contact, training }),
    wake,
    async run(signal) {
      journal.transact('node.start', (tx) =>
        tx.append({
          kind: 'program.started',
          detail: { software: SOFTWARE, node: process.version, platform: `${process.platform} ${process.arch}` },
        }),
      );
      const { conflict } = anchoring.state();
      if (conflict) say(behindText(conflict, journal.size()));
      // When one loop fails the others must end too, or the node would live on half dead.
      const stop = new AbortController();
      const both = AbortSignal.any([signal, stop.signal]);
      const receipts = { store, clock, client, say, free: () => freeBytes(store.home) };
      const loops = [
        watchLoop(both),
        deliverLoop(both),
        workLoop(both),
        writeLoop(both),
        dailyLoop(both),
        watchReceipts(receipts, receiving, both),
      ];
      try {
        await Promise.all(loops);
      } finally {
        stop.abort();
        await Promise.allSettled(loops);
      }
    },
    async close() {
      await trainer.close();
      await network.close();
      uploads.close();
      downloads.close();
      store.close();
    },
  };
}
