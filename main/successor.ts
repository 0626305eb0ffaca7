// Starts a successor of a log that is behind its own anchor. It goes on from the records that are here, under a key and a name of
// its own, and its first record names the last anchored checkpoint of the log before.
import { AssentError } from '../shared/errors.ts';
import { signedMessage } from '../shared/records/signed.ts';
import { successionRecord, successorRecord } from '../shared/records/succession.ts';
import type { Locale } from '../shared/text/difference.ts';
import { en } from '../shared/text/en.ts';
import { zh } from '../shared/text/zh.ts';
import { toHex } from '../shared/wire/canonical.ts';
import { generateEd25519, randomBytes, sha256, signEd25519 } from '../platform/crypto.ts';
import type { Tx } from '../platform/journal.ts';
import { replaceIdentity } from '../platform/keyring.ts';
import { findConflict, type LogConflict } from '../platform/log-conflict.ts';
import { logKey, logOrigin } from '../platform/log-origin.ts';
import { currentLog } from '../platform/own-logs.ts';
import { giveUp } from './give-up.ts';
import { signByAdmins } from './people/admins.ts';
import type { PersonSigner } from './people/keys.ts';
import type { PeopleDeps } from './people/people.ts';
import type { Store } from './store/open.ts';
import { needCoordinator } from './store/rounds.ts';
import { keepSigned } from './store/signed.ts';

export type Successor = { origin: string; predecessor: { origin: string; size: number }; kept: number };

type Head = { size: number; root: string };
type Loss = { conflict: LogConflict; kept: Head };
const TEXTS = { en, zh };
const EMPTY: Head = { size: 0, root: toHex(sha256(new Uint8Array())) };

/** What a successor would go on from. Throws LOG_NOT_BEHIND. */
function lossOf({ journal: { read }, keys }: Store): Loss {
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

type Facts = {
  consortium: string;
  member: string;
  predecessor: { origin: string; size: number; root: string };
  log: string;
  at: string;
};

type Pair = { publicKey: Uint8Array; privateKey: Uint8Array };

const meaningOf = ({ conflict, kept }: Loss, locale: Locale): string =>
  TEXTS[locale].successorMeaning({ origin: conflict.origin, size: conflict.size, kept: kept.size });

/** What starting a successor would sign now; undefined where no witness holds more of the log than this store. */
export function successorOffer(store: Store, locale: Locale): { statement: string; anchored: bigint } | undefined {
  const { journal, keys } = store;
  if (!findConflict(journal.read, logOrigin(keys.log.publicKey))) return undefined;
  const loss = lossOf(store);
  return { statement: meaningOf(loss, locale), anchored: BigInt(loss.conflict.size) };
}

/**
 * Ends the log with what is anchored of it, and with it all that was under way: open rounds, messages that did not leave,
 * standing policies. `anchored` is the size that the admins were shown. The coordinator is told as soon as it can be reached.
 * Throws LOG_NOT_BEHIND, ANCHOR_MOVED, ADMINS_NEEDED, ROLE_MISSING.
 */
export function startSuccessor(
  { store, now }: PeopleDeps,
  { anchored, locale }: { anchored: number; locale: Locale },
  admins: readonly PersonSigner[],
): Successor {
  const { journal, keys } = store;
  const loss = lossOf(store);
  const { conflict, kept } = loss;
  if (conflict.size !== anchored)
    throw new AssentError(
      'ANCHOR_MOVED',
      `Witnesses hold ${conflict.size} records of this log by now; what was shown said ${anchored}.`,
    );
  const before = keys.log.publicKey;
  const pair = generateEd25519();
  const { consortium, member } = needCoordinator(journal.read);
  const predecessor = { origin: conflict.origin, size: conflict.size, root: toHex(conflict.root) };
  const at = new Date(now()).toISOString();
  const facts: Facts = { consortium, member, predecessor, log: toHex(pair.publicKey), at };
  const decided = signByAdmins(journal.read, successionRecord, admins, (by) => ({
    v: 1,
    ...facts,
    predecessor: { ...predecessor, log: toHex(before) },
    kept,
    meaning: meaningOf(loss, locale),
    locale,
    by,
    nonce: toHex(randomBytes(16)),
  }));
  const decision = toHex(sha256(decided.bytes));
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
      keepSuccessor(tx, store, facts, { bytes: decided.bytes, hash: decision }, conflict.note, pair);
      keepSigned(tx, successionRecord.kind, decided.bytes);
      const named = { ...predecessor, log: toHex(before) };
      const { signatures } = decided;
      tx.append({
        kind: 'log.succeeded',
        detail: { predecessor: named, kept, origin: own.key.name, log: facts.log, decision, signatures },
      });
      giveUp(tx, store, { at: now(), member, decision, person: admins[0]!.person.id });
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
  decision: { bytes: Uint8Array; hash: string },
  anchor: Uint8Array,
  pair: Pair,
): void {
  replaceIdentity(tx, keyring, 'log', pair);
  const record = successorRecord.encode({ v: 1, ...facts, decision: decision.hash });
  const message = signedMessage(successorRecord.kind, record);
  tx.run(
    `insert into successor (origin, decision, record, member_signature, log_signature, checkpoint)
     values (?, ?, ?, ?, ?, ?)`,
    logOrigin(pair.publicKey),
    decision.bytes,
    record,
    keys.member.sign(message),
    signEd25519(pair.privateKey, message),
    anchor,
  );
}
