// What is said of a round's state, in the list and on its own page.
import { Decision, type DecideRoundResponse, type RoundSummary } from '../../shared/gen/assent/v1/node_pb.ts';
import { language } from '../language.svelte.ts';
import { curveName, live } from '../live.svelte.ts';
import { keyOf } from './round-state.ts';

export function wordOf({ stage, outcome }: RoundSummary): string {
  const t = language.t.rounds;
  if (outcome === 'aggregated' && stage === 'sent') return t.complete;
  if (outcome === 'aborted' && stage === 'sent') return t.aborted;
  return t.states[stage] ?? stage;
}

export function happenedTo({ stage, outcome, bytes, automatic }: RoundSummary): string {
  const t = language.t.rounds;
  const size = language.bytes(bytes);
  if (stage === 'sent') return outcome === 'aggregated' ? t.countedText(size) : t.sentText(size);
  if (outcome === 'aborted') return t.abortedText;
  if (outcome === 'aggregated') return t.notPart;
  return [t.happened[stage], automatic ? t.bySelf : ''].filter(Boolean).join(' ');
}

/** How long there is to decide, in words. */
export function timeLeft(until: string): string {
  const t = language.t.rounds;
  const minutes = Math.floor((Date.parse(until) - Date.now()) / 60_000);
  if (minutes < 0) return t.past;
  return minutes < 120 ? t.minutesLeft(minutes) : t.left(Math.floor(minutes / 60));
}

/** Of this round's training, while it goes on. */
export function progressOf(round: RoundSummary) {
  const { training, progress } = live.status ?? {};
  return round.stage === 'training' && training && curveName(training) === keyOf(round) ? progress : undefined;
}

/** What a decision did, once it is on record. */
export function recordedWords(
  decision: Decision,
  { number, needed, complete }: DecideRoundResponse,
  releasing: boolean,
): string {
  const t = language.t.round.approvals;
  if (decision === Decision.DECLINE) return releasing ? t.keptNow : t.declinedNow;
  if (!complete) return t.recorded(language.number(number), language.number(needed));
  return releasing ? t.releasedNow : t.complete;
}
