// The passphrase of a new store as people print and type it: eight groups of five letters and digits, 200 bits.
import { randomBytes } from '../../platform/crypto.ts';

// None of i, l, o, u: what looks like another sign is not used, and is read as it when somebody types it.
const SIGNS = '0123456789abcdefghjkmnpqrstvwxyz';
export const GROUPS = 8;
const LENGTH = 5;

export const newGroups = (): string[] =>
  Array.from({ length: GROUPS }, () => [...randomBytes(LENGTH)].map((byte) => SIGNS[byte % SIGNS.length]!).join(''));

export const passphraseOf = (groups: readonly string[]): string => groups.join('-');

const plain = (typed: string): string =>
  typed.toLowerCase().replace(/[\s-]/g, '').replaceAll('o', '0').replace(/[il]/g, '1');

export const sameGroup = (typed: string, group: string): boolean => plain(typed) === group;

/** A passphrase as typed from the sheet, however it was spaced; any other one is taken as it is. */
export function typedPassphrase(typed: string): string {
  const signs = plain(typed);
  const ours = new RegExp(`^[${SIGNS}]{${GROUPS * LENGTH}}$`).test(signs);
  return ours ? passphraseOf(signs.match(/.{5}/g)!) : typed;
}
