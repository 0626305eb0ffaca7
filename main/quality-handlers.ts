// The methods of node.proto about what is in a data set: its quality report, its snapshots, withdrawal of rows.
import type { ServiceImpl } from '@connectrpc/connect';
import type { NodeService } from '../shared/gen/assent/v1/node_pb.ts';
import type { RowsProgress } from './data/passage.ts';
import { qualityReport, type QualityReport } from './data/quality.ts';
import type { ColumnQuality, NumberFigures } from './data/quality-column.ts';
import { listSnapshots } from './data/snapshots.ts';
import type { Withdrawal } from './data/withdraw.ts';
import { unitsInUse, withdraw } from './joining.ts';
import type { AssentNode } from './node.ts';
import { streaming } from './streaming.ts';

type Methods = 'getQuality' | 'withdrawRows' | 'listSnapshots';

export function qualityHandlers(node: AssentNode): Pick<ServiceImpl<typeof NodeService>, Methods> {
  return {
    async *withdrawRows({ dataset, idColumn, ids }, { signal: left }) {
      const work = streaming<RowsProgress, Withdrawal>(left, async (progress, signal) => {
        const done = await withdraw(node, dataset, idColumn, ids, { progress, signal });
        node.wake(); // whether or not anybody still waits for the answer
        return done;
      });
      for await (const step of work)
        if (step.done) {
          const { withdrawn, found, rows, snapshot } = step.value;
          const value = { withdrawn: BigInt(withdrawn), found, rows: BigInt(rows), snapshot };
          yield { kind: { case: 'withdrawal' as const, value } };
        } else yield progressOf(step.value);
    },
    listSnapshots: ({ dataset }) => ({
      snapshots: listSnapshots(node.data, dataset).map((each) => ({
        ...each,
        rows: BigInt(each.rows),
        withdrawn: BigInt(each.withdrawn),
      })),
    }),
    async *getQuality({ dataset, target }, { signal: left }) {
      const wanted = target === '' ? undefined : target;
      const work = streaming<RowsProgress, QualityReport>(left, (progress, signal) =>
        qualityReport(node.data, dataset, wanted, { progress, signal }),
      );
      for await (const step of work)
        if (step.done) yield { kind: { case: 'report' as const, value: reportOf(step.value, dataset) } };
        else yield progressOf(step.value);
    },
  };

  function reportOf({ snapshot, rows, target, columns }: QualityReport, dataset: string) {
    const units = unitsInUse(node, dataset);
    return {
      snapshot,
      rows: BigInt(rows),
      target: target ?? '',
      columns: columns.map((column) => columnOf(column, units.get(column.name) ?? '')),
    };
  }
}

const progressOf = ({ phase, rows, totalRows }: RowsProgress) => ({
  kind: { case: 'progress' as const, value: { phase, rows: BigInt(rows), totalRows: BigInt(totalRows) } },
});

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
