// What operator and members do to studies: start, pause, resume, stop, join, decide.
import { AssentError } from '../shared/errors.ts';
import { joinRecord } from '../shared/records/membership.ts';
import { decisionRecord, studyRecord, studyStateRecord } from '../shared/records/round.ts';
import { openSigned, type Signed } from '../shared/records/signed.ts';
import { readStudy } from '../shared/study/study.ts';
import { toHex } from '../shared/wire/canonical.ts';
import type { Clock } from '../platform/clock.ts';
import { primitives, sha256 } from '../platform/crypto.ts';
import { memberRef } from './caller.ts';
import type { Conductor } from './conductor.ts';
import { admittedMembers, type Events } from './events.ts';
import { keysOf, type MemberRow } from './members.ts';
import { firstModel } from './plan.ts';
import type { Store } from './store/open.ts';
import { startState } from './study-state.ts';

export type StudyDeps = { store: Store; clock: Clock; events: Events; conductor: Conductor };

/** Announces a study to all members; rounds begin when enough have joined. Throws STUDY_INVALID, STUDY_EXISTS. */
export async function startStudy(deps: StudyDeps, text: string): Promise<{ study: string; studyHash: string }> {
  const { store, events, conductor } = deps;
  const study = readStudy(text);
  const { id } = study;
  const exists = (read: typeof store.journal.read) => {
    if (read.get('select 1 from study where id = ?', id))
      throw new AssentError('STUDY_EXISTS', `A study ${id} was started already. Give the new one another id.`, {
        study: id,
      });
  };
  exists(store.journal.read);
  const { hash: model, bytes } = await store.models.write(firstModel(study));
  const studyHash = store.journal.transact('study.start', (tx) => {
    exists(tx);
    const signed = events.publish(tx, 'study', studyRecord, study, admittedMembers(tx));
    const hash = toHex(sha256(signed.bytes));
    const state = JSON.stringify(startState(model));
    tx.run(
      'insert into study (id, hash, bytes, signature, state) values (?, ?, ?, ?, ?)',
      id,
      hash,
      signed.bytes,
      signed.signature,
      state,
    );
    tx.run('insert into model (study, sha256, bytes) values (?, ?, ?)', id, model, bytes);
    tx.append({ kind: 'study.started', study: id, detail: { definition: hash, members: null } });
    return hash;
  });
  conductor.add(id);
  events.wake();
  return { study: id, studyHash };
}

export function pauseStudy({ conductor, clock }: StudyDeps, id: string): void {
  const event = { kind: 'paused', reason: 'the operator paused it', at: clock.now() } as const;
  conductor.apply('study.pause', [{ id, event }], () => {});
}

export function resumeStudy({ conductor, clock }: StudyDeps, id: string): void {
  conductor.apply('study.resume', [{ id, event: { kind: 'resumed', at: clock.now() } }], (tx) => {
    tx.append({ kind: 'study.resumed', study: id, detail: {} });
  });
}

export function stopStudy({ conductor, clock }: StudyDeps, id: string, reason: string): void {
  const { model } = conductor.get(id).state;
  const said = reason === '' ? 'the operator stopped it' : reason;
  conductor.apply('study.stop', [{ id, event: { kind: 'stopped', reason: said, at: clock.now() } }], (tx) => {
    tx.append({ kind: 'study.ended', study: id, detail: { state: 'stopped', reason: said, model } });
  });
}

/** Idempotent. Throws SIGNATURE_INVALID, RECORD_INVALID, STUDY_UNKNOWN, STUDY_STATE. */
export function joinStudy({ conductor, clock, events }: StudyDeps, caller: MemberRow, signed: Signed): void {
  const join = openSigned(primitives, joinRecord, signed, keysOf(caller).member);
  const { study: id, member } = join;
  memberRef(caller, member);
  const { hash, state } = conductor.get(id);
  if (join.studyHash !== hash)
    throw new AssentError('RECORD_INVALID', `${member} joined another version of study ${id} than the one announced.`, {
      study: id,
    });
  conductor.apply('study.join', [{ id, event: { kind: 'joined', member, at: clock.now() } }], (tx) => {
    tx.run(
      `insert into participant (study, member, bytes, signature) values (?, ?, ?, ?)
       on conflict (study, member) do update set bytes = excluded.bytes, signature = excluded.signature, left_at = null`,
      id,
      member,
      signed.bytes,
      signed.signature,
    );
    tx.append({ kind: 'member.joined', study: id, detail: { member, record: toHex(sha256(signed.bytes)) } });
    // Whoever comes later starts from the latest model, not from the one of the last phase.
    const { phase, reason, model } = state;
    const at = new Date(clock.now()).toISOString();
    const value = { v: 1 as const, study: id, state: phase, reason, model, at };
    if (phase !== 'gathering') events.publish(tx, 'studyState', studyStateRecord, value, [member]);
  });
}

/** Idempotent. Throws SIGNATURE_INVALID, RECORD_INVALID, STUDY_UNKNOWN, UPDATE_ROUND, ROUND_CLOSED, ROUND_STATE. */
export function decide({ conductor, clock, store }: StudyDeps, caller: MemberRow, signed: Signed): void {
  const value = openSigned(primitives, decisionRecord, signed, keysOf(caller).member);
  const { study: id, round, attempt, plan, member, decision, approval } = value;
  memberRef(caller, member);
  const record = toHex(sha256(signed.bytes));
  if (store.journal.read.get('select 1 from decision where hash = ?', record)) return;
  const event = { kind: 'decided', member, round, attempt, plan, decision, approval, at: clock.now() } as const;
  conductor.apply('decision.receive', [{ id, event }], (tx) => {
    tx.run(
      'insert into decision (hash, study, round, attempt, member, bytes, signature) values (?, ?, ?, ?, ?, ?, ?)',
      record,
      id,
      round,
      attempt,
      member,
      signed.bytes,
      signed.signature,
    );
    tx.append({ kind: 'decision.received', study: id, round, attempt, detail: { member, decision, approval, record } });
  });
}
