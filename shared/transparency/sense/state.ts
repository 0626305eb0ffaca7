// What the auditor knows while walking through a log: people, rules, policies and rounds as the records up to here have them.

import { encodeUtf8 } from '../../wire/canonical.ts';
import { concatBytes } from '../bytes.ts';
import type { Detail } from './forms.ts';
import type { SignedKind, SignedRecord } from './signed-forms.ts';

/** What is wrong, with the record that shows it. */
export type Finding = { index: number; message: string };

/** Where a record of a round stands and what it says there. */
export type Place = { index: number; at: string; study: string | null; round: number | null; attempt: number | null };

export type Person = {
  id: string;
  key: string;
  roles: readonly string[];
  /** The commitment to the name. */
  name: string;
};

export type Approval = {
  index: number;
  hash: string;
  purpose: 'train' | 'release';
  /** Null: by a policy. */
  person: string | null;
  key: string;
  name: string | null;
  policy: string | null;
  /** How many approvals the institution's rules asked for when this one was given. */
  asked: number;
  said: SignedRecord<'approval'>;
  revokedAt: number | null;
};

/** What is said of a round in the end. */
export type Blamed = {
  failures: Finding[];
  /** What could not be judged, in words. */
  unseen: Set<string>;
};

export type Round = Blamed & {
  study: string;
  round: number;
  attempt: number;
  offered: (Detail<'round.offered'> & { index: number }) | null;
  approvals: Approval[];
  declined: { index: number; person: string | null } | null;
  releaseAsked: Detail<'release.requested'>[];
  sealed: Detail<'update.sealed'>[];
  /** Runs of training: on which snapshot, and the fewest rows that the rules then allowed. */
  trained: { index: number; snapshot: string; floor: number }[];
  intended: (Detail<'update.intended'> & { index: number }) | null;
  /** The record that gave up waiting for an answer: the update may have arrived or not. */
  unconfirmed: number | null;
};

export type Policy = {
  hash: string;
  said: SignedRecord<'policy'>;
  message: Uint8Array;
  signers: { person: string; key: string }[];
  revokedAt: number | null;
  /** Another one took its place: what it approved before stays approved. */
  replaced: boolean;
};

/** A signature to be checked; `round` is blamed for it as well. */
export type Claim = {
  index: number;
  round: Round | null;
  what: string;
  key: string;
  message: Uint8Array;
  signature: string;
};

export type Knowledge = {
  /** Whether some record before the current one is not shown: then nothing can be concluded from what is absent. */
  gaps: boolean;
  /** The log's key as the log says it, hex. */
  log: string | null;
  member: { id: string; key: string } | null;
  people: Map<string, Person>;
  /** Every key that a person ever had, by key. */
  keys: Map<string, string>;
  setUp: { admins: string[]; index: number } | null;
  singleAdmin: boolean;
  rules: { approvals: number; release: 'always' | 'bounds'; factor: number; rows: number };
  policies: Map<string, Policy>;
  /** By study: who joined it for the institution, whether it was left, and the norm of the update that left last. */
  studies: Map<string, { stewards: Set<string>; left: number | null; last: { round: number; norm: number } | null }>;
  rounds: Map<string, Round>;
  /** Rounds that are over for this institution, and how: what was approved for them approves nothing any more. */
  over: Map<string, string>;
  claims: Claim[];
  /** The first ones, so that a log that is wrong throughout costs no more memory than a sound one; and how many there are. */
  findings: Finding[];
  found: number;
};

const MOST_FINDINGS = 10_000;

export const startKnowledge = (gaps: boolean): Knowledge => ({
  gaps,
  log: null,
  member: null,
  people: new Map(),
  keys: new Map(),
  setUp: null,
  singleAdmin: false,
  // What a new installation asks of itself until its admins say otherwise.
  rules: { approvals: 2, release: 'bounds', factor: 3, rows: 50 },
  policies: new Map(),
  studies: new Map(),
  rounds: new Map(),
  over: new Map(),
  claims: [],
  findings: [],
  found: 0,
});

export function fail(k: Knowledge, index: number, message: string, round: Blamed | null = null): void {
  const finding = { index, message };
  k.found++;
  if (k.findings.length < MOST_FINDINGS) k.findings.push(finding);
  round?.failures.push(finding);
}

/** A lack is a failure where everything before is shown, and else something that nobody can judge from this package. */
export function lack(k: Knowledge, index: number, message: string, round: Blamed | null = null): void {
  if (!k.gaps) fail(k, index, message, round);
  else round?.unseen.add(message);
}

const PREFIXES = new Map<string, Uint8Array>();

/** What an Ed25519 signature of a record covers. */
export function signedMessage(kind: SignedKind | 'succession', bytes: Uint8Array): Uint8Array {
  let prefix = PREFIXES.get(kind);
  if (prefix === undefined) PREFIXES.set(kind, (prefix = encodeUtf8(`assent/${kind}/v1\n`)));
  return concatBytes(prefix, bytes);
}

export function claim(k: Knowledge, about: Omit<Claim, 'round'> & { round?: Round | null }): void {
  k.claims.push({ round: null, ...about });
}

export const roundName = ({ study, round, attempt }: Pick<Round, 'study' | 'round' | 'attempt'>): string =>
  `round ${round}${attempt > 1 ? `, attempt ${attempt},` : ''} of ${study}`;

/** The round that a record is of, made when this is the first one; undefined for a record that names none. */
export function roundAt(k: Knowledge, { index, study, round, attempt }: Place): Round | undefined {
  if (study === null || round === null) {
    fail(k, index, 'names no round');
    return undefined;
  }
  const key = `${study}/${round}/${attempt ?? 1}`;
  let found = k.rounds.get(key);
  if (found === undefined) {
    const about = { study, round, attempt: attempt ?? 1 };
    const empty = { approvals: [], releaseAsked: [], sealed: [], trained: [], failures: [] };
    found = { ...about, ...empty, offered: null, declined: null, intended: null, unconfirmed: null, unseen: new Set() };
    k.rounds.set(key, found);
  }
  return found;
}

export const keyOfRound = ({ study, round, attempt }: Pick<Round, 'study' | 'round' | 'attempt'>): string =>
  `${study}/${round}/${attempt}`;

/** The person with this key now, in force and with the role; undefined when they are not. */
export function entitled(k: Knowledge, id: string, key: string, role: string): Person | undefined {
  const person = k.people.get(id);
  return person?.key === key && person.roles.includes(role) ? person : undefined;
}
