// Who waits for what, and what the rounds so far came to: read from the store and the running studies.
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { ListMembersResponseSchema, StudyStatusSchema } from '../shared/gen/assent/v1/admin_pb.ts';
import { fingerprint } from '../shared/records/fingerprint.ts';
import { outcomeRecord } from '../shared/records/round.ts';
import { primitives } from '../platform/crypto.ts';
import type { LastSeen } from './caller.ts';
import type { Conductor, Running } from './conductor.ts';
import type { MemberRow } from './members.ts';
import { formsOf } from './plan.ts';
import type { Store } from './store/open.ts';
import type { OpenRound } from './study-state.ts';

type RoundRow = {
  round: number;
  attempt: number;
  opened_at: string;
  closed_at: string | null;
  result: 'aggregated' | 'aborted' | null;
  outcome: Buffer | null;
};

export function statusOf(deps: { store: Store; conductor: Conductor }): {
  studies: MessageInitShape<typeof StudyStatusSchema>[];
} {
  return { studies: deps.conductor.all().map((running) => studyStatus(deps.store, running)) };
}

function studyStatus(store: Store, { id, study, state }: Running) {
  const { phase, reason, joined, open } = state;
  const closed = closedRounds(store, id);
  return {
    study: id,
    state: phase,
    reason,
    rounds: study.rounds,
    round: open?.round ?? 0,
    attempt: open?.attempt ?? 0,
    joined,
    waiting: open ? waitingOf(open) : [],
    results: closed.map((row) => resultOf(row, store, id, formsOf(study).model.size)),
    sendBy: open ? timeText(open.sendBy) : '',
  };
}

export const closedRounds = (store: Store, study: string): RoundRow[] =>
  store.journal.read.all<RoundRow>(
    'select * from round where study = ? and result is not null order by round, attempt',
    study,
  );

function waitingOf(open: OpenRound) {
  return Object.entries(open.seats).flatMap(([member, { status, since }]) => {
    if (status === 'asked') return [{ member, for: 'approval', since: timeText(since) }];
    return status === 'approved' ? [{ member, for: 'update', since: timeText(since) }] : [];
  });
}

/** Bytes count tensors: the updates that counted, and the model that each of their senders trained from. */
export function resultOf(row: RoundRow, store: Store, study: string, modelBytes: number) {
  const outcome = outcomeRecord.decode(row.outcome!);
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
    seconds: (Date.parse(row.closed_at!) - Date.parse(row.opened_at)) / 1000,
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
