// What joining a study rests on: files that stay with whoever signs. Only their hashes are kept, and their names as commitments.
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { AssentError } from '../shared/errors.ts';
import { DOCUMENT_KINDS } from '../shared/records/consent.ts';
import { toHex } from '../shared/wire/canonical.ts';
import { createSha256 } from '../platform/crypto.ts';

type DocumentKind = (typeof DOCUMENT_KINDS)[number];
export type NamedDocument = { kind: string; path: string };
export type HashedDocument = { kind: DocumentKind; name: string; sha256: string; bytes: number };

const MOST_DOCUMENTS = 20;

/** Reads each file once, piece by piece. Throws REQUEST_INVALID, FILE_UNREADABLE. */
export async function hashDocuments(documents: readonly NamedDocument[]): Promise<HashedDocument[]> {
  if (documents.length > MOST_DOCUMENTS)
    throw new AssentError(
      'REQUEST_INVALID',
      `${documents.length} documents are too many; ${MOST_DOCUMENTS} is the most.`,
    );
  const hashed: HashedDocument[] = [];
  for (const { kind, path } of documents) {
    const known = DOCUMENT_KINDS.find((one) => one === kind);
    if (known === undefined)
      throw new AssentError('REQUEST_INVALID', `"${kind}" is no kind of document: ${DOCUMENT_KINDS.join(', ')}.`);
    hashed.push({ kind: known, name: basename(path), ...(await hashFile(path)) });
  }
  return hashed;
}

async function hashFile(path: string): Promise<{ sha256: string; bytes: number }> {
  const sum = createSha256();
  let bytes = 0;
  try {
    for await (const piece of createReadStream(path)) {
      sum.update(piece as Uint8Array);
      bytes += (piece as Uint8Array).length;
    }
  } catch (cause) {
    throw new AssentError(
      'FILE_UNREADABLE',
      `The document ${path} cannot be read: ${(cause as Error).message}`,
      {},
      cause,
    );
  }
  return { sha256: toHex(sum.digest()), bytes };
}
