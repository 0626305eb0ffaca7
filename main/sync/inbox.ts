// Takes in what the coordinator says: checks each signed record, and commits its effect together with how far we have read.
import { AssentError } from '../../shared/errors.ts';
import type { Event } from '../../shared/gen/assent/v1/coordinator_pb.ts';
import { directoryRecord, type Directory } from '../../shared/records/membership.ts';
import { outcomeRecord, planRecord, studyRecord, studyStateRecord, type Outcome } from '../../shared/records/round.ts';
import { openSigned, type Signed } from '../../shared/records/signed.ts';
import { toHex } from '../../shared/wire/canonical.ts';
import { primitives, sha256 } from '../../platform/crypto.ts';
import { findConflict } from '../../platform/log-conflict.ts';
import { logOrigin } from '../../platform/log-origin.ts';
import { ownLogs } from '../../platform/own-logs.ts';
import type { Tx } from '../../platform/journal.ts';
import type { Store } from '../store/open.ts';
import { oweReceipts } from '../store/receipts.ts';
import { needCoordinator, type Coordinator, type RoundRow } from '../store/rounds.ts';
import { memberKeys } from './enrol.ts';
import { checkPlan } from './plan-check.ts';

type InboxDeps = { store: Store; now(): number };
type Arrived = { signed: Signed; hash: string; sequence: number; coordinator: Coordinator };

/** Throws SIGNATURE_INVALID or RECORD_INVALID for what the pinned coordinator cannot have said; nothing is changed then. */
export function accept(deps: InboxDeps, event: Event): void {
  const { kind, sequence } = event;
  if (kind.case === undefined)
    throw new AssentError('RECORD_INVALID', `Event ${sequence} of the coordinator is of no known kind.`);
  const coordinator = needCoordinator(deps.store.journal.read);
  if (sequence <= coordinator.watched) return;
  const signed = { bytes: kind.value.record, signature: kind.value.signature };
  const arrived = { signed, hash: toHex(sha256(signed.bytes)), sequence, coordinator };
  ({ directory, study, plan, outcome, studyState })[kind.case](deps, arrived);
}

function read(tx: Tx, { sequence }: Arrived): void {
  tx.run('update coordinator set watched = ?', sequence);
}

function directory(deps: InboxDeps, arrived: Arrived): void {
  const { signed, hash, coordinator } = arrived;
  const value = openSigned(primitives, directoryRecord, signed, coordinator.keys.member);
  const { store } = deps;
  const last = store.journal.read.get<{ sequence: number; hash: string }>(
    'select sequence, hash from directory order by sequence desc limit 1',
  );
  const follows = last === undefined || (value.sequence === last.sequence + 1 && value.previous === last.hash);
  if (value.consortium !== coordinator.consortium || !sameKeys(value.coordinator, coordinator.keys) || !follows)
    throw new AssentError('RECORD_INVALID', `Member directory ${value.sequence} does not follow the one known here.`);
  const me = value.members.find(({ id }) => id === coordinator.member);
  // Until the coordinator has learnt of a successor log, it names the key of the one before.
  const logs = ownLogs(store.journal.read, store.keys.log.publicKey).map(({ key }) => toHex(key.publicKey));
  if (me && !logs.some((log) => sameKeys(me.keys, { ...memberKeys(store), log })))
    throw new AssentError(
      'RECORD_INVALID',
      `Member directory ${value.sequence} names other keys for this institution.`,
    );
  const admitted = me !== undefined && !coordinator.admitted;
  store.journal.transact(admitted ? 'enrolment.admit' : 'directory.keep', (tx) => {
    keepDirectory(tx, value, hash, signed);
    tx.run('update coordinator set admitted = ?', me ? 1 : 0);
    read(tx, arrived);
    const detail = { directory: hash, sequence: value.sequence };
    if (admitted) tx.append({ kind: 'enrolment.admitted', detail });
    else tx.append({ kind: 'directory.received', detail: { ...detail, members: value.members.length } });
  });
}

function keepDirectory(tx: Tx, value: Directory, hash: string, signed: Signed): void {
  tx.run(
    'insert into directory (sequence, hash, bytes, signature) values (?, ?, ?, ?)',
    value.sequence,
    hash,
    signed.bytes,
    signed.signature,
  );
}

const sameKeys = (a: Coordinator['keys'], b: Coordinator['keys']) =>
  a.member === b.member && a.log === b.log && a.witness === b.witness;

function study(deps: InboxDeps, arrived: Arrived): void {
  const { signed, hash, coordinator } = arrived;
  const value = openSigned(primitives, studyRecord, signed, coordinator.keys.member);
  deps.store.journal.transact('study.offer', (tx) => {
    if (tx.get('select 1 from study where id = ?', value.id))
      throw new AssentError('RECORD_INVALID', `A study named ${value.id} was announced before.`);
    tx.run(
      "insert into study (id, hash, bytes, signature, stage, phase) values (?, ?, ?, ?, 'offered', 'gathering')",
      value.id,
      hash,
      signed.bytes,
      signed.signature,
    );
    read(tx, arrived);
    tx.append({ kind: 'study.offered', study: value.id, detail: { definition: hash } });
  });
}

/** A plan that does not hold up is kept as a blocked round, so that people can see what was asked and why it was refused. */
function plan(deps: InboxDeps, arrived: Arrived): void {
  const { signed, hash, coordinator } = arrived;
  const value = openSigned(primitives, planRecord, signed, coordinator.keys.member);
  const { store } = deps;
  let problem: AssentError | undefined;
  try {
    checkPlan(store.journal.read, value, coordinator.member);
  } catch (error) {
    if (!(error instanceof AssentError)) throw error;
    problem = error;
  }
  const about = { study: value.definition.id, round: value.round, attempt: value.attempt };
  store.journal.transact(problem ? 'round.block' : 'round.offer', (tx) => {
    const known = tx.get('select 1 from study where id = ?', about.study);
    const where = 'where study = ? and round = ? and attempt = ?';
    if (tx.get(`select 1 from round ${where}`, about.study, about.round, about.attempt))
      throw new AssentError(
        'RECORD_INVALID',
        `A plan of round ${about.round}, attempt ${about.attempt}, was sent before.`,
      );
    if (known)
      tx.run(
        `insert into round (study, round, attempt, plan, bytes, signature, stage, code) values (?, ?, ?, ?, ?, ?, ?, ?)`,
        about.study,
        about.round,
        about.attempt,
        hash,
        signed.bytes,
        signed.signature,
        problem ? 'blocked' : 'awaiting',
        problem ? `${problem.code}: ${problem.message}` : null,
      );
    read(tx, arrived);
    if (problem) tx.append({ kind: 'round.blocked', ...about, detail: { plan: hash, code: problem.code } });
    else
      tx.append({
        kind: 'round.offered',
        ...about,
        detail: {
          plan: hash,
          inputModel: value.inputModel.sha256,
          members: value.cohort.length,
          maxBytes: value.update.bytes,
          sendBy: value.sendBy,
        },
      });
  });
}

function outcome(deps: InboxDeps, arrived: Arrived): void {
  const { signed, hash, coordinator } = arrived;
  const value = openSigned(primitives, outcomeRecord, signed, coordinator.keys.member);
  const { study: id, round, attempt } = value;
  deps.store.journal.transact('round.close', (tx) => {
    const row = tx.get<RoundRow>(
      'select * from round where study = ? and round = ? and attempt = ?',
      id,
      round,
      attempt,
    );
    if (row && (row.outcome !== null || row.plan !== value.plan))
      throw new AssentError(
        'RECORD_INVALID',
        `The outcome of round ${round} of ${id} is not for the plan that was sent, or comes twice.`,
      );
    if (row)
      tx.run(
        `update round set outcome = ?, result = ?, outcome_bytes = ?, outcome_signature = ?
         where study = ? and round = ? and attempt = ?`,
        hash,
        value.result,
        signed.bytes,
        signed.signature,
        id,
        round,
        attempt,
      );
    if (row) oweReceipts(tx, row);
    if (value.model !== null) tx.run('update study set model = ? where id = ?', value.model, id);
    read(tx, arrived);
    tx.append({
      kind: 'round.closed',
      study: id,
      round,
      attempt,
      detail: {
        plan: value.plan,
        outcome: hash,
        result: value.result,
        model: value.model,
        counted: row ? countedAs(deps.store, value, row, coordinator.member) : false,
      },
    });
  });
}

/**
 * Whether the coordinator says that this institution's update counts; it must be the very one that was sent. Of the time that a
 * backup took away it is not known what was sent.
 */
function countedAs(store: Store, value: Outcome, row: RoundRow, member: string): boolean {
  const mine = value.participants.find((participant) => participant.member === member);
  if (!mine) return false;
  if (row.statement === null && isLost(store, value)) return false;
  if (value.plan !== row.plan || row.statement === null || mine.statement !== toHex(sha256(row.statement)))
    throw new AssentError(
      'RECORD_INVALID',
      `The outcome of round ${row.round} counts an update that this institution did not send.`,
    );
  return true;
}

function isLost({ journal: { read }, keys }: Store, { at }: Outcome): boolean {
  if (findConflict(read, logOrigin(keys.log.publicKey))) return true;
  const last = read.get<{ at: string | null }>('select max(at) as at from past_log')!;
  return last.at !== null && at < last.at;
}

function studyState(deps: InboxDeps, arrived: Arrived): void {
  const { signed, coordinator } = arrived;
  const value = openSigned(primitives, studyStateRecord, signed, coordinator.keys.member);
  deps.store.journal.transact('study.report', (tx) => {
    tx.run('update study set phase = ?, reason = ? where id = ?', value.state, value.reason, value.study);
    if (value.model !== null) tx.run('update study set model = ? where id = ?', value.model, value.study);
    read(tx, arrived);
    tx.append({ kind: 'study.reported', study: value.study, detail: { state: value.state, model: value.model } });
  });
}
