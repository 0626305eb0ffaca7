// Starts a successor of a log that is behind its own anchor. It goes on from the records that are here, under a key and a name of
// its own, and its first record names the last anchored checkpoint of the log before.
import { AssentError } from '../shared/errors.ts';
import { signedMessage } from '../shared/records/signed.ts';
import { successionRecord, successorRecord } from '../shared/records/succession.ts';
import { en } from '../shared/text/en.ts';
import { zh } from '../shared/text/zh.ts';
import { toHex } from '../shared/wire/canonical.ts';
import { generateEd25519, randomBytes, primitives, sha256, signEd25519 } from '../platform/crypto.ts';
import type { Reader, Tx } from '../platform/journal.ts';
import { replaceIdentity } from '../platform/keyring.ts';
import { findConflict, type LogConflict } from '../platform/log-conflict.ts';
import { logKey, logOrigin } from '../platform/log-origin.ts';
import { currentLog } from '../platform/own-logs.ts';
import { giveUp } from './give-up.ts';
import type { Store } from './store/open.ts';
import { needCoordinator } from './store/rounds.ts';
import { keepSigned } from './store/signed.ts';

/** An admin whose key was unlocked for this one act; that it is an admin in force is for the caller to see. */
export type SuccessorSigner = { person: string; publicKey: Uint8Array; sign(message: Uint8Array): Uint8Array };
export type Successor = { origin: string; predecessor: { origin: string; size: number }; kept: number };

type Head = { size: number; root: string };
const EMPTY: Head = { size: 0, root: toHex(sha256(new Uint8Array())) };

/** What a successor would go on from; for people to read before they sign. Throws LOG_NOT_BEHIND. */
export function lossOf({ journal: { read }, keys }: Store): { conflict: LogConflict; kept: Head } {
  const log = currentLog(read, keys.log.publicKey);
  const conflict = findConflict(read, log.key.name);
  if (!conflict) throw new AssentError('LOG_NOT_BEHIND', `Nobody holds more of ${log.key.name} than this store.`);
  // What this very witness has cosigned before it cosigned what is lost; another one may have cosigned a second branch.
  const row = read.get<{ size: number; root: Buffer }>(
    `select size, root from checkpoint join cosignature using (size) where witness = ? and size > ? order by size desc limit 1`,
    conflict.witness,
    log.since,
  );
  return { conflict, kept: row ? { size: row.size, root: toHex(row.root) } : EMPTY };
}

/** How many admins it takes: one only where this institution chose on record to have no second. */
const signersNeeded = (read: Reader): 1 | 2 =>
  read.get("select 1 from record where kind = 'account.single-admin'") === undefined ? 2 : 1;

/** Throws SUCCESSION_INVALID unless these are as many different people, with as many keys, as it takes. */
function needSigners(read: Reader, signers: readonly SuccessorSigner[]): void {
  const needed = signersNeeded(read);
  const people = new Set(signers.map(({ person }) => person)).size;
  const keys = new Set(signers.map(({ publicKey }) => toHex(publicKey))).size;
  if (signers.length > 2 || Math.min(people, keys) < Math.max(needed, signers.length))
    throw new AssentError('SUCCESSION_INVALID', `A successor log is started by ${needed} different admins.`);
}

type Pair = { publicKey: Uint8Array; privateKey: Uint8Array };
type Facts = {
  consortium: string;
  member: string;
  predecessor: { origin: string; size: number; root: string };
  log: string;
  at: string;
};

/** What the admins sign, and their signatures. Throws SUCCESSION_INVALID when one does not verify. */
function decide(
  facts: Facts & { before: Uint8Array; kept: Head },
  signers: readonly SuccessorSigner[],
  locale: 'en' | 'zh',
) {
  const { before, kept, predecessor, ...rest } = facts;
  const decision = successionRecord.encode({
    v: 1,
    ...rest,
    predecessor: { ...predecessor, log: toHex(before) },
    kept,
    meaning: (locale === 'zh' ? zh : en).successorMeaning({ ...predecessor, kept: kept.size }),
    locale,
    by: signers.map(({ publicKey }) => toHex(publicKey)),
    nonce: toHex(randomBytes(16)),
  });
  const message = signedMessage(successionRecord.kind, decision);
  const signatures = signers.map(({ publicKey, sign }) => {
    const signature = sign(message);
    if (!primitives.verifyEd25519(publicKey, message, signature))
      throw new AssentError('SUCCESSION_INVALID', 'A signature of an admin does not verify.');
    return { signer: toHex(publicKey), signature: toHex(signature) };
  });
  return { decision, hash: toHex(sha256(decision)), signatures };
}

/**
 * Ends the log with what is anchored of it, and with it all that was under way: open rounds, messages that did not leave,
 * standing policies. The coordinator is told as soon as it can be reached. Throws LOG_NOT_BEHIND, SUCCESSION_INVALID.
 */
export function startSuccessor(
  { store, now }: { store: Store; now(): number },
  signers: readonly SuccessorSigner[],
  locale: 'en' | 'zh' = 'en',
): Successor {
  const { journal, keys } = store;
  const { conflict, kept } = lossOf(store);
  needSigners(journal.read, signers);
  const before = keys.log.publicKey;
  const pair = generateEd25519();
  const { consortium, member } = needCoordinator(journal.read);
  const predecessor = { origin: conflict.origin, size: conflict.size, root: toHex(conflict.root) };
  const at = new Date(now()).toISOString();
  const facts: Facts = { consortium, member, predecessor, log: toHex(pair.publicKey), at };
  const decided = decide({ ...facts, before, kept }, signers, locale);
  const own = { key: logKey(pair.publicKey), sign: (message: Uint8Array) => signEd25519(pair.privateKey, message) };

  // The transaction below ends with a checkpoint of the new log.
  journal.signWith(own);
  try {
    journal.transact('log.succeed', (tx) => {
      const { since } = currentLog(tx, before);
      tx.run(
        'insert into past_log (origin, public_key, since, until, at) values (?, ?, ?, ?, ?)',
        conflict.origin,
        before,
        since,
        journal.size(),
        at,
      );
      keepSuccessor(tx, store, facts, decided, conflict.note, pair);
      const { hash: decision, signatures } = decided;
      keepSigned(tx, successionRecord.kind, decided.decision);
      const named = { ...predecessor, log: toHex(before) };
      const detail = { predecessor: named, kept, origin: own.key.name, log: facts.log, decision, signatures };
      tx.append({ kind: 'log.succeeded', detail });
      giveUp(tx, store, { at: now(), member, decision, person: signers[0]!.person });
    });
  } catch (error) {
    journal.signWith(null);
    throw error;
  }
  keys.log = { publicKey: pair.publicKey, sign: own.sign };
  return { origin: own.key.name, predecessor, kept: kept.size };
}

/** The new key in the place of the old one, and what the coordinator is to be told. */
function keepSuccessor(
  tx: Tx,
  { keyring, keys }: Store,
  facts: Facts,
  { decision, hash }: ReturnType<typeof decide>,
  anchor: Uint8Array,
  pair: Pair,
): void {
  replaceIdentity(tx, keyring, 'log', pair);
  const record = successorRecord.encode({ v: 1, ...facts, decision: hash });
  const message = signedMessage(successorRecord.kind, record);
  tx.run(
    `insert into successor (origin, decision, record, member_signature, log_signature, checkpoint)
     values (?, ?, ?, ?, ?, ?)`,
    logOrigin(pair.publicKey),
    decision,
    record,
    keys.member.sign(message),
    signEd25519(pair.privateKey, message),
    anchor,
  );
}
