// Reads what the store knows of studies and rounds; writing happens in the steps' own transactions.
import { AssentError } from '../../shared/errors.ts';
import { outcomeRecord, planRecord, studyRecord, type Outcome } from '../../shared/records/round.ts';
import type { Study } from '../../shared/study/study.ts';
import type { Reader } from '../../platform/journal.ts';
import type { Offered, RoundKey } from '../stages.ts';

export type RoundStage =
  | 'awaiting'
  | 'blocked'
  | 'declined'
  | 'lapsed'
  | 'approved'
  | 'training'
  | 'trained'
  | 'sealed'
  | 'releasing'
  | 'released'
  | 'sending'
  | 'sent'
  | 'failed'
  | 'revoked';

/** In SQL, of a row of `round`: nobody is waited for, and nothing of it goes on. */
export const ROUND_OVER = "(outcome is not null or stage in ('blocked', 'declined', 'lapsed', 'failed', 'revoked'))";

export type RoundRow = RoundKey & {
  plan: string;
  bytes: Buffer;
  signature: Buffer;
  stage: RoundStage;
  code: string | null;
  /** The approval to train that completed it. */
  approval: string | null;
  runs: number;
  trained: string | null;
  examples: number | null;
  metrics: string | null;
  statement: Buffer | null;
  statement_signature: Buffer | null;
  sealed: string | null;
  outcome: string | null;
  outcome_bytes: Buffer | null;
  outcome_signature: Buffer | null;
  result: 'aggregated' | 'aborted' | null;
  /** L2 norm of the sealed update. */
  norm: string | null;
  /** Why people have to see the update before it leaves; null: they do not. */
  release_why: 'always' | 'norm' | null;
  /** The approval to release it that completed it. */
  released: string | null;
};

export type StudyRow = {
  id: string;
  hash: string;
  bytes: Buffer;
  stage: 'offered' | 'joined';
  phase: string;
  reason: string;
  model: string | null;
  dataset: string | null;
  snapshot: string | null;
  /** Sealed like rows: it names local columns and values. */
  mapping: Buffer | null;
  rows: number | null;
  kept: number;
  /** Rounds up to this row were offered before it was joined. */
  joined_after: number;
  /** When this institution left it, and did not join again since. */
  left_at: string | null;
};

const WHERE = 'where study = ? and round = ? and attempt = ?';

/** Stages in which this institution still has something to do. */
export const OPEN_STAGES: readonly RoundStage[] = [
  'awaiting',
  'approved',
  'training',
  'trained',
  'sealed',
  'releasing',
  'released',
  'sending',
];

/** Throws ROUND_UNKNOWN. */
export function roundOf(read: Reader, key: RoundKey): RoundRow {
  const row = read.get<RoundRow>(`select * from round ${WHERE}`, key.study, key.round, key.attempt);
  if (!row)
    throw new AssentError(
      'ROUND_UNKNOWN',
      `Study ${key.study} has no round ${key.round}, attempt ${key.attempt} here.`,
    );
  return row;
}

/** Throws ROUND_UNKNOWN. */
export function latestAttempt(read: Reader, study: string, round: number): RoundKey {
  const row = read.get<{ attempt: number | null }>(
    'select max(attempt) as attempt from round where study = ? and round = ?',
    study,
    round,
  );
  if (row === undefined || row.attempt === null)
    throw new AssentError('ROUND_UNKNOWN', `Study ${study} has no round ${round} here.`);
  return { study, round, attempt: row.attempt };
}

/** The newest update of a study that the coordinator confirmed, with its norm. */
export const lastSent = (read: Reader, study: string): { sealed: string; norm: string } | undefined =>
  read.get<{ sealed: string; norm: string }>(
    `select sealed, norm from round where study = ? and stage = 'sent' and norm is not null
     order by round desc, attempt desc limit 1`,
    study,
  );

/** How many updates of a study have left. */
export const sentUpdates = (read: Reader, study: string): number =>
  read.get<{ n: number }>("select count(*) as n from round where study = ? and stage = 'sent'", study)!.n;

export const offeredOf = (row: RoundRow): Offered => ({
  study: row.study,
  round: row.round,
  attempt: row.attempt,
  plan: planRecord.decode(row.bytes),
  planHash: row.plan,
});

/** Rounds that still need work, oldest first, of studies that are not over. */
export const openRounds = (read: Reader): RoundRow[] =>
  read.all<RoundRow>(
    `select * from round where outcome is null and stage in (${OPEN_STAGES.map((s) => `'${s}'`).join(', ')})
     order by study, round, attempt`,
  );

/** How a round was aggregated, in whichever attempt; undefined where it was not, or was not told here. */
export function aggregatedOutcome(read: Reader, study: string, round: number): Outcome | undefined {
  const row = read.get<{ outcome_bytes: Buffer }>(
    "select outcome_bytes from round where study = ? and round = ? and result = 'aggregated'",
    study,
    round,
  );
  return row && outcomeRecord.decode(row.outcome_bytes);
}

/** Throws STUDY_UNKNOWN. */
export function studyRowOf(read: Reader, id: string): StudyRow {
  const row = read.get<StudyRow>('select * from study where id = ?', id);
  if (!row) throw new AssentError('STUDY_UNKNOWN', `No study named ${id} was announced here.`);
  return row;
}

export const studyOf = (row: StudyRow): Study => studyRecord.decode(row.bytes);

export type JoinedStudy = StudyRow & { dataset: string; snapshot: string; mapping: Buffer; rows: number };

/** A study with the data set and mapping it was joined with. Throws STUDY_STATE when it was not. */
export function joinedStudyOf(read: Reader, id: string): JoinedStudy {
  const row = studyRowOf(read, id);
  if (row.left_at !== null)
    throw new AssentError('STUDY_LEFT', `This institution left ${id} at ${row.left_at}.`, { study: id });
  if (
    row.stage !== 'joined' ||
    row.dataset === null ||
    row.snapshot === null ||
    row.mapping === null ||
    row.rows === null
  )
    throw new AssentError(
      'STUDY_STATE',
      `This institution has not joined ${id}. Run: assent-node join ${id} --dataset ID`,
    );
  return { ...row, dataset: row.dataset, snapshot: row.snapshot, mapping: row.mapping, rows: row.rows };
}

export type Coordinator = {
  consortium: string;
  member: string;
  url: string;
  keys: { member: string; log: string; witness: string };
  admitted: boolean;
  watched: number;
};

export function coordinatorOf(read: Reader): Coordinator | undefined {
  const row = read.get<{
    consortium: string;
    member: string;
    url: string;
    keys: string;
    admitted: number;
    watched: number;
  }>('select * from coordinator');
  if (!row) return undefined;
  return { ...row, keys: JSON.parse(row.keys) as Coordinator['keys'], admitted: row.admitted === 1 };
}

/** Throws NOT_ENROLLED. */
export function needCoordinator(read: Reader): Coordinator {
  const found = coordinatorOf(read);
  if (!found)
    throw new AssentError('NOT_ENROLLED', 'This node has not enrolled. Run: assent-node enrol --invitation FILE');
  return found;
}

/** When the next round that waits for people lapses; undefined when none waits. */
export function planDeadline(read: Reader): number | undefined {
  const waiting = read.all<RoundRow>(
    "select * from round where stage in ('awaiting', 'releasing') and outcome is null",
  );
  const times = waiting.map(({ stage, bytes }) => {
    const { approveBy, sendBy } = planRecord.decode(bytes);
    return Date.parse(stage === 'awaiting' ? approveBy : sendBy);
  });
  return times.length === 0 ? undefined : Math.min(...times);
}
