// Checks an exported log from end to end: whatever byte of it is changed, the answer names the record or the file.

import { AssentError } from '../errors.ts';
import { toHex } from '../wire/canonical.ts';
import { sameBytes } from './bytes.ts';
import { type ExportFiles, fault, type Listing, readFile, readingFrom } from './export-files.ts';
import * as layout from './layout.ts';
import type { Signer } from './note.ts';
import type { TrustPolicy } from './policy.ts';
import { MAX_PROOF_BYTES, parseProof } from './proof.ts';
import type { Primitives } from './primitives.ts';
import { verifyInclusion } from './tree-proofs.ts';
import { parseRange, wholeLog } from './range.ts';
import type { RoundLine } from './sense/lines.ts';
import type { SenseSummary } from './sense/walk.ts';
import { checkEntries } from './verify-entries.ts';
import { type EvidenceResult, readEvidence } from './verify-evidence.ts';
import { checkListing, type Head, readHead } from './verify-head.ts';
import { sameIdentity } from './verifier-key.ts';

/**
 * `root` is lowercase hex. `authenticated` false: the export agrees with itself, but nobody trusted says whose it is.
 * `unconfirmed` are those of the signers whose keys came with the export: anybody can have made them.
 * `where` is a file's path (with a line where there are many) or `record N`, and then `index` is N.
 */
export type ExportResult =
  Sound | { ok: false; where: string; index: number | null; message: string; sense?: SenseSummary };

type Sound = {
  ok: true;
  size: number;
  root: string;
  origin: string;
  authenticated: boolean;
  signers: Signer[];
  /** Those of them whose keys came with the export, and nobody trusted has named. */
  unconfirmed: Signer[];
  proofs: number;
  /** What an evidence package has beside the records; a plain export of a log has none of it. */
  evidence?: EvidenceResult;
};

const MAX_RANGE_BYTES = 16 * 1024;

async function checkProofs(
  p: Primitives,
  files: ExportFiles,
  listing: Listing,
  head: Head,
  proofs: ReadonlyMap<number, string>,
  leaves: ReadonlyMap<number, Uint8Array>,
): Promise<void> {
  const { size, root } = head.checkpoint;
  for (const [index, path] of proofs) {
    const bytes = await readFile(files, listing, path, MAX_PROOF_BYTES);
    const proof = readingFrom(path, () => parseProof(bytes));
    if (proof.index !== index) throw fault(path, `is a proof for record ${proof.index}.`);
    if (proof.extra !== null) throw fault(path, 'has extra data, which nothing vouches for.');
    if (!sameBytes(proof.checkpoint, head.bytes)) throw fault(path, 'does not end with the checkpoint of this export.');
    const leaf = leaves.get(index)!;
    if (!verifyInclusion(p, { leaf, index, size, proof: proof.hashes, root })) {
      throw fault(path, `does not lead from record ${index} to the checkpoint's root.`);
    }
  }
}

/**
 * Reads every file of the export. With a policy the log's key must be one that it names, and its quorum must have signed;
 * with null nobody is authenticated, unless a fingerprint that the auditor typed is that of the owner's keys. Of an evidence
 * package the sense is checked too: `say` hears of each round as it is judged. Rejects only when a file cannot be read; all
 * else is in the result.
 */
export async function verifyExport(
  p: Primitives,
  files: ExportFiles,
  policy: TrustPolicy | null,
  { fingerprints = [], say = () => {} }: { fingerprints?: readonly string[]; say?: (line: RoundLine) => void } = {},
): Promise<ExportResult> {
  try {
    const listing: Listing = new Map((await files.list()).map(({ path, size }) => [path, size]));
    // Before anything is opened: a link may lead out of the export, and a pipe never ends.
    for (const [path, size] of listing) if (size < 0) throw fault(path, 'is not a plain file.');
    const head = await readHead(p, files, listing, policy);
    const { size, root, origin } = head.checkpoint;
    const isEvidence = listing.has(layout.RANGE_FILE);
    const rangeBytes = isEvidence ? await readFile(files, listing, layout.RANGE_FILE, MAX_RANGE_BYTES) : null;
    const range =
      rangeBytes === null ? wholeLog(size) : readingFrom(layout.RANGE_FILE, () => parseRange(rangeBytes, size));
    const proofs = checkListing(listing, size, range, isEvidence);
    const evidence = isEvidence
      ? await readEvidence(p, files, listing, head, range, { policy, fingerprints }, say)
      : null;
    const leaves = await checkEntries(p, files, listing, head, range, proofs, evidence?.observe ?? null);
    const beside = await evidence?.end();
    await checkProofs(p, files, listing, head, proofs, leaves);
    await files.finish?.();
    const [finding] = beside?.sense.findings ?? [];
    if (finding !== undefined) return { ok: false, where: `record ${finding.index}`, ...finding, sense: beside!.sense };
    const confirmed = beside?.keys.find(({ whose }) => whose === 'log')?.confirmed ?? null;
    const trusted = [...(policy?.logs ?? []), ...(policy?.witnesses ?? [])];
    const unconfirmed = head.signers.filter((signer) => !trusted.some((key) => sameIdentity(key, signer)));
    const sound = { size, root: toHex(root), origin, signers: head.signers, unconfirmed, proofs: proofs.size };
    return {
      ok: true,
      ...sound,
      authenticated: policy !== null || confirmed !== null,
      ...(beside !== undefined && { evidence: beside }),
    };
  } catch (error) {
    if (!(error instanceof AssentError) || error.code !== 'EXPORT_INVALID') throw error;
    const { where = '', index, message = error.message } = error.detail;
    return { ok: false, where, index: index === undefined ? null : Number(index), message };
  }
}
