// An institution reduced to its keys: it signs whatever a test wants said, over real HTTP.
import { createClient, type Client } from '@connectrpc/connect';
import { createConnectTransport } from '@connectrpc/connect-web';
import { generateEd25519, primitives, sha256, signEd25519 } from '../../platform/crypto.ts';
import { CoordinatorService } from '../../shared/gen/assent/v1/coordinator_pb.ts';
import { fingerprint } from '../../shared/records/fingerprint.ts';
import { decodeInvitation, enrolmentRecord, joinRecord, leaveRecord } from '../../shared/records/membership.ts';
import {
  decisionRecord,
  planRecord,
  updateRecord,
  type Plan,
  type UpdateStatement,
} from '../../shared/records/round.ts';
import { signedMessage, signRecord, type RecordType } from '../../shared/records/signed.ts';
import { fromWire } from '../../shared/rpc/errors.ts';
import type { Study } from '../../shared/study/study.ts';
import { studyBytes } from '../../shared/study/study.ts';
import { encodeUtf8, toHex } from '../../shared/wire/canonical.ts';

export type Announced = { plan: Plan; hash: string };

export function signingMember(o: { id: string; url: string; consortium: string; now(): number }) {
  const key = { member: generateEd25519(), log: generateEd25519(), witness: generateEd25519() };
  const keys = {
    member: toHex(key.member.publicKey),
    log: toHex(key.log.publicKey),
    witness: toHex(key.witness.publicKey),
  };
  const sign = (message: Uint8Array) => signEd25519(key.member.privateKey, message);
  const iso = () => new Date(o.now()).toISOString();

  /** A fetch with the headers of coordinator.proto; `skew` is added to the time in seconds. */
  const request = (url: string, init: RequestInit = {}, skew = 0) => {
    const headers = new Headers(init.headers);
    const time = String(Math.floor(o.now() / 1000) + skew);
    const line = `${init.method ?? 'GET'} ${new URL(url).pathname}`;
    headers.set('assent-member', o.id);
    headers.set('assent-time', time);
    headers.set(
      'assent-signature',
      toHex(sign(encodeUtf8(['assent/request/v1', o.consortium, o.id, time, line].join('\n')))),
    );
    return fetch(url, { ...init, headers });
  };
  const clientWith = (skew: number): Client<typeof CoordinatorService> =>
    createClient(
      CoordinatorService,
      createConnectTransport({
        baseUrl: o.url,
        useBinaryFormat: true,
        fetch: (url, init) => request(url as string, init, skew),
      }),
    );
  const calls = clientWith(0);
  const signed = <T>(type: RecordType<T>, value: T) => {
    const { bytes, signature } = signRecord(type, value, sign);
    return { record: bytes, signature };
  };
  const blobUrl = (hash: string) => `${o.url}/blobs/${hash}`;

  const member = {
    id: o.id,
    keys,
    secrets: key,
    signer: { publicKey: key.member.publicKey, sign },
    calls,
    clientWith,
    request,
    blobUrl,
    signed,
    fingerprint: fingerprint(primitives, keys),

    enrolment(token: string, provenBy = key, named = keys) {
      const record = enrolmentRecord.encode({ v: 1, consortium: o.consortium, member: o.id, token, keys: named });
      const proof = (each: { privateKey: Uint8Array }) =>
        signEd25519(each.privateKey, signedMessage('enrolment', record));
      return {
        record,
        memberSignature: proof(provenBy.member),
        logSignature: proof(provenBy.log),
        witnessSignature: proof(provenBy.witness),
      };
    },
    enrol: (invitation: string) => calls.enrol(member.enrolment(decodeInvitation(invitation).token)),
    async join(study: Study) {
      const studyHash = toHex(sha256(studyBytes(study)));
      await calls.join({ join: signed(joinRecord, { v: 1, study: study.id, studyHash, member: o.id, at: iso() }) });
    },
    async leave(study: Study) {
      const studyHash = toHex(sha256(studyBytes(study)));
      const record = signed(leaveRecord, { v: 1, study: study.id, studyHash, member: o.id, at: iso() });
      await calls.leave({ leave: record });
      return record;
    },
    async events(after = 0) {
      return (await calls.watch({ after, waitSeconds: 0 })).events;
    },
    /** The newest plan that this member was sent. */
    async plan(): Promise<Announced> {
      const plans = (await member.events()).filter(({ kind }) => kind.case === 'plan');
      const bytes = plans.at(-1)!.kind.value!.record;
      return { plan: planRecord.decode(bytes), hash: toHex(sha256(bytes)) };
    },
    approvalOf: ({ hash }: Announced) => toHex(sha256(encodeUtf8(`approval of ${o.id} for ${hash}`))),
    async decide(announced: Announced, decision: 'approve' | 'decline' = 'approve') {
      const { plan, hash } = announced;
      const about = { v: 1 as const, study: plan.definition.id, round: plan.round, attempt: plan.attempt, plan: hash };
      const approval = member.approvalOf(announced);
      await calls.decide({
        decision: signed(decisionRecord, { ...about, member: o.id, decision, approval, at: iso() }),
      });
    },
    statement(announced: Announced, blob: Uint8Array, changes: Partial<UpdateStatement> = {}): UpdateStatement {
      const { plan, hash } = announced;
      return {
        v: 1,
        study: plan.definition.id,
        round: plan.round,
        attempt: plan.attempt,
        plan: hash,
        member: o.id,
        approval: member.approvalOf(announced),
        blob: toHex(sha256(blob)),
        bytes: blob.length,
        examples: 10,
        metrics: { loss: '0.5', auc: '0.75' },
        at: iso(),
        ...changes,
      };
    },
    submit: (statement: UpdateStatement) => calls.submitUpdate({ statement: signed(updateRecord, statement) }),
    upload(bytes: Uint8Array, o: { hash?: string; offset?: number; length?: number } = {}) {
      const { hash = toHex(sha256(bytes)), offset = 0, length = bytes.length } = o;
      return request(blobUrl(hash), {
        method: 'PATCH',
        headers: {
          'content-type': 'application/octet-stream',
          'upload-offset': String(offset),
          'upload-length': String(length),
        },
        body: new Uint8Array(bytes),
      });
    },
    /** Approves, sends and submits in one go. */
    async contribute(announced: Announced, blob: Uint8Array, changes: Partial<UpdateStatement> = {}) {
      await member.decide(announced);
      await member.upload(blob);
      await member.submit(member.statement(announced, blob, changes));
    },
  };
  return member;
}

export type SigningMember = ReturnType<typeof signingMember>;

/** The code under which a call was refused; fails when it was not. */
export async function refusalOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    return fromWire(error, 'COORDINATOR_UNREACHABLE').code;
  }
  return 'accepted';
}
