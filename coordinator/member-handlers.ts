// coordinator.proto's methods: who calls, then one function each.
import { createContextKey, type Interceptor, type ServiceImpl } from '@connectrpc/connect';
import { AssentError } from '../shared/errors.ts';
import type { CoordinatorService } from '../shared/gen/assent/v1/coordinator_pb.ts';
import { SUPPORTED_SCHEMA_VERSIONS } from '../shared/study/schema.ts';
import { fromHex } from '../shared/wire/canonical.ts';
import { letterFromWire, letterToWire } from '../platform/letter-wire.ts';
import { SOFTWARE } from '../platform/software.ts';
import { callerOf, needAdmitted, type CallerDeps } from './caller.ts';
import { submitUpdate } from './collect.ts';
import type { StoredEvent } from './events.ts';
import { leaveStudy } from './leaving.ts';
import type { Letters } from './letters.ts';
import { enrol, memberOf, type MemberRow } from './members.ts';
import { receiptOf } from './receipts.ts';
import { decide, joinStudy, type StudyDeps } from './studies.ts';
import { succeedLog } from './succession.ts';

const PROTOCOL_VERSIONS: readonly number[] = [1];
/** Before the enrolment there is no key to sign with. */
const FOR_ANYONE: ReadonlySet<string> = new Set(['Hello', 'Enrol']);

const callerKey = createContextKey<MemberRow | undefined>(undefined);

/** Puts the member that signed the request into its context. */
export const identifying =
  (deps: CallerDeps): Interceptor =>
  (next) =>
  (request) => {
    if (!FOR_ANYONE.has(request.method.name)) {
      const header = (name: string) => request.header.get(name) ?? '';
      const { pathname: path } = new URL(request.url);
      request.contextValues.set(callerKey, callerOf(deps, { method: request.requestMethod, path, header }));
    }
    return next(request);
  };

export type MemberCallDeps = StudyDeps & { letters: Letters };

export function memberHandlers(deps: MemberCallDeps): ServiceImpl<typeof CoordinatorService> {
  const { store, events, letters } = deps;
  const stateOf = (member: string) => memberOf(store.journal.read, member).state;
  return {
    hello({ protocolVersions, schemaVersions }) {
      const { member, log, witness } = store.keys;
      return {
        consortium: store.consortium,
        memberKey: fromHex(member),
        logKey: fromHex(log),
        witnessKey: fromHex(witness),
        protocolVersion: highest('protocol', PROTOCOL_VERSIONS, protocolVersions),
        schemaVersion: highest('study schema', SUPPORTED_SCHEMA_VERSIONS, schemaVersions),
        software: SOFTWARE,
      };
    },
    enrol({ record, memberSignature: member, logSignature: log, witnessSignature: witness }) {
      return enrol(deps, { record, proofs: { member, log, witness } });
    },
    async watch({ after, waitSeconds, letters: seen }, { values, signal }) {
      const { id: member, state } = values.get(callerKey)!;
      if (seen !== undefined && state === 'admitted') letters.heard(member);
      const written = () => seen !== undefined && letters.count(member) !== seen;
      const changed = () => stateOf(member) !== state || written();
      const found = await events.next({ member, after, milliseconds: waitSeconds * 1000, signal, done: changed });
      const admitted = stateOf(member) === 'admitted';
      return { events: found.map(toWireEvent), admitted, letters: letters.count(member) };
    },
    exchangeLetters({ letters: sent }, { values }) {
      const { id } = needAdmitted(values.get(callerKey)!);
      const { letters: here, absent } = letters.exchange(id, sent.map(letterFromWire));
      return { letters: here.map(letterToWire), absent };
    },
    succeedLog({ record, memberSignature, logSignature, checkpoint }, { values }) {
      succeedLog(deps, needAdmitted(values.get(callerKey)!), { record, memberSignature, logSignature, checkpoint });
      return {};
    },
    join({ join }, { values }) {
      joinStudy(deps, needAdmitted(values.get(callerKey)!), signedOf(join));
      return {};
    },
    leave({ leave }, { values }) {
      leaveStudy(deps, needAdmitted(values.get(callerKey)!), signedOf(leave));
      return {};
    },
    decide({ decision }, { values }) {
      decide(deps, needAdmitted(values.get(callerKey)!), signedOf(decision));
      return {};
    },
    async submitUpdate({ statement }, { values }) {
      await submitUpdate(deps, needAdmitted(values.get(callerKey)!), signedOf(statement));
      return {};
    },
    getReceipt({ study, round, attempt, seen }, { values }) {
      const { id } = needAdmitted(values.get(callerKey)!);
      return receiptOf(store.journal, id, { study, round, attempt, seen: Number(seen) });
    },
  };
}

function highest(what: string, ours: readonly number[], theirs: readonly number[]): number {
  const common = ours.filter((version) => theirs.includes(version));
  if (common.length > 0) return Math.max(...common);
  throw new AssentError(
    'VERSION_UNSUPPORTED',
    `This coordinator speaks ${what} version ${ours.join(', ')}; the node ${theirs.join(', ')}. Update the lower one.`,
    {
      supported: ours.join(','),
    },
  );
}

/** The validation of requests has seen that it is there. */
const signedOf = (sent: { record: Uint8Array; signature: Uint8Array } | undefined) => ({
  bytes: sent!.record,
  signature: sent!.signature,
});

function toWireEvent({ sequence, kind, bytes, signature }: StoredEvent) {
  return {
    sequence,
    kind: { case: kind, value: { record: new Uint8Array(bytes), signature: new Uint8Array(signature) } },
  };
}
