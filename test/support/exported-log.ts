// Small logs for tests: records, their tree, signed checkpoints and an export held in memory.

import { ed25519PublicKey, primitives, signEd25519 } from '../../platform/crypto.ts';
import { signedCheckpoint } from '../../shared/transparency/checkpoint.ts';
import { exportLog, type LogExport } from '../../shared/transparency/export.ts';
import type { ExportFiles } from '../../shared/transparency/export-files.ts';
import { signatureLine } from '../../shared/transparency/note.ts';
import { appendLeaf, leafHash, type NodeReader, rootHash } from '../../shared/transparency/tree.ts';
import { cosignatureMessage, verifierKey, type VerifierKey } from '../../shared/transparency/verifier-key.ts';
import { concatBytes } from '../../shared/transparency/bytes.ts';
import { encodeCanonical, encodeUtf8 } from '../../shared/wire/canonical.ts';

export { primitives };
export const ORIGIN = 'assent.example/st-mary';

/** Seeds are a byte repeated: keys are the same in every run. */
export const seed = (byte: number) => new Uint8Array(32).fill(byte);
export const logSeed = seed(1);
export const logKey = verifierKey(primitives, ORIGIN, 1, ed25519PublicKey(logSeed));

export const records = (count: number): Uint8Array[] =>
  Array.from({ length: count }, (_, i) => encodeCanonical({ kind: 'test.step', number: i, text: `step ${i}` }));

/** A tree over leaf hashes with every complete subtree stored. */
export function treeOf(leaves: readonly Uint8Array[]): { read: NodeReader; root(size: number): Uint8Array } {
  const nodes = new Map<string, Uint8Array>();
  const read: NodeReader = (level, index) => {
    const hash = nodes.get(`${level}/${index}`);
    if (hash === undefined) throw new Error(`node ${level}/${index} is not stored`);
    return hash;
  };
  leaves.forEach((leaf, size) => {
    for (const node of appendLeaf(primitives, read, size, leaf)) nodes.set(`${node.level}/${node.index}`, node.hash);
  });
  return { read, root: (size) => rootHash(primitives, read, size) };
}

export const treeOfRecords = (all: readonly Uint8Array[]) => treeOf(all.map((record) => leafHash(primitives, record)));

export const checkpointOf = (size: number, root: Uint8Array, origin = ORIGIN) =>
  signedCheckpoint({ origin, size, root }, logKey, (message) => signEd25519(logSeed, message));

export const witness = (byte: number) =>
  verifierKey(primitives, `witness-${byte}.example`, 4, ed25519PublicKey(seed(byte)));

/** The checkpoint with one more line: a witness's cosignature at `time`. */
export function cosign(
  checkpoint: Uint8Array,
  byte: number,
  time: number,
  by: { key: VerifierKey; seed: Uint8Array } = { key: witness(byte), seed: seed(byte) },
): Uint8Array {
  const note = new TextDecoder().decode(checkpoint);
  const text = encodeUtf8(note.slice(0, note.lastIndexOf('\n\n') + 1));
  const timestamp = new Uint8Array(8);
  new DataView(timestamp.buffer).setBigUint64(0, BigInt(time));
  const signature = concatBytes(timestamp, signEd25519(by.seed, cosignatureMessage(time, text)));
  return concatBytes(checkpoint, encodeUtf8(signatureLine(by.key, signature)));
}

export type Files = Map<string, Uint8Array>;

/** The files of an export of `count` records; `more` overrides what is exported. */
export function exported(count: number, more: Partial<LogExport> = {}): Files {
  const all = records(count);
  const tree = treeOfRecords(all);
  const checkpoint = checkpointOf(count, tree.root(count));
  const files: Files = new Map();
  for (const { path, bytes } of exportLog(primitives, { records: all, checkpoint, logKey, ...more })) {
    files.set(path, concatBytes(files.get(path) ?? new Uint8Array(0), bytes));
  }
  return files;
}

/** An export with every optional file: history, proofs and a cosignature. */
export function fullExport(count: number): Files {
  const tree = treeOfRecords(records(count));
  return exported(count, {
    checkpoint: cosign(checkpointOf(count, tree.root(count)), 7, 1_800_000_000),
    witnessKeys: [witness(7)],
    witnesses: [witness(7), witness(8)],
    history: [0, 1, Math.floor(count / 2)].map((size) => checkpointOf(size, tree.root(size))),
    proofs: { indexes: [0, count - 1], read: tree.read },
  });
}

/** Files in memory, read in chunks of `chunk` bytes. */
export const inMemory = (files: Files, chunk = 64): ExportFiles => ({
  list: async () => [...files].map(([path, bytes]) => ({ path, size: bytes.length })),
  read: async (path) => files.get(path)!,
  async *stream(path) {
    const bytes = files.get(path)!;
    for (let at = 0; at < bytes.length; at += chunk) yield bytes.subarray(at, at + chunk);
  },
});
