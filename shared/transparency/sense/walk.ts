// Walks through a log record by record and judges it. Memory for people, policies and open rounds; whatever is over is said
// in one line and forgotten, but that it is over.

import { AssentError } from '../../errors.ts';
import { fromHex } from '../../wire/canonical.ts';
import type { Primitives } from '../primitives.ts';
import { accountAdded, accountChanged, closeSetUp, logSucceeded, rulesChanged, singleAdmin } from './accounts.ts';
import { decided, revoked } from './approvals.ts';
import * as coordinator from './coordinator.ts';
import { type Detail, FORMS, isJudged, type JudgedKind } from './forms.ts';
import { type RoundLine, lineOf, lineOfOpen } from './lines.ts';
import { policyRevoked, policySigned, studyDecided } from './participation.ts';
import { Misread, readHead } from './read.ts';
import { type Claim, fail, keyOfRound, lack, type Place, type Round, roundAt, startKnowledge } from './state.ts';
import { intended, sent, trained } from './updates.ts';

export type SenseSummary = {
  /** `not-shown`: nothing wrong was found, but something cannot be judged from what is shown. */
  verdict: 'ok' | 'not-shown' | 'failed';
  rounds: { ok: number; notShown: number; failed: number };
  signatures: number;
  /** The first ones, in the order of their records, and how many there are. */
  findings: { index: number; message: string }[];
  found: number;
};

export type Walk = {
  /**
   * The next record: undefined when it is withheld. `signed` are the bytes of the record that it names and people signed.
   * Returns a promise when signatures should be checked before more comes.
   */
  take(
    index: number,
    record: Readonly<Record<string, unknown>> | undefined,
    signed: Uint8Array | null,
  ): Promise<void> | undefined;
  /** What opens a commitment to a person's name. */
  opened(commitment: string, value: unknown): void;
  end(): Promise<SenseSummary>;
};

const BATCH = 4096;
const MAX_FINDINGS = 100;

/** Lowercase hex. */
export type OwnerKeys = { member: string; log: string; witness: string };

/** `whole` false: the walk does not begin with the log's first record. `keys` are those of whose log this is. */
export function startWalk(
  p: Primitives,
  about: { whole: boolean; keys: OwnerKeys },
  say: (line: RoundLine) => void,
): Walk {
  const k = startKnowledge(!about.whole);
  const c = coordinator.startCoordinator();
  const names = new Map<string, string>();
  const nameOf = (commitment: string | null): string | null =>
    commitment === null ? null : (names.get(commitment) ?? null);
  const counts = { ok: 0, notShown: 0, failed: 0 };
  let waiting: (() => RoundLine)[] = [];
  let signatures = 0;
  let last = 0;
  let running: Promise<void> = Promise.resolve();

  /** Signatures that came together are checked together, while reading goes on; lines follow when theirs are. */
  function flush(): Promise<void> {
    const [claims, lines] = [k.claims, waiting];
    [k.claims, waiting] = [[], []];
    signatures += claims.length;
    const checked = verifyAll(p, claims);
    const before = running;
    running = (async () => {
      await before;
      (await checked).forEach((ok, i) => {
        const { index, what, round } = claims[i]!;
        if (!ok) fail(k, index, `bears a signature that does not verify (${what})`, round);
      });
      for (const make of lines) {
        const line = make();
        counts[line.verdict === 'not-shown' ? 'notShown' : line.verdict]++;
        say(line);
      }
    })();
    // One batch may be under way while the next one is read, not more.
    return before;
  }

  function finish(place: Place, outcome: RoundLine['outcome']): void {
    const round = roundAt(k, place);
    if (round !== undefined) finishRound(round, outcome);
  }

  function finishRound(round: Round, outcome: RoundLine['outcome']): void {
    const key = keyOfRound(round);
    k.rounds.delete(key);
    if (k.over.has(key)) return;
    k.over.set(key, outcome);
    const { gaps } = k;
    waiting.push(() => lineOf(round, outcome, gaps, nameOf));
  }

  const judges: { [K in JudgedKind]: (place: Place, detail: Detail<K>, signed: Uint8Array) => void } = {
    'log.created': (_, { log }) => void (k.log = log),
    'log.succeeded': (place, detail, signed) => logSucceeded(k, place, detail, signed),
    'account.added': (place, detail, signed) => accountAdded(k, place, detail, signed),
    'account.changed': (place, detail, signed) => accountChanged(k, place, 'account.changed', detail, signed),
    'account.deactivated': (place, detail, signed) => accountChanged(k, place, 'account.deactivated', detail, signed),
    'account.key-issued': (place, detail, signed) => accountChanged(k, place, 'account.key-issued', detail, signed),
    'account.single-admin': (place, detail) => singleAdmin(k, place, detail),
    'rules.changed': (place, detail, signed) => rulesChanged(k, place, detail, signed),
    'enrolment.requested': ({ index }, { member, keys }) => {
      closeSetUp(k, index);
      const same = keys.member === about.keys.member && keys.witness === about.keys.witness;
      if (!same) fail(k, index, 'enrols with other keys than keys.json has');
      if (k.log !== null && keys.log !== k.log) fail(k, index, 'enrols with another log key than this log has');
      if (k.member !== null && k.member.key !== keys.member) fail(k, index, 'enrols with another key than before');
      k.member = { id: member, key: keys.member };
    },
    'study.joined': (place, detail, signed) => studyDecided(k, place, 'join', { reason: null, ...detail }, signed),
    'study.moved': (place, { to, ...detail }, signed) =>
      studyDecided(k, place, 'move', { reason: null, documents: 0, ...to, ...detail }, signed),
    'study.left': (place, detail, signed) => studyDecided(k, place, 'leave', detail, signed),
    'policy.signed': (place, detail, signed) => policySigned(k, place, detail, signed),
    'policy.revoked': (place, detail) => policyRevoked(k, place, detail),

    'round.offered': (place, detail) => {
      const round = roundAt(k, place);
      if (round === undefined) return;
      if (round.offered !== null || k.over.has(keyOfRound(round)))
        fail(k, place.index, 'offers a round that was offered before', round);
      else round.offered = { ...detail, index: place.index };
    },
    'round.blocked': (place) => finish(place, 'not sent'),
    'round.lapsed': (place) => finish(place, 'not sent'),
    'round.failed': (place) => finish(place, 'not sent'),
    'approval.granted': (place, detail, signed) => decided(k, place, 'approve', detail, signed),
    'approval.declined': (place, detail, signed) => {
      decided(k, place, 'decline', detail, signed);
      finish(place, 'declined');
    },
    'approval.revoked': (place, detail, signed) => revoked(k, place, detail, signed),
    'release.requested': (place, detail) => void roundAt(k, place)?.releaseAsked.push(detail),
    'training.started': (place, { snapshot }) =>
      void roundAt(k, place)?.trained.push({ index: place.index, snapshot, floor: k.rules.rows }),
    'training.failed': (place) => finish(place, 'not sent'),
    'training.finished': (place, detail) => trained(k, place, detail),
    'update.sealed': (place, detail) => void roundAt(k, place)?.sealed.push(detail),
    'update.intended': (place, detail) => intended(k, place, detail),
    'update.sent': (place, detail) => {
      const round = sent(k, place, detail);
      if (round !== undefined) finishRound(round, 'sent');
    },
    'update.unconfirmed': (place) => {
      const round = roundAt(k, place);
      if (round !== undefined) round.unconfirmed = place.index;
    },
    'update.refused': (place) => finish(place, 'refused'),

    'member.admitted': (_, { member }) => void c.members.add(member),
    'member.removed': ({ index }, { member }) => {
      if (!c.members.delete(member)) lack(k, index, `removes ${member}, who was no member`);
    },
    'round.opened': (place, detail) => coordinator.opened(k, c, place, detail),
    'decision.received': (place, detail) => coordinator.decisionReceived(k, c, place, detail),
    'update.accepted': (place, detail) => coordinator.accepted(k, c, place, detail),
    'round.aggregated': (place, { plan, members }) => endOpen(place, plan, members, 'aggregated'),
    'round.aborted': (place, { plan }) => endOpen(place, plan, 0, 'aborted'),
  };

  function endOpen(place: Place, plan: string, members: number, outcome: 'aggregated' | 'aborted'): void {
    const round = coordinator.closed(k, c, place, plan, members);
    if (round === undefined) return;
    const { gaps } = k;
    waiting.push(() => lineOfOpen(round, outcome, place.index, gaps));
  }

  return {
    take(index, record, signed) {
      last = index;
      if (record === undefined) {
        k.gaps = true;
        return undefined;
      }
      // What is no audit record of ours, or of a kind that says nothing here, is left alone.
      const { kind } = record;
      if (typeof kind !== 'string' || !isJudged(kind)) return undefined;
      try {
        const { at, study, round, attempt, detail } = readHead(record);
        const judge = judges[kind] as (place: Place, detail: unknown, signed: Uint8Array) => void;
        judge({ index, at, study, round, attempt }, FORMS[kind](detail, 'detail'), signed ?? new Uint8Array(0));
      } catch (error) {
        if (!(error instanceof Misread || (error instanceof AssentError && error.code === 'RECORD_INVALID')))
          throw error;
        fail(k, index, `cannot be read as ${kind}: ${error.message}`);
      }
      return k.claims.length >= BATCH || waiting.length >= BATCH ? flush() : undefined;
    },
    opened(commitment, value) {
      if (typeof value === 'string') names.set(commitment, value);
    },
    async end() {
      closeSetUp(k, Number.MAX_SAFE_INTEGER);
      if (k.log !== null && k.log !== about.keys.log)
        lack(k, last, 'is the last of a log whose key, as its records say, is another than signs the checkpoint');
      for (const round of k.rounds.values()) finishRound(round, round.intended === null ? 'open' : 'not confirmed');
      for (const round of c.open.values()) waiting.push(() => lineOfOpen(round, 'open', null, k.gaps));
      await flush();
      await running;
      const { found } = k;
      const findings = k.findings.toSorted((a, b) => a.index - b.index).slice(0, MAX_FINDINGS);
      const unjudged = k.gaps || counts.notShown > 0;
      const verdict = found > 0 ? 'failed' : unjudged ? 'not-shown' : 'ok';
      return { verdict, rounds: counts, signatures, findings, found };
    },
  };
}

async function verifyAll(p: Primitives, claims: readonly Claim[]): Promise<readonly boolean[]> {
  const all = claims.map(({ key, message, signature }) => ({
    publicKey: fromHex(key),
    message,
    signature: fromHex(signature),
  }));
  if (p.verifyAllEd25519) return p.verifyAllEd25519(all);
  return all.map(({ publicKey, message, signature }) => p.verifyEd25519(publicKey, message, signature));
}
