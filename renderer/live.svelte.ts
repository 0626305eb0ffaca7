// What the node tells as it changes: one stream a window, begun again where it broke.
import type { NodeServiceGetStatusResponse, NodeServiceWatchResponse } from '../shared/gen/assent/v1/node_pb.ts';
import { language } from './language.svelte.ts';
import { follow, node } from './node.ts';

type Waiting = NonNullable<NodeServiceWatchResponse['waiting']>['rounds'];
type Imports = NonNullable<NodeServiceWatchResponse['imports']>['imports'];

let status = $state.raw<NodeServiceGetStatusResponse>();
let waiting = $state.raw<Waiting>([]);
let imports = $state.raw<Imports>([]);
let silentSince = $state<number>();

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
  /** Every change of the store has a record: when this grows, what was read may be old. */
  get records() {
    return status?.records ?? 0;
  },
  /** When the node last answered, while it does not; undefined while it does. */
  get silentSince() {
    return silentSince;
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
        if (message.status) status = message.status;
        if (message.waiting) waiting = message.waiting.rounds;
        if (message.imports) imports = message.imports.imports;
      },
      () => {
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
