// Who waits for what, and what the rounds so far came to: read from the store and the running studies.
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { ListMembersResponseSchema, StudyStatusSchema } from '../shared/gen/assent/v1/admin_pb.ts';
import { fingerprint } from '../shared/records/fingerprint.ts';
import { outcomeRecord } from '../shared/records/round.ts';
import { formsOf } from '../shared/study/forms.ts';
import { primitives } from '../platform/crypto.ts';
import type { LastSeen } from './caller.ts';
import type { Conductor, Running } from './conductor.ts';
import type { MemberRow } from './members.ts';
import type { Store } from './store/open.ts';
import type { OpenRound } from './study-state.ts';

type RoundRow = {
  round: number;
  attempt: number;
  opened_at: string;
  closed_at: string;
  outcome: Buffer;
};

export type RoundResult = ReturnType<typeof resultOf>;
/** Results of the closed rounds of a study, in their order. */
export type Results = { of(study: string, modelBytes: number): RoundResult[] };

/** What is closed never changes: it is read once, and only what closed since then is read again. */
export function openResults(store: Store): Results {
  const known = new Map<string, RoundResult[]>();
  return {
    of(study, modelBytes) {
      const results = known.get(study) ?? [];
      known.set(study, results);
      for (const row of closedRounds(store, study, results.at(-1))) {
        const result = resultOf(row, store, study, modelBytes);
        // Mostly the same members round after round: one list in memory for all of these.
        const before = results.at(-1)?.participants;
        results.push(before?.join() === result.participants.join() ? { ...result, participants: before } : result);
      }
      return results;
    },
  };
}

export function statusOf(deps: { results: Results; conductor: Conductor }): {
  studies: MessageInitShape<typeof StudyStatusSchema>[];
} {
  return { studies: deps.conductor.all().map((running) => studyStatus(deps.results, running)) };
}

function studyStatus(results: Results, { id, study, state }: Running) {
  const { phase, reason, joined, open } = state;
  return {
    study: id,
    state: phase,
    reason,
    rounds: study.rounds,
    round: open?.round ?? 0,
    attempt: open?.attempt ?? 0,
    joined,
    waiting: open ? waitingOf(open) : [],
    results: results.of(id, formsOf(study).model.size),
    sendBy: open ? timeText(open.sendBy) : '',
  };
}

/** Those after the one given: a round is closed before the next one is opened. */
export const closedRounds = (store: Store, study: string, after = { round: 0, attempt: 0 }): RoundRow[] =>
  store.journal.read.all<RoundRow>(
    `select round, attempt, opened_at, closed_at, outcome from round
     where study = ? and (round, attempt) > (?, ?) and result is not null order by round, attempt`,
    study,
    after.round,
    after.attempt,
  );

function waitingOf(open: OpenRound) {
  return Object.entries(open.seats).flatMap(([member, { status, since }]) => {
    if (status === 'asked') return [{ member, for: 'approval', since: timeText(since) }];
    return status === 'approved' ? [{ member, for: 'update', since: timeText(since) }] : [];
  });
}

/** Bytes count tensors: the updates that counted, and the model that each of their senders trained from. */
export function resultOf(row: RoundRow, store: Store, study: string, modelBytes: number) {
  const outcome = outcomeRecord.decode(row.outcome);
  const { bytes } = store.journal.read.get<{ bytes: number }>(
    'select coalesce(sum(size), 0) as bytes from statement where study = ? and round = ? and attempt = ?',
    study,
    row.round,
    row.attempt,
  )!;
  const metrics = Object.entries(outcome.metrics).flatMap(([name, value]) =>
    value === null || value === undefined ? [] : [[name, value]],
  );
  return {
    round: row.round,
    attempt: row.attempt,
    result: outcome.result,
    participants: outcome.participants.map(({ member }) => member),
    metrics: Object.fromEntries(metrics) as Record<string, string>,
    bytesUp: BigInt(bytes),
    bytesDown: BigInt(outcome.participants.length * modelBytes),
    seconds: (Date.parse(row.closed_at) - Date.parse(row.opened_at)) / 1000,
    reason: outcome.reason,
    model: outcome.model ?? '',
  };
}

export function membersOf(store: Store, lastSeen: LastSeen): MessageInitShape<typeof ListMembersResponseSchema> {
  const rows = store.journal.read.all<MemberRow>('select * from member order by id');
  return {
    members: rows.map(({ id, name, state, since }) => {
      const seen = lastSeen.get(id);
      return { id, name, state, since, lastSeen: seen === undefined ? '' : timeText(seen) };
    }),
    fingerprint: fingerprint(primitives, store.keys),
  };
}

const timeText = (at: number): string => new Date(at).toISOString();
