// The node's part in witnessing, put together: its own log before the others, the logs of others before it, and what waits
// until its own log is known to be the one that witnesses have.
import { AssentError } from '../shared/errors.ts';
import { anchorState, type AnchorState } from '../platform/anchor-state.ts';
import { openAnchors, type Anchors } from '../platform/anchors.ts';
import { wait, type Clock } from '../platform/clock.ts';
import { behindText, findConflict } from '../platform/log-conflict.ts';
import { logOrigin } from '../platform/log-origin.ts';
import { cosignaturesOf } from '../platform/own-logs.ts';
import { COORDINATOR, openParties, witnessesOf, witnessKey, type Party } from '../platform/parties.ts';
import { openWitness } from '../platform/witness.ts';
import type { Store } from './store/open.ts';
import { coordinatorOf, needCoordinator } from './store/rounds.ts';
import type { CoordinatorClient } from './sync/client.ts';
import { openLetters, type Letters } from './sync/letters.ts';
import { tellSuccessor } from './sync/tell-successor.ts';

export type Anchoring = {
  anchors: Anchors;
  letters: Letters;
  /** Whom this log asks. */
  witnesses(): Party[];
  state(): AnchorState;
  /**
   * Nothing may leave: a witness holds a later state of this log, or it is not known yet that none does. Before the
   * institution is admitted nobody witnesses.
   */
  held(): boolean;
  /** Whether letters can be exchanged now; tells the coordinator of a successor log before. */
  ready(signal: AbortSignal): Promise<boolean>;
  /** Waits until all witnesses that the coordinator hears of have cosigned this size, or the time is over. */
  reach(size: number, milliseconds: number): Promise<void>;
};

export type AnchoringDeps = {
  store: Store;
  clock: Clock;
  client(): CoordinatorClient;
  say(line: string): void;
  /** Whatever is being worked on stops. */
  fellBehind(): void;
};

const LOOK_MS = 250;

export function openAnchoring({ store, clock, client, say, fellBehind }: AnchoringDeps): Anchoring {
  const { journal, keys } = store;
  const { read } = journal;
  const { now } = clock;
  const me = () => needCoordinator(read);
  const admitted = () => coordinatorOf(read)?.admitted === true;
  const directory = openParties(read);
  const parties = () => (admitted() ? directory(me().consortium, me().keys) : []);
  const witnesses = () =>
    parties().length === 0 ? [] : witnessesOf({ id: me().member, origin: logOrigin(keys.log.publicKey) }, parties());
  const conflict = () => findConflict(read, logOrigin(keys.log.publicKey));
  const anchors = openAnchors({
    journal,
    logPublicKey: () => keys.log.publicKey,
    witnesses,
    now,
    fellBehind() {
      say(behindText(conflict()!, journal.size()));
      fellBehind();
    },
  });
  const witness = openWitness({
    journal,
    key: () => ({
      key: witnessKey(me().consortium, me().member, keys.witness.publicKey),
      sign: keys.witness.sign,
    }),
    parties: () => parties().filter(({ id }) => id !== me().member),
    now,
    say,
  });
  const letters = openLetters({ anchors, witness, client });

  return {
    anchors,
    letters,
    witnesses,
    state: () => anchorState({ read, logPublicKey: keys.log.publicKey, witnesses: witnesses(), now: now() }),
    held: () => conflict() !== undefined || (admitted() && !anchors.compared(COORDINATOR)),
    async ready(signal) {
      if (!admitted()) return false;
      await tellSuccessor(store, client, signal);
      return true;
    },
    async reach(size, milliseconds) {
      const until = now() + milliseconds;
      const pin = anchors.pin(size);
      const signal = AbortSignal.timeout(milliseconds + LOOK_MS);
      try {
        for (;;) {
          const signed = new Set(cosignaturesOf(read, size).map(({ witness: name }) => name));
          const left = witnesses().filter(
            ({ id, witness: { name } }) => !signed.has(name) && !letters.absent().has(id),
          );
          if (left.length === 0 || now() >= until) return;
          await letters.exchange(signal);
          await wait(clock, LOOK_MS, signal);
        }
      } catch (error) {
        if (!(error instanceof AssentError)) throw error;
        // The coordinator is away: nobody can be reached.
      } finally {
        pin.release();
      }
    },
  };
}
