// What people of a test's institution decide, as the handlers would have them do: look at the screen, then sign.
import { approvedOf, decide, type Decided, type Decision } from '../../main/consent/approval.ts';
import { confirmPolicy, draftBounds, proposePolicy, type PolicyBounds } from '../../main/consent/policy.ts';
import { decideRelease, mayNotLeave, releaseScreen } from '../../main/consent/release.ts';
import { revoke, type Revoked } from '../../main/consent/revocation.ts';
import { screenHash, screenOf } from '../../main/consent/screen.ts';
import type { PersonSigner } from '../../main/people/keys.ts';
import type { Approved, Offered, RoundKey } from '../../main/stages.ts';
import { offeredOf, roundOf, type RoundRow } from '../../main/store/rounds.ts';
import { keyOf } from '../../main/store/outbox.ts';
import type { CoordinatorClient } from '../../main/sync/client.ts';
import { deliverAll, type DeliverDeps } from '../../main/sync/deliver.ts';
import type { Tx } from '../../platform/journal.ts';
import type { Institution } from './institution.ts';
import { typing as unlocked, type Login } from './people.ts';

export const KEY: RoundKey = { study: 'small', round: 1, attempt: 1 };
export type Here = Pick<Institution, 'node' | 'clock' | 'study'>;

export const consentOf = ({ node, clock }: Here) => ({ store: node.store, now: clock.now });
export const rowOf = ({ node }: Here, key = KEY): RoundRow => roundOf(node.store.journal.read, key);
export const offeredHere = (here: Here, key = KEY): Offered => offeredOf(rowOf(here, key));
export const approvedHere = (here: Here, key = KEY): Approved => approvedOf(consentOf(here), offeredHere(here, key));

/** The person with the password just typed. */
export const typing = ({ node }: Here, login: Login | 'kim'): Promise<PersonSigner> => unlocked(node, login);

/** What `login` would be shown now, and a decision on it. */
export async function decides(
  here: Here,
  login: Login | 'kim' = 'ann',
  changes: Partial<Decision> = {},
  key = KEY,
): Promise<Decided> {
  const locale = changes.locale ?? 'en';
  const row = rowOf(here, key);
  const shown = screenHash(screenOf(here.node.store.journal.read, row, locale));
  const asked: Decision = {
    decision: 'approve',
    reason: 'fine with us',
    locale,
    planHash: row.plan,
    screen: shown,
    ...changes,
  };
  return decide(consentOf(here), key, await typing(here, login), asked);
}

/** Looks at the update that waits, and decides on its release. */
export async function releases(
  here: Here,
  login: Login | 'kim' = 'ann',
  changes: Partial<Decision> & { update?: string } = {},
  key = KEY,
): Promise<Decided> {
  const screen = await releaseScreen(consentOf(here), key, 'en');
  const asked = {
    decision: 'approve' as const,
    reason: 'looks as usual',
    locale: 'en' as const,
    planHash: rowOf(here, key).plan,
    screen: screenHash(screen),
    update: screen.blob,
    ...changes,
  };
  return decideRelease(consentOf(here), key, await typing(here, login), asked);
}

export async function revokes(here: Here, login: Login | 'kim' = 'ann', key = KEY): Promise<Revoked> {
  const signer = await typing(here, login);
  return revoke(consentOf(here), key, signer, { reason: 'second thoughts', locale: 'en' });
}

/** A policy that Ann proposed and Bob signed; what differs from the draft of the study is in `changes`. */
export async function standingPolicy(here: Here, changes: Partial<PolicyBounds> = {}, locale: 'en' | 'zh' = 'en') {
  const { id: study } = here.study;
  const bounds = { ...draftBounds(here.study), ...changes };
  const [ann, bob] = [await typing(here, 'ann'), await typing(here, 'bob')];
  const { policyHash } = proposePolicy(consentOf(here), ann, { study, bounds, locale });
  return confirmPolicy(consentOf(here), bob, study, policyHash);
}

/** A change of the store that no step of the product makes. */
export const tamper = ({ node }: Here, change: (tx: Tx) => void): void =>
  node.store.journal.transact('node.start', (tx) => {
    change(tx);
    tx.append({ kind: 'program.started', detail: { software: 'x', node: 'x', platform: 'x' } });
  });

/** The coordinator's answers, by call; what is not named fails the test. */
export type Answers = {
  [call in 'enrol' | 'join' | 'leave' | 'decide' | 'submitUpdate']?: () => Promise<unknown>;
} & { upload?: (blob: string, signal: AbortSignal) => Promise<void> };

const nobody = () => Promise.reject(new Error('not asked for'));

/** Empties the outbox as the node would, towards a coordinator that answers so. `on` hears what is on its way. */
export function delivers(here: Here, { upload = nobody, ...calls }: Answers, on: DeliverDeps['sending'] = () => {}) {
  const client = {
    calls,
    upload: (blob: string, _blobs: unknown, signal: AbortSignal) => upload(blob, signal),
    download: nobody,
  } as unknown as CoordinatorClient;
  const deps: DeliverDeps = {
    store: here.node.store,
    clock: here.clock,
    client: () => client,
    mayNotLeave: (row) => mayNotLeave(consentOf(here), keyOf(row)),
    sending: on,
    notify() {},
  };
  return deliverAll(deps, new AbortController().signal);
}

const ok = () => Promise.resolve({});
/** Takes whatever is sent. */
export const ACCEPTS = {
  enrol: ok,
  join: ok,
  leave: ok,
  decide: ok,
  submitUpdate: ok,
  upload: () => Promise.resolve(),
};
