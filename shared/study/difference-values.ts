// How two values are compared, and what is said of a change; a study's fields are in difference.ts.
import { decodeUtf8, encodeCanonical } from '../wire/canonical.ts';

/** A value that changed; null where there was, or is, none. */
export type Was<T> = { before: T; after: T };

/** Whether two JSON values are one, whatever the order of their keys. */
export const same = (a: unknown, b: unknown): boolean => text(a) === text(b);
const text = (value: unknown): string => decodeUtf8(encodeCanonical(value));

/** A change of one value, under its code; none when both are the same. */
export const changed = <C extends string, T>(code: C, before: T, after: T): ({ code: C } & Was<T>)[] =>
  same(before, after) ? [] : [{ code, before, after }];

export const minus = <T>(these: readonly T[], those: readonly T[]): T[] => these.filter((one) => !those.includes(one));

/** What both lists hold stands in another order (or one of them holds something twice). */
export function reordered<C extends string, T>(code: C, before: readonly T[], after: readonly T[]): { code: C }[] {
  const kept = (these: readonly T[], those: readonly T[]) => these.filter((one) => those.includes(one));
  return same(kept(before, after), kept(after, before)) ? [] : [{ code }];
}
