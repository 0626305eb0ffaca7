// The round machine: what an event makes of a study's state, and what is then to be done. Pure, so that every order of
// events can be tried. A refusal is an ordinary answer and leaves the state as it was.
//
//   gathering -> running (a round after another) -> finished        collecting -> aggregating -> next round
//                 |  ^-- resume                                                |-> aborting -> paused
//                 v  |
//                paused -> stopped
import { converge, hasConverged } from './stop-rule.ts';
import { effectsOf, isOver } from './study-state.ts';
import type { Effect, OpenRound, Refusal, Rules, Seat, StudyEvent, StudyState } from './study-state.ts';

export type Step = { state: StudyState; effects: Effect[]; refusal: Refusal | null };
type Of<K extends StudyEvent['kind']> = Extract<StudyEvent, { kind: K }>;

export function advance(rules: Rules, state: StudyState, event: StudyEvent): Step {
  const result = apply(rules, state, event);
  if ('code' in result) return { state, effects: effectsOf(state), refusal: result };
  return { state: result, effects: effectsOf(result), refusal: null };
}

function apply(rules: Rules, state: StudyState, event: StudyEvent): StudyState | Refusal {
  switch (event.kind) {
    case 'joined':
      return joined(rules, state, event);
    case 'removed':
    case 'left':
      return gone(rules, state, event);
    case 'opened':
      return opened(rules, state, event);
    case 'decided':
      return decided(rules, state, event);
    case 'submitted':
      return submitted(rules, state, event);
    case 'tick':
      return state.open ? settle(rules, state, state.open, event.at) : state;
    case 'aggregated':
      return aggregated(rules, state, event);
    case 'failed':
      return state.open?.stage === 'aggregating' ? withRound(state, abort(state.open, event.reason)) : state;
    case 'aborted':
      return aborted(state);
    case 'finished':
      if (state.next !== 'finish') return { code: 'STUDY_STATE', message: 'The study is not at its end.' };
      return { ...state, phase: 'finished', next: null };
    case 'paused':
      if (state.phase !== 'running') return phaseRefusal(state, 'Only a running study can be paused');
      // A round that is complete already is still aggregated.
      return { ...halt(state, 'the study was paused', 'collecting'), phase: 'paused', reason: event.reason };
    case 'resumed':
      return resumed(rules, state);
    case 'stopped':
      if (isOver(state.phase)) return phaseRefusal(state, 'It cannot be stopped');
      return {
        ...halt(state, 'the study was stopped', 'collecting', 'aggregating'),
        phase: 'stopped',
        reason: event.reason,
      };
  }
}

const phaseRefusal = ({ phase }: StudyState, what: string): Refusal => ({
  code: 'STUDY_STATE',
  message: `${what}; this one is ${phase}.`,
});
const withRound = (state: StudyState, open: OpenRound): StudyState => ({ ...state, open });
const abort = (open: OpenRound, reason: string): OpenRound => ({ ...open, stage: 'aborting', reason });

/** The open round is given up when it is at one of these stages. */
const halt = (state: StudyState, reason: string, ...stages: OpenRound['stage'][]): StudyState => ({
  ...state,
  next: null,
  open: state.open && stages.includes(state.open.stage) ? abort(state.open, reason) : state.open,
});

function joined(rules: Rules, state: StudyState, { member }: Of<'joined'>): StudyState | Refusal {
  if (isOver(state.phase)) return phaseRefusal(state, 'Nobody can join any more');
  if (state.joined.includes(member)) return state;
  const after = { ...state, joined: [...state.joined, member].sort() };
  // Whoever comes later takes part from the next round on.
  if (state.phase !== 'gathering' || after.joined.length < rules.least) return after;
  return { ...after, phase: 'running', next: 'open' };
}

function gone(rules: Rules, state: StudyState, { kind: status, member, at }: Of<'removed' | 'left'>): StudyState {
  const joined = state.joined.filter((other) => other !== member);
  const after = joined.length === state.joined.length ? state : { ...state, joined };
  if (after.next === 'open') return proceed(rules, after);
  const seat = after.open?.seats[member];
  if (after.open?.stage !== 'collecting' || !seat) return after;
  return settle(rules, after, seated(after.open, member, { ...seat, status, since: at, update: null }), at);
}

function opened(rules: Rules, state: StudyState, { plan, at }: Of<'opened'>): StudyState | Refusal {
  if (state.next !== 'open') return { code: 'ROUND_STATE', message: 'No round is due to be opened.' };
  const seat = (): Seat => ({ status: 'asked', since: at, approval: null, update: null });
  const open: OpenRound = {
    round: state.done + 1,
    attempt: state.attempts + 1,
    plan,
    openedAt: at,
    approveBy: at + rules.approveMs,
    sendBy: at + rules.sendMs,
    stage: 'collecting',
    reason: '',
    seats: Object.fromEntries(state.joined.map((member) => [member, seat()])),
  };
  return { ...state, open, attempts: open.attempt, next: null };
}

const seated = (open: OpenRound, member: string, seat: Seat): OpenRound => ({
  ...open,
  seats: { ...open.seats, [member]: seat },
});

function decided(rules: Rules, state: StudyState, event: Of<'decided'>): StudyState | Refusal {
  const { member, decision, approval, at } = event;
  const found = seatOf(state, event);
  if ('code' in found) return found;
  const { open, seat } = found;
  const status = decision === 'approve' ? 'approved' : 'declined';
  if (seat.approval === approval && (seat.status === status || (decision === 'approve' && seat.update))) return state;
  if (open.stage !== 'collecting') return { code: 'ROUND_CLOSED', message: `Round ${open.round} is closed already.` };
  // One approval a round: each other one would be one more record.
  if (
    seat.status === 'declined' ||
    seat.status === 'submitted' ||
    (seat.status === 'approved' && decision === 'approve')
  )
    return { code: 'ROUND_STATE', message: `${member} has ${seat.status} in round ${open.round} already.` };
  // Taking an approval back stays possible until the update is here.
  if (decision === 'approve' && (at >= open.approveBy || seat.status === 'absent'))
    return {
      code: 'ROUND_CLOSED',
      message: `Round ${open.round} could be approved until ${timeText(open.approveBy)}.`,
    };
  return settle(rules, state, seated(open, member, { ...seat, status, approval, since: at }), at);
}

function submitted(rules: Rules, state: StudyState, event: Of<'submitted'>): StudyState | Refusal {
  const { member, approval, update, at } = event;
  const found = seatOf(state, event);
  if ('code' in found) return found.code === 'ROUND_CLOSED' ? { ...found, code: 'UPDATE_LATE' } : found;
  const { open, seat } = found;
  if (seat.update?.statement === update.statement) return state;
  if (seat.update)
    return { code: 'UPDATE_DUPLICATE', message: `Another update of ${member} counts for round ${open.round}.` };
  if (open.stage !== 'collecting' || at >= open.sendBy)
    return {
      code: 'UPDATE_LATE',
      message: `Round ${open.round} took updates until ${timeText(open.sendBy)} and is closed.`,
    };
  if (seat.status !== 'approved')
    return {
      code: 'APPROVAL_MISSING',
      message: `${member} has not approved round ${open.round}; an update needs an approval.`,
    };
  if (seat.approval !== approval)
    return {
      code: 'APPROVAL_MISMATCH',
      message: `The update names another approval than the one ${member} announced.`,
    };
  return settle(rules, state, seated(open, member, { ...seat, status: 'submitted', since: at, update }), at);
}

type Ref = { member: string; round: number; attempt: number; plan: string };
function seatOf(state: StudyState, { member, round, attempt, plan }: Ref): { open: OpenRound; seat: Seat } | Refusal {
  const { open, done, attempts } = state;
  const called = `Round ${round}, attempt ${attempt}`;
  if (open?.round !== round || open.attempt !== attempt) {
    const past = round <= done || (round === done + 1 && attempt <= attempts);
    if (past) return { code: 'ROUND_CLOSED', message: `${called}, is closed.` };
    return { code: 'UPDATE_ROUND', message: `${called}, is not open.` };
  }
  if (plan !== open.plan) return { code: 'UPDATE_ROUND', message: `${called}, has another plan.` };
  const seat = open.seats[member];
  if (!seat) return { code: 'UPDATE_ROUND', message: `${member} is not in the cohort of round ${round}.` };
  if (seat.status === 'removed') return { code: 'MEMBER_REMOVED', message: `${member} was removed.` };
  if (seat.status === 'left') return { code: 'STUDY_LEFT', message: `${member} left the study.` };
  return { open, seat };
}

/** Closes the round as soon as nobody is waited for, or the quorum is out of reach, or time is up. */
function settle(rules: Rules, state: StudyState, round: OpenRound, at: number): StudyState {
  if (round.stage !== 'collecting') return withRound(state, round);
  const open = at >= round.approveBy ? withoutUndecided(round) : round;
  const count = (...statuses: Seat['status'][]) =>
    Object.values(open.seats).filter((seat) => statuses.includes(seat.status)).length;
  const here = count('submitted');
  const waiting = at >= open.sendBy ? 0 : count('asked', 'approved');
  if (here + waiting < rules.quorum) {
    const reason = `${here} updates came and ${waiting} could still come; ${rules.quorum} are needed`;
    return withRound(state, abort(open, reason));
  }
  return withRound(state, waiting === 0 ? { ...open, stage: 'aggregating' } : open);
}

function withoutUndecided(open: OpenRound): OpenRound {
  const seats = Object.entries(open.seats).map(([member, seat]): [string, Seat] =>
    seat.status === 'asked' ? [member, { ...seat, status: 'absent', since: open.approveBy }] : [member, seat],
  );
  return { ...open, seats: Object.fromEntries(seats) };
}

function aggregated(rules: Rules, state: StudyState, { model, metrics }: Of<'aggregated'>): StudyState | Refusal {
  if (state.open?.stage !== 'aggregating') return { code: 'ROUND_STATE', message: 'No round is being aggregated.' };
  const series = converge(rules.stop, state, metrics);
  const after: StudyState = { ...state, ...series, done: state.done + 1, attempts: 0, open: null, model };
  return after.phase === 'running' ? proceed(rules, after) : after;
}

function aborted(state: StudyState): StudyState | Refusal {
  if (state.open?.stage !== 'aborting') return { code: 'ROUND_STATE', message: 'No round is being aborted.' };
  const after: StudyState = { ...state, open: null };
  return after.phase === 'running' ? { ...after, phase: 'paused', reason: state.open.reason } : after;
}

function resumed(rules: Rules, state: StudyState): StudyState | Refusal {
  if (state.phase !== 'paused') return phaseRefusal(state, 'Only a paused study can be resumed');
  if (state.open?.stage === 'aborting')
    return { code: 'STUDY_STATE', message: 'Its round is still being closed; try again.' };
  const running: StudyState = { ...state, phase: 'running', reason: '' };
  if (state.open) return running;
  const after = proceed(rules, running);
  return after.phase === 'paused' ? { code: 'STUDY_STATE', message: `It cannot go on: ${after.reason}.` } : after;
}

/** After a round: the end, the next round, or a pause because too few members are left. */
function proceed(rules: Rules, state: StudyState): StudyState {
  if (hasConverged(rules.stop, state))
    return { ...state, next: 'finish', reason: `${rules.stop!.metric} has not improved for ${state.stale} rounds` };
  if (state.done >= rules.rounds) return { ...state, next: 'finish', reason: `all ${rules.rounds} rounds are done` };
  if (state.joined.length >= rules.quorum) return { ...state, next: 'open' };
  const reason = `${state.joined.length} members are left and ${rules.quorum} are needed`;
  return { ...state, phase: 'paused', reason, next: null };
}

const timeText = (at: number): string => new Date(at).toISOString();
