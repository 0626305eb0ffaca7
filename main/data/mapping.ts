// Which local column is which column of a study, and which local value means which of its categories.
import { z } from 'zod';
import { AssentError } from '../../shared/errors.ts';
import { spelling } from '../../shared/study/columns.ts';
import type { Choice, Feature, Study, Target } from '../../shared/study/study.ts';
import { numberOf, type Column } from './columns.ts';
import { shown } from './csv-header.ts';

const text = z.string().max(1000);
const columnSchema = z.strictObject({
  column: text,
  /** Local value -> category of the study, or null for "no value". What is not listed is matched by its spelling. */
  values: z.record(text, text.nullable()).exactOptional(),
});
const mappingSchema = z.strictObject({
  version: z.literal(1),
  study: z.string().max(64),
  /** By name of feature or target. A feature that is not listed has no local column: all of its values are missing. */
  columns: z.record(text, columnSchema),
});

export type Mapping = z.infer<typeof mappingSchema>;
export type ColumnMapping = z.infer<typeof columnSchema>;

/** A value that came from JSON as a mapping; throws MAPPING_INVALID with the path of the field. */
export function parseMapping(value: unknown): Mapping {
  const parsed = mappingSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const keys = issue.code === 'unrecognized_keys' ? issue.keys : [];
  throw mappingError([...issue.path.map(String), ...keys].join('.') || 'mapping', issue.message);
}

export function mappingError(path: string, problem: string): AssentError {
  return new AssentError('MAPPING_INVALID', `${shown(path)}: ${problem}`, { path });
}

/** The mapping that names and spellings suggest. What it finds no column for, it leaves out: look with `checkMapping`. */
export function suggestMapping(columns: readonly Column[], study: Study): Mapping {
  const found = [...study.schema.features, study.schema.target].flatMap((wanted): [string, ColumnMapping][] => {
    const column =
      columns.find(({ name }) => name === wanted.name) ??
      columns.find(({ name }) => spelling(name) === spelling(wanted.name));
    if (!column || !fits(wanted, column)) return [];
    if (wanted.kind === 'number' || column.type !== 'category') return [[wanted.name, { column: column.name }]];
    const known = choiceFinder(choicesOf(wanted));
    const values = column.categories.flatMap((value): [string, string][] => {
      const place = known(value);
      return place === undefined ? [] : [[value, choicesOf(wanted)[place]!.value]];
    });
    return [[wanted.name, { column: column.name, values: Object.fromEntries(values) }]];
  });
  return { version: 1, study: study.id, columns: Object.fromEntries(found) };
}

export const choicesOf = (wanted: Exclude<Feature | Target, { kind: 'number' }>): readonly Choice[] =>
  wanted.kind === 'class' ? wanted.classes : wanted.categories;

function fits(wanted: Feature | Target, column: Column): boolean {
  return (
    column.type === 'number' || column.type === 'empty' || (column.type === 'category' && wanted.kind !== 'number')
  );
}

/** Finds the place of a category by its value or an accepted spelling; failing that as a number ("1.0" is "1"). */
export function choiceFinder(choices: readonly Choice[]): (value: string) => number | undefined {
  const spellings = new Map<string, number>();
  const numbers = new Map<number, number>();
  choices.forEach(({ value, accepts = [] }, place) => {
    for (const accepted of [value, ...accepts]) {
      if (!spellings.has(spelling(accepted))) spellings.set(spelling(accepted), place);
      const number = keptNumber(accepted);
      if (!numbers.has(number)) numbers.set(number, place);
    }
  });
  numbers.delete(NaN);
  return (value) => spellings.get(spelling(value)) ?? numbers.get(keptNumber(value));
}

/** The number that a text writes, as float32 keeps it; or NaN. */
export const keptNumber = (text: string): number => Math.fround(numberOf(text.trim()));

/** Throws MAPPING_INVALID unless the mapping is for this study and every name in it exists on its side. */
export function columnsFor(
  study: Study,
  columns: readonly Column[],
  mapping: Mapping,
): (wanted: Feature | Target) => { column: Column; values: ReadonlyMap<string, string | null> } | undefined {
  if (mapping.study !== study.id)
    throw mappingError('study', `the mapping is for "${shown(mapping.study)}", not "${study.id}".`);
  const wanted = new Map([...study.schema.features, study.schema.target].map((each) => [each.name, each]));
  for (const name of Object.keys(mapping.columns)) {
    if (!wanted.has(name)) throw mappingError(`columns.${name}`, `the study has no column "${shown(name)}".`);
  }
  return (each) => {
    const path = `columns.${each.name}`;
    const mapped = Object.hasOwn(mapping.columns, each.name) ? mapping.columns[each.name] : undefined;
    if (!mapped && each.kind === 'class') throw mappingError(path, 'the target must be mapped to a local column.');
    if (!mapped) return undefined;
    const column = columns.find(({ name }) => name === mapped.column);
    if (!column) throw mappingError(`${path}.column`, `the data set has no column "${shown(mapped.column)}".`);
    if (!fits(each, column)) throw mappingError(`${path}.column`, misfit(column));
    const values = new Map(Object.entries(mapped.values ?? {}));
    if (each.kind === 'number') {
      if (values.size > 0) throw mappingError(`${path}.values`, 'the study wants a number here, not categories.');
    } else {
      for (const value of values.values()) {
        if (value !== null && !choicesOf(each).some((choice) => choice.value === value))
          throw mappingError(`${path}.values`, `"${shown(value)}" is no category of the study's column.`);
      }
    }
    return { column, values };
  };
}

/** Only numbers can be wanted where categories are; free text fits nothing. */
function misfit(column: Column): string {
  const name = `column "${shown(column.name)}"`;
  if (column.type === 'text') return `${name} is free text, which is not kept.`;
  return `${name} holds categories such as "${shown(column.categories[0] ?? '')}", but the study wants a number.`;
}
