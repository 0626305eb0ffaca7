// How a data set lies in the store: its description, its schema and each row group sealed under its own AES-256-GCM key.
import { openAes256Gcm, sealAes256Gcm, sha256 } from '../../platform/crypto.ts';
import type { Journal } from '../../platform/journal.ts';
import type { NodeStep } from '../../platform/steps.ts';
import { encodeUtf8, toHex } from '../../shared/wire/canonical.ts';

/** Wraps the keys of data sets; made by the composition root, and for data sets only. */
export type DataKeys = {
  seal(name: string, key: Uint8Array): Uint8Array;
  open(name: string, sealed: Uint8Array): Uint8Array;
};

export type DataDeps = { journal: Journal<NodeStep>; keys: DataKeys; now(): number };

/**
 * The place of a sealed part, so that no part fits anywhere else: `group` is its number, and binds the schema's hash;
 * `identifiers` is the number of the group whose rows they identify; `quality` the hash of the snapshot it reports on.
 */
export type Part =
  | { dataset: string; part: 'about' | 'schema' }
  | { dataset: string; group: number; schemaHash: string }
  | { dataset: string; identifiers: number }
  | { dataset: string; quality: string };

const aad = (part: Part) => encodeUtf8(placeOf(part));

function placeOf(part: Part): string {
  if ('group' in part)
    return `assent/rows/v1
${part.dataset}
${part.group}
${part.schemaHash}`;
  if ('identifiers' in part)
    return `assent/identifiers/v1
${part.dataset}
${part.identifiers}`;
  if ('quality' in part)
    return `assent/quality/v1
${part.dataset}
${part.quality}`;
  return `assent/${part.part}/v1
${part.dataset}`;
}

export const sealPart = (key: Uint8Array, part: Part, plain: Uint8Array) => sealAes256Gcm(key, plain, aad(part));
export const openPart = (key: Uint8Array, part: Part, sealed: Uint8Array) => openAes256Gcm(key, sealed, aad(part));

/** The name under which the keyring wraps a data set's key. */
export const keyName = (dataset: string) => `dataset/${dataset}`;

/** What a round binds: SHA-256 (hex) over the hash of the schema's bytes and those of the plain row groups, in order. */
export function snapshotHash(schemaHash: Uint8Array, groupHashes: readonly Uint8Array[]): string {
  return toHex(sha256(Buffer.concat([encodeUtf8('assent/snapshot/v1\n'), schemaHash, ...groupHashes])));
}

/** The same memory as bytes; float32 is little-endian on every machine that this runs on. */
export const bytesOf = (values: Float32Array) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
