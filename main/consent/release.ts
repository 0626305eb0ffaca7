// The second look: where the rules ask for it, the sealed bytes wait until people have seen what they hold and released them.
import { AssentError, type ErrorCode } from '../../shared/errors.ts';
import type { Approval } from '../../shared/records/consent.ts';
import { distanceOf, partFigures, type PartFigures } from '../../shared/wire/figures.ts';
import { toHex } from '../../shared/wire/canonical.ts';
import { updateRecord } from '../../shared/records/round.ts';
import { sha256 } from '../../platform/crypto.ts';
import type { PersonSigner } from '../people/keys.ts';
import { rulesOf } from '../people/rules.ts';
import type { Approved, Offered, Released, RoundKey, Sealed } from '../stages.ts';
import type { Store } from '../store/open.ts';
import { joinedStudyOf, lastSent, offeredOf, roundOf, type RoundRow } from '../store/rounds.ts';
import { decideAs, type Decided, type Decision } from './approval.ts';
import type { ConsentDeps } from './entitled.ts';
import { needComplete } from './given.ts';
import { factsOf, screenHash, STATEMENTS, type Locale } from './screen.ts';

type Why = NonNullable<RoundRow['release_why']>;

/** Why people have to see this update first; undefined: they do not. The first update of a study has none to be measured by. */
export function whyRelease(
  { journal }: Pick<Store, 'journal'>,
  { study, norm }: Pick<Sealed, 'study' | 'norm'>,
): Why | undefined {
  const { when, norm: factor } = rulesOf(journal.read).release;
  if (when === 'always') return 'always';
  const before = lastSent(journal.read, study);
  return before && Number(norm) > Number(factor) * Number(before.norm) ? 'norm' : undefined;
}

/** What may leave now; undefined while people have to look at it. Throws what `needComplete` throws. */
export function released(deps: ConsentDeps, approved: Approved, sealed: Sealed): Released | undefined {
  const row = roundOf(deps.store.journal.read, sealed);
  if (row.stage === 'sealed') {
    const why = whyRelease(deps.store, sealed);
    if (why === undefined) return { sealed, approvals: [] as string[], notAfter: approved.notAfter } as Released;
    ask(deps, approved, sealed, why);
    return undefined;
  }
  if (row.stage === 'releasing') return undefined;
  const about = { offered: approved, update: sealed.blob };
  const { approvals, notAfter } = needComplete(deps, 'release', about, row.released);
  const first = notAfter < approved.notAfter ? notAfter : approved.notAfter;
  return { sealed, approvals: approvals.map(({ hash }) => hash), notAfter: first } as Released;
}

/**
 * Why the update of a round must not leave any more, although its approvals were used up for it; undefined when it may. Asked
 * just before the bytes leave: an approval may have ended, been taken back, or lost the person who gave it.
 */
export function mayNotLeave(deps: ConsentDeps, key: RoundKey): ErrorCode | undefined {
  const row = roundOf(deps.store.journal.read, key);
  const offered = offeredOf(row);
  try {
    needComplete(deps, 'train', { offered, update: null }, row.approval, 'used');
    if (row.release_why !== null) needComplete(deps, 'release', { offered, update: row.sealed }, row.released, 'used');
    return undefined;
  } catch (error) {
    if (error instanceof AssentError) return error.code;
    throw error;
  }
}

function ask({ store }: ConsentDeps, { planHash: plan }: Approved, sealed: Sealed, why: Why): void {
  const { study, round, attempt, blob, bytes, norm } = sealed;
  store.journal.transact('release.request', (tx) => {
    tx.run(
      "update round set stage = 'releasing', release_why = ? where study = ? and round = ? and attempt = ?",
      why,
      study,
      round,
      attempt,
    );
    const detail = { plan, update: blob, bytes, norm, why };
    tx.append({ kind: 'release.requested', study, round, attempt, detail });
  });
}

/** The actual update, as people see it before they release it. Its hash is part of what they sign. */
export type ReleaseScreen = {
  title: string;
  why: Why;
  blob: string;
  bytes: number;
  norm: string;
  normBound: number;
  parts: PartFigures[];
  /** Of the update of this study that was sent last, and how far this one is from it; null where there is none here. */
  last: { norm: string; distance: number | null } | null;
  /** What leaves with it: values as they are in the statement that is sealed with the update. */
  examples: number;
  metrics: Record<string, string | null>;
  sendBy: string;
  approve: string;
  decline: string;
};

/** Throws ROUND_STATE where no update waits to be released, and STORE_DAMAGED. */
export async function releaseScreen({ store }: ConsentDeps, key: RoundKey, locale: Locale): Promise<ReleaseScreen> {
  const { read } = store.journal;
  const row = roundOf(read, key);
  const { study, round } = row;
  if ((row.stage !== 'releasing' && row.stage !== 'released') || !row.sealed || !row.release_why || !row.statement)
    throw new AssentError('ROUND_STATE', `No update of round ${round} of ${study} waits to be released.`, {
      stage: row.stage,
    });
  const bytes = await exactBytes(store, row.sealed);
  const offered = offeredOf(row);
  const { examples, metrics } = updateRecord.decode(row.statement);
  const facts = {
    ...factsOf(offered, joinedStudyOf(read, study).rows, locale),
    bytes: bytes.length,
    norm: row.norm!,
    blob: row.sealed,
  };
  return {
    title: offered.plan.definition.title[locale],
    why: row.release_why,
    blob: row.sealed,
    bytes: bytes.length,
    norm: row.norm!,
    normBound: offered.plan.definition.bounds.norm,
    parts: partFigures(bytes),
    last: await lastBeside(store, study, bytes),
    examples,
    metrics: Object.fromEntries(Object.entries(metrics).map(([name, value]) => [name, value ?? null])),
    sendBy: offered.plan.sendBy,
    approve: STATEMENTS[locale].release(facts),
    decline: STATEMENTS[locale].declineRelease(facts),
  };
}

/** The update of this study that was sent last, as it stands beside this one; null where there is none. */
export async function lastBeside(
  store: Store,
  study: string,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<ReleaseScreen['last']> {
  const before = lastSent(store.journal.read, study);
  if (!before) return null;
  return { norm: before.norm, distance: (await distanceFrom(store, before.sealed, bytes)) ?? null };
}

async function exactBytes({ blobs, home }: Store, hash: string): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(await blobs.read(hash));
  if (toHex(sha256(bytes)) === hash) return bytes;
  throw new AssentError('STORE_DAMAGED', `The update in ${home} is not the one that was sealed.`);
}

async function distanceFrom(store: Store, hash: string, bytes: Uint8Array<ArrayBuffer>): Promise<number | undefined> {
  if ((await store.blobs.size(hash)) === undefined) return undefined;
  return distanceOf(await exactBytes(store, hash), bytes);
}

/** A person releases the exact update that was shown, or declines to. Throws as `decide` does. */
export async function decideRelease(
  deps: ConsentDeps,
  key: RoundKey,
  signer: PersonSigner,
  request: Decision & { update: string },
): Promise<Decided> {
  const screen = await releaseScreen(deps, key, request.locale);
  // From here on nothing waits, so that what was looked at is what is decided on.
  const row = roundOf(deps.store.journal.read, key);
  const offered: Offered = offeredOf(row);
  if (row.sealed !== request.update || screen.blob !== request.update)
    throw new AssentError('APPROVAL_MISMATCH', 'The update is not the one that was shown. Look at it again.', {
      shown: request.update,
      now: row.sealed ?? '',
    });
  const { blob, bytes, norm } = screen;
  const update: Approval['update'] = { blob, bytes, norm };
  const meaning = request.decision === 'approve' ? screen.approve : screen.decline;
  return decideAs(deps, offered, signer, request, { purpose: 'release', meaning, screen: screenHash(screen), update });
}
