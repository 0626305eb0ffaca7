// The rounds that are over, as far as somebody has scrolled. What the node says anew of the latest goes in front of the rest.
import { untrack } from 'svelte';
import type { ListRoundsResponse, RoundSummary } from '../../shared/gen/assent/v1/node_pb.ts';
import { attempt, type Attempt } from '../asking.svelte.ts';
import { node } from '../node.ts';
import { keyOf } from './round-state.ts';

const PAGE = 100;

/** The first of the pages. */
export const latestClosed = (study: string): Promise<ListRoundsResponse> =>
  node.listRounds({ study, open: false, limit: PAGE });

type Latest = { study: string; page: ListRoundsResponse };
export type ClosedRounds = {
  readonly rounds: readonly RoundSummary[];
  readonly reading: Attempt;
  /** Undefined where all were read. */
  readonly more: (() => void) | undefined;
};

/** `latest` is what `latestClosed` said last, of which study: for use while a component is set up. */
export function closedRounds(latest: () => Latest | undefined): ClosedRounds {
  let rounds = $state.raw<readonly RoundSummary[]>([]);
  let next = $state.raw<bigint>();
  let of = '';
  const reading = attempt();

  $effect.pre(() => {
    const now = latest();
    if (now) untrack(() => take(now));
  });
  function take({ study, page }: Latest): void {
    const fresh = new Set(page.rounds.map(keyOf));
    const kept = rounds.filter((round) => !fresh.has(keyOf(round)));
    // Where nothing of it was known before, what lies between was never read.
    if (of !== study || kept.length === rounds.length) [rounds, next] = [page.rounds, page.next];
    else rounds = [...page.rounds, ...kept];
    of = study;
  }

  return {
    get rounds() {
      return rounds;
    },
    reading,
    get more() {
      const before = next;
      if (before === undefined) return undefined;
      return () =>
        void reading.run(async () => {
          const study = of;
          const page = await node.listRounds({ study, open: false, limit: PAGE, before });
          if (study === of && before === next) [rounds, next] = [[...rounds, ...page.rounds], page.next];
        });
    },
  };
}
