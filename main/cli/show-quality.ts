// A quality report as text for a terminal: a table of figures, then what a person should look at, column by column. And how
// far a passage over rows is, and what a withdrawal came to.
import type { ColumnQuality, QualityReport, RowsProgress, Withdrawal } from '../../shared/gen/assent/v1/node_pb.ts';
import { table } from '../../platform/cli.ts';

const HEAD = [
  'COLUMN',
  'TYPE',
  'UNIT',
  'MISSING',
  'DISTINCT',
  'MIN',
  'P25',
  'MEDIAN',
  'P75',
  'MAX',
  'MEAN',
  'HISTOGRAM',
];
const BARS = '▁▂▃▄▅▆▇█';

export function quality({ rows, columns, target }: QualityReport): string {
  const lines = columns.map((column) => {
    const { numbers: n } = column;
    return [
      column.name,
      column.type,
      column.unit,
      String(column.missing),
      `${column.distinctExact ? '' : '~'}${column.distinct}`,
      ...(n ? [n.min, n.p25, n.p50, n.p75, n.max, n.mean].map(short) : ['', '', '', '', '', '']),
      n ? bars(n.histogram) : most(column),
    ];
  });
  const notes = columns.flatMap((column) => notesOf(column, target).map((note) => `  ${column.name}: ${note}\n`));
  return `${rows} rows\n${table([HEAD, ...lines])}${notes.length === 0 ? '' : `Look at:\n${notes.join('')}`}`;
}

export const progress = ({ phase, rows, totalRows }: RowsProgress): string =>
  `${phase}: ${totalRows === 0n ? 100n : (rows * 100n) / totalRows} %, ${rows} rows\n`;

export const withdrawal = ({ withdrawn, found, rows, snapshot }: Withdrawal, asked: number): string =>
  `Withdrew ${withdrawn} rows; ${found} of ${asked} ids were there. ${rows} rows are left.\n` +
  `Snapshot ${snapshot}: rounds that were approved before need a new approval.\n`;

function notesOf(column: ColumnQuality, target: string): string[] {
  const { numbers: n, leakage } = column;
  const notes = column.suspicious.map(
    ({ value, rows }) =>
      `${rows} ${rows === 1n ? 'row holds' : 'rows hold'} ${value}, far from all other values; does it mean "missing"?`,
  );
  if (n && n.outliersBelow + n.outliersAbove > 0n)
    notes.push(
      `${n.outliersBelow} values far below and ${n.outliersAbove} far above the rest (3 interquartile ranges)`,
    );
  if (column.identifier !== '') notes.push(`${IDENTIFIERS[column.identifier]}; mappings are not suggested for it`);
  if (column.type === 'text') notes.push('free text is counted and left out');
  if (leakage)
    notes.push(`${LEAKAGE[leakage.measure]!(target)} (${leakage.score.toFixed(3)}); is it known beforehand?`);
  if (n && n.rankError > 0) notes.push(`ranks of quantiles are within ${(n.rankError * 100).toFixed(2)} %`);
  return notes;
}

const IDENTIFIERS: Readonly<Record<string, string>> = {
  'all-different-numbers': 'looks like an identifier: whole numbers, every one different',
  'all-different-texts': 'looks like an identifier: every value different',
  'numbers-too-large': 'looks like an identifier: whole numbers too large for a measurement',
};

const LEAKAGE: Readonly<Record<string, (target: string) => string>> = {
  auc: (target) => `its order alone tells ${target}: AUC`,
  'one-to-one': (target) => `each of its values goes with one ${target}: share of rows`,
  missingness: (target) => `whether it is missing tells ${target}: AUC`,
};

const short = (value: number): string => String(Number(value.toPrecision(4)));

function bars(histogram: readonly bigint[]): string {
  const top = Math.max(...histogram.map(Number));
  return histogram.map((count) => (count === 0n ? ' ' : BARS[Math.ceil((Number(count) / top) * 8) - 1]!)).join('');
}

const most = ({ categories }: ColumnQuality): string =>
  categories
    .slice(0, 4)
    .map(({ value, rows }) => `${value} ${rows}`)
    .join(', ');
