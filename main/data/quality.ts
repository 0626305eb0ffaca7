// The quality report of a data set: measured in two passes over its sealed row groups, sealed like them, and never sent.
import { AssentError } from '../../shared/errors.ts';
import { decodeCanonical, encodeCanonical } from '../../shared/wire/canonical.ts';
import { describeDataset, openGroups, withKey } from './datasets.ts';
import { watchedTurn, type RowsProgress, type Watched } from './passage.ts';
import { columnMeter, type ColumnQuality } from './quality-column.ts';
import { leakageMeter, targetClasses } from './quality-leakage.ts';
import { keptColumns } from './reading.ts';
import { openPart, sealPart, type DataDeps } from './sealing.ts';

export type QualityReport = { snapshot: string; rows: number; target: string | null; columns: ColumnQuality[] };

/** Values a column keeps at each level of its sketch; fewer where there are very many columns. */
const KEEP = 8192;
const KEEP_OF_MANY = 512;
const MANY_COLUMNS = 256;
const ROWS_A_TURN = 1024;

/**
 * The report of the newest snapshot: the kept one where it was made for this target (or none was named), else a new one,
 * which replaces it. Throws DATASET_UNKNOWN, CANCELED, REQUEST_INVALID where the target is no column or has too many values.
 */
export async function qualityReport(
  deps: DataDeps,
  dataset: string,
  target?: string,
  watched: Watched = {},
): Promise<QualityReport> {
  const kept = keptReport(deps, dataset);
  if (kept && (target === undefined || kept.target === target)) return kept;
  const report = await measureQuality(deps, dataset, target, watched);
  const { snapshot } = report;
  const body = withKey(deps, dataset, (key) =>
    sealPart(key, { dataset, quality: snapshot }, encodeCanonical({ version: 1, ...report })),
  );
  deps.journal.transact('quality.keep', (tx) => {
    tx.run(
      `insert into quality (dataset, snapshot, body) values (?, ?, ?)
       on conflict (dataset) do update set snapshot = excluded.snapshot, body = excluded.body`,
      dataset,
      snapshot,
      body,
    );
    tx.append({ kind: 'quality.kept', detail: { dataset, snapshot } });
  });
  return report;
}

/** The report that was kept for the newest snapshot, if there is one. */
export function keptReport(deps: DataDeps, dataset: string): QualityReport | undefined {
  const { snapshot } = describeDataset(deps, dataset);
  const row = deps.journal.read.get<{ body: Uint8Array }>(
    'select body from quality where dataset = ? and snapshot = ?',
    dataset,
    snapshot,
  );
  if (!row) return undefined;
  const plain = withKey(deps, dataset, (key) => openPart(key, { dataset, quality: snapshot }, row.body));
  const { version: _version, ...report } = decodeCanonical(plain) as QualityReport & { version: 1 };
  return report;
}

/** Measures without keeping anything. Memory does not grow with the rows. */
export async function measureQuality(
  deps: DataDeps,
  dataset: string,
  target?: string,
  watched: Watched = {},
): Promise<QualityReport> {
  const { schema, rows, snapshot } = describeDataset(deps, dataset);
  const kept = keptColumns(schema);
  const width = kept.length;
  const goal = kept.findIndex(({ name }) => name === target);
  if (target !== undefined && goal < 0)
    throw new AssentError('REQUEST_INVALID', `Data set ${dataset} keeps no column "${target}" to be a target.`);
  const meters = kept.map((column) => columnMeter(column, width > MANY_COLUMNS ? KEEP_OF_MANY : KEEP));
  const each = async (phase: RowsProgress['phase'], see: (values: Float32Array, from: number) => void) => {
    let seen = 0;
    for (const group of openGroups(deps, dataset)) {
      for (let row = 0; row < group.rows; row++) {
        if (row % ROWS_A_TURN === 0) await watchedTurn(watched, `The quality report of data set ${dataset}`);
        see(group.values, row * width);
      }
      seen += group.rows;
      watched.progress?.({ phase, rows: seen, totalRows: rows });
    }
  };
  try {
    await each('measuring', (values, from) => {
      for (let column = 0; column < width; column++) meters[column]!.add(values[from + column]!);
    });
    const classes = goal < 0 ? undefined : targetClasses(meters[goal]!);
    const leaks = classes && meters.map((meter) => leakageMeter(meter, classes.classes));
    await each('counting', (values, from) => {
      const label = classes ? classes.classOf(values[from + goal]!) : -1;
      for (let column = 0; column < width; column++) {
        const value = values[from + column]!;
        meters[column]!.place(value);
        if (leaks && label >= 0 && column !== goal) leaks[column]!.add(value, label);
      }
    });
    const found = new Map<string, ColumnQuality>(
      meters.map((meter, column) => {
        const quality = meter.finish();
        const judged = leaks && column !== goal;
        return [quality.name, judged ? { ...quality, leakage: leaks[column]!.finish() } : quality];
      }),
    );
    leaks?.forEach((leak) => leak.erase());
    const columns = schema.map(({ name, type, missing }) => found.get(name) ?? notKept(name, type, missing));
    return { snapshot, rows, target: target ?? null, columns };
  } finally {
    for (const meter of meters) meter.erase();
  }
}

/**
 * Columns that look like identifiers: those of the kept report, or else by the first row group (8,192 rows at most), which
 * costs no more for a large data set.
 */
export function identifierColumns(deps: DataDeps, dataset: string): { column: string; reason: string }[] {
  const report = keptReport(deps, dataset);
  const columns = report?.columns ?? firstGroup(deps, dataset);
  return columns.flatMap(({ name, identifier }) => (identifier === null ? [] : [{ column: name, reason: identifier }]));
}

function firstGroup(deps: DataDeps, dataset: string): Pick<ColumnQuality, 'name' | 'identifier'>[] {
  const kept = keptColumns(describeDataset(deps, dataset).schema);
  const meters = kept.map((column) => columnMeter(column, KEEP_OF_MANY));
  for (const { values, rows } of openGroups(deps, dataset)) {
    for (let at = 0; at < rows * kept.length; at++) meters[at % kept.length]!.add(values[at]!);
    break;
  }
  const found = meters.map((meter) => meter.finish());
  for (const meter of meters) meter.erase();
  return found;
}

/** Free text and empty columns have no values here; their missing rows were counted at the import. */
const notKept = (name: string, type: ColumnQuality['type'], missing: number): ColumnQuality => ({
  name,
  type,
  missing,
  distinct: 0,
  distinctExact: true,
  numbers: null,
  categories: [],
  suspicious: [],
  identifier: null,
  leakage: null,
});
