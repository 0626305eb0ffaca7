// A whole file in memory, for public data only: what the demo's pooled comparison and the benchmarks read without a store.
import type { StudyRows } from '../stages.ts';
import type { Study } from '../../shared/study/study.ts';
import type { Column } from './columns.ts';
import { rowEncoder } from './encode.ts';
import type { Mapping } from './mapping.ts';
import { collectRows } from './rows.ts';
import { keptColumns } from './reading.ts';
import { openSource } from './source.ts';

/** `values` are row-major, kept columns only: a number, a category's place in its list, NaN for a missing value. */
export type Table = { columns: Column[]; rows: number; values: Float32Array<ArrayBuffer> };

/** Reads as an import does, with the same types, values and errors. */
export async function readTable(path: string): Promise<Table> {
  const source = await openSource(path);
  const scan = await source.scan({});
  const width = keptColumns(scan.columns).length;
  const values = new Float32Array(scan.rows * width);
  let at = 0;
  await source.groups(scan, {}, (group) => {
    values.set(group, at);
    at += group.length;
  });
  return { columns: scan.columns, rows: scan.rows, values };
}

/** The rows that `loadRows` gives for the same file: same mapping, encoding, split and order. Throws MAPPING_INVALID. */
export function encodeTable(study: Study, mapping: Mapping, table: Table): Omit<StudyRows, 'snapshot'> {
  const collected = collectRows(rowEncoder(study, table.columns, mapping), study, table.rows);
  collected.add(table.values, table.rows);
  return collected.split();
}
