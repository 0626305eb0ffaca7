// Brings a file into the store: staged group by group as ciphertext, made visible by one transaction with its record.
import { randomBytes, sha256 } from '../../platform/crypto.ts';
import { AssentError } from '../../shared/errors.ts';
import { encodeCanonical, toHex } from '../../shared/wire/canonical.ts';
import { listDatasets, type DatasetSummary } from './datasets.ts';
import { identifierGroups } from './identifiers.ts';
import type { Roles } from './columns.ts';
import type { ImportProgress } from './reading.ts';
import { bytesOf, keyName, sealPart, snapshotHash, type DataDeps } from './sealing.ts';
import type { Overrides } from './settings.ts';
import { openSource } from './source.ts';

const MOST_NAME = 100;
const STAGED_TOGETHER = 4; // row groups a transaction, each of which waits for the disk
const LARGE_GROUP = 2 ** 20;

/**
 * `settings` is what a person said about a CSV file, `roles` about its columns: of the identifier only salted hashes are
 * kept, by which single rows can be withdrawn later. `again` allows a file that was imported before.
 */
export type ImportRequest = { path: string; name: string; settings?: Overrides; again?: boolean; roles?: Roles };

/**
 * Imports the file at `path` as the data set `name`. Throws CSV_INVALID and PARQUET_INVALID (with the place), FILE_FORMAT,
 * FILE_SETTINGS, FILE_UNREADABLE, FILE_CHANGED, FILE_IMPORTED, DATASET_EXISTS, CANCELED, and REQUEST_INVALID where `roles`
 * name a column that is not there; then nothing of it stays in the store.
 */
export async function importFile(
  deps: DataDeps,
  { path, name, settings = {}, again = false, roles = {} }: ImportRequest,
  progress?: (progress: ImportProgress) => void,
  signal?: AbortSignal,
): Promise<DatasetSummary> {
  refuseName(deps, name);
  const source = await openSource(path, settings);
  const scan = await source.scan({ progress, signal, roles });
  if (!again) refuseRepetition(deps, scan.file, scan.sha256);
  const { identifier: idColumn } = roles;
  const ids = idColumn === undefined ? undefined : identifierGroups();
  const id = `ds-${toHex(randomBytes(8))}`;
  const key = randomBytes(32);
  const schema = encodeCanonical({ version: 1, columns: scan.columns });
  const schemaHash = sha256(schema);
  const groupHashes: Uint8Array[] = [];
  const sealed: { group: number; rows: number; body: Uint8Array; hashes: Uint8Array | undefined }[] = [];
  const stage = () => {
    if (sealed.length === 0) return;
    deps.journal.transact('dataset.stage', (tx) => {
      for (const { group, rows, body, hashes } of sealed) {
        tx.run('insert into row_group (dataset, number, rows, body) values (?, ?, ?, ?)', id, group, rows, body);
        if (hashes) tx.run('insert into row_identifier (dataset, number, body) values (?, ?, ?)', id, group, hashes);
      }
    });
    sealed.length = 0;
  };
  try {
    deps.journal.transact('dataset.stage', (tx) => tx.run("insert into dataset (id, state) values (?, 'staged')", id));
    await source.groups(scan, { progress, signal, roles, identify: ids?.add }, (values, rows) => {
      const plain = bytesOf(values);
      const group = groupHashes.push(sha256(plain)) - 1;
      const body = sealPart(key, { dataset: id, group, schemaHash: toHex(schemaHash) }, plain);
      const hashes = ids && sealPart(key, { dataset: id, identifiers: group }, ids.take());
      sealed.push({ group, rows, body, hashes });
      if (sealed.length === STAGED_TOGETHER || plain.length >= LARGE_GROUP) stage();
    });
    stage();
    refuseName(deps, name); // another import may have taken it meanwhile
    if (!again) refuseRepetition(deps, scan.file, scan.sha256);
    const snapshot = snapshotHash(schemaHash, groupHashes);
    const importedAt = new Date(deps.now()).toISOString();
    const { file, columns, rows, bytes, sha256: fileHash } = scan;
    const about = encodeCanonical({ version: 1, name, file, ...(idColumn !== undefined && { idColumn }) });
    deps.journal.transact('dataset.import', (tx) => {
      tx.run(
        `update dataset set state = 'ready', imported_at = ?, sha256 = ?, bytes = ?, rows = ?, snapshot = ?,
           sealed_key = ?, about = ?, schema = ? where id = ?`,
        importedAt,
        fileHash,
        bytes,
        rows,
        snapshot,
        deps.keys.seal(keyName(id), key),
        sealPart(key, { dataset: id, part: 'about' }, about),
        sealPart(key, { dataset: id, part: 'schema' }, schema),
        id,
      );
      tx.append({
        kind: 'dataset.imported',
        detail: {
          dataset: id,
          name: tx.commit(name),
          source: tx.commit(file),
          sha256: fileHash,
          bytes,
          rows,
          columns: columns.length,
          snapshot,
          format: source.format,
        },
      });
    });
    return { id, name, file, importedAt, sha256: fileHash, bytes, rows, columns: columns.length, snapshot };
  } catch (error) {
    discardStaged(deps, [id]);
    throw error;
  } finally {
    key.fill(0);
  }
}

/** Removes what imports that a crash ended had staged; called once at start-up, before any import. Returns how many. */
export function discardUnfinished(deps: DataDeps): number {
  const staged = deps.journal.read.all<{ id: string }>("select id from dataset where state = 'staged'");
  discardStaged(
    deps,
    staged.map(({ id }) => id),
  );
  return staged.length;
}

/** Removes data sets that never became visible, or the rows of a snapshot that did not. */
export function discardStaged(deps: DataDeps, ids: readonly string[]): void {
  if (ids.length === 0) return;
  deps.journal.transact('dataset.discard', (tx) => {
    for (const id of ids) {
      for (const table of ['row_group', 'row_identifier'])
        tx.run(`delete from ${table} where dataset = (select id from dataset where id = ? and state = 'staged')`, id);
      tx.run("delete from dataset where id = ? and state = 'staged'", id);
    }
  });
}

function refuseName(deps: DataDeps, name: string): void {
  if (name.trim() !== name || name === '' || name.length > MOST_NAME)
    throw new AssentError(
      'REQUEST_INVALID',
      `A data set's name has 1 to ${MOST_NAME} characters and no space at its ends.`,
    );
  if (listDatasets(deps).some((dataset) => dataset.name === name))
    throw new AssentError('DATASET_EXISTS', `There is a data set "${name}"; choose another name, or delete it first.`, {
      name,
    });
}

function refuseRepetition(deps: DataDeps, file: string, sha256: string): void {
  const earlier = listDatasets(deps).find((dataset) => dataset.sha256 === sha256);
  if (!earlier) return;
  const { id, name, importedAt } = earlier;
  throw new AssentError(
    'FILE_IMPORTED',
    `${file} is already here: data set ${id} "${name}" was imported from the same bytes at ${importedAt}. Use that one, or import it once more with --again.`,
    { file, dataset: id, name },
  );
}
