// The check of the whole log, and what came of the last one in this window.
import type { VerifiedLog, VerifyProgress } from '../../shared/gen/assent/v1/node_pb.ts';
import { attempt } from '../asking.svelte.ts';
import { node } from '../node.ts';
import { session } from '../session.svelte.ts';

let progress = $state.raw<VerifyProgress>();
let done = $state.raw<{ log: VerifiedLog; at: number; by: string | undefined }>();
let stopping: AbortController | undefined;
const trying = attempt();

export const check = {
  get progress() {
    return progress;
  },
  /** Another person at this window has not checked anything yet. */
  get done() {
    return done?.by === session.person?.id ? done : undefined;
  },
  get busy() {
    return trying.busy;
  },
  get error() {
    return trying.error;
  },
  start: () =>
    trying.run(async () => {
      done = undefined;
      progress = undefined;
      stopping = new AbortController();
      const by = session.person?.id;
      for await (const { kind } of node.verifyLog({}, { signal: stopping.signal }))
        if (kind.case === 'progress') progress = kind.value;
        else if (kind.case === 'verified') done = { log: kind.value, at: Date.now(), by };
    }),
  cancel: () => stopping?.abort(),
};
