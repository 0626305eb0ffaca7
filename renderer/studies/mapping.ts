// A mapping as the node writes it (JSON), with another local column for one of the study's: whether it fits, the node says.
type Written = { columns: Record<string, { column: string }> };

export function withColumn(mapping: string, name: string, column: string): string {
  const written = JSON.parse(mapping) as Written;
  const others = Object.entries(written.columns).filter(([each]) => each !== name);
  // What was said of the old column's values and unit is not true of another one.
  const changed = column === '' ? others : [...others, [name, { column }] as const];
  return JSON.stringify({ ...written, columns: Object.fromEntries(changed) });
}
