// The data sets of this institution: which there are, what is in them, their rows in the clear for an instant, their end.
import { sha256 } from '../../platform/crypto.ts';
import { AssentError } from '../../shared/errors.ts';
import { decodeCanonical, toHex } from '../../shared/wire/canonical.ts';
import { eraseWithDataset } from '../audit/erase.ts';
import { keptColumns } from './reading.ts';
import type { Column } from './columns.ts';
import { keyName, openPart, type DataDeps } from './sealing.ts';

/** `file` is the imported file's name, `sha256` and `bytes` are of that file, `importedAt` is RFC 3339 UTC. */
export type DatasetSummary = {
  id: string;
  name: string;
  file: string;
  importedAt: string;
  sha256: string;
  bytes: number;
  rows: number;
  columns: number;
  snapshot: string;
};
/** `idColumn` is the column of which salted hashes are kept, `schemaHash` (hex) that of the schema's bytes. */
export type Dataset = DatasetSummary & { schema: Column[]; schemaHash: string; idColumn: string | null };

type Row = {
  id: string;
  imported_at: string;
  sha256: string;
  bytes: number;
  rows: number;
  snapshot: string;
  sealed_key: Uint8Array;
  about: Uint8Array;
  schema: Uint8Array;
};
type Opened = Dataset & { key: Uint8Array };

const READY = "select * from dataset where state = 'ready'";

export function listDatasets(deps: DataDeps): DatasetSummary[] {
  return deps.journal.read.all<Row>(`${READY} order by imported_at, id`).map((row) => {
    const { schema: _schema, schemaHash: _hash, idColumn: _idColumn, ...summary } = describe(deps, row);
    return summary;
  });
}

/** The data set with its columns: type, missing count, categories. Throws DATASET_UNKNOWN. */
export function describeDataset(deps: DataDeps, id: string): Dataset {
  return describe(deps, find(deps, id));
}

/** Destroys the data set's key and removes its rows, and what it was called, on record. Throws DATASET_UNKNOWN. */
export function deleteDataset(deps: DataDeps, id: string, by: string | null = null): void {
  const { rows, snapshot } = find(deps, id);
  deps.journal.transact('dataset.delete', (tx) => {
    for (const table of ['row_group', 'row_identifier', 'quality'])
      tx.run(`delete from ${table} where dataset = ?`, id);
    tx.run("update dataset set state = 'deleted', sealed_key = null, about = null, schema = null where id = ?", id);
    tx.append({ kind: 'dataset.deleted', detail: { dataset: id, snapshot, rows } });
    eraseWithDataset(tx, id, by);
    tx.forget();
  });
}

/** Row-major values of the kept columns, in the clear until the next group is asked for: then they are zeroed. */
export type Group = { values: Float32Array; rows: number };

/**
 * The data set's groups in order. Throws DATASET_UNKNOWN, STORE_DAMAGED where a group does not open or is missing, and
 * SNAPSHOT_CHANGED where rows were withdrawn between two groups.
 */
export function* openGroups(deps: DataDeps, id: string): Generator<Group, void> {
  const { key, schemaHash, schema, rows: total, snapshot } = open(deps, find(deps, id));
  const width = keptColumns(schema).length;
  let seen = 0;
  try {
    for (let group = 0; seen < total; group++) {
      if (group > 0 && find(deps, id).snapshot !== snapshot)
        throw new AssentError(
          'SNAPSHOT_CHANGED',
          `Rows of data set ${id} were withdrawn while it was being read; start again.`,
        );
      const found = deps.journal.read.get<{ rows: number; body: Uint8Array }>(
        'select rows, body from row_group where dataset = ? and number = ?',
        id,
        group,
      );
      if (!found) throw damaged(id, `row group ${group} is missing`);
      const plain = opened(id, () => openPart(key, { dataset: id, group, schemaHash }, found.body));
      const values = floats(plain);
      try {
        if (values.length !== found.rows * width)
          throw damaged(id, `row group ${group} has another size than its rows`);
        yield { values, rows: found.rows };
      } finally {
        values.fill(0);
      }
      seen += found.rows;
    }
  } finally {
    key.fill(0);
  }
}

/** The data set's key for the length of one call. Throws DATASET_UNKNOWN, and STORE_DAMAGED where a part does not open. */
export function withKey<R>(deps: DataDeps, id: string, use: (key: Uint8Array) => R): R {
  const key = opened(id, () => deps.keys.open(keyName(id), find(deps, id).sealed_key));
  try {
    return opened(id, () => use(key));
  } finally {
    key.fill(0);
  }
}

function find(deps: DataDeps, id: string): Row {
  const row = deps.journal.read.get<Row>(`${READY} and id = ?`, id);
  if (!row)
    throw new AssentError('DATASET_UNKNOWN', `There is no data set ${id}; list the data sets to see their ids.`, {
      id,
    });
  return row;
}

function describe(deps: DataDeps, row: Row): Dataset {
  const { key, ...dataset } = open(deps, row);
  key.fill(0);
  return dataset;
}

function open(deps: DataDeps, row: Row): Opened {
  const { id, rows, bytes, snapshot } = row;
  const key = opened(id, () => deps.keys.open(keyName(id), row.sealed_key));
  const schemaBytes = opened(id, () => openPart(key, { dataset: id, part: 'schema' }, row.schema));
  const about = decodeCanonical(opened(id, () => openPart(key, { dataset: id, part: 'about' }, row.about)));
  // Both were authenticated by the data set's key, so their shape is what importFile wrote.
  const { columns: schema } = decodeCanonical(schemaBytes) as { columns: Column[] };
  const { name, file, idColumn = null } = about as { name: string; file: string; idColumn?: string };
  return {
    id,
    name,
    file,
    importedAt: row.imported_at,
    sha256: row.sha256,
    bytes,
    rows,
    columns: schema.length,
    snapshot,
    schema,
    idColumn,
    key,
    schemaHash: toHex(sha256(schemaBytes)),
  };
}

function opened<R>(id: string, open: () => R): R {
  try {
    return open();
  } catch (cause) {
    if (cause instanceof AssentError && cause.code !== 'CIPHERTEXT_INVALID') throw cause;
    throw damaged(id, 'a sealed part does not open', cause);
  }
}

const damaged = (id: string, problem: string, cause?: unknown) =>
  new AssentError('STORE_DAMAGED', `Data set ${id}: ${problem}. Restore the last backup.`, { id }, cause);

function floats(bytes: Uint8Array): Float32Array {
  if (bytes.byteOffset % 4 === 0) return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  const aligned = new Uint8Array(bytes); // a copy starts at 0
  bytes.fill(0);
  return new Float32Array(aligned.buffer);
}
