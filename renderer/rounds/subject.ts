// What a decision is about, as it was shown: the round, or the exact update that waits to be released.
import type { GetReleaseResponse, GetRoundResponse, RoundName } from '../../shared/gen/assent/v1/node_pb.ts';
import type { LocaleName } from '../preferences.svelte.ts';

export type Subject = {
  name: RoundName;
  planHash: string;
  screenHash: string;
  /** Of the update to release; empty: it is about training. */
  updateHash: string;
  /** The statements, word for word, in the language that they were asked for in. */
  approve: string;
  decline: string;
  locale: LocaleName;
  approveBy: string;
};

export function subjectOf(
  shown: GetRoundResponse,
  release: GetReleaseResponse | undefined,
  locale: LocaleName,
): Subject {
  const { planHash, screenHash, approveStatement, declineStatement } = release ?? shown;
  const { name, approveBy } = shown.summary!;
  return {
    name: name!,
    planHash,
    screenHash,
    updateHash: release?.updateHash ?? '',
    approve: approveStatement,
    decline: declineStatement,
    locale,
    approveBy,
  };
}

/** Whether what is shown now is something else than what was shown before; another language alone is not. */
export function isAnother(before: Subject, now: Subject): boolean {
  const same = before.planHash === now.planHash && before.updateHash === now.updateHash;
  return !same || (before.locale === now.locale && before.screenHash !== now.screenHash);
}
