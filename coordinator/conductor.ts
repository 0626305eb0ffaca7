// Keeps the round machine of every study and its store in step: an event, its record and what it makes are one transaction,
// and whatever is then to be done is done one thing at a time.
import { AssentError } from '../shared/errors.ts';
import { studyRecord, studyStateRecord } from '../shared/records/round.ts';
import type { Study } from '../shared/study/study.ts';
import type { Clock } from '../platform/clock.ts';
import type { Tx } from '../platform/journal.ts';
import type { CoordinatorStep } from '../platform/steps.ts';
import { admittedMembers, type Events } from './events.ts';
import { advance } from './machine.ts';
import type { Store } from './store/open.ts';
import { effectsOf, rulesOf, type Effect, type Rules, type StudyEvent, type StudyState } from './study-state.ts';

export type Running = { id: string; study: Study; hash: string; rules: Rules; state: StudyState };
export type Happening = { id: string; event: StudyEvent };
/** Does one thing that a study's state asks for; `wait` is the conductor's own. */
export type Perform = (running: Running, effect: Exclude<Effect, { kind: 'wait' }>) => Promise<void> | void;

export type Conductor = {
  /** Throws STUDY_UNKNOWN. */
  get(id: string): Running;
  all(): Running[];
  /** Takes in a study that a transaction has just stored. */
  add(id: string): void;
  /**
   * Applies events in one transaction, with what `write` adds to it. Events that change nothing write nothing.
   * A refusal of the machine is thrown under its code.
   */
  apply(step: CoordinatorStep, happenings: readonly Happening[], write: (tx: Tx) => void): void;
  /** For transactions of others: what the events make, to be written inside, and to be kept once committed. */
  prepare(happenings: readonly Happening[]): { write(tx: Tx): void; keep(): void; changes: boolean };
  /** Says to one member how each study stands that is beyond gathering; in a transaction of others. */
  tell(tx: Tx, member: string): void;
  /** What needs no record of its own: the clock, and a failure that the next record will name. */
  note(id: string, event: StudyEvent): void;
  /** Starts what is due in every study, as after a restart. */
  recover(): void;
  /** Resolves when nothing is being done. */
  idle(): Promise<void>;
  close(): Promise<void>;
};

type StudyRow = { id: string; hash: string; bytes: Buffer; state: string };
export type ConductorDeps = { store: Store; clock: Clock; events: Events; report(error: unknown): void };
const RETRY_MS = 30_000;

export function openConductor({ store, clock, events, report }: ConductorDeps, perform: Perform): Conductor {
  const { journal } = store;
  const studies = new Map<string, Running>();
  const busy = new Map<string, Promise<void>>();
  const again = new Set<string>();
  const timers = new Map<string, { cancel(): void }>();
  let closed = false;

  const load = (row: StudyRow): void => {
    const study = studyRecord.decode(row.bytes);
    studies.set(row.id, {
      id: row.id,
      study,
      hash: row.hash,
      rules: rulesOf(study),
      state: JSON.parse(row.state) as StudyState,
    });
  };
  for (const row of journal.read.all<StudyRow>('select * from study order by id')) load(row);

  const get = (id: string): Running => {
    const found = studies.get(id);
    if (!found)
      throw new AssentError('STUDY_UNKNOWN', `There is no study ${id} here. Look at the status to see their names.`, {
        study: id,
      });
    return found;
  };

  function prepare(happenings: readonly Happening[]) {
    const changes = happenings.flatMap(({ id, event }) => {
      const running = get(id);
      const { state, refusal } = advance(running.rules, running.state, event);
      if (refusal) throw new AssentError(refusal.code, refusal.message, { study: id });
      return state === running.state ? [] : [{ running, state }];
    });
    return {
      changes: changes.length > 0,
      write(tx: Tx) {
        for (const { running, state } of changes) {
          tx.run('update study set state = ? where id = ?', JSON.stringify(state), running.id);
          announce(tx, running, state);
        }
      },
      keep() {
        for (const { running, state } of changes) running.state = state;
        events.wake();
        for (const { running } of changes) drive(running.id);
      },
    };
  }

  /** A new phase is told to all members, since anybody may still join, and a pause that nobody asked for is put on record. */
  function announce(tx: Tx, { id, state: before }: Running, after: StudyState): void {
    const { phase, reason } = after;
    if (phase === before.phase) return;
    say(tx, id, after, admittedMembers(tx));
    if (phase === 'paused') tx.append({ kind: 'study.paused', study: id, detail: { reason } });
  }

  function say(tx: Tx, study: string, { phase, reason, model }: StudyState, members: readonly string[]): void {
    const value = { v: 1 as const, study, state: phase, reason, model, at: new Date(clock.now()).toISOString() };
    events.publish(tx, 'studyState', studyStateRecord, value, members);
  }

  function drive(id: string): void {
    if (closed) return;
    if (busy.has(id)) return void again.add(id);
    timers.get(id)?.cancel();
    timers.delete(id);
    // Not at once: whoever caused this gets its answer first.
    const work = Promise.resolve()
      .then(() => act(id))
      .finally(() => {
        busy.delete(id);
        if (again.delete(id)) drive(id);
      });
    busy.set(id, work);
  }

  async function act(id: string): Promise<void> {
    const running = get(id);
    try {
      for (;;) {
        const [effect] = effectsOf(running.state);
        if (!effect || closed) return;
        if (effect.kind === 'wait') {
          if (clock.now() < effect.until) return alarm(id, effect.until);
          note(id, { kind: 'tick', at: clock.now() });
        } else {
          await perform(running, effect);
        }
      }
    } catch (error) {
      report(error);
      alarm(id, clock.now() + RETRY_MS);
    }
  }

  function alarm(id: string, at: number): void {
    timers.get(id)?.cancel();
    timers.set(
      id,
      clock.at(at, () => drive(id)),
    );
  }

  function note(id: string, event: StudyEvent): void {
    const running = get(id);
    running.state = advance(running.rules, running.state, event).state;
  }

  return {
    get,
    all: () => [...studies.values()].sort((a, b) => (a.id < b.id ? -1 : 1)),
    add: (id) => load(journal.read.get<StudyRow>('select * from study where id = ?', id)!),
    prepare,
    apply(step, happenings, write) {
      const prepared = prepare(happenings);
      if (!prepared.changes) return;
      journal.transact(step, (tx) => {
        write(tx);
        prepared.write(tx);
      });
      prepared.keep();
    },
    tell(tx, member) {
      for (const { id, state } of studies.values()) if (state.phase !== 'gathering') say(tx, id, state, [member]);
    },
    note,
    recover() {
      for (const id of studies.keys()) drive(id);
    },
    async idle() {
      while (busy.size > 0) await Promise.all(busy.values());
    },
    async close() {
      closed = true;
      for (const timer of timers.values()) timer.cancel();
      await Promise.all(busy.values());
    },
  };
}
