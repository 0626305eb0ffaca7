// Which local column is which column of a study, and which local value means which of its categories.
import { z } from 'zod';
import { AssentError } from '../../shared/errors.ts';
import type { Feature, Study, Target } from '../../shared/study/study.ts';
import { choiceFinder, choicesOf } from './choices.ts';
import type { Column } from './columns.ts';
import { shown } from './csv-header.ts';
import { fits, suggestColumns } from './suggest.ts';
import { checkChoiceRules, checkNumberRules } from './transforms.ts';

const text = z.string().max(1000);
const columnEntry = z.strictObject({
  column: text,
  /** For whoever writes the mapping: what the study wants here. It is not kept. */
  note: text.exactOptional(),
  /** Local value -> category of the study, or null for "no value". What is not listed is matched by its spelling. */
  values: z.record(text, text.nullable()).exactOptional(),
  /** Local values that mean "missing" besides the study's own: codes of a number column, spellings of a category column. */
  missing: z
    .array(z.union([text, z.number()]))
    .max(100)
    .exactOptional(),
  /** The unit of the local numbers; without it they are in the study's. */
  unit: z.string().max(40).exactOptional(),
  /** Local numbers outside are set to the nearer end, before anything else happens to them. */
  clip: z.tuple([z.number(), z.number()]).exactOptional(),
  /** The study wants the logarithm of what is in the column, after its unit was converted. */
  log: z.enum(['ln', 'log10', 'log2']).exactOptional(),
  /** The study wants a category where the column has numbers: `values[i]` for those below `edges[i]`, the last for the rest. */
  bucket: z
    .strictObject({ edges: z.array(z.number()).min(1).max(1000), values: z.array(text.nullable()) })
    .exactOptional(),
});
const columnSchema = columnEntry.transform(({ note: _note, ...entry }) => entry);
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

/**
 * The mapping that names, synonyms and values suggest. What it finds no column for, it leaves out: look with
 * `checkMapping`. `identifiers` are columns not to be suggested (see `suggestColumns`).
 */
export function suggestMapping(columns: readonly Column[], study: Study, identifiers?: ReadonlySet<string>): Mapping {
  const suggested = suggestColumns(columns, study, identifiers);
  const found = [...study.schema.features, study.schema.target].flatMap((wanted): [string, ColumnMapping][] => {
    const suggestion = suggested.get(wanted.name);
    if (!suggestion) return [];
    const { column, unit } = suggestion;
    const entry = { column: column.name, ...(unit !== undefined && { unit }) };
    if (wanted.kind === 'number' || column.type !== 'category') return [[wanted.name, entry]];
    const known = choiceFinder(choicesOf(wanted));
    const values = column.categories.flatMap((value): [string, string][] => {
      const place = known(value);
      return place === undefined ? [] : [[value, choicesOf(wanted)[place]!.value]];
    });
    return [[wanted.name, { ...entry, values: Object.fromEntries(values) }]];
  });
  return { version: 1, study: study.id, columns: Object.fromEntries(found) };
}

/** A column of the study with its local column and what the mapping says about it. */
export type Mapped = { column: Column; values: ReadonlyMap<string, string | null>; rules: ColumnMapping };

/** Throws MAPPING_INVALID unless the mapping is for this study and every name in it exists on its side. */
export function columnsFor(
  study: Study,
  columns: readonly Column[],
  mapping: Mapping,
): (wanted: Feature | Target) => Mapped | undefined {
  if (mapping.study !== study.id)
    throw mappingError('study', `the mapping is for "${shown(mapping.study)}", not "${study.id}".`);
  const wanted = new Map([...study.schema.features, study.schema.target].map((each) => [each.name, each]));
  for (const name of Object.keys(mapping.columns)) {
    if (!wanted.has(name)) throw mappingError(`columns.${name}`, `the study has no column "${shown(name)}".`);
  }
  return (each) => {
    const path = `columns.${each.name}`;
    const mapped = Object.hasOwn(mapping.columns, each.name) ? mapping.columns[each.name] : undefined;
    if (!mapped && each.kind === 'class')
      throw mappingError(
        path,
        `the target must be mapped to a local column. Write one to fill in: assent-node check ${study.id} --dataset ID --draft FILE`,
      );
    if (!mapped) return undefined;
    if (mapped.column === '')
      throw mappingError(
        `${path}.column`,
        `say which local column it is${each.kind === 'class' ? '' : ', or remove the entry: then every value is missing'}.`,
      );
    const column = columns.find(({ name }) => name === mapped.column);
    if (!column) throw mappingError(`${path}.column`, `the data set has no column "${shown(mapped.column)}".`);
    if (!fits(each, column)) throw mappingError(`${path}.column`, misfit(column));
    const values = new Map(Object.entries(mapped.values ?? {}));
    const refuse = (field: string, problem: string) => {
      throw mappingError(`${path}.${field}`, problem);
    };
    if (each.kind === 'number') {
      if (values.size > 0) refuse('values', 'the study wants a number here, not categories.');
      checkNumberRules(each, mapped, refuse);
    } else {
      const open = [...values].find(([, value]) => value === '')?.[0];
      if (open !== undefined)
        refuse('values', `say which category "${shown(open)}" is, or null where it means "missing".`);
      for (const value of [...values.values(), ...(mapped.bucket?.values ?? [])]) {
        if (value !== null && !choicesOf(each).some((choice) => choice.value === value))
          refuse('values', `"${shown(value)}" is no category of the study's column.`);
      }
      checkChoiceRules(column, mapped, refuse);
    }
    return { column, values, rules: mapped };
  };
}

function misfit(column: Column): string {
  const name = `column "${shown(column.name)}"`;
  if (column.type === 'text') return `${name} is free text, which is not kept.`;
  return `${name} holds categories such as "${shown(column.categories[0] ?? '')}", but the study wants a number.`;
}
