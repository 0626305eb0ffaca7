// What the round machine asks for, done: a round opened, aggregated or given up, a study brought to its end.
import { AssentError } from '../shared/errors.ts';
import { outcomeRecord, planRecord, type Outcome } from '../shared/records/round.ts';
import { toHex } from '../shared/wire/canonical.ts';
import { aggregate } from '../platform/aggregate.ts';
import type { Clock } from '../platform/clock.ts';
import { sha256 } from '../platform/crypto.ts';
import type { Tx } from '../platform/journal.ts';
import type { Conductor, Perform, Running } from './conductor.ts';
import type { Events } from './events.ts';
import { declaredMetrics, roundMetrics } from './metrics.ts';
import { planOf } from './plan.ts';
import type { Store } from './store/open.ts';
import { releaseUploads, sweepUploads } from './sweep.ts';
import type { Effect, OpenRound, Participant } from './study-state.ts';

export type RoundDeps = { store: Store; clock: Clock; events: Events; conductor(): Conductor };
/** Of an audit record's reason. */
const MOST_REASON = 200;
type Of<K extends Effect['kind']> = Extract<Effect, { kind: K }>;

export const performer =
  (deps: RoundDeps): Perform =>
  async (running, effect) => {
    if (effect.kind === 'open') openRound(deps, running, effect);
    else if (effect.kind === 'aggregate') await aggregateRound(deps, running, effect);
    else if (effect.kind === 'abort') await abortRound(deps, running, effect);
    else finishStudy(deps, running);
  };

function openRound(deps: RoundDeps, running: Running, { round, attempt, cohort }: Of<'open'>): void {
  const { store, clock, events } = deps;
  const { id, study, hash: studyHash, state } = running;
  const openedAt = clock.now();
  const { hash: directory } = store.journal.read.get<{ hash: string }>(
    'select hash from directory order by sequence desc limit 1',
  )!;
  const value = planOf({ study, studyHash, round, attempt, cohort, directory, inputModel: state.model, openedAt });
  const plan = toHex(sha256(planRecord.encode(value)));
  deps.conductor().apply('round.open', [{ id, event: { kind: 'opened', plan, at: openedAt } }], (tx) => {
    const signed = events.publish(tx, 'plan', planRecord, value, cohort);
    tx.run(
      'insert into round (study, round, attempt, plan, bytes, signature, opened_at, input_model) values (?, ?, ?, ?, ?, ?, ?, ?)',
      id,
      round,
      attempt,
      plan,
      signed.bytes,
      signed.signature,
      value.openedAt,
      state.model,
    );
    const detail = { plan, inputModel: state.model, members: cohort.length, sendBy: value.sendBy };
    tx.append({ kind: 'round.opened', study: id, round, attempt, detail });
  });
}

async function aggregateRound(
  deps: RoundDeps,
  running: Running,
  { round: open, participants }: Of<'aggregate'>,
): Promise<void> {
  const { clock } = deps;
  const { id } = running;
  const { round, attempt, plan } = open;
  let made;
  try {
    made = await outcomeOf(deps, running, open, participants);
  } catch (error) {
    // A disk may recover; what the updates hold does not, and would be tried again for ever.
    if (!(error instanceof AssentError)) throw error;
    const reason = `it could not be aggregated: ${error.message}`.slice(0, MOST_REASON);
    deps.conductor().note(id, { kind: 'failed', reason, at: clock.now() });
    return;
  }
  // Stopped meanwhile: the round is given up.
  if (running.state.open?.stage !== 'aggregating') return;
  const { value, aggregated, model, bytes, metrics } = made;
  deps
    .conductor()
    .apply('round.aggregate', [{ id, event: { kind: 'aggregated', model, metrics, at: clock.now() } }], (tx) => {
      const outcome = close(tx, deps, running, value);
      tx.run('insert or ignore into model (study, sha256, bytes) values (?, ?, ?)', id, model, bytes);
      const detail = { plan, outcome, members: participants.length, aggregate: aggregated, model, metrics };
      const { position } = tx.append({ kind: 'round.aggregated', study: id, round, attempt, detail });
      tx.run('update round set position = ? where plan = ?', position, plan);
      if (running.study.publication === 'members') publish(tx, value);
    });
  await sweep(deps, open);
}

/** From here on the cohort of the round may fetch the updates that counted; the blob plane looks here and nowhere else. */
function publish(tx: Tx, { study, round, attempt, participants }: Outcome): void {
  for (const { member, blob } of participants)
    tx.run(
      'insert into published (blob, study, round, attempt, member) values (?, ?, ?, ?, ?)',
      blob,
      study,
      round,
      attempt,
      member,
    );
}

/** Throws an AssentError when these updates make no outcome. */
async function outcomeOf(deps: RoundDeps, running: Running, open: OpenRound, participants: Participant[]) {
  const { id, study, state } = running;
  const { models, updates } = deps.store;
  const inputModel = state.model;
  const made = await aggregate({ study, models, updates, inputModel, contributions: participants });
  const { aggregate: aggregated, model, bytes } = made;
  const metrics = roundMetrics(participants, declaredMetrics(study));
  const value: Outcome = {
    ...outcomeHead(deps, id, open),
    result: 'aggregated',
    participants: participants.map(({ member, statement, blob, weight }) => ({ member, statement, blob, weight })),
    aggregate: aggregated,
    model,
    metrics,
  };
  outcomeRecord.encode(value);
  return { value, aggregated, model, bytes, metrics };
}

async function abortRound(deps: RoundDeps, running: Running, { round: open }: Of<'abort'>): Promise<void> {
  const { id } = running;
  const { round, attempt, plan, reason } = open;
  const value: Outcome = {
    ...outcomeHead(deps, id, open),
    result: 'aborted',
    reason,
    participants: [],
    aggregate: null,
    model: null,
    metrics: {},
  };
  deps.conductor().apply('round.abort', [{ id, event: { kind: 'aborted', at: deps.clock.now() } }], (tx) => {
    const outcome = close(tx, deps, running, value);
    tx.append({ kind: 'round.aborted', study: id, round, attempt, detail: { plan, outcome, reason } });
  });
  await releaseUploads(deps.store, { study: id, round, attempt });
  await sweep(deps, open);
}

const outcomeHead = ({ clock }: RoundDeps, study: string, { round, attempt, plan }: OpenRound) => ({
  v: 1 as const,
  study,
  round,
  attempt,
  plan,
  reason: '',
  at: new Date(clock.now()).toISOString(),
});

/** Signs and tells the outcome to all who are in the study now or had a seat in the round; returns its hash. */
function close(tx: Tx, { events }: RoundDeps, { id, state }: Running, value: Outcome): string {
  const seats = Object.entries(state.open!.seats).filter(([, seat]) => seat.status !== 'removed');
  const audience = [...new Set([...state.joined, ...seats.map(([member]) => member)])].sort();
  const signed = events.publish(tx, 'outcome', outcomeRecord, value, audience);
  tx.run(
    'update round set result = ?, outcome = ?, outcome_signature = ?, closed_at = ? where study = ? and round = ? and attempt = ?',
    value.result,
    signed.bytes,
    signed.signature,
    value.at,
    id,
    value.round,
    value.attempt,
  );
  return toHex(sha256(signed.bytes));
}

function finishStudy(deps: RoundDeps, { id, state }: Running): void {
  const { reason, model } = state;
  deps.conductor().apply('study.finish', [{ id, event: { kind: 'finished', at: deps.clock.now() } }], (tx) => {
    tx.append({ kind: 'study.ended', study: id, detail: { state: 'finished', reason, model } });
  });
}

/** What the members of the round sent and nothing needs. Only who had a seat could send any. */
const sweep = ({ store, conductor }: RoundDeps, { seats }: OpenRound): Promise<void> =>
  sweepUploads(store, conductor(), Object.keys(seats));
