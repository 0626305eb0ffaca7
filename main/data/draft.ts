// A mapping for a person to complete: every column of the study with what it wants, and "" wherever something is to be said.
import type { Feature, Study, Target } from '../../shared/study/study.ts';
import { en } from '../../shared/text/en.ts';
import { zh } from '../../shared/text/zh.ts';
import { choicesOf } from './choices.ts';
import type { Column } from './columns.ts';
import { describeDataset, openGroups } from './datasets.ts';
import { placeFinder } from './encode.ts';
import { columnsFor, type ColumnMapping, type Mapping } from './mapping.ts';
import { turn } from './passage.ts';
import { keptColumns } from './reading.ts';
import type { DataDeps } from './sealing.ts';

type Wanted = Feature | Target;
type Locale = 'en' | 'zh';

/** `text` is JSON; in it `columns` columns and `values` local values are to be filled in. `unused` are local columns. */
export type Draft = { text: string; columns: number; values: number; unused: Column[] };

const TEXTS = { en, zh };
const SHOWN = 20;

/** What the study wants in a column, in words. */
export function wantsOf(wanted: Wanted, locale: Locale): string {
  const text = TEXTS[locale].wants;
  if (wanted.kind === 'number') return text.number(wanted.range, wanted.unit);
  const values = choicesOf(wanted).map(({ value }) => value);
  return text.oneOf(values.slice(0, SHOWN), Math.max(0, values.length - SHOWN));
}

/**
 * Completes a mapping with what it leaves open: columns of the study that it has no local column for, and local values in any
 * row that mean no category. Throws MAPPING_INVALID where what it does say does not fit.
 */
export async function draftMapping(
  deps: DataDeps,
  dataset: string,
  study: Study,
  given: Mapping,
  locale: Locale,
): Promise<Draft> {
  const { schema } = describeDataset(deps, dataset);
  const mapping = withoutOpen(given);
  const columnFor = columnsFor(study, schema, mapping);
  const kept = keptColumns(schema);
  const wanted: Wanted[] = [...study.schema.features, study.schema.target];
  const finders: { slot: number; place: (raw: number) => number }[] = [];
  const entries = wanted.map((each) => {
    const unmatched: string[] = [];
    const found = Object.hasOwn(mapping.columns, each.name) ? columnFor(each) : undefined;
    const slot = found ? kept.indexOf(found.column) : -1;
    if (slot >= 0 && each.kind !== 'number')
      finders.push({ slot, place: placeFinder(choicesOf(each), found, { unmatched }) });
    return { each, found, unmatched };
  });
  for (const { values, rows } of openGroups(deps, dataset)) {
    for (let row = 0; row < rows; row++)
      for (const { slot, place } of finders) place(values[row * kept.length + slot]!);
    await turn();
  }
  const columns = entries.map(({ each, found, unmatched }) => {
    const note = `${each.label[locale]}: ${wantsOf(each, locale)}`;
    const { column = '', ...rules }: Partial<ColumnMapping> = found?.rules ?? {};
    const values = { ...rules.values, ...Object.fromEntries(unmatched.map((value) => [value, ''])) };
    return [each.name, { note, column, ...rules, ...(Object.keys(values).length > 0 && { values }) }] as const;
  });
  const used = new Set(entries.map(({ found }) => found?.column));
  return {
    text: `${JSON.stringify({ version: 1, study: study.id, columns: Object.fromEntries(columns) }, null, 2)}\n`,
    columns: entries.filter(({ found }) => !found).length,
    values: entries.reduce((sum, { unmatched }) => sum + unmatched.length, 0),
    unused: schema.filter((column) => !used.has(column)),
  };
}

/** What an earlier draft left to be said is open again. */
function withoutOpen({ columns, ...rest }: Mapping): Mapping {
  const said = Object.entries(columns).flatMap(([name, entry]): [string, ColumnMapping][] => {
    if (entry.column === '') return [];
    const { values, ...others } = entry;
    const kept = Object.entries(values ?? {}).filter(([, value]) => value !== '');
    return [[name, { ...others, ...(kept.length > 0 && { values: Object.fromEntries(kept) }) }]];
  });
  return { ...rest, columns: Object.fromEntries(said) };
}
