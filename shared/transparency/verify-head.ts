// The first half of checking an export: its keys, its signed checkpoint, and that every file present is covered by it.

import { decodeUtf8, encodeUtf8 } from '../wire/canonical.ts';
import { sameBytes } from './bytes.ts';
import { type Checkpoint, parseCheckpoint, parseSize } from './checkpoint.ts';
import { type ExportFiles, fault, type Listing, readFile, readingFrom } from './export-files.ts';
import * as layout from './layout.ts';
import { MAX_NOTE_BYTES, type Signer, verifyNote } from './note.ts';
import { encodePolicy, parsePolicy, policyAccepts, type TrustPolicy } from './policy.ts';
import type { Primitives } from './primitives.ts';
import type { LogRange } from './range.ts';
import { encodeVkey, parseVkeyFile, sameIdentity, type VerifierKey } from './verifier-key.ts';

export type Head = {
  checkpoint: Checkpoint;
  /** The exact bytes of the checkpoint file: proof files repeat them. */
  bytes: Uint8Array;
  keys: { log: VerifierKey; all: VerifierKey[] };
  signers: Signer[];
};

const MAX_KEY_FILE_BYTES = 64 * 1024;
const EVIDENCE_FILES = [
  layout.RANGE_FILE,
  layout.KEYS_FILE,
  layout.SIGNED_FILE,
  layout.OPENINGS_FILE,
  layout.README_FILE,
  ...layout.PROGRAM_FILES,
];

/**
 * Parses a signed checkpoint of the log and checks every line under it. An export has no signature that nobody can check:
 * a note's reader ignores unknown keys, but a flipped byte must not pass by making a key unknown.
 */
export function checkSignedCheckpoint(p: Primitives, where: string, bytes: Uint8Array, keys: Head['keys']) {
  const checkpoint = readingFrom(where, () => parseCheckpoint(bytes));
  const { signers, unknown } = readingFrom(where, () => verifyNote(p, checkpoint.note, keys.all));
  if (checkpoint.origin !== keys.log.name) {
    throw fault(
      where,
      `is of the log ${checkpoint.origin}, but ${layout.LOG_KEY_FILE} is the key of ${keys.log.name}.`,
    );
  }
  if (!signers.some((signer) => sameIdentity(signer, keys.log))) {
    throw fault(where, `is not signed by the key of ${layout.LOG_KEY_FILE}.`);
  }
  const [stranger] = unknown;
  if (stranger !== undefined) {
    throw fault(where, `has a signature by ${stranger.name} (${stranger.keyId}), whose key is not in the export.`);
  }
  return { checkpoint, signers };
}

async function readWitnessKeys(p: Primitives, files: ExportFiles, listing: Listing): Promise<VerifierKey[]> {
  const path = layout.WITNESS_KEYS_FILE;
  if (!listing.has(path)) return [];
  const bytes = await readFile(files, listing, path, MAX_KEY_FILE_BYTES);
  return readingFrom(path, () => {
    const lines = decodeUtf8(bytes).split(/(?<=\n)/);
    return lines.map((line) => parseVkeyFile(p, encodeUtf8(line)));
  });
}

/** A policy has one form for its log and witnesses, so that no byte of it can be changed unseen. */
async function checkPolicyFile(p: Primitives, files: ExportFiles, listing: Listing, log: VerifierKey): Promise<void> {
  const path = layout.POLICY_FILE;
  if (!listing.has(path)) return;
  const bytes = await readFile(files, listing, path, MAX_KEY_FILE_BYTES);
  const { witnesses } = readingFrom(path, () => parsePolicy(p, bytes));
  if (!sameBytes(bytes, encodePolicy(log, witnesses)))
    throw fault(path, 'is not the policy of this log and these witnesses.');
}

/** `policy` null: nobody is trusted, and the keys of the export are only checked against its signatures. */
export async function readHead(
  p: Primitives,
  files: ExportFiles,
  listing: Listing,
  policy: TrustPolicy | null,
): Promise<Head> {
  const log = await readFile(files, listing, layout.LOG_KEY_FILE, MAX_KEY_FILE_BYTES).then((bytes) =>
    readingFrom(layout.LOG_KEY_FILE, () => parseVkeyFile(p, bytes)),
  );
  if (log.type !== 1) throw fault(layout.LOG_KEY_FILE, 'is not the key of a log but of a witness.');
  if (policy !== null && !policy.logs.some((trusted) => encodeVkey(trusted) === encodeVkey(log))) {
    throw fault(layout.LOG_KEY_FILE, `is the key ${log.name} (${log.keyId}), which is not among those you trust.`);
  }
  await checkPolicyFile(p, files, listing, log);
  const witnesses = await readWitnessKeys(p, files, listing);
  // Trusted keys come first: where the export brings another key of the same name and id, the trusted one counts.
  const keys = { log, all: [...(policy?.logs ?? []), ...(policy?.witnesses ?? []), log, ...witnesses] };

  const bytes = await readFile(files, listing, layout.CHECKPOINT_FILE, MAX_NOTE_BYTES);
  const { checkpoint, signers } = checkSignedCheckpoint(p, layout.CHECKPOINT_FILE, bytes, keys);
  const silent = witnesses.find((key) => !signers.some((signer) => sameIdentity(signer, key)));
  if (silent !== undefined) {
    throw fault(
      layout.WITNESS_KEYS_FILE,
      `names ${silent.name} (${silent.keyId}), whose signature is not under the checkpoint.`,
    );
  }
  if (policy !== null && !policyAccepts(policy, checkpoint.origin, signers)) {
    throw fault(
      layout.CHECKPOINT_FILE,
      `lacks the cosignatures that the policy asks for (${policy.quorum?.name ?? 'none'}).`,
    );
  }
  return { checkpoint, bytes, keys, signers };
}

/** Refuses missing tiles, files of a wrong size, and files that nothing covers; returns the proof files by record index. */
export function checkListing(
  listing: Listing,
  size: number,
  { from, to }: LogRange,
  isEvidence: boolean,
): Map<number, string> {
  const covered = new Set<string>([
    layout.CHECKPOINT_FILE,
    layout.LOG_KEY_FILE,
    layout.WITNESS_KEYS_FILE,
    layout.POLICY_FILE,
  ]);
  if (!listing.has(layout.ENTRIES_FILE)) throw fault(layout.ENTRIES_FILE, 'is missing from the export.');
  covered.add(layout.ENTRIES_FILE);
  const more = isEvidence ? EVIDENCE_FILES : [layout.HISTORY_FILE];
  for (const path of more) covered.add(path);
  // A hostile size ends here at the first tile that is not there.
  for (let tile = from / layout.TILE_WIDTH; tile * layout.TILE_WIDTH < to; tile++) {
    const width = layout.tileWidth(tile, size);
    const path = layout.tilePath(tile, width);
    const length = listing.get(path);
    if (length === undefined) throw fault(path, 'is missing from the export.');
    if (length !== layout.tileBytes(width))
      throw fault(path, `has ${length} bytes instead of ${layout.tileBytes(width)}.`);
    covered.add(path);
  }
  const proofs = new Map<number, string>();
  for (const path of listing.keys()) {
    if (covered.has(path)) continue;
    const index = parseSize(layout.proofIndexDigits(path) ?? '');
    if (index === undefined || index < from || index >= to)
      throw fault(path, 'is not covered by the log: nothing vouches for it.');
    proofs.set(index, path);
  }
  return proofs;
}
