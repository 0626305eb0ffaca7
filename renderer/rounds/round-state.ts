// How the state of a round is shown: which sign it has, and whether it is still open.
import type { RoundSummary } from '../../shared/gen/assent/v1/node_pb.ts';
import type { StateName } from '../parts/icons.ts';
import { link } from '../router.svelte.ts';

const SIGNS: Record<string, StateName> = {
  awaiting: 'waiting',
  blocked: 'warning',
  declined: 'declined',
  lapsed: 'declined',
  approved: 'approved',
  training: 'running',
  trained: 'running',
  sealed: 'running',
  releasing: 'waiting',
  released: 'approved',
  revoked: 'declined',
  sending: 'sent',
  sent: 'sent',
  failed: 'danger',
};
const ENDED = new Set(['blocked', 'declined', 'lapsed', 'failed', 'revoked']);

export const signOf = ({ stage, outcome }: RoundSummary): StateName =>
  outcome === 'aggregated' && stage === 'sent' ? 'approved' : (SIGNS[stage] ?? 'warning');

export type Group = 'waiting' | 'running' | 'closed';
export function groupOf({ stage, outcome }: RoundSummary): Group {
  if (outcome !== '' || ENDED.has(stage)) return 'closed';
  return stage === 'awaiting' || stage === 'releasing' ? 'waiting' : 'running';
}

/** Whether the exact update waits for its release. */
export const isReleasing = ({ stage, outcome }: RoundSummary): boolean => stage === 'releasing' && outcome === '';
/** Whether there is something to decide on. */
export const isOpen = (round: RoundSummary): boolean =>
  isReleasing(round) || (round.stage === 'awaiting' && round.outcome === '');

export const keyOf = ({ name }: Pick<RoundSummary, 'name'>): string => `${name!.study}/${name!.round}/${name!.attempt}`;

export const linkTo = ({ name }: RoundSummary): string =>
  link('rounds', name!.study, String(name!.round), String(name!.attempt));
