// The records of an evidence package and what follows from them, each file in one pass over the stretch with memory for a page.
import type { z } from 'zod';
import { AssentError } from '../shared/errors.ts';
import type { AuditKind, exportFilter } from '../shared/records/audit.ts';
import { concatBytes, sameBytes } from '../shared/transparency/bytes.ts';
import { pushLeaf, readFrontier } from '../shared/transparency/frontier.ts';
import * as layout from '../shared/transparency/layout.ts';
import { encodeProof } from '../shared/transparency/proof.ts';
import { rangeOf, rootAfter } from '../shared/transparency/range.ts';
import { SIGNED_IN } from '../shared/transparency/signed-in.ts';
import { inclusionProof, leafHash, type NodeReader } from '../shared/transparency/tree.ts';
import { encodeCanonical, encodeUtf8, toHex } from '../shared/wire/canonical.ts';
import { primitives } from './crypto.ts';
import type { Reader } from './journal.ts';
import type { ZipPiece } from './zip-file.ts';

/** Which records are shown; the times are those of the records, the bounds inclusive. What is absent restricts nothing. */
export type EvidenceFilter = z.infer<typeof exportFilter>;

type Row = { position: number; at: string; kind: string; study: string | null; leaf: Buffer; bytes: Buffer };

const PAGE = layout.TILE_WIDTH;
const LINE_FEED = encodeUtf8('\n');

/** Always shown: who may act and whose log this is. Without them nothing else could be judged; none of it is a name. */
const FOUNDATION: ReadonlySet<string> = new Set<AuditKind>([
  'log.created',
  'log.exported',
  'enrolment.requested',
  'account.added',
  'account.changed',
  'account.deactivated',
  'account.key-issued',
  'account.single-admin',
  'rules.changed',
]);

/** What people hand on singly gets a proof of its own: the last ones that are shown. The tiles give a proof of any other. */
const PROVEN: ReadonlySet<string> = new Set<AuditKind>([
  'study.joined',
  'study.left',
  'policy.signed',
  'approval.granted',
  'approval.declined',
  'approval.revoked',
  'update.sent',
  'member.admitted',
  'member.removed',
  'round.aggregated',
  'round.aborted',
]);
const MOST_PROOFS = 1_000;
/** About 20 MB of memory. */
const MOST_KNOWN = 200_000;

export function evidenceRecords(
  { read, nodes }: { read: Reader; nodes: NodeReader },
  { from, to, size, root }: { from: number; to: number; size: number; root: Uint8Array },
  filter: EvidenceFilter,
  progress: (share: number) => void,
) {
  let withheld = 0;
  let proven: number[] = [];
  const shown = shownBy(filter);

  /** Page by page: no statement stays open while other things go on. */
  function* pages(kinds: readonly string[] = []): Generator<Row[]> {
    const only = kinds.length === 0 ? '' : `and kind in (${kinds.map((kind) => `'${kind}'`).join(', ')})`;
    const sql = `select position, at, kind, study, leaf, bytes from record where position >= ? and position < ? ${only} order by position`;
    for (let at = from; at < to; at += PAGE) yield read.all<Row>(sql, at, Math.min(at + PAGE, to));
  }

  /** Shown records that name what people signed, with those bytes; `first` is false when an earlier one named the same. */
  function signedOf(row: Row, named: Set<string>): { bytes: Buffer; first: boolean } | null {
    const place = Object.hasOwn(SIGNED_IN, row.kind) ? SIGNED_IN[row.kind]! : null;
    if (place === null) return null;
    const { detail } = JSON.parse(row.bytes.toString('utf8')) as { detail: Record<string, string> };
    const hash = detail[place.field]!;
    const kept = read.get<{ bytes: Buffer }>('select bytes from signed_record where hash = ?', hash);
    if (!kept)
      throw new AssentError(
        'STORE_DAMAGED',
        `The signed ${place.kind} ${hash}, which record ${row.position} names, is not in the store.`,
      );
    const first = !named.has(hash);
    named.add(hash);
    return { bytes: kept.bytes, first };
  }

  return {
    withheld: () => withheld,

    /** A line for each record; an empty one for each that is withheld. */
    *entries(): Generator<ZipPiece> {
      withheld = 0;
      for (const page of pages()) {
        const lines: Uint8Array[] = [];
        for (const row of page) {
          if (shown(row)) {
            if (!sameBytes(leafHash(primitives, row.bytes), row.leaf)) throw damaged(row.position);
            if (PROVEN.has(row.kind)) proven.push(row.position);
            lines.push(row.bytes, LINE_FEED);
          } else {
            withheld++;
            lines.push(LINE_FEED);
          }
        }
        if (proven.length > 2 * MOST_PROOFS) proven = proven.slice(-MOST_PROOFS);
        yield { path: layout.ENTRIES_FILE, bytes: concatBytes(...lines) };
        progress((page.at(-1)!.position + 1 - from) / (to - from));
      }
      if (from === to) yield { path: layout.ENTRIES_FILE, bytes: new Uint8Array(0) };
    },

    *signed(): Generator<ZipPiece> {
      const named = new Set<string>();
      yield { path: layout.SIGNED_FILE, bytes: new Uint8Array(0) };
      for (const page of pages(Object.keys(SIGNED_IN))) {
        const lines: Uint8Array[] = [];
        for (const row of page) {
          const signed = shown(row) ? signedOf(row, named) : null;
          if (signed?.first) lines.push(signed.bytes, LINE_FEED);
        }
        if (lines.length > 0) yield { path: layout.SIGNED_FILE, bytes: concatBytes(...lines) };
      }
    },

    /** What opens the commitments in shown records, and in the signed bytes that they name, unless it was erased. */
    *openings(): Generator<ZipPiece> {
      const named = new Set<string>();
      const opened = new Set<string>();
      const known = knownCommitments(read);
      yield { path: layout.OPENINGS_FILE, bytes: new Uint8Array(0) };
      for (const page of pages())
        for (const row of page) {
          if (!shown(row)) continue;
          const signed = signedOf(row, named);
          const texts = [row.bytes, ...(signed ? [signed.bytes] : [])].flatMap(hashesIn);
          for (const commitment of new Set(texts)) {
            if (opened.has(commitment) || known?.has(commitment) === false) continue;
            const line = openingLine(read, commitment);
            if (line === undefined) continue;
            opened.add(commitment);
            yield { path: layout.OPENINGS_FILE, bytes: concatBytes(line, LINE_FEED) };
          }
        }
    },

    *proofs(checkpoint: Uint8Array): Generator<ZipPiece> {
      for (const index of proven.slice(-MOST_PROOFS)) {
        const hashes = inclusionProof(primitives, nodes, index, size);
        yield { path: layout.proofPath(index), bytes: encodeProof({ index, hashes, checkpoint, extra: null }) };
      }
    },

    /** Throws LOG_INVALID when they do not give the checkpoint's root. */
    *tiles(): Generator<ZipPiece> {
      const frontier = readFrontier(nodes, from);
      const sql = 'select leaf from record where position >= ? and position < ? order by position';
      for (let at = from; at < to; at += layout.TILE_WIDTH) {
        const leaves = read
          .all<{ leaf: Buffer }>(sql, at, Math.min(at + layout.TILE_WIDTH, to))
          .map(({ leaf }) => leaf);
        for (const leaf of leaves) pushLeaf(primitives, frontier, leaf);
        const tile = at / layout.TILE_WIDTH;
        yield { path: layout.tilePath(tile, layout.tileWidth(tile, size)), bytes: concatBytes(...leaves) };
      }
      if (!sameBytes(rootAfter(primitives, frontier, rangeOf(nodes, from, to, size, 0), size), root))
        throw new AssentError(
          'LOG_INVALID',
          'The log cannot be exported: its records do not give its checkpoint’s root.',
        );
    },
  };
}

const damaged = (position: number) =>
  new AssentError('STORE_DAMAGED', `Record ${position} of the log is not the one that its tree holds.`);

function shownBy({ from, to, studies, persons, kinds }: EvidenceFilter): (row: Row) => boolean {
  return ({ kind, at, study, bytes }) =>
    FOUNDATION.has(kind) ||
    ((from === undefined || at >= from) &&
      (to === undefined || at <= to) &&
      (studies === undefined || (study !== null && studies.includes(study))) &&
      (kinds === undefined || kinds.includes(kind)) &&
      (persons === undefined || persons.includes(personIn(bytes))));
}

/** Who acted or was acted upon; no person's id is empty. */
const personIn = (bytes: Buffer): string =>
  (JSON.parse(bytes.toString('utf8')) as { detail: { person?: string | null } }).detail.person ?? '';

/** Every text of 64 hex digits in the record: a hash, a key or a commitment. */
const hashesIn = (bytes: Buffer): string[] => bytes.toString('latin1').match(/(?<=")[0-9a-f]{64}(?=")/g) ?? [];

/** Most hashes open nothing; where there are not too many that do, they need not be looked up one by one. */
function knownCommitments(read: Reader): Set<string> | null {
  const { count } = read.get<{ count: number }>('select count(*) as count from opening')!;
  if (count > MOST_KNOWN) return null;
  return new Set(
    read.all<{ commitment: string }>('select commitment from opening').map(({ commitment }) => commitment),
  );
}

function openingLine(read: Reader, commitment: string): Uint8Array | undefined {
  const row = read.get<{ salt: Buffer; value: string }>(
    'select salt, value from opening where commitment = ?',
    commitment,
  );
  return row && encodeCanonical({ commitment, salt: toHex(row.salt), value: JSON.parse(row.value) as unknown });
}
