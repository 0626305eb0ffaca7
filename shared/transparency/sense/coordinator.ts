// A coordinator's log: every update that counted came from an admitted member that had approved this very round.

import type { Detail } from './forms.ts';
import { type Blamed, fail, type Knowledge, lack, type Place, roundName } from './state.ts';

export type OpenRound = Blamed & {
  study: string;
  round: number;
  attempt: number;
  index: number;
  plan: string;
  decisions: Map<string, string>;
  accepted: Map<string, number>;
};

export type CoordinatorKnowledge = {
  members: Set<string>;
  open: Map<string, OpenRound>;
};

export const startCoordinator = (): CoordinatorKnowledge => ({ members: new Set(), open: new Map() });

const placeKey = ({ study, round, attempt }: Place): string => `${study ?? ''}/${round ?? 0}/${attempt ?? 1}`;

export function opened(k: Knowledge, c: CoordinatorKnowledge, place: Place, { plan }: Detail<'round.opened'>): void {
  const { index, study, round, attempt } = place;
  if (study === null || round === null) return fail(k, index, 'names no round');
  if (c.open.has(placeKey(place))) fail(k, index, 'opens a round that is open');
  const about = { study, round, attempt: attempt ?? 1, index, plan };
  c.open.set(placeKey(place), { ...about, decisions: new Map(), accepted: new Map(), failures: [], unseen: new Set() });
}

export function decisionReceived(
  k: Knowledge,
  c: CoordinatorKnowledge,
  place: Place,
  detail: Detail<'decision.received'>,
): void {
  const { index } = place;
  const { member, decision, approval } = detail;
  if (!c.members.has(member)) lack(k, index, `is a decision of ${member}, who is no member then`);
  const round = c.open.get(placeKey(place));
  if (round === undefined) return lack(k, index, 'is a decision about a round that is not open');
  if (decision === 'approve') round.decisions.set(member, approval);
  else if (round.decisions.get(member) === approval || !round.accepted.has(member)) round.decisions.delete(member);
}

export function accepted(k: Knowledge, c: CoordinatorKnowledge, place: Place, detail: Detail<'update.accepted'>): void {
  const { index } = place;
  const { member, approval } = detail;
  if (!c.members.has(member)) lack(k, index, `takes an update of ${member}, who is no member then`);
  const round = c.open.get(placeKey(place));
  if (round === undefined) return lack(k, index, 'takes an update for a round that is not open');
  const approved = round.decisions.get(member);
  if (approved === undefined)
    lack(k, index, `takes an update of ${member}, who has not approved ${roundName(round)}`, round);
  else if (approved !== approval)
    fail(k, index, `takes an update of ${member} under another approval than was announced`, round);
  if (round.accepted.has(member)) fail(k, index, `takes a second update of ${member}`, round);
  round.accepted.set(member, index);
}

/** The round as it was, forgotten here. */
export function closed(
  k: Knowledge,
  c: CoordinatorKnowledge,
  place: Place,
  plan: string,
  members: number,
): OpenRound | undefined {
  const { index } = place;
  const round = c.open.get(placeKey(place));
  if (round === undefined) {
    lack(k, index, 'ends a round that is not open');
    return undefined;
  }
  c.open.delete(placeKey(place));
  if (round.plan !== plan) fail(k, index, `ends another plan than record ${round.index} opens`, round);
  if (round.accepted.size < members)
    lack(k, index, `averages ${members} updates; ${round.accepted.size} were accepted`, round);
  return round;
}
