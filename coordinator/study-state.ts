// Where a study stands, what can happen to it and what is then to be done: plain values, kept as JSON in the store.
import type { ErrorCode } from '../shared/errors.ts';
import type { ReleasedMetrics, StudyPhase } from '../shared/records/round.ts';
import type { Study } from '../shared/study/study.ts';

/** What of a study rules its rounds. Times are milliseconds. */
export type Rules = {
  least: number;
  quorum: number;
  rounds: number;
  approveMs: number;
  sendMs: number;
  stop: Study['stop'];
};

/** An update that counts; `statement` and `blob` are hashes. */
export type Submitted = { statement: string; blob: string; bytes: number; weight: number; metrics: ReleasedMetrics };

/** `absent`: did not decide in time. `since`: when the seat came into this status, ms since 1970. */
export type Seat = {
  status: 'asked' | 'approved' | 'submitted' | 'declined' | 'absent' | 'removed' | 'left';
  since: number;
  approval: string | null;
  update: Submitted | null;
};

export type OpenRound = {
  round: number;
  attempt: number;
  /** Hash of the plan. */
  plan: string;
  openedAt: number;
  approveBy: number;
  sendBy: number;
  stage: 'collecting' | 'aggregating' | 'aborting';
  reason: string;
  seats: Record<string, Seat>;
};

export type StudyState = {
  phase: StudyPhase;
  /** Why the study is paused, finished or stopped; else empty. */
  reason: string;
  /** Members that joined and neither left nor were removed, in the order of their ids. */
  joined: string[];
  /** Rounds aggregated, and how often the round after them was opened. */
  done: number;
  attempts: number;
  /** Hash of the latest model. */
  model: string;
  open: OpenRound | null;
  /** What comes next between rounds. */
  next: 'open' | 'finish' | null;
  /** Of the stop rule's metric: the best so far, and rounds since it was reached. */
  best: number | null;
  stale: number;
};

type At = { at: number };
type RoundRef = { member: string; round: number; attempt: number; plan: string };
export type StudyEvent = At &
  (
    | { kind: 'joined'; member: string }
    | { kind: 'removed' | 'left'; member: string }
    | { kind: 'opened'; plan: string }
    | ({ kind: 'decided'; decision: 'approve' | 'decline'; approval: string } & RoundRef)
    | ({ kind: 'submitted'; approval: string; update: Submitted } & RoundRef)
    | { kind: 'tick' }
    | { kind: 'aggregated'; model: string; metrics: ReleasedMetrics }
    | { kind: 'failed'; reason: string }
    | { kind: 'aborted' }
    | { kind: 'finished' }
    | { kind: 'paused'; reason: string }
    | { kind: 'resumed' }
    | { kind: 'stopped'; reason: string }
  );

export type Participant = { member: string } & Submitted;

export type Effect =
  | { kind: 'open'; round: number; attempt: number; cohort: string[] }
  | { kind: 'wait'; until: number }
  | { kind: 'aggregate'; round: OpenRound; participants: Participant[] }
  | { kind: 'abort'; round: OpenRound }
  | { kind: 'finish' };

export type Refusal = { code: ErrorCode; message: string };

export const isOver = (phase: StudyPhase): boolean => phase === 'finished' || phase === 'stopped';

export const rulesOf = (study: Study): Rules => ({
  least: study.cohort.least,
  quorum: study.cohort.quorum,
  rounds: study.rounds,
  approveMs: study.deadlines.approveSeconds * 1000,
  sendMs: study.deadlines.sendSeconds * 1000,
  stop: study.stop,
});

export const startState = (model: string): StudyState => ({
  phase: 'gathering',
  reason: '',
  joined: [],
  done: 0,
  attempts: 0,
  model,
  open: null,
  next: null,
  best: null,
  stale: 0,
});

/** What is to be done now: it follows from the state alone, so a restart finds it again. */
export function effectsOf(state: StudyState): Effect[] {
  const { open, next } = state;
  if (open?.stage === 'aggregating') return [{ kind: 'aggregate', round: open, participants: participantsOf(open) }];
  if (open?.stage === 'aborting') return [{ kind: 'abort', round: open }];
  if (open) {
    const undecided = Object.values(open.seats).some(({ status }) => status === 'asked');
    return [{ kind: 'wait', until: undecided ? open.approveBy : open.sendBy }];
  }
  if (next === 'open')
    return [{ kind: 'open', round: state.done + 1, attempt: state.attempts + 1, cohort: state.joined }];
  return next === 'finish' ? [{ kind: 'finish' }] : [];
}

/** In the order of member ids. */
const participantsOf = (open: OpenRound): Participant[] =>
  Object.keys(open.seats)
    .sort()
    .flatMap((member) => {
      const { update } = open.seats[member]!;
      return update ? [{ member, ...update }] : [];
    });
