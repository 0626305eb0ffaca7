// Withdrawal of single rows: a new snapshot without them, under a new key, so that what was withdrawn opens nowhere any more.
import { randomBytes, sha256 } from '../../platform/crypto.ts';
import type { Tx } from '../../platform/journal.ts';
import { AssentError } from '../../shared/errors.ts';
import { fromHex, toHex } from '../../shared/wire/canonical.ts';
import { keptNumber } from './choices.ts';
import type { Column } from './columns.ts';
import { describeDataset, openGroups, withKey } from './datasets.ts';
import { keepIdentifiers, rowsWithIds } from './identifiers.ts';
import { discardStaged } from './import.ts';
import { watchedTurn, type Watched } from './passage.ts';
import { keptColumns } from './reading.ts';
import { bytesOf, keyName, openPart, sealPart, snapshotHash, type DataDeps, type Part } from './sealing.ts';

/** `withdrawn` rows are gone, `found` of the given ids were there; `rows` and `snapshot` are those of the new snapshot. */
export type Withdrawal = { withdrawn: number; found: number; rows: number; snapshot: string };

/**
 * Makes a snapshot without the rows whose `column` holds one of `ids`. The column is the one named at the import, or one
 * whose values are kept exactly. `also` joins the transaction: whoever binds the old snapshot learns of the new one there.
 * Throws DATASET_UNKNOWN, CANCELED, SNAPSHOT_CHANGED, and REQUEST_INVALID where no row has such an id or none would be left;
 * then the data set is as it was.
 */
export async function withdrawRows(
  deps: DataDeps,
  dataset: string,
  request: { column: string; ids: readonly string[] },
  also: (tx: Tx, now: { rows: number; snapshot: string }) => void,
  watched: Watched = {},
): Promise<Withdrawal> {
  const ids = [...new Set(request.ids.map((id) => id.trim()).filter((id) => id !== ''))];
  const { schema, snapshot: before, rows: total, idColumn, schemaHash } = describeDataset(deps, dataset);
  const width = keptColumns(schema).length;
  const match = matcher(dataset, schema, request.column, idColumn, ids);
  const key = randomBytes(32);
  const staging = `${dataset}-${toHex(randomBytes(4))}`;
  const hashes: Uint8Array[] = [];
  const found = new Set<number>();
  let rows = 0;
  let seen = 0;
  const stage = (sql: string, number: number, ...rest: (number | Uint8Array)[]) =>
    deps.journal.transact('dataset.stage', (tx) => tx.run(sql, staging, number, ...rest));
  try {
    deps.journal.transact('dataset.stage', (tx) =>
      tx.run("insert into dataset (id, state) values (?, 'staged')", staging),
    );
    let number = 0;
    for (const { values, rows: count } of openGroups(deps, dataset)) {
      const opened = identifiersOf(deps, dataset, number);
      const places = match(values, count, opened);
      const kept = [...places.keys()].filter((row) => places[row] === -1);
      for (const place of places) if (place >= 0) found.add(place);
      number += 1;
      if (kept.length > 0) {
        const left = new Float32Array(kept.length * width);
        kept.forEach((row, at) => left.set(values.subarray(row * width, (row + 1) * width), at * width));
        const group = hashes.push(sha256(bytesOf(left))) - 1;
        const body = sealPart(key, { dataset, group, schemaHash }, bytesOf(left));
        left.fill(0);
        stage('insert into row_group (dataset, number, rows, body) values (?, ?, ?, ?)', group, kept.length, body);
        if (opened) {
          const sealed = sealPart(key, { dataset, identifiers: group }, keepIdentifiers(opened, kept));
          stage('insert into row_identifier (dataset, number, body) values (?, ?, ?)', group, sealed);
        }
        rows += kept.length;
      }
      seen += count;
      watched.progress?.({ phase: 'copying', rows: seen, totalRows: total });
      await watchedTurn(watched, `The withdrawal from data set ${dataset}`);
    }
    if (found.size === 0)
      throw invalid(`no row of data set ${dataset} has one of the ${ids.length} ids in "${request.column}".`);
    if (rows === 0) throw invalid(`every row of data set ${dataset} would be withdrawn; delete the data set instead.`);
    const snapshot = snapshotHash(fromHex(schemaHash), hashes);
    deps.journal.transact('dataset.withdraw', (tx) => {
      exchange(deps, tx, { dataset, staging, key, before, total, rows, snapshot });
      also(tx, { rows, snapshot });
      tx.append({ kind: 'dataset.withdrawn', detail: { dataset, snapshot, rows: total - rows } });
      tx.forget();
    });
    return { withdrawn: total - rows, found: found.size, rows, snapshot };
  } catch (error) {
    discardStaged(deps, [staging]);
    throw error;
  } finally {
    key.fill(0);
  }
}

type Exchange = {
  dataset: string;
  staging: string;
  key: Uint8Array;
  before: string;
  total: number;
  rows: number;
  snapshot: string;
};

/** Puts the staged groups in the place of the old ones, and everything else that is sealed under the new key. */
function exchange(deps: DataDeps, tx: Tx, { dataset, staging, key, before, total, rows, snapshot }: Exchange): void {
  const row = tx.get<{ snapshot: string; imported_at: string; about: Uint8Array; schema: Uint8Array }>(
    "select snapshot, imported_at, about, schema from dataset where id = ? and state = 'ready'",
    dataset,
  );
  if (row?.snapshot !== before)
    throw new AssentError('SNAPSHOT_CHANGED', `Data set ${dataset} was changed meanwhile; start again.`);
  const again = (part: Part, sealed: Uint8Array) =>
    sealPart(
      key,
      part,
      withKey(deps, dataset, (old) => openPart(old, part, sealed)),
    );
  const about = again({ dataset, part: 'about' }, row.about);
  const schema = again({ dataset, part: 'schema' }, row.schema);
  for (const table of ['row_group', 'row_identifier']) {
    tx.run(`delete from ${table} where dataset = ?`, dataset);
    tx.run(`update ${table} set dataset = ? where dataset = ?`, dataset, staging);
  }
  tx.run('delete from quality where dataset = ?', dataset);
  tx.run('delete from dataset where id = ?', staging);
  tx.run(
    'update dataset set rows = ?, snapshot = ?, sealed_key = ?, about = ?, schema = ? where id = ?',
    rows,
    snapshot,
    deps.keys.seal(keyName(dataset), key),
    about,
    schema,
    dataset,
  );
  const insert = 'insert into snapshot (dataset, number, hash, at, rows, withdrawn) values (?, ?, ?, ?, ?, ?)';
  const { last } = tx.get<{ last: number }>(
    'select coalesce(max(number), 0) as last from snapshot where dataset = ?',
    dataset,
  )!;
  if (last === 0) tx.run(insert, dataset, 1, before, row.imported_at, total, 0);
  tx.run(insert, dataset, Math.max(last, 1) + 1, snapshot, new Date(deps.now()).toISOString(), rows, total - rows);
}

/** Of a group's rows: the place of each one's id among the ids, or -1. */
type Matcher = (values: Float32Array, rows: number, identifiers: Uint8Array | undefined) => Int32Array;

function matcher(
  dataset: string,
  schema: readonly Column[],
  name: string,
  idColumn: string | null,
  ids: readonly string[],
): Matcher {
  if (name === idColumn) return (_values, _rows, identifiers) => rowsWithIds(identifiers!, ids);
  const kept = keptColumns(schema);
  const slot = kept.findIndex((column) => column.name === name);
  const column = kept[slot];
  if (!column || column.lossy) {
    const known =
      idColumn === null
        ? 'Import the file with --id-column to be able to'
        : `It was imported with --id-column ${idColumn}`;
    throw invalid(`data set ${dataset} keeps no exact values of a column "${name}" to find rows by. ${known}.`);
  }
  const places =
    column.type === 'category'
      ? new Map(column.categories.map((value, place) => [place, ids.indexOf(value)]))
      : new Map(ids.map((id, place) => [keptNumber(id), place]));
  places.delete(NaN);
  return (values, rows) =>
    Int32Array.from({ length: rows }, (_, row) => places.get(values[row * kept.length + slot]!) ?? -1);
}

function identifiersOf(deps: DataDeps, dataset: string, group: number): Uint8Array | undefined {
  const row = deps.journal.read.get<{ body: Uint8Array }>(
    'select body from row_identifier where dataset = ? and number = ?',
    dataset,
    group,
  );
  return row && withKey(deps, dataset, (key) => openPart(key, { dataset, identifiers: group }, row.body));
}

const invalid = (problem: string) => new AssentError('REQUEST_INVALID', `The withdrawal does nothing: ${problem}`);
