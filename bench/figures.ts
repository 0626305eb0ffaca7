// How benchmarks summarise and print figures.

/** `sd` is that of a sample (n - 1). */
export function describe(values: readonly number[]): { mean: number; sd: number; min: number; max: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return {
    mean,
    sd: Math.sqrt(squares / Math.max(1, values.length - 1)),
    min: Math.min(...values),
    max: Math.max(...values),
  };
}

/** A table with figures to three decimals, flush right. */
export function print(head: readonly string[], rows: readonly (readonly (string | number)[])[]): void {
  const cells = [head, ...rows.map((row) => row.map((cell) => (typeof cell === 'number' ? cell.toFixed(3) : cell)))];
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  for (const row of cells) console.log(row.map((cell, column) => cell.padStart(widths[column]!)).join('  '));
  console.log();
}
