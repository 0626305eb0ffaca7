// What joining a study rests on: files that stay with whoever signs. Their hashes are signed, their names are commitments.
import { AssentError } from '../shared/errors.ts';
import { DOCUMENT_KINDS } from '../shared/records/consent.ts';

type DocumentKind = (typeof DOCUMENT_KINDS)[number];
/** `sha256` in hex; whoever asks has computed it, so that a node reads no file for somebody at another computer. */
export type Document = { kind: DocumentKind; name: string; sha256: string; bytes: number };

const MOST_DOCUMENTS = 20;

/** Throws REQUEST_INVALID for an unknown kind, or too many. */
export function checkDocuments(named: readonly (Omit<Document, 'kind'> & { kind: string })[]): Document[] {
  if (named.length > MOST_DOCUMENTS)
    throw new AssentError('REQUEST_INVALID', `${named.length} documents are too many; ${MOST_DOCUMENTS} is the most.`);
  return named.map(({ kind, name, sha256, bytes }) => {
    const known = DOCUMENT_KINDS.find((one) => one === kind);
    if (known !== undefined) return { kind: known, name, sha256, bytes };
    throw new AssentError('REQUEST_INVALID', `"${kind}" is no kind of document: ${DOCUMENT_KINDS.join(', ')}.`);
  });
}
