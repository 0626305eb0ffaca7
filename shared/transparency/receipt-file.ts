// A receipt as a file that can be handed on: canonical JSON with exact bytes in base64, checked with nothing but the key of the
// coordinator's log.

import { AssentError } from '../errors.ts';
import { decodeCanonical, encodeCanonical, encodeUtf8, toHex } from '../wire/canonical.ts';
import { concatBytes, fromBase64, toBase64 } from './bytes.ts';
import { type Signer, verifyNote } from './note.ts';
import { policyAccepts, type TrustPolicy } from './policy.ts';
import type { Primitives } from './primitives.ts';
import { checkHistory, checkReceipt, signedHead, type LoggedRecord } from './receipt.ts';
import { encodeVkey, parseVkey, type VerifierKey } from './verifier-key.ts';

/** What the coordinator answered, and the checkpoint that was kept before: also where it was refused. */
export type LoggedEvidence = {
  accepted: LoggedRecord | null;
  aggregated: LoggedRecord | null;
  /** Exact bytes of the checkpoint seen before; null: none was. */
  seen: Uint8Array | null;
  consistency: readonly Uint8Array[];
};
/** What the published updates gave, where they could be added up. */
export type RecomputedEvidence = { aggregate: string | null; model: string | null };
export type Judged<Evidence> = {
  result: 'verified' | 'refused';
  code: string | null;
  at: string;
  evidence: Evidence;
};
/** `key` is the signer's raw public key; like the log's, it says who signed only where it is known from elsewhere. */
type SignedBytes = { bytes: Uint8Array; signature: Uint8Array; key: Uint8Array };
export type ReceiptFile = {
  /** Of the coordinator; for reading, not for trust. */
  log: VerifierKey;
  statement: SignedBytes;
  outcome: SignedBytes;
  logged: Judged<LoggedEvidence> | null;
  recomputed: Judged<RecomputedEvidence> | null;
};

const FORMAT = 'assent-receipt/v1';
export const MAX_RECEIPT_BYTES = 8 * 1024 * 1024;

const recordText = (logged: LoggedRecord | null) =>
  logged && { record: toBase64(logged.record), proof: toBase64(logged.proof) };
const signedText = ({ bytes, signature, key }: SignedBytes) => ({
  record: toBase64(bytes),
  signature: toBase64(signature),
  key: toBase64(key),
});

/** One canonical form, so that the evidence can be kept as the bytes that will be exported. */
export const loggedText = ({ accepted, aggregated, seen, consistency }: LoggedEvidence) => ({
  accepted: recordText(accepted),
  aggregated: recordText(aggregated),
  seen: seen && toBase64(seen),
  consistency: consistency.map(toBase64),
});

export function encodeReceiptFile({ log, statement, outcome, logged, recomputed }: ReceiptFile): Uint8Array {
  const judged = <E>(state: Judged<E> | null, text: (evidence: E) => object) =>
    state && { result: state.result, code: state.code, at: state.at, ...text(state.evidence) };
  return encodeCanonical({
    format: FORMAT,
    log: encodeVkey(log),
    statement: signedText(statement),
    outcome: signedText(outcome),
    logged: judged(logged, loggedText),
    recomputed: judged(recomputed, (evidence) => evidence),
  });
}

const invalid = (problem: string) => new AssentError('EXPORT_INVALID', `Not a receipt: ${problem}.`);

type Fields = Record<string, unknown>;

/** The fields of an object that has these and no others. */
function fields(value: unknown, where: string, ...names: string[]): Fields {
  const found = typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : [];
  if (found.length !== names.length || names.some((name) => !found.includes(name)))
    throw invalid(`${where} does not have exactly ${names.join(', ')}`);
  return value as Fields;
}

function bytesOf(value: unknown, where: string): Uint8Array {
  const bytes = typeof value === 'string' ? fromBase64(value) : undefined;
  if (bytes === undefined) throw invalid(`${where} is not canonical base64`);
  return bytes;
}

function textOf(value: unknown, where: string): string {
  if (typeof value !== 'string') throw invalid(`${where} is not a text`);
  return value;
}

const orNull = <T>(value: unknown, read: (value: unknown) => T): T | null => (value === null ? null : read(value));

function signedOf(value: unknown, where: string): SignedBytes {
  const { record, signature, key } = fields(value, where, 'record', 'signature', 'key');
  return {
    bytes: bytesOf(record, `${where}.record`),
    signature: bytesOf(signature, `${where}.signature`),
    key: bytesOf(key, `${where}.key`),
  };
}

/** Reads what `loggedText` wrote. Throws EXPORT_INVALID. */
export function readLogged(value: unknown): LoggedEvidence {
  const { accepted, aggregated, seen, consistency } = fields(
    value,
    'logged',
    'accepted',
    'aggregated',
    'seen',
    'consistency',
  );
  const recordOf = (logged: unknown): LoggedRecord => {
    const { record, proof } = fields(logged, 'logged', 'record', 'proof');
    return { record: bytesOf(record, 'logged.record'), proof: bytesOf(proof, 'logged.proof') };
  };
  if (!Array.isArray(consistency)) throw invalid('logged.consistency is not a list');
  return {
    accepted: orNull(accepted, recordOf),
    aggregated: orNull(aggregated, recordOf),
    seen: orNull(seen, (note) => bytesOf(note, 'logged.seen')),
    consistency: consistency.map((hash) => bytesOf(hash, 'logged.consistency')),
  };
}

export function readRecomputed(value: unknown): RecomputedEvidence {
  const { aggregate, model } = fields(value, 'recomputed', 'aggregate', 'model');
  const hash = (each: unknown) => textOf(each, 'recomputed');
  return { aggregate: orNull(aggregate, hash), model: orNull(model, hash) };
}

/** Strict reading of the form; what it shows is not yet checked. Throws EXPORT_INVALID, KEY_INVALID, RECORD_INVALID. */
export function parseReceiptFile(p: Primitives, bytes: Uint8Array): ReceiptFile {
  if (bytes.length > MAX_RECEIPT_BYTES) throw invalid(`it is longer than ${MAX_RECEIPT_BYTES} bytes`);
  const all = ['format', 'log', 'statement', 'outcome', 'logged', 'recomputed'];
  const file = fields(decodeCanonical(bytes), 'the file', ...all);
  if (file['format'] !== FORMAT) throw invalid(`its format is not ${FORMAT}`);
  const judged = <E>(value: unknown, read: (evidence: unknown) => E): Judged<E> => {
    const { result, code, at, ...evidence } = value as Fields;
    if (result !== 'verified' && result !== 'refused') throw invalid('its result is neither verified nor refused');
    const why = orNull(code, (each) => textOf(each, 'code'));
    return { result, code: why, at: textOf(at, 'at'), evidence: read(evidence) };
  };
  return {
    log: parseVkey(p, textOf(file['log'], 'log')),
    statement: signedOf(file['statement'], 'statement'),
    outcome: signedOf(file['outcome'], 'outcome'),
    logged: orNull(file['logged'], (value) => judged(value, readLogged)),
    recomputed: orNull(file['recomputed'], (value) => judged(value, readRecomputed)),
  };
}

/** As shared/records/signed.ts signs: over a prefix that names the kind, and the bytes. */
const isSigned = (p: Primitives, kind: string, { bytes, signature, key }: SignedBytes): boolean =>
  p.verifyEd25519(key, concatBytes(encodeUtf8(`assent/${kind}/v1\n`), bytes), signature);

/** `root` is lowercase hex. `authenticated` false: nobody trusted says whose log it is. */
export type ReceiptResult =
  | {
      ok: true;
      study: string;
      round: number;
      attempt: number;
      member: string;
      statement: string;
      weight: number;
      aggregate: string;
      model: string;
      index: number;
      outcomeIndex: number;
      origin: string;
      size: number;
      root: string;
      authenticated: boolean;
      signers: Signer[];
    }
  | { ok: false; message: string };

/**
 * With a policy the log's key must be one that it names, and its quorum must have signed; with null the key of the file itself
 * is used, and nobody is authenticated. Never throws on hostile bytes.
 */
export function verifyReceiptFile(p: Primitives, bytes: Uint8Array, policy: TrustPolicy | null): ReceiptResult {
  try {
    const { log, logged, ...file } = parseReceiptFile(p, bytes);
    if (policy !== null && !policy.logs.some((trusted) => encodeVkey(trusted) === encodeVkey(log)))
      return {
        ok: false,
        message: `The receipt is of the log ${log.name} (${log.keyId}), which is not among those you trust.`,
      };
    for (const [kind, name] of [
      ['update', 'statement'],
      ['outcome', 'outcome'],
    ] as const)
      if (!isSigned(p, kind, file[name]))
        return { ok: false, message: `The signature of the ${name} does not verify.` };
    const { accepted = null, aggregated = null, seen = null, consistency = [] } = logged?.evidence ?? {};
    if (logged === null || accepted === null || aggregated === null)
      return { ok: false, message: `The receipt shows nothing of the log (${logged?.code ?? 'not there yet'}).` };
    const parts = { statement: file.statement.bytes, outcome: file.outcome.bytes, accepted, aggregated };
    const { checkpoint, study, round, attempt, member, ...figures } = checkReceipt(p, parts, log);
    if (seen !== null) checkHistory(p, signedHead(p, seen, log), checkpoint, consistency);
    const { origin, size, root, note } = checkpoint;
    const { signers } = verifyNote(p, note, [log, ...(policy?.witnesses ?? [])]);
    if (policy !== null && !policyAccepts(policy, origin, signers))
      return { ok: false, message: `The checkpoint of ${origin} lacks the cosignatures that the policy asks for.` };
    if (logged.result === 'refused')
      return { ok: false, message: `The institution refused it (${logged.code ?? 'no code'}).` };
    const { statement, weight, aggregate, model, index, outcomeIndex } = figures;
    const told = { study, round, attempt, member, statement, weight, aggregate, model, index, outcomeIndex };
    return { ok: true, ...told, origin, size, root: toHex(root), authenticated: policy !== null, signers };
  } catch (error) {
    if (error instanceof AssentError) return { ok: false, message: error.message };
    throw error;
  }
}
