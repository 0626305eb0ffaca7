// The methods of node.proto about what is in a data set: its quality report, its snapshots, withdrawal of rows.
import type { ServiceImpl } from '@connectrpc/connect';
import type { NodeService } from '../shared/gen/assent/v1/node_pb.ts';
import { qualityReport } from './data/quality.ts';
import type { ColumnQuality, NumberFigures } from './data/quality-column.ts';
import { listSnapshots } from './data/snapshots.ts';
import { unitsInUse, withdraw } from './joining.ts';
import type { AssentNode } from './node.ts';

type Methods = 'getQuality' | 'withdrawRows' | 'listSnapshots';

export function qualityHandlers(node: AssentNode): Pick<ServiceImpl<typeof NodeService>, Methods> {
  return {
    async withdrawRows({ dataset, idColumn, ids }) {
      const { withdrawn, found, rows, snapshot } = await withdraw(node, dataset, idColumn, ids);
      node.wake();
      return { withdrawn: BigInt(withdrawn), found, rows: BigInt(rows), snapshot };
    },
    listSnapshots: ({ dataset }) => ({
      snapshots: listSnapshots(node.data, dataset).map((each) => ({
        ...each,
        rows: BigInt(each.rows),
        withdrawn: BigInt(each.withdrawn),
      })),
    }),
    async getQuality({ dataset, target }) {
      const report = await qualityReport(node.data, dataset, target === '' ? undefined : target);
      const units = unitsInUse(node, dataset);
      return {
        snapshot: report.snapshot,
        rows: BigInt(report.rows),
        target: report.target ?? '',
        columns: report.columns.map((column) => columnOf(column, units.get(column.name) ?? '')),
      };
    },
  };
}

const columnOf = (column: ColumnQuality, unit: string) => ({
  name: column.name,
  type: column.type,
  unit,
  missing: BigInt(column.missing),
  distinct: BigInt(column.distinct),
  distinctExact: column.distinctExact,
  ...(column.numbers && { numbers: figuresOf(column.numbers) }),
  categories: column.categories.map(({ value, rows }) => ({ value, rows: BigInt(rows) })),
  suspicious: column.suspicious.map(({ value, rows }) => ({ value, rows: BigInt(rows) })),
  identifier: column.identifier ?? '',
  ...(column.leakage && { leakage: column.leakage }),
});

function figuresOf({ quantiles, histogram, outliers, min, max, mean, sd, rankError }: NumberFigures) {
  const [p01, p05, p25, p50, p75, p95, p99] = quantiles as [number, number, number, number, number, number, number];
  return {
    min,
    max,
    mean,
    sd,
    p01,
    p05,
    p25,
    p50,
    p75,
    p95,
    p99,
    rankError,
    histogram: histogram.map(BigInt),
    outliersBelow: BigInt(outliers.below),
    outliersAbove: BigInt(outliers.above),
  };
}
