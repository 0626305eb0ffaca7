// The columns a row becomes when it is encoded: which there are, in which order. The encoding itself is in main/data.
import type { Feature, Study } from './schema.ts';

/** `column` says what the column holds: the feature's name, `name=value` of a category, `name:missing` of an indicator. */
export type EncodedColumn = { feature: string; column: string };

/** The model's input columns: features in study order, within a feature the value or values, then the indicator. */
export function encodedColumns(study: Pick<Study, 'schema'>): EncodedColumn[] {
  return study.schema.features.flatMap((feature) => {
    const values =
      feature.kind === 'number' ? [feature.name] : feature.categories.map(({ value }) => `${feature.name}=${value}`);
    if (feature.missing.indicator) values.push(`${feature.name}:missing`);
    return values.map((column) => ({ feature: feature.name, column }));
  });
}

/** The number of columns a feature becomes. */
export function encodedWidth(feature: Feature): number {
  return (feature.kind === 'number' ? 1 : feature.categories.length) + (feature.missing.indicator ? 1 : 0);
}

/** How spellings of a category or class are compared: without case and outer spaces, in one Unicode form (NFC). */
export function spelling(text: string): string {
  return text.trim().normalize('NFC').toLowerCase();
}
