// The coordinator's own log before its members, and the logs of members before the coordinator.
import { anchorState, type AnchorState } from '../platform/anchor-state.ts';
import { openAnchors, type Anchors } from '../platform/anchors.ts';
import type { Clock } from '../platform/clock.ts';
import type { Answer } from '../platform/letters.ts';
import { behindText, findConflict } from '../platform/log-conflict.ts';
import { logOrigin } from '../platform/log-origin.ts';
import { cosignaturesOf } from '../platform/own-logs.ts';
import { COORDINATOR, openParties, witnessesOf, witnessKey, type Party } from '../platform/parties.ts';
import { openWitness, type Witness } from '../platform/witness.ts';
import type { Store } from './store/open.ts';

export type Anchoring = {
  anchors: Anchors;
  witness: Witness;
  /** Ids of the members in force. */
  members(): string[];
  /** Whom this log asks. */
  witnesses(): Party[];
  take(from: string, answer: Answer): void;
  state(): AnchorState;
  /** Waits until those of its witnesses that are there have cosigned this size, or the time is over. */
  reach(size: number, milliseconds: number, isThere: (member: string) => boolean, ask: () => void): Promise<void>;
};

export function openAnchoring({
  store,
  clock,
  say,
}: {
  store: Store;
  clock: Clock;
  say(line: string): void;
}): Anchoring {
  const { journal, log, consortium } = store;
  const { read } = journal;
  const { now } = clock;
  const waiting = new Set<() => void>();
  const origin = logOrigin(log.publicKey);
  const directory = openParties(read);
  const parties = () => directory(consortium, store.keys);
  const members = () => parties().filter(({ id }) => id !== COORDINATOR);
  const witnesses = () => witnessesOf({ id: COORDINATOR, origin }, parties());
  const anchors = openAnchors({
    journal,
    logPublicKey: () => log.publicKey,
    witnesses,
    now,
    fellBehind: () => say(behindText(findConflict(read, origin)!, journal.size())),
  });
  const witness = openWitness({
    journal,
    key: () => ({ key: witnessKey(consortium, COORDINATOR, store.witness.publicKey), sign: store.witness.sign }),
    parties: members,
    now,
    say,
  });
  /** Resolves at the next answer of anybody, or at `until`. */
  async function answer(until: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = clock.at(until, resolve);
    waiting.add(resolve);
    await promise;
    waiting.delete(resolve);
    timer.cancel();
  }

  return {
    anchors,
    witness,
    members: () => members().map(({ id }) => id),
    witnesses,
    take(from, answer) {
      anchors.take(from, answer);
      for (const resume of waiting) resume();
    },
    state: () => anchorState({ read, logPublicKey: log.publicKey, witnesses: witnesses(), now: now() }),
    async reach(size, milliseconds, isThere, ask) {
      const until = now() + milliseconds;
      const pin = anchors.pin(size);
      const left = () => {
        const signed = new Set(cosignaturesOf(read, size).map(({ witness: name }) => name));
        return witnesses().filter(({ id, witness: { name } }) => !signed.has(name) && isThere(id));
      };
      ask();
      try {
        while (left().length > 0 && now() < until) await answer(until);
      } finally {
        pin.release();
      }
    },
  };
}
