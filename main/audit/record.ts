// One record of the log with all that stands behind it: what people signed, what opens its commitments, and its proof.
import { encodeProof, verifyProof } from '../../shared/transparency/proof.ts';
import { trustLog } from '../../shared/transparency/policy.ts';
import { SIGNED_IN, signedName } from '../../shared/transparency/signed-in.ts';
import { inclusionProof, leafHash, nodeHash, type NodeReader } from '../../shared/transparency/tree.ts';
import { signedMessage } from '../../shared/records/signed.ts';
import { AssentError } from '../../shared/errors.ts';
import { decodeUtf8, fromHex, toHex } from '../../shared/wire/canonical.ts';
import { primitives, sha256 } from '../../platform/crypto.ts';
import type { Reader } from '../../platform/journal.ts';
import {
  cosignedHead,
  currentLog,
  latestAnchor,
  latestCheckpoint,
  type OwnCheckpoint,
} from '../../platform/own-logs.ts';
import type { Party } from '../../platform/parties.ts';
import type { Language } from '../../shared/text/told.ts';
import { shortened, visible } from '../../shared/text/visible.ts';
import { opening, readJson } from './people.ts';
import { KEPT, tellerOf, viewWords, type Kept, type Row } from './rows.ts';

type Signature = {
  key: string;
  person: string;
  name: string;
  /** What was signed is still kept, so that the signature could be checked. */
  checked: boolean;
  valid: boolean;
};
type Opening = { field: string; commitment: string; text: string; missing: '' | 'erased' | 'wrong' };
type Step = { sibling: string; left: boolean; gives: string };
export type Proof = {
  valid: boolean;
  steps: Step[];
  checkpoint: OwnCheckpoint;
  anchoredBy: string[];
  missing: string[];
  anchoredSince: string;
  file: string;
};
type ShownRecord = {
  row: Row & { aboutName: string };
  json: string;
  signedJson: string;
  signatures: Signature[];
  openings: Opening[];
  proof: Proof | undefined;
};

type Deps = {
  read: Reader;
  nodes: NodeReader;
  size: number;
  /** The installation's own. */
  keys: { log: Uint8Array; member: string };
  witnesses: readonly Party[];
};

/** Throws REQUEST_INVALID where the log has no such record. */
export function showRecord(deps: Deps, position: number, language: Language): ShownRecord {
  const { read, size } = deps;
  const kept = read.get<Kept>(`select ${KEPT} from record where position = ?`, position);
  if (!kept)
    throw new AssentError(
      'REQUEST_INVALID',
      `The log has no record ${position}: it holds ${size}, counted from 0. Look for the record in the list.`,
    );
  const teller = tellerOf(read, size, { language, names: true, pseudonyms: false });
  const row = teller.told(teller.facts(kept));
  const signed = signedBy(read, kept.kind, row.detail);
  const values = [row.detail, ...(signed ? [readJson(signed.bytes) ?? {}] : [])];
  return {
    // Of the bytes that are shown, whatever was kept beside them.
    row: { ...row, leaf: toHex(leafHash(primitives, kept.bytes)), aboutName: teller.name(row.about) },
    json: kept.bytes.toString('utf8'),
    signedJson: signed ? signed.bytes.toString('utf8') : '',
    signatures: signaturesOf(row, signed, deps.keys.member),
    openings: openingsOf(read, values, viewWords[language].left),
    proof: proofOf(deps, kept),
  };
}

type SignedText = { kind: string; hash: string; bytes: Buffer };

function signedBy(read: Reader, kind: string, detail: Row['detail']): SignedText | undefined {
  const hash = signedName({ kind, detail });
  if (hash === null) return undefined;
  const found = read.get<{ bytes: Buffer }>('select bytes from signed_record where hash = ?', hash);
  return found && { kind: SIGNED_IN[kind]!.kind, hash, bytes: found.bytes };
}

/** Those of people first, then the installation's own. */
function signaturesOf({ detail, actors }: Row, signed: SignedText | undefined, member: string): Signature[] {
  const { signature, signatures, installation } = detail;
  const given = Array.isArray(signatures)
    ? (signatures as { signature: unknown }[]).map((each) => each.signature)
    : [signature];
  const whole = signed !== undefined && toHex(sha256(signed.bytes)) === signed.hash;
  const verifies = (key: string, hex: unknown): boolean =>
    whole &&
    typeof hex === 'string' &&
    /^[0-9a-f]{128}$/.test(hex) &&
    /^[0-9a-f]{64}$/.test(key) &&
    primitives.verifyEd25519(fromHex(key), signedMessage(signed.kind, signed.bytes), fromHex(hex));
  const checked = signed !== undefined;
  const found = actors.flatMap(({ key, ...who }, at) =>
    given[at] === undefined ? [] : [{ key, ...who, checked, valid: verifies(key, given[at]) }],
  );
  if (installation !== undefined)
    found.push({ key: member, person: '', name: '', checked, valid: verifies(member, installation) });
  return found;
}

/** In records and in what people signed, these hold commitments; null where there is nothing to say. */
const COMMITTED = new Set(['name', 'source', 'reason', 'proxy']);

function openingsOf(read: Reader, values: readonly object[], left: (characters: number) => string): Opening[] {
  const found = new Map<string, Opening>();
  for (const [field, value] of values.flatMap((each) => Object.entries(each))) {
    if (!COMMITTED.has(field) || typeof value !== 'string' || !/^[0-9a-f]{64}$/.test(value) || found.has(value))
      continue;
    const opened = opening(read, value);
    found.set(value, {
      field,
      commitment: value,
      ...('text' in opened
        ? { text: visible(shortened(opened.text, left)), missing: '' }
        : { text: '', missing: opened.missing }),
    });
  }
  return [...found.values()];
}

/** Against the latest checkpoint that somebody has cosigned and that covers the record, or else the latest. */
function proofOf({ read, nodes, keys, witnesses }: Deps, { position, bytes }: Kept): Proof | undefined {
  const log = currentLog(read, keys.log);
  const covering = (checkpoint: OwnCheckpoint | undefined) =>
    checkpoint && checkpoint.size > position ? checkpoint : undefined;
  const checkpoint = covering(latestAnchor(read, log)) ?? covering(latestCheckpoint(read, log));
  if (!checkpoint) return undefined;
  const { note, anchoredBy, missing } = cosignedHead(read, checkpoint, witnesses);
  const hashes = inclusionProof(primitives, nodes, position, checkpoint.size);
  const file = encodeProof({ index: position, hashes, checkpoint: note, extra: null });
  const first = read.get<{ time: number }>(
    `select time from cosignature where size = (select min(size) from cosignature where size > ?) order by time limit 1`,
    position,
  );
  return {
    valid: verifyProof(primitives, file, bytes, trustLog(log.key)).ok,
    steps: stepsOf(leafHash(primitives, bytes), position, checkpoint.size, hashes),
    checkpoint,
    anchoredBy,
    missing,
    anchoredSince: first ? new Date(first.time * 1000).toISOString() : '',
    file: decodeUtf8(file),
  };
}

/** The way up of RFC 9162, section 2.1.3.2, for people to follow; whether it arrives is verifyProof's to say. */
function stepsOf(leaf: Uint8Array, index: number, size: number, hashes: readonly Uint8Array[]): Step[] {
  let [place, last, reached] = [index, size - 1, leaf];
  return hashes.map((sibling) => {
    // A node without a right neighbour is carried up until it has a left one.
    while (place % 2 === 0 && place === last && place > 0) [place, last] = [place / 2, Math.floor(last / 2)];
    const left = place % 2 === 1;
    reached = left ? nodeHash(primitives, sibling, reached) : nodeHash(primitives, reached, sibling);
    [place, last] = [Math.floor(place / 2), Math.floor(last / 2)];
    return { sibling: toHex(sibling), left, gives: toHex(reached) };
  });
}
