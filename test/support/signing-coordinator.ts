// A coordinator's half of the protocol as far as a node can see it: keys, and records signed with them.
import { create } from '@bufbuild/protobuf';
import { generateEd25519, primitives, sha256, signEd25519 } from '../../platform/crypto.ts';
import { EventSchema, type Event } from '../../shared/gen/assent/v1/coordinator_pb.ts';
import { initialWeights } from '../../shared/model/initial.ts';
import { parameterLayout } from '../../shared/model/layout.ts';
import type { Keys } from '../../shared/records/fields.ts';
import { fingerprint } from '../../shared/records/fingerprint.ts';
import { directoryRecord, encodeInvitation } from '../../shared/records/membership.ts';
import {
  outcomeRecord,
  planRecord,
  studyRecord,
  studyStateRecord,
  type Outcome,
  type Plan,
} from '../../shared/records/round.ts';
import { signRecord, type RecordType } from '../../shared/records/signed.ts';
import { encodedColumns } from '../../shared/study/columns.ts';
import { studyBytes, type Study } from '../../shared/study/study.ts';
import { toHex } from '../../shared/wire/canonical.ts';
import { encodeMessage, messageSize } from '../../shared/wire/update.ts';

const MINUTE = 60_000;

export function signingCoordinator(now: () => number, url = 'http://127.0.0.1:9') {
  const key = { member: generateEd25519(), log: generateEd25519(), witness: generateEd25519() };
  const keys: Keys = {
    member: toHex(key.member.publicKey),
    log: toHex(key.log.publicKey),
    witness: toHex(key.witness.publicKey),
  };
  const iso = (after = 0) => new Date(now() + after).toISOString();
  let sequence = 0;
  let directories = 0;
  let directory: string | null = null;
  const event = <T>(name: 'directory' | 'study' | 'plan' | 'outcome' | 'studyState', type: RecordType<T>, value: T) => {
    const signed = signRecord(type, value, (message) => signEd25519(key.member.privateKey, message));
    const hash = toHex(sha256(signed.bytes));
    const record = { record: signed.bytes, signature: signed.signature };
    const made: Event = create(EventSchema, { sequence: ++sequence, kind: { case: name, value: record } as never });
    return { event: made, hash };
  };

  return {
    keys,
    /** Signs checkpoints of its log. */
    log: {
      publicKey: key.log.publicKey,
      sign: (message: Uint8Array) => signEd25519(key.log.privateKey, message),
    },
    fingerprint: fingerprint(primitives, keys),
    invitation: (member: string) =>
      encodeInvitation({
        v: 1,
        consortium: 'test',
        url,
        coordinator: keys,
        member,
        name: `Institution ${member}`,
        token: '00112233445566778899aabbccddeeff',
        expires: iso(24 * 60 * MINUTE),
      }),
    directory(members: { id: string; keys: Keys }[]) {
      const value = {
        v: 1 as const,
        consortium: 'test',
        sequence: ++directories,
        at: iso(),
        coordinator: keys,
        members: members.map((member) => ({ ...member, name: `Institution ${member.id}`, since: iso() })),
        previous: directory,
      };
      const made = event('directory', directoryRecord, value);
      directory = made.hash;
      return made;
    },
    study: (study: Study) => event('study', studyRecord, study),
    plan(study: Study, cohort: string[], changes: Partial<Plan> = {}) {
      const layout = parameterLayout(study.model.layers, encodedColumns(study).length);
      const model = encodeMessage({ model: initialWeights(study) }, layout);
      const vectors = [study.algorithm.name === 'fedsgd' ? 'gradient' : 'delta'];
      const plan: Plan = {
        v: 1,
        round: 1,
        attempt: 1,
        definition: study,
        studyHash: toHex(sha256(studyBytes(study))),
        cohort,
        directory: directory!,
        inputModel: { sha256: toHex(sha256(model)), bytes: model.length },
        update: { vectors, bytes: messageSize(vectors, layout) },
        openedAt: iso(),
        approveBy: iso(30 * MINUTE),
        sendBy: iso(60 * MINUTE),
        ...changes,
      };
      return { ...event('plan', planRecord, plan), plan, model };
    },
    outcome: (value: Omit<Outcome, 'v' | 'at'>) => event('outcome', outcomeRecord, { v: 1, at: iso(), ...value }),
    studyState: (study: string, state: 'running' | 'finished', model: string | null) =>
      event('studyState', studyStateRecord, { v: 1, study, state, reason: '', model, at: iso() }),
  };
}

export type SigningCoordinator = ReturnType<typeof signingCoordinator>;
