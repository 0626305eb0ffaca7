// An institution's log as a node would write it, with real people, keys and signatures, and as a dishonest one would.
import { randomBytes } from 'node:crypto';
import { ed25519PublicKey, sha256, signEd25519 } from '../../platform/crypto.ts';
import { logKey, logOrigin } from '../../platform/log-origin.ts';
import { accountRecord, FIRST_RULES, rulesRecord, type Role } from '../../shared/records/account.ts';
import type { AuditEntry } from '../../shared/records/audit.ts';
import {
  approvalRecord,
  participationRecord,
  policyRecord,
  revocationRecord,
  type Approval,
  type Policy,
} from '../../shared/records/consent.ts';
import { signedMessage, type RecordType } from '../../shared/records/signed.ts';
import { encodeCanonical, encodeUtf8, toHex } from '../../shared/wire/canonical.ts';

/** Where a log is written: as in a transaction of the journal. */
export type Sink = {
  append(entry: AuditEntry): void;
  commit(value: unknown): string;
  keep(kind: string, bytes: Uint8Array): string;
};

export type Actor = { id: string; name: string; roles: Role[]; seed: Uint8Array; key: string };
export type Key = { study: string; round: number; attempt: number };

const DAY = 24 * 3600_000;
const MINUTE = 60_000;
export const MEMBER = 'north';
export const hashOf = (text: string): string => toHex(sha256(encodeUtf8(text)));
/** Keys are the same in every run. */
const seedOf = (name: string): Uint8Array => sha256(encodeUtf8(`seed of ${name}`));
const publicOf = (seed: Uint8Array): string => toHex(ed25519PublicKey(seed));
const nonce = (): string => toHex(randomBytes(16));

export function actor(name: string, ...roles: Role[]): Actor {
  const seed = seedOf(name);
  return { id: `p-${hashOf(name).slice(0, 16)}`, name, roles, seed, key: publicOf(seed) };
}

export const INSTALLATION = Object.fromEntries(
  (['member', 'log', 'witness'] as const).map((name) => {
    const seed = seedOf(`installation ${name}`);
    return [name, { publicKey: ed25519PublicKey(seed), sign: (message: Uint8Array) => signEd25519(seed, message) }];
  }),
) as Record<'member' | 'log' | 'witness', { publicKey: Uint8Array; sign(message: Uint8Array): Uint8Array }>;
export const OWN_KEYS = {
  member: toHex(INSTALLATION.member.publicKey),
  log: toHex(INSTALLATION.log.publicKey),
  witness: toHex(INSTALLATION.witness.publicKey),
};
export const COORDINATOR_KEYS = {
  member: hashOf('m'),
  log: hashOf('l'),
  witness: publicOf(seedOf('coordinator witness')),
};
export const OWN_LOG_KEY = logKey(INSTALLATION.log.publicKey);

export const ada = actor('Ada Admin', 'admin');
export const ben = actor('Ben Admin', 'admin');
export const sam = actor('Sam Steward', 'steward');
export const ann = actor('Ann Approver', 'approver');
export const bob = actor('Bob Żółć 审批', 'approver');
export const cyd = actor('Cyd Approver', 'approver');
export const PEOPLE = [sam, ann, bob, cyd];

type Given = Key & { hash: string };

/** What a dishonest program signs is not held back by a schema. */
function encodeAnyway<T>(type: RecordType<T>, value: T): Uint8Array {
  try {
    return type.encode(value);
  } catch {
    return encodeCanonical(value);
  }
}

/** `write` runs the work with a sink: one transaction, or part of one. */
export function nodeLog(write: (work: (sink: Sink) => void) => void, start = Date.parse('2026-03-02T08:00:00.000Z')) {
  let now = start;
  let outbox = 0;
  let pace = MINUTE;
  const at = () => new Date(now).toISOString();
  const later = (milliseconds: number) => new Date(now + milliseconds).toISOString();
  const step = (work: (sink: Sink) => void) => {
    now += pace;
    write(work);
  };
  const signs = <T>(type: RecordType<T>, value: T, ...by: Actor[]) => {
    const bytes = encodeAnyway(type, value);
    const message = signedMessage(type.kind, bytes);
    return {
      bytes,
      signatures: by.map(({ seed, key }) => ({ signer: key, signature: toHex(signEd25519(seed, message)) })),
    };
  };
  const people = (by: Actor) => ({ person: by.id, key: by.key, method: 'password' as const, authenticatedAt: at() });

  const log = {
    now: () => now,
    advance: (milliseconds: number) => void (now += milliseconds),
    step,
    /** Steps within one transaction have one time. */
    atOnce(work: () => void) {
      pace = 0;
      work();
      pace = MINUTE;
    },

    created: () =>
      step((sink) => {
        const detail = { origin: logOrigin(INSTALLATION.log.publicKey), log: OWN_KEYS.log };
        sink.append({ kind: 'log.created', detail: { ...detail, software: 'assent', program: 'node' } });
      }),

    account(
      action: 'set-up' | 'add' | 'change-roles' | 'deactivate' | 'issue-key',
      who: Actor,
      by: Actor[],
      more: { retired?: string; signedBy?: Actor[]; at?: (sink: Sink) => void } = {},
    ) {
      step((sink) => {
        const { id: person, key, roles } = who;
        const value = {
          v: 1 as const,
          action,
          person,
          key,
          roles,
          by: by.map((one) => one.key),
          at: at(),
          nonce: nonce(),
        };
        const { bytes, signatures } = signs(accountRecord, value, ...(more.signedBy ?? by));
        const about = { account: sink.keep('account', bytes), person, key, roles, signatures };
        if (action === 'set-up' || action === 'add')
          sink.append({
            kind: 'account.added',
            detail: { ...about, name: sink.commit(who.name), setUp: action === 'set-up' },
          });
        else if (action === 'issue-key')
          sink.append({ kind: 'account.key-issued', detail: { ...about, retired: more.retired! } });
        else sink.append({ kind: action === 'deactivate' ? 'account.deactivated' : 'account.changed', detail: about });
      });
    },

    singleAdmin: (who: Actor) =>
      step((sink) => sink.append({ kind: 'account.single-admin', detail: { person: who.id } })),

    rules(approvals: number, by: Actor[], more: { rows?: number; release?: 'always' | 'bounds' } = {}) {
      step((sink) => {
        const floor = { rows: more.rows ?? FIRST_RULES.floor.rows, perClass: FIRST_RULES.floor.perClass };
        const release = { when: more.release ?? 'bounds', norm: '3' } as const;
        const value = {
          v: 1 as const,
          approvals,
          release,
          floor,
          by: by.map(({ key }) => key),
          at: at(),
          nonce: nonce(),
        };
        const { bytes, signatures } = signs(rulesRecord, value, ...by);
        const rules = sink.keep('rules', bytes);
        sink.append({
          kind: 'rules.changed',
          detail: { rules, approvals, release: release.when, ...floor, signatures },
        });
      });
    },

    enrolled: () =>
      step((sink) => {
        const detail = { consortium: 'clinics', member: MEMBER, url: 'https://c.example' };
        sink.append({
          kind: 'enrolment.requested',
          detail: { ...detail, coordinator: COORDINATOR_KEYS, keys: OWN_KEYS },
        });
      }),

    decideStudy(decision: 'join' | 'leave', study: string, by: Actor, rows = 120) {
      step((sink) => {
        const about = { study, studyHash: hashOf(study), member: MEMBER, dataset: 'd1', rows };
        const value = {
          v: 1 as const,
          decision,
          ...about,
          snapshot: hashOf('snapshot'),
          mapping: hashOf('mapping'),
          documents: [],
          meaning: `I ${decision} ${study}.`,
          locale: 'en' as const,
          reason: decision === 'leave' ? sink.commit('the contract ended') : null,
          signer: { ...people(by), role: 'steward' as const },
          at: at(),
          nonce: nonce(),
        };
        const { bytes, signatures } = signs(participationRecord, value, by);
        const hash = sink.keep('participation', bytes);
        const signed = { signer: by.key, signature: signatures[0]!.signature, person: by.id };
        const head = { definition: value.studyHash, record: hashOf(`${decision} ${study}`), decision: hash };
        const { snapshot, mapping } = value;
        if (decision === 'leave')
          sink.append({ kind: 'study.left', study, detail: { ...head, reason: value.reason, ...signed } });
        else
          sink.append({
            kind: 'study.joined',
            study,
            detail: { ...head, dataset: 'd1', snapshot, mapping, rows, documents: 0, ...signed },
          });
      });
    },

    /** A policy as `by` sign it, one after the other; `change` alters what is signed. Returns its hash. */
    policy(study: string, by: Actor[], change: (policy: Policy) => Policy = (policy) => policy): string {
      const policy = change({
        v: 1,
        study,
        studyHash: hashOf(study),
        member: MEMBER,
        bounds: { rounds: 1_000_000, attempts: 2, bytes: 1000, norm: '10', cohort: 2, hours: null, epsilon: null },
        meaning: 'I authorise this installation.',
        locale: 'en',
        needed: 2,
        at: at(),
        notBefore: at(),
        notAfter: later(90 * DAY),
        nonce: nonce(),
      });
      let hash = '';
      by.forEach((one, i) =>
        step((sink) => {
          const { bytes, signatures } = signs(policyRecord, policy, one);
          hash = sink.keep('policy', bytes);
          const detail = { policy: hash, signer: one.key, signature: signatures[0]!.signature, person: one.id };
          const { needed, notAfter } = policy;
          sink.append({ kind: 'policy.signed', study, detail: { ...detail, number: i + 1, needed, notAfter } });
        }),
      );
      return hash;
    },

    revokePolicy: (study: string, policy: string, by: Actor, replacedBy: string | null = null) =>
      step((sink) => sink.append({ kind: 'policy.revoked', study, detail: { policy, person: by.id, replacedBy } })),

    offered: (key: Key, maxBytes = 992) =>
      step((sink) => {
        const detail = { ...named(key), members: 4, maxBytes, sendBy: later(3 * DAY) };
        sink.append({ kind: 'round.offered', ...key, detail });
      }),

    /** `change` alters what is signed, `detail` what the record says of it. Returns the approval's hash. */
    decided(
      key: Key,
      by: Actor | { policy: string },
      more: {
        decision?: 'approve' | 'decline';
        update?: { blob: string; bytes: number; norm: string };
        prior?: readonly Given[];
        needed?: number;
        change?: (said: Approval) => Approval;
        detail?: Record<string, unknown>;
        signWith?: Uint8Array;
      } = {},
    ): Given {
      let given = '';
      step((sink) => {
        const person = 'policy' in by ? null : by;
        const policy = 'policy' in by ? by.policy : null;
        const prior = more.prior ?? [];
        const decision = more.decision ?? 'approve';
        const installation = { person: null, key: OWN_KEYS.member, method: 'policy' as const, authenticatedAt: at() };
        const signer = person
          ? { ...people(person), role: 'approver' as const }
          : { ...installation, role: 'installation' as const };
        const base: Approval = {
          v: 1,
          decision,
          purpose: more.update ? 'release' : 'train',
          ...key,
          ...named(key),
          studyHash: hashOf(key.study),
          cohort: ['east', 'north', 'south', 'west'],
          aggregation: 'mean',
          secureAggregation: null,
          privacy: null,
          snapshot: hashOf('snapshot'),
          rows: 120,
          releases: ['update', 'examples'],
          vectors: ['delta'],
          maxBytes: 992,
          normBound: '10',
          update: more.update ?? null,
          meaning: 'I reviewed this round and approve it.',
          locale: 'en',
          screen: hashOf('screen'),
          reason: person ? sink.commit('agreed with the data board') : null,
          signer,
          needed: more.needed ?? (person ? 2 : 1),
          prior: prior.map(({ hash }) => hash),
          at: at(),
          policy,
          notBefore: at(),
          notAfter: later(more.update ? DAY : 3 * DAY),
          nonce: nonce(),
        };
        const said = more.change?.(base) ?? base;
        const bytes = encodeAnyway(approvalRecord, said);
        const message = signedMessage('approval', bytes);
        const seed = more.signWith ?? person?.seed;
        given = sink.keep('approval', bytes);
        const entry = {
          kind: decision === 'approve' ? 'approval.granted' : 'approval.declined',
          ...key,
          detail: {
            purpose: said.purpose,
            plan: said.plan,
            inputModel: said.inputModel,
            approval: given,
            update: said.update?.blob ?? null,
            signer: said.signer.key,
            signature: toHex(seed ? signEd25519(seed, message) : INSTALLATION.member.sign(message)),
            person: said.signer.person,
            installation: toHex(INSTALLATION.member.sign(message)),
            number: prior.length + 1,
            needed: said.needed,
            policy: said.policy,
            reason: said.reason,
            notAfter: said.notAfter,
            ...more.detail,
          },
        };
        sink.append(entry as AuditEntry);
      });
      return { ...key, hash: given };
    },

    revoked: (given: Given, by: Actor) =>
      step((sink) => {
        const { hash, ...key } = given;
        const { plan } = named(key);
        const value = {
          v: 1 as const,
          ...key,
          plan,
          approval: hash,
          meaning: 'I take it back.',
          locale: 'en' as const,
          reason: sink.commit('a doubt'),
          signer: { ...people(by), role: 'approver' as const },
          at: at(),
          nonce: nonce(),
        };
        const { bytes, signatures } = signs(revocationRecord, value, by);
        const detail = { plan, approval: hash, revocation: sink.keep('revocation', bytes), reason: value.reason };
        const signed = { signer: by.key, signature: signatures[0]!.signature, person: by.id };
        sink.append({ kind: 'approval.revoked', ...key, detail: { ...detail, ...signed } });
      }),

    trained: (given: Given, snapshot = hashOf('snapshot')) =>
      step((sink) => {
        const { hash: approval, ...key } = given;
        const detail = { plan: named(key).plan, approval, snapshot, run: 1, why: 'approved' as const };
        sink.append({ kind: 'training.started', ...key, detail });
      }),

    releaseRequested: (key: Key, why: 'always' | 'norm' = 'norm') =>
      step((sink) => {
        const { blob, bytes } = updateOf(key);
        const detail = { plan: named(key).plan, update: blob, bytes, norm: '4.5', why };
        sink.append({ kind: 'release.requested', ...key, detail });
      }),

    sealed: (given: Given, norm = '1.5') =>
      step((sink) => {
        const { hash: approval, ...key } = given;
        const { statement, blob, bytes } = updateOf(key);
        const detail = { plan: named(key).plan, approval, statement, blob, bytes, norm };
        sink.append({ kind: 'update.sealed', ...key, detail });
      }),

    left(kind: 'update.intended' | 'update.sent', given: Given, change: Partial<ReturnType<typeof updateOf>> = {}) {
      step((sink) => {
        const { hash: approval, ...key } = given;
        if (kind === 'update.intended') outbox++;
        const detail = { plan: named(key).plan, approval, ...updateOf(key), ...change, outbox };
        sink.append({ kind, ...key, detail });
      });
    },

    unconfirmed: (given: Given) =>
      step((sink) => {
        const { hash: approval, ...key } = given;
        const detail = {
          plan: named(key).plan,
          approval,
          statement: updateOf(key).statement,
          code: 'APPROVAL_REVOKED',
        };
        sink.append({ kind: 'update.unconfirmed', ...key, detail });
      }),

    /** Two admins, a steward and three approvers; enrolled and joined. */
    founded(study = 'small') {
      log.created();
      log.account('set-up', ada, [ada]);
      log.account('set-up', ben, [ben]);
      log.rules(2, [ada, ben]);
      for (const person of PEOPLE) log.account('add', person, [ada]);
      log.enrolled();
      log.decideStudy('join', study, sam);
      return log;
    },

    approvedBy(key: Key, ...by: Actor[]): Given[] {
      const given: Given[] = [];
      for (const one of by) given.push(log.decided(key, one, { prior: [...given] }));
      return given;
    },

    /** From the approvals on to the answer of the coordinator. */
    carriedOut(given: Given): void {
      log.trained(given);
      log.sealed(given);
      log.left('update.intended', given);
      log.left('update.sent', given);
    },

    finished: (given: Given, examples = 90) =>
      step((sink) => {
        const { hash: approval, ...key } = given;
        const environment = { tensorflow: '2.9.1', tfjs: '4.22.0', device: 'cpu', threads: 2, memoryLimitMb: null };
        const { plan } = named(key);
        const { blob } = updateOf(key);
        const run = { plan, approval, snapshot: hashOf('snapshot'), run: 1, examples, update: blob };
        const measured = { environment, norm: '1.5', withheld: [], milliseconds: 210 };
        sink.append({ kind: 'training.finished', ...key, detail: { ...run, ...measured } });
      }),

    /** What else a node writes of a round, of which the auditor concludes nothing. */
    besides(given: Given): void {
      const { hash: approval, ...key } = given;
      const { plan } = named(key);
      const { blob } = updateOf(key);
      log.finished(given);
      step((sink) => {
        sink.append({ kind: 'message.delivered', ...key, detail: { purpose: 'decision', record: approval, outbox } });
        const closed = { plan, outcome: approval, result: 'aggregated' as const, model: blob, counted: true };
        sink.append({ kind: 'round.closed', ...key, detail: closed });
      });
    },

    /** A round as it should be. */
    round(key: Key, ...by: Actor[]): void {
      log.offered(key);
      log.carriedOut(log.approvedBy(key, ...(by.length > 0 ? by : [ann, bob])).at(-1)!);
    },

    automaticRound(key: Key, policy: string): void {
      log.offered(key);
      log.carriedOut(log.decided(key, { policy }));
    },
  };
  return log;
}

export type NodeLog = ReturnType<typeof nodeLog>;

export const keyOf = (round: number, study = 'small'): Key => ({ study, round, attempt: 1 });

export const named = ({ study, round, attempt }: Key) => ({
  plan: hashOf(`plan ${study} ${round} ${attempt}`),
  inputModel: hashOf(`model ${study} ${round}`),
});

export const updateOf = ({ study, round, attempt }: Key) => ({
  statement: hashOf(`statement ${study} ${round} ${attempt}`),
  blob: hashOf(`blob ${study} ${round} ${attempt}`),
  bytes: 992,
});
