// What a receipt shows: that the coordinator's log counts exactly the update that was sent, and names exactly the outcome that
// was signed. The institution and whoever it hands the receipt to run this same code.

import { AssentError, type ErrorCode } from '../errors.ts';
import { decodeCanonical, toHex } from '../wire/canonical.ts';
import { type Checkpoint, parseCheckpoint } from './checkpoint.ts';
import { verifyNote } from './note.ts';
import type { Primitives } from './primitives.ts';
import { parseProof } from './proof.ts';
import { leafHash } from './tree.ts';
import { verifyConsistency, verifyInclusion } from './tree-proofs.ts';
import { sameIdentity, type VerifierKey } from './verifier-key.ts';

/** Exact bytes of an audit record, and of a proof file that ends with the signed checkpoint. */
export type LoggedRecord = { record: Uint8Array; proof: Uint8Array };

/** Exact bytes of what the institution signed and sent, what the coordinator signed of the round, and what its log says. */
export type ReceiptParts = {
  statement: Uint8Array;
  outcome: Uint8Array;
  accepted: LoggedRecord;
  aggregated: LoggedRecord;
};

/** Hashes are lowercase hex; `index` and `outcomeIndex` are where the two records stand. */
export type ReceiptFigures = {
  study: string;
  round: number;
  attempt: number;
  member: string;
  plan: string;
  statement: string;
  outcome: string;
  weight: number;
  members: number;
  aggregate: string;
  model: string;
  index: number;
  outcomeIndex: number;
  checkpoint: Checkpoint;
};

type Fields = Record<string, unknown>;

const refuse = (code: ErrorCode, message: string) => new AssentError(code, message);

/**
 * Throws RECEIPT_UNSIGNED unless `logKey` signed the checkpoint, RECEIPT_UNPROVEN unless both records are under it,
 * RECEIPT_MISMATCH unless they say, field by field, what was sent and signed.
 */
export function checkReceipt(p: Primitives, parts: ReceiptParts, logKey: VerifierKey): ReceiptFigures {
  const checkpoint = headOf(p, parts.accepted, logKey);
  const other = headOf(p, parts.aggregated, logKey);
  if (checkpoint.note.text !== other.note.text)
    throw refuse('RECEIPT_UNPROVEN', 'The two proofs of the receipt end with different checkpoints.');
  const index = indexOf(p, parts.accepted, checkpoint);
  const outcomeIndex = indexOf(p, parts.aggregated, checkpoint);

  const said = fieldsOf(parts.statement, 'statement');
  const ended = fieldsOf(parts.outcome, 'outcome');
  const statement = toHex(p.sha256(parts.statement));
  const outcome = toHex(p.sha256(parts.outcome));
  const { study, round, attempt, plan, member, approval, blob, bytes, examples } = said;
  const place = { study, round, attempt };
  for (const [name, value] of Object.entries({ ...place, plan, result: 'aggregated' }))
    if (ended[name] !== value) throw differs('The outcome', name, ended[name], value);
  const participants = ended['participants'] as unknown[];
  const own = participants.filter((each) => isFields(each) && each['member'] === member);
  if (own.length !== 1 || !same(own[0], { member, statement, blob, weight: examples }))
    throw refuse(
      'RECEIPT_MISMATCH',
      `The outcome does not count the update of ${shown(member)} once, with its weight.`,
    );

  expectRecord('update.accepted', parts.accepted, place, {
    member,
    statement,
    approval,
    blob,
    bytes,
    weight: examples,
    norm: textOr('a decimal', detailOf(parts.accepted)['norm']),
  });
  const { aggregate, model, metrics } = ended;
  const members = participants.length;
  expectRecord('round.aggregated', parts.aggregated, place, { plan, outcome, members, aggregate, model, metrics });
  if (outcomeIndex <= index)
    throw refuse('RECEIPT_MISMATCH', 'The coordinator’s log counts the update after the aggregate, not before it.');

  const figures = { ...place, plan, member, statement, outcome, weight: examples, members, aggregate, model };
  return { ...figures, index, outcomeIndex, checkpoint } as ReceiptFigures;
}

/** A checkpoint signed by the log's own key; lines of other keys are left to others. Throws RECEIPT_UNSIGNED. */
export function signedHead(p: Primitives, note: Uint8Array, logKey: VerifierKey): Checkpoint {
  return under('RECEIPT_UNSIGNED', () => {
    const checkpoint = parseCheckpoint(note);
    const { signers } = verifyNote(p, checkpoint.note, [logKey]);
    if (checkpoint.origin !== logKey.name || !signers.some((signer) => sameIdentity(signer, logKey)))
      throw refuse('RECEIPT_UNSIGNED', `The checkpoint is of ${checkpoint.origin}, not signed by ${logKey.name}.`);
    return checkpoint;
  });
}

/** The checkpoint that a proof ends with. Throws RECEIPT_UNPROVEN, RECEIPT_UNSIGNED. */
export const headOf = (p: Primitives, { proof }: LoggedRecord, logKey: VerifierKey): Checkpoint =>
  signedHead(p, under('RECEIPT_UNPROVEN', () => parseProof(proof)).checkpoint, logKey);

function indexOf(p: Primitives, { record, proof }: LoggedRecord, { size, root }: Checkpoint): number {
  const { index, hashes } = parseProof(proof);
  if (!verifyInclusion(p, { leaf: leafHash(p, record), index, size, proof: hashes, root }))
    throw refuse('RECEIPT_UNPROVEN', `The proof does not show the record to be number ${index} of the log.`);
  return index;
}

/** Every field, and no other: of what only the coordinator knows (`norm`, the time) it is taken at its word. */
function expectRecord(kind: string, { record }: LoggedRecord, place: Fields, detail: Fields): void {
  const found = fieldsOf(record, 'audit record');
  const expected = { v: 1, at: textOr('a time', found['at']), kind, ...place, detail };
  if (same(found, expected)) return;
  const flat = ({ detail: inner, ...outer }: Fields): Fields => ({ ...outer, ...(isFields(inner) ? inner : {}) });
  const [has, wants] = [flat(found), flat(expected)];
  const name = [...new Set([...Object.keys(wants), ...Object.keys(has)])].find((key) => !same(has[key], wants[key]));
  throw differs(`The coordinator’s record ${kind}`, name ?? 'detail', has[name ?? 'detail'], wants[name ?? 'detail']);
}

const textOr = (what: string, value: unknown): string => (typeof value === 'string' ? value : what);

const differs = (what: string, name: string, has: unknown, wants: unknown) =>
  refuse('RECEIPT_MISMATCH', `${what} says ${name} ${shown(has)}; it must be ${shown(wants)}.`);

function shown(value: unknown): string {
  const text = value === undefined ? 'nothing' : typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}...` : text;
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Of values that came from JSON. */
function same(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  const [one, other] = [Object.entries(a), new Map<string, unknown>(Object.entries(b))];
  return (
    Array.isArray(a) === Array.isArray(b) &&
    one.length === other.size &&
    one.every(([key, value]) => other.has(key) && same(value, other.get(key)))
  );
}

function fieldsOf(bytes: Uint8Array, what: string): Fields {
  const value = under('RECEIPT_MISMATCH', () => decodeCanonical(bytes));
  if (!isFields(value) || (what === 'outcome' && !Array.isArray(value['participants'])))
    throw refuse('RECEIPT_MISMATCH', `The ${what} of the receipt is not one.`);
  return value;
}

function detailOf({ record }: LoggedRecord): Fields {
  const { detail } = fieldsOf(record, 'audit record');
  return isFields(detail) ? detail : {};
}

/** What a strict reader refuses is refused under this code. */
function under<T>(code: ErrorCode, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof AssentError) || error.code === code) throw error;
    throw new AssentError(code, error.message, {}, error);
  }
}

/**
 * Whether two checkpoints of one log are of one history; `proof` is a consistency proof from the smaller to the larger. Throws
 * RECEIPT_HISTORY: then whoever signed both has shown two histories, or cannot show that it has not.
 */
export function checkHistory(p: Primitives, a: Checkpoint, b: Checkpoint, proof: readonly Uint8Array[]): void {
  const [older, newer] = a.size <= b.size ? [a, b] : [b, a];
  const claim = { oldSize: older.size, oldRoot: older.root, newSize: newer.size, newRoot: newer.root, proof };
  if (verifyConsistency(p, claim)) return;
  const what = older.size === newer.size ? 'have different roots' : 'are not shown to be of one history';
  throw refuse(
    'RECEIPT_HISTORY',
    `Two checkpoints of ${older.origin}, of ${older.size} and ${newer.size} records, ${what}.`,
  );
}
