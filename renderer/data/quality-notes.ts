// What was found in a column, in words; empty where nothing unusual was.
import type { ColumnQuality } from '../../shared/gen/assent/v1/node_pb.ts';
import { language } from '../language.svelte.ts';

export function notesOf(column: ColumnQuality): string[] {
  const t = language.t.data.set;
  const { suspicious, identifier, leakage, numbers } = column;
  const outside = (numbers?.outliersBelow ?? 0n) + (numbers?.outliersAbove ?? 0n);
  return [
    ...(leakage ? [t.leakage[leakage.measure]?.(language.number(leakage.score, 3)) ?? ''] : []),
    ...(identifier === '' ? [] : [t.identifiers[identifier] ?? identifier]),
    ...suspicious.map(({ value, rows }) => t.suspicious(language.figure(value), language.number(rows))),
    ...(outside > 0n ? [t.outliers(language.number(outside))] : []),
  ].filter(Boolean);
}
