// A round to practise with: everything that a real one computes here, and nothing that it leaves behind. No line of this file
// writes to the store or asks the coordinator.
import type { Progress } from '../shared/algorithms/algorithm.ts';
import { algorithmOf } from '../shared/algorithms/catalog.ts';
import type { Vector } from '../shared/math/vector.ts';
import { initialWeights } from '../shared/model/initial.ts';
import { parameterLayout } from '../shared/model/layout.ts';
import { decimalOf } from '../shared/records/fields.ts';
import { directoryRecord } from '../shared/records/membership.ts';
import { outcomeRecord, planRecord } from '../shared/records/round.ts';
import { encodedColumns } from '../shared/study/columns.ts';
import type { Study } from '../shared/study/study.ts';
import { toHex } from '../shared/wire/canonical.ts';
import { partFigures } from '../shared/wire/figures.ts';
import { encodeMessage, messageNorm } from '../shared/wire/update.ts';
import { sha256 } from '../platform/crypto.ts';
import type { Reader } from '../platform/journal.ts';
import { lastBeside, whyRelease, type ReleaseScreen } from './consent/release.ts';
import { sampleScreen, updateSize, type Locale, type RoundScreen } from './consent/screen.ts';
import { needRows } from './floor.ts';
import { computeUpdate } from './local-update.ts';
import { decodeModel, modelSize } from './model/received.ts';
import { rulesOf } from './people/rules.ts';
import type { RoundDeps } from './round.ts';
import type { Offered, RoundKey } from './stages.ts';
import type { Store } from './store/open.ts';
import { joinedStudyOf, needCoordinator, studyOf, type RoundRow } from './store/rounds.ts';
import type { Turns } from './turns.ts';

export type PracticeDeps = Pick<RoundDeps, 'store' | 'now' | 'rows' | 'openProblem'> & { turns: Turns };

type Start = {
  /** The round that led to this model; 0: none, it is the study's first. */
  after: number;
  hash: string | null;
  /** A newer one is known, and not on this machine. */
  newer: boolean;
};

export type Practised = Pick<
  ReleaseScreen,
  'bytes' | 'norm' | 'normBound' | 'parts' | 'last' | 'examples' | 'metrics'
> & {
  /** Of the bytes that a real round would send. */
  hash: string;
  why: ReleaseScreen['why'] | '';
};

/** What a person would be shown of such a round. Throws STUDY_STATE and STUDY_LEFT. */
export async function practiceScreen(
  { store, now }: PracticeDeps,
  id: string,
  locale: Locale,
): Promise<{ key: RoundKey; bytes: number; screen: RoundScreen; start: Start }> {
  const { read } = store.journal;
  const joined = joinedStudyOf(read, id);
  const study = studyOf(joined);
  const start = await startOf(store, id);
  const key = sampleKey(read, study, start);
  const at = new Date(now()).toISOString();
  const offered: Offered = {
    ...key,
    planHash: '',
    plan: {
      v: 1,
      round: key.round,
      attempt: key.attempt,
      definition: study,
      studyHash: joined.hash,
      cohort: sampleCohort(read, id),
      directory: '',
      inputModel: { sha256: start.hash ?? '', bytes: modelSize(study) },
      update: { vectors: [...algorithmOf(study.algorithm).vectors], bytes: updateSize(study) },
      openedAt: at,
      approveBy: at,
      sendBy: at,
    },
  };
  return { key, bytes: offered.plan.update.bytes, screen: sampleScreen(read, offered, locale), start };
}

/**
 * Trains as the next round of this study would, and answers with what its update holds. Throws what a round would fail with,
 * TRAINING_BUSY and PRACTICE_STOPPED.
 */
export function practise(
  deps: PracticeDeps,
  id: string,
  progress: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<Practised> {
  return deps.turns.practice(signal, (stop) => trainSample(deps, id, progress, stop));
}

async function trainSample(
  deps: PracticeDeps,
  id: string,
  progress: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<Practised> {
  const { store } = deps;
  const { read } = store.journal;
  const joined = joinedStudyOf(read, id);
  const { member } = needCoordinator(read);
  const { floor } = rulesOf(read);
  const study = studyOf(joined);
  const start = await startOf(store, id);
  const key = sampleKey(read, study, start);
  const weights = await weightsOf(store, study, start);
  const rows = await deps.rows(study, joined);
  try {
    needRows(rows.train.rows, floor.rows, id);
    const asked = { study, key, member, weights, rows, perClass: floor.perClass };
    const { result, metrics } = await computeUpdate(deps.openProblem, asked, progress, signal);
    const bytes = encodeMessage(result.message, parameterLayout(study.model.layers, encodedColumns(study).length));
    const norm = decimalOf(messageNorm(result.message));
    return {
      bytes: bytes.length,
      hash: toHex(sha256(bytes)),
      norm,
      normBound: study.bounds.norm,
      parts: partFigures(bytes),
      last: await lastBeside(store, id, bytes),
      examples: result.weight,
      metrics: Object.fromEntries(Object.entries(metrics).map(([name, value]) => [name, value ?? null])),
      why: whyRelease(store, { study: id, norm }) ?? '',
    };
  } finally {
    rows.erase();
  }
}

const RECENT = 20;
/** The newest model that is on this machine, of the last few; the first one can always be made. */
async function startOf({ journal: { read }, blobs }: Store, study: string): Promise<Start> {
  const known = read
    .all<RoundRow>('select * from round where study = ? order by round desc, attempt desc limit ?', study, RECENT)
    .flatMap(({ round, bytes, result, outcome_bytes: outcome }) => {
      const led = result === 'aggregated' && outcome ? outcomeRecord.decode(outcome).model : null;
      const began = { after: round - 1, hash: planRecord.decode(bytes).inputModel.sha256 };
      return led === null ? [began] : [{ after: round, hash: led }, began];
    });
  const newest = known[0]?.after ?? 0;
  for (const { after, hash } of known)
    if (after > 0 && (await blobs.size(hash)) !== undefined) return { after, hash, newer: after < newest };
  return { after: 0, hash: null, newer: newest > 0 };
}

async function weightsOf({ blobs }: Store, study: Study, { hash }: Start): Promise<Vector> {
  return hash === null ? initialWeights(study) : decodeModel(study, await blobs.read(hash));
}

/** The round that would follow; where it is offered already, its latest attempt, so that practice computes the very same. */
function sampleKey(read: Reader, study: Study, { after }: Start): RoundKey {
  const round = Math.min(after + 1, study.rounds);
  const offered = read.get<{ attempt: number | null }>(
    'select max(attempt) as attempt from round where study = ? and round = ?',
    study.id,
    round,
  );
  return { study: study.id, round, attempt: offered?.attempt ?? 1 };
}

/** Whoever took part last; before the first round, every member of the consortium. */
function sampleCohort(read: Reader, study: string): string[] {
  const last = read.get<{ bytes: Buffer }>(
    'select bytes from round where study = ? order by round desc, attempt desc limit 1',
    study,
  );
  if (last) return planRecord.decode(last.bytes).cohort;
  const directory = read.get<{ bytes: Buffer }>('select bytes from directory order by sequence desc limit 1');
  return directory ? directoryRecord.decode(directory.bytes).members.map(({ id }) => id) : [];
}
