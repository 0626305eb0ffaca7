// This node as a log and as a witness: it hands its letters to the coordinator and takes out those for it. Whatever the
// coordinator does with them, it can only keep them back: each is checked by the keys of the directory.
import { AssentError } from '../../shared/errors.ts';
import type { Anchors } from '../../platform/anchors.ts';
import { wait, type Clock } from '../../platform/clock.ts';
import { letterFromWire, letterToWire } from '../../platform/letter-wire.ts';
import type { Letter } from '../../platform/letters.ts';
import type { Wake } from '../../platform/wake.ts';
import type { Witness } from '../../platform/witness.ts';
import { calling, type CoordinatorClient } from './client.ts';

export type LetterDeps = {
  anchors: Anchors;
  witness: Witness;
  client(): CoordinatorClient;
};

export type Letters = {
  /** Writes and answers until there is nothing more to say now. Throws what calls throw. */
  exchange(signal: AbortSignal): Promise<void>;
  /** Witnesses that the coordinator has not heard of lately, as it said when they were last written to. */
  absent(): ReadonlySet<string>;
};

/** Calls in a row; what is left then waits for the next time. */
const MOST_CALLS = 8;

export function openLetters({ anchors, witness, client }: LetterDeps): Letters {
  let absent = new Set<string>();
  let last: Promise<void> = Promise.resolve();

  async function exchange(signal: AbortSignal): Promise<void> {
    let answers: Letter[] = [];
    for (let calls = 0; calls < MOST_CALLS; calls++) {
      const requests = anchors.requests();
      if (calls > 0 && requests.length + answers.length === 0) return;
      const asking = requests.map(({ to, body }): Letter => ({ kind: 'request', party: to, body }));
      const letters = [...answers, ...asking];
      const reply = await calling(
        client().calls.exchangeLetters({ letters: letters.map(letterToWire) }, { signal, timeoutMs: 20_000 }),
      ).catch((error: unknown) => {
        anchors.unsent(requests);
        throw error;
      });
      const written = new Set(letters.map(({ party }) => party));
      absent = new Set([...[...absent].filter((party) => !written.has(party)), ...reply.absent]);
      answers = answerAll(reply.letters.map(letterFromWire));
    }
  }

  /** Takes in answers, and answers requests. */
  function answerAll(letters: readonly Letter[]): Letter[] {
    const asked: { from: string; body: Uint8Array }[] = [];
    for (const letter of letters)
      if (letter.kind === 'answer') anchors.take(letter.party, letter.answer);
      else asked.push({ from: letter.party, body: letter.body });
    return witness.judge(asked).map((answer, at): Letter => ({ kind: 'answer', party: asked[at]!.from, answer }));
  }

  return {
    exchange(signal) {
      // One at a time: an answer is to be taken in before the next question is asked.
      const done = last.then(() => exchange(signal));
      last = done.catch(() => {});
      return done;
    },
    absent: () => absent,
  };
}

/** Between two exchanges: however much is written, it is carried a few times a second. */
const PAUSE_MS = 250;
const AGAIN_MS = 10_000;

export type CorrespondDeps = {
  letters: Letters;
  anchors: Anchors;
  clock: Clock;
  wake: Wake;
  /** Whether the coordinator would listen, and after what it has to be told first. */
  ready(signal: AbortSignal): Promise<boolean>;
  /** Told after each exchange. */
  said(): void;
};

/** Exchanges letters whenever there is something to say or to hear, until the signal ends it. */
export async function correspond(deps: CorrespondDeps, signal: AbortSignal): Promise<void> {
  const { letters, anchors, clock, wake } = deps;
  while (!signal.aborted) {
    let next: number | undefined;
    try {
      if (await deps.ready(signal)) {
        await letters.exchange(signal);
        deps.said();
        next = anchors.nextRequest();
        if (!(await wait(clock, PAUSE_MS, signal))) return;
      }
    } catch (error) {
      if (!(error instanceof AssentError)) throw error;
      if (signal.aborted) return;
      next = clock.now() + AGAIN_MS; // or as soon as the watching says that the coordinator is back
    }
    await wake.sleep(signal, next);
  }
}
