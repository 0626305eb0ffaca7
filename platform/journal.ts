// The one way to change a store: a named transaction that also appends its audit record. No record, no effect.
import type { Statement } from 'better-sqlite3';
import { AssentError } from '../shared/errors.ts';
import { auditRecordBytes, CHECKPOINT_AFTER, NO_CHECKPOINT_FOR, type AuditEntry } from '../shared/records/audit.ts';
import { signedCheckpoint } from '../shared/transparency/checkpoint.ts';
import type { VerifierKey } from '../shared/transparency/verifier-key.ts';
import { frontierRoot, growFrontier, readFrontier, type Frontier } from '../shared/transparency/frontier.ts';
import { leafHash, type NodeReader } from '../shared/transparency/tree.ts';
import { encodeCanonical, toHex } from '../shared/wire/canonical.ts';
import { crashPoint } from './crash-points.ts';
import { primitives, randomBytes, sha256 } from './crypto.ts';
import { openDatabase, openReadOnly, type Migration, type Sqlite } from './sqlite.ts';
import { RELAXED_STEPS, SILENT_STEPS, type CrashPoint } from './steps.ts';

type Value = string | number | bigint | null | Uint8Array;

export type Reader = {
  get<T>(sql: string, ...values: Value[]): T | undefined;
  all<T>(sql: string, ...values: Value[]): T[];
  iterate<T>(sql: string, ...values: Value[]): IterableIterator<T>;
};

export type Tx = Reader & {
  run(sql: string, ...values: Value[]): { changes: number };
  /** Appends a record of what this transaction does; its time is the journal's clock. */
  append(entry: AuditEntry): { position: number; leaf: string };
  /** A salted commitment to personal data or free text (hex). The opening can be erased later; the tree still verifies. */
  commit(value: unknown): string;
  /** What this transaction deletes or overwrites is gone from the store's files too, once it is committed. */
  forget(): void;
};

/** Signs checkpoints with the log's own key, whose name is the log's origin. */
export type CheckpointSigner = { key: VerifierKey; sign(message: Uint8Array): Uint8Array };

export type Journal<Step extends string> = {
  /** Sees only what is committed, over a connection that cannot write. */
  read: Reader;
  transact<R>(step: Step, change: (tx: Tx) => R): R;
  /** From here on, records that others rely on are followed by a signed checkpoint in the same transaction; null: by none. */
  signWith(signer: CheckpointSigner | null): void;
  /** Asked before each step; what it throws refuses the step. */
  guard(check: (step: string) => void): void;
  /** Called after each commit that made a checkpoint. */
  onCheckpoint(told: () => void): void;
  size(): number;
  nodes: NodeReader;
  close(): void;
};

const CHECKPOINT_RECORDS = 100;
const CHECKPOINT_MS = 10 * 60_000;
/** Of relaxed steps a power cut can take this much, and no more: the next one after it waits for the disk again. */
const RELAXED_MS = 60_000;

export function openJournal<Step extends string>(options: {
  file: string;
  migrations: readonly Migration[];
  now(): number;
}): Journal<Step> {
  const writer = openDatabase(options.file, options.migrations);
  const reader = openReadOnly(options.file);
  const read = readerOf(reader);
  const inside = readerOf(writer);
  let signer: CheckpointSigner | null = null;
  let check: (step: string) => void = () => {};
  let told = () => {};
  let busy = false;
  // The tree's right edge as the running transaction has it, read once and grown in memory. It ends with the transaction,
  // however that ends: what was rolled back must not live on here.
  let edge: Frontier | undefined;
  let durable = -Infinity;
  /** The write-ahead log may still hold what a transaction was to forget. */
  let lingering = false;

  const nodesOf =
    (source: Reader): NodeReader =>
    (level, place) => {
      const row = source.get<{ hash: Buffer }>('select hash from tree where level = ? and place = ?', level, place);
      if (!row) throw new AssentError('STORE_DAMAGED', `${options.file}: tree node ${level}/${place} is missing.`);
      return row.hash;
    };
  const sizeOf = (source: Reader) =>
    source.get<{ size: number }>('select coalesce(max(position) + 1, 0) as size from record')!.size;

  const edgeInside = (): Frontier => (edge ??= readFrontier(nodesOf(inside), sizeOf(inside)));

  const run = (sql: string, ...values: Value[]) => ({ changes: inside.statement(sql).run(...values).changes });

  function append(entry: AuditEntry, at: string, made: Set<string>): { position: number; leaf: string } {
    const tree = edgeInside();
    const position = tree.size;
    const bytes = auditRecordBytes(entry, at);
    const text = Buffer.from(bytes).toString('latin1');
    for (const commitment of made) if (text.includes(commitment)) assign(made, commitment, position);
    const leaf = leafHash(primitives, bytes);
    run(
      'insert into record (position, at, kind, study, round, leaf, bytes) values (?, ?, ?, ?, ?, ?, ?)',
      position,
      at,
      entry.kind,
      entry.study ?? null,
      entry.round ?? null,
      leaf,
      bytes,
    );
    for (const node of growFrontier(primitives, tree, leaf))
      run('insert into tree (level, place, hash) values (?, ?, ?)', node.level, node.index, node.hash);
    return { position, leaf: toHex(leaf) };
  }

  /** An opening belongs to the record that names its commitment; else to one of its transaction, which names a signed one. */
  function assign(made: Set<string>, commitment: string, position: number): void {
    run('update opening set position = ? where commitment = ?', position, commitment);
    made.delete(commitment);
  }

  /** Whether one was made. */
  function checkpointIfDue(step: Step, kinds: readonly string[], at: string): boolean {
    if (!signer) return false;
    const { size } = edgeInside();
    const last = inside.get<{ size: number; at: string }>('select size, at from checkpoint order by size desc limit 1');
    const due =
      step === 'log.checkpoint' ||
      kinds.some((kind) => CHECKPOINT_AFTER.has(kind)) ||
      size - (last?.size ?? 0) >= CHECKPOINT_RECORDS ||
      (last !== undefined && Date.parse(at) - Date.parse(last.at) >= CHECKPOINT_MS && waited(last.size));
    if (!due || last?.size === size) return false;
    const root = frontierRoot(primitives, edgeInside());
    const note = signedCheckpoint({ origin: signer.key.name, size, root }, signer.key, signer.sign);
    run('insert into checkpoint (size, at, root, note) values (?, ?, ?, ?)', size, at, root, note);
    return true;
  }

  const waited = (from: number) =>
    inside
      .all<{ kind: string }>('select kind from record where position >= ?', from)
      .some(({ kind }) => !NO_CHECKPOINT_FOR.has(kind));

  /** While somebody reads it cannot be emptied; then it is tried again after the next step. */
  function emptyWriteAheadLog(): void {
    writer.pragma('busy_timeout = 0');
    const [{ busy: kept }] = writer.pragma('wal_checkpoint(TRUNCATE)') as [{ busy: number }];
    writer.pragma('busy_timeout = 5000');
    lingering = kept !== 0;
  }

  function commit(value: unknown): string {
    const salt = randomBytes(32);
    const text = encodeCanonical(value);
    const commitment = toHex(sha256(Buffer.concat([salt, text])));
    run(
      'insert into opening (commitment, salt, value) values (?, ?, ?)',
      commitment,
      salt,
      Buffer.from(text).toString('utf8'),
    );
    return commitment;
  }

  emptyWriteAheadLog(); // a program that was killed may have left it full

  return {
    read,
    transact(step, change) {
      if (busy) throw new AssentError('INTERNAL', `Step ${step} was started inside another step.`);
      check(step);
      crashPoint(`${step}:before` as CrashPoint);
      busy = true;
      let done;
      const since = options.now() - durable;
      const relaxed = RELAXED_STEPS.has(step) && since >= 0 && since < RELAXED_MS;
      try {
        if (relaxed) writer.pragma('synchronous = NORMAL');
        done = writer
          .transaction(() => {
            const at = new Date(options.now()).toISOString();
            const kinds: string[] = [];
            const made = new Set<string>();
            const value = change({
              ...inside,
              run,
              commit(opened) {
                const commitment = commit(opened);
                made.add(commitment);
                return commitment;
              },
              append: (entry) => {
                kinds.push(entry.kind);
                return append(entry, at, made);
              },
              forget() {
                lingering = true;
              },
            });
            if (kinds.length === 0 && !SILENT_STEPS.has(step))
              throw new AssentError('INTERNAL', `Step ${step} appended no record, so it changes nothing.`);
            if (kinds.length > 0) for (const commitment of made) assign(made, commitment, sizeOf(inside) - 1);
            return { value, signed: checkpointIfDue(step, kinds, at) };
          })
          .immediate();
        if (!relaxed) durable = options.now();
      } finally {
        if (relaxed) writer.pragma('synchronous = FULL');
        busy = false;
        edge = undefined;
      }
      if (lingering) emptyWriteAheadLog();
      crashPoint(`${step}:after` as CrashPoint);
      if (done.signed) told();
      return done.value;
    },
    signWith(next) {
      signer = next;
    },
    guard(next) {
      check = next;
    },
    onCheckpoint(next) {
      told = next;
    },
    size: () => sizeOf(read),
    nodes: nodesOf(read),
    close() {
      reader.close();
      writer.close();
    },
  };
}

function readerOf(db: Sqlite): Reader & { statement(sql: string): Statement<unknown[]> } {
  const kept = new Map<string, Statement<unknown[]>>();
  const statement = (sql: string) => {
    let found = kept.get(sql);
    if (!found) kept.set(sql, (found = db.prepare(sql)));
    return found;
  };
  return {
    statement,
    get: <T>(sql: string, ...values: Value[]) => statement(sql).get(...values) as T | undefined,
    all: <T>(sql: string, ...values: Value[]) => statement(sql).all(...values) as T[],
    iterate: <T>(sql: string, ...values: Value[]) => db.prepare(sql).iterate(...values) as IterableIterator<T>,
  };
}
