// What the node tells as it changes: one stream a window, begun again where it broke.
import type {
  NodeServiceGetStatusResponse,
  NodeServiceWatchResponse,
  TrainingProgress,
} from '../shared/gen/assent/v1/node_pb.ts';
import { language } from './language.svelte.ts';
import { follow, node } from './node.ts';
import { noticed } from './session.svelte.ts';

type Waiting = NonNullable<NodeServiceWatchResponse['waiting']>['rounds'];
type Imports = NonNullable<NodeServiceWatchResponse['imports']>['imports'];

/** How the loss of one round's training went, as far as this window saw it; `at` counts the passes over the rows. */
export type Curve = { of: string; points: readonly { at: number; loss: number }[] };

const MOST_POINTS = 2_000;

let status = $state.raw<NodeServiceGetStatusResponse>();
let waiting = $state.raw<Waiting>([]);
let imports = $state.raw<Imports>([]);
let curve = $state.raw<Curve>({ of: '', points: [] });
let silentSince = $state<number>();
let refused = $state(false);

export const live = {
  get status() {
    return status;
  },
  get waiting() {
    return waiting;
  },
  get imports() {
    return imports;
  },
  get curve() {
    return curve;
  },
  /** Every change of the store has a record: when this grows, what was read may be old. */
  get records() {
    return status?.records ?? 0;
  },
  /** When the node last answered, while it does not; undefined while it does. */
  get silentSince() {
    return silentSince;
  },
  /** The program answers, and lets this window in no more: it was started anew. */
  get refused() {
    return refused;
  },
};

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 10_000;

/** Follows until the returned function is called. */
export function followNode(): () => void {
  let from = { run: '', after: 0 };
  let pause = FIRST_PAUSE;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stop = () => {};
  const begin = () => {
    stop = follow(
      (signal) => node.watch({ ...from, locale: language.wire }, { signal }),
      (message) => {
        from = { run: message.run, after: message.sequence };
        pause = FIRST_PAUSE;
        silentSince = undefined;
        refused = false;
        if (message.status) {
          status = message.status;
          curve = longer(curve, message.status);
        }
        if (message.waiting) waiting = message.waiting.rounds;
        if (message.imports) imports = message.imports.imports;
      },
      (error) => {
        refused = noticed(error).code === 'WINDOW_REFUSED';
        silentSince ??= Date.now();
        timer = setTimeout(begin, pause);
        pause = Math.min(pause * 2, LONGEST_PAUSE);
      },
    );
  };
  begin();
  return () => {
    clearTimeout(timer);
    stop();
  };
}

function longer(before: Curve, { training, progress }: NodeServiceGetStatusResponse): Curve {
  if (!training || !progress) return before;
  const of = curveName(training);
  const points = withPoint(before.of === of ? before.points : [], progress);
  return points === before.points ? before : { of, points };
}

/** The same points where the progress says nothing new; a training that begins again begins anew. */
export function withPoint(
  points: Curve['points'],
  { epoch, batch, batches, loss }: Pick<TrainingProgress, 'epoch' | 'batch' | 'batches' | 'loss'>,
): Curve['points'] {
  if (batches === 0) return points;
  const at = epoch - 1 + batch / batches;
  const last = points.at(-1);
  if (last && last.at >= at) return last.at === at ? points : [{ at, loss }];
  return [...points.slice(1 - MOST_POINTS), { at, loss }];
}

export const curveName = ({ study, round, attempt }: { study: string; round: number; attempt: number }): string =>
  `${study}/${round}/${attempt}`;
