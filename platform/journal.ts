// The one way to change a store: a named transaction that also appends its audit record. No record, no effect.
import type { Statement } from 'better-sqlite3';
import { AssentError } from '../shared/errors.ts';
import { auditRecordBytes, CHECKPOINT_AFTER, type AuditEntry } from '../shared/records/audit.ts';
import { signedCheckpoint } from '../shared/transparency/checkpoint.ts';
import type { VerifierKey } from '../shared/transparency/verifier-key.ts';
import { frontierRoot, growFrontier, readFrontier, type Frontier } from '../shared/transparency/frontier.ts';
import { leafHash, type NodeReader } from '../shared/transparency/tree.ts';
import { encodeCanonical, toHex } from '../shared/wire/canonical.ts';
import { crashPoint } from './crash-points.ts';
import { primitives, randomBytes, sha256 } from './crypto.ts';
import { openDatabase, openReadOnly, type Migration, type Sqlite } from './sqlite.ts';
import { SILENT_STEPS, type CrashPoint } from './steps.ts';

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
};

/** Signs checkpoints with the log's own key, whose name is the log's origin. */
export type CheckpointSigner = { key: VerifierKey; sign(message: Uint8Array): Uint8Array };

export type Journal<Step extends string> = {
  /** Sees only what is committed, over a connection that cannot write. */
  read: Reader;
  transact<R>(step: Step, change: (tx: Tx) => R): R;
  /** From here on, records that others rely on are followed by a signed checkpoint in the same transaction. */
  signWith(signer: CheckpointSigner): void;
  size(): number;
  nodes: NodeReader;
  close(): void;
};

const CHECKPOINT_RECORDS = 100;
const CHECKPOINT_MS = 10 * 60_000;

export function openJournal<Step extends string>(options: {
  file: string;
  migrations: readonly Migration[];
  now(): number;
}): Journal<Step> {
  const writer = openDatabase(options.file, options.migrations);
  const reader = openReadOnly(options.file);
  const read = readerOf(reader);
  const inside = readerOf(writer);
  let signer: CheckpointSigner | undefined;
  let busy = false;
  // The tree's right edge as the running transaction has it, read once and grown in memory. It ends with the transaction,
  // however that ends: what was rolled back must not live on here.
  let edge: Frontier | undefined;

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

  function append(entry: AuditEntry, at: string): { position: number; leaf: string } {
    const tree = edgeInside();
    const position = tree.size;
    const bytes = auditRecordBytes(entry, at);
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

  function checkpointIfDue(kinds: readonly string[], at: string): void {
    if (!signer) return;
    const { size } = edgeInside();
    const last = inside.get<{ size: number; at: string }>('select size, at from checkpoint order by size desc limit 1');
    const due =
      kinds.some((kind) => CHECKPOINT_AFTER.has(kind)) ||
      size - (last?.size ?? 0) >= CHECKPOINT_RECORDS ||
      (last !== undefined && Date.parse(at) - Date.parse(last.at) >= CHECKPOINT_MS);
    if (!due || last?.size === size) return;
    const root = frontierRoot(primitives, edgeInside());
    const note = signedCheckpoint({ origin: signer.key.name, size, root }, signer.key, signer.sign);
    run('insert into checkpoint (size, at, root, note) values (?, ?, ?, ?)', size, at, root, note);
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

  return {
    read,
    transact(step, change) {
      if (busy) throw new AssentError('INTERNAL', `Step ${step} was started inside another step.`);
      crashPoint(`${step}:before` as CrashPoint);
      busy = true;
      let result;
      try {
        result = writer
          .transaction(() => {
            const at = new Date(options.now()).toISOString();
            const kinds: string[] = [];
            const value = change({
              ...inside,
              run,
              commit,
              append: (entry) => {
                kinds.push(entry.kind);
                return append(entry, at);
              },
            });
            if (kinds.length === 0 && !SILENT_STEPS.has(step))
              throw new AssentError('INTERNAL', `Step ${step} appended no record, so it changes nothing.`);
            checkpointIfDue(kinds, at);
            return value;
          })
          .immediate();
      } finally {
        busy = false;
        edge = undefined;
      }
      crashPoint(`${step}:after` as CrashPoint);
      return result;
    },
    signWith(next) {
      signer = next;
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
