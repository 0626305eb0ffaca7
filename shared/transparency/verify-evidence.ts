// What an evidence package has beside the records: the bytes that people signed and what opens commitments, read in lockstep
// with the records that name them; and whose the keys are, as far as the auditor has said.

import { type OwnerKeys, type SenseSummary, startWalk } from './sense/walk.ts';
import type { RoundLine } from './sense/lines.ts';
import { fingerprint, sameFingerprint } from '../records/fingerprint.ts';
import { decodeCanonical, decodeUtf8, encodeCanonical, fromHex, toHex } from '../wire/canonical.ts';
import { concatBytes, sameBytes } from './bytes.ts';
import { type ExportFiles, fault, type Line, type Listing, readFile, readingFrom, readLines } from './export-files.ts';
import * as layout from './layout.ts';
import { encodePolicy, parsePolicy, policyAccepts, type TrustPolicy } from './policy.ts';
import type { Primitives } from './primitives.ts';
import type { LogRange } from './range.ts';
import { key, object } from './sense/read.ts';
import { signedName } from './signed-in.ts';
import type { Observer, RecordValue } from './verify-entries.ts';
import type { Head } from './verify-head.ts';
import { encodeVkey } from './verifier-key.ts';

/** Whose key, and how the auditor knows it from outside the package; null: it came with the package and nobody vouches for it. */
export type KeyStanding = { whose: string; key: string; confirmed: 'policy' | 'fingerprint' | null };

export type EvidenceResult = {
  from: number;
  to: number;
  withheld: number;
  openings: number;
  /** Of the owner's three keys: to be compared with what the institution says on the telephone. */
  fingerprint: string;
  keys: KeyStanding[];
  /** Whether the checkpoint is signed as the policy in the package asks. */
  ownPolicy: 'met' | 'not met';
  /** Files that nothing signs. */
  unvouched: string[];
  sense: SenseSummary;
};

/** What the auditor brings along. */
export type AuditorSays = { policy: TrustPolicy | null; fingerprints: readonly string[] };

const MAX_SIGNED_LINE = 256 * 1024;
const MAX_OPENING_LINE = 1024 * 1024;
const MAX_TEXT_FILE = 64 * 1024;

const readKeys = object({ member: key, log: key, witness: key });

/** The lines of a file that may be absent, one at a time and checked for their form. */
function linesOf(files: ExportFiles, listing: Listing, path: string, limit: number) {
  const lines: AsyncIterator<Line> = (listing.has(path) ? readLines(files.stream(path), limit) : none())[
    Symbol.asyncIterator
  ]();
  let number = 0;
  return {
    where: () => `${path} line ${number}`,
    async next(): Promise<Uint8Array | undefined> {
      const found = await lines.next();
      if (found.done === true) return undefined;
      const value: Line = found.value;
      number++;
      if (value.problem !== null)
        throw fault(
          `${path} line ${number}`,
          value.problem === 'too long' ? 'is too long.' : 'does not end with a line feed.',
        );
      return value.bytes;
    },
  };
}

async function* none(): AsyncGenerator<Line> {}

const mentions = (value: unknown, text: string): boolean =>
  typeof value === 'object' && value !== null
    ? Object.values(value).some((item) => mentions(item, text))
    : value === text;

export async function readEvidence(
  p: Primitives,
  files: ExportFiles,
  listing: Listing,
  head: Head,
  range: LogRange,
  says: AuditorSays,
  say: (line: RoundLine) => void,
): Promise<{ observe: Observer; end(): Promise<EvidenceResult> }> {
  const keys = await readOwnerKeys(files, listing, head);
  const policyBytes = await readFile(files, listing, layout.POLICY_FILE, MAX_TEXT_FILE);
  const own = readingFrom(layout.POLICY_FILE, () => parsePolicy(p, policyBytes));
  // One form for one log and its witnesses, so that no byte of it can be changed unseen.
  if (!sameBytes(policyBytes, encodePolicy(head.keys.log, own.witnesses)))
    throw fault(layout.POLICY_FILE, 'is not the policy of this log and these witnesses.');
  const signed = linesOf(files, listing, layout.SIGNED_FILE, MAX_SIGNED_LINE);
  const openings = linesOf(files, listing, layout.OPENINGS_FILE, MAX_OPENING_LINE);
  const named = new Set<string>();
  /** Policies are named by each of their signers; what else is named twice is the walk's to judge. */
  const kept = new Map<string, Uint8Array>();
  const others = new Map<string, OwnerKeys>();
  const walk = startWalk(p, { whole: range.from === 0, keys }, say);
  let opening = await nextOpening();
  let opened = 0;

  async function nextOpening() {
    const bytes = await openings.next();
    if (bytes === undefined) return undefined;
    return readingFrom(openings.where(), () => readOpening(p, openings.where(), bytes));
  }

  /** The bytes that the record names, when it is the first to do so. */
  async function signedBytes(index: number, hash: string): Promise<Uint8Array> {
    const again = kept.get(hash);
    if (again !== undefined) return again;
    if (named.has(hash)) throw fault(index, 'names a signed record that an earlier one has named.');
    const bytes = await signed.next();
    if (bytes === undefined)
      throw fault(layout.SIGNED_FILE, `ends before the signed record that record ${index} names.`);
    if (toHex(p.sha256(bytes)) !== hash)
      throw fault(signed.where(), `is not the signed record that record ${index} names.`);
    named.add(hash);
    return bytes;
  }

  async function openWhat(record: RecordValue, bytes: Uint8Array | null): Promise<void> {
    const said = bytes === null ? '' : readingFrom(signed.where(), () => decodeUtf8(bytes));
    while (
      opening !== undefined &&
      (mentions(record, opening.commitment) || said.includes(`"${opening.commitment}"`))
    ) {
      if (record['kind'] === 'account.added') walk.opened(opening.commitment, opening.value);
      opened++;
      opening = await nextOpening();
    }
  }

  async function takeNamed(index: number, record: RecordValue, hash: string | null): Promise<void> {
    const bytes = hash === null ? null : await signedBytes(index, hash);
    if (hash !== null && record['kind'] === 'policy.signed') kept.set(hash, bytes!);
    if (opening !== undefined) await openWhat(record, bytes);
    await walk.take(index, record, bytes);
  }

  return {
    observe(index, record) {
      if (record === undefined) return walk.take(index, undefined, null);
      const hash = signedName(record);
      noteKeys(others, record);
      return hash === null && opening === undefined ? walk.take(index, record, null) : takeNamed(index, record, hash);
    },
    async end() {
      if ((await signed.next()) !== undefined) throw fault(signed.where(), 'is named by no record that is shown.');
      if (opening !== undefined) throw fault(openings.where(), 'opens nothing that a shown record names.');
      const sense = await walk.end();
      return {
        from: range.from,
        to: range.to,
        withheld: range.withheld,
        openings: opened,
        fingerprint: fingerprint(p, keys),
        keys: standings(p, head, keys, others, says),
        ownPolicy: policyAccepts(own, head.checkpoint.origin, head.signers) ? 'met' : 'not met',
        unvouched: [layout.README_FILE, ...layout.PROGRAM_FILES].filter((path) => listing.has(path)),
        sense,
      };
    },
  };
}

async function readOwnerKeys(files: ExportFiles, listing: Listing, head: Head): Promise<OwnerKeys> {
  const path = layout.KEYS_FILE;
  const bytes = await readFile(files, listing, path, MAX_TEXT_FILE);
  const keys = readingFrom(path, () => {
    try {
      return readKeys(decodeCanonical(bytes), '');
    } catch (error) {
      throw fault(path, `does not hold three keys: ${(error as Error).message}.`);
    }
  });
  if (keys.log !== toHex(head.keys.log.publicKey))
    throw fault(path, `has another log key than ${layout.LOG_KEY_FILE}.`);
  return keys;
}

function readOpening(p: Primitives, where: string, bytes: Uint8Array): { commitment: string; value: unknown } {
  const line = decodeCanonical(bytes);
  const { commitment, salt, value, ...more } = (line ?? {}) as Record<string, unknown>;
  const isOpening = typeof commitment === 'string' && typeof salt === 'string' && value !== undefined;
  if (!isOpening || Object.keys(more).length > 0) throw fault(where, 'is no opening: commitment, salt and value.');
  if (toHex(p.sha256(concatBytes(fromHex(salt), encodeCanonical(value)))) !== commitment)
    throw fault(where, 'does not open its commitment: the salt or the value was changed.');
  return { commitment, value };
}

/** Keys of others that this log names; with a fingerprint typed for them, they are confirmed too. */
function noteKeys(others: Map<string, OwnerKeys>, { kind, detail }: RecordValue): void {
  if (kind !== 'enrolment.requested' && kind !== 'member.admitted' && kind !== 'member.succeeded') return;
  const { member, keys, coordinator } = detail as Record<string, unknown>;
  try {
    if (kind === 'enrolment.requested') others.set('the coordinator', readKeys(coordinator, ''));
    else if (typeof member === 'string') others.set(member, readKeys(keys, ''));
  } catch {
    // What is wrong with the record, the walk says.
  }
}

function standings(
  p: Primitives,
  head: Head,
  keys: OwnerKeys,
  others: ReadonlyMap<string, OwnerKeys>,
  { policy, fingerprints }: AuditorSays,
): KeyStanding[] {
  const confirmed = new Set<string>();
  for (const typed of fingerprints) {
    const found = [keys, ...others.values()].find((known) => sameFingerprint(typed, fingerprint(p, known)));
    if (found === undefined)
      throw fault(layout.KEYS_FILE, `holds no keys with the fingerprint ${typed}, nor does a record.`);
    for (const one of Object.values(found)) confirmed.add(one);
  }
  const trusted = [...(policy?.logs ?? []), ...(policy?.witnesses ?? [])].map(encodeVkey);
  const standing = (whose: string, hex: string, vkey: string | null): KeyStanding => ({
    whose,
    key: hex,
    confirmed: vkey !== null && trusted.includes(vkey) ? 'policy' : confirmed.has(hex) ? 'fingerprint' : null,
  });
  const found = [standing('log', keys.log, encodeVkey(head.keys.log)), standing('installation', keys.member, null)];
  for (const signer of head.signers) {
    const witness = head.keys.all.find(
      (one) => one.type === 4 && one.name === signer.name && one.keyId === signer.keyId,
    );
    if (witness === undefined) continue;
    const whose = [...others].find(([, { witness: hex }]) => hex === toHex(witness.publicKey))?.[0];
    found.push(
      standing(
        `witness ${witness.name}${whose === undefined ? '' : ` (${whose})`}`,
        toHex(witness.publicKey),
        encodeVkey(witness),
      ),
    );
  }
  return found;
}
