// Which local column may be which column of a study: by name, then by synonym or label, then by its values.
import { spelling } from '../../shared/study/columns.ts';
import type { Choice, Feature, Study, Target } from '../../shared/study/study.ts';
import { choiceFinder, choicesOf } from './choices.ts';
import type { Column } from './columns.ts';
import { conceptOf, plainName } from './synonyms.ts';
import { unitConverter } from './transforms.ts';
import { unitName } from './units.ts';

type Wanted = Feature | Target;
export type Suggestion = {
  column: Column;
  by: 'name' | 'synonym' | 'values';
  /** What the column's own name says: `weight (lb)`, `glucose_mg_dl`. */
  unit?: string;
};

/** Free text fits nothing; only numbers can be wanted where categories are. */
export function fits(wanted: Wanted, column: Column): boolean {
  return (
    column.type === 'number' || column.type === 'empty' || (column.type === 'category' && wanted.kind !== 'number')
  );
}

/**
 * A suggestion for each column of the study that one is found for. A local column is suggested once. `identifiers` are
 * names of columns that look like identifiers: they are suggested only where the study asks for them by that very name.
 */
export function suggestColumns(
  columns: readonly Column[],
  study: Study,
  identifiers: ReadonlySet<string> = new Set(),
): Map<string, Suggestion> {
  const wanted: Wanted[] = [...study.schema.features, study.schema.target];
  const found = new Map<string, Suggestion>();
  const used = new Set<Column>();
  const settled = new Set<Wanted>();
  const pass = (by: Suggestion['by'], find: (wanted: Wanted, free: Column[]) => Column | undefined) => {
    for (const each of wanted.filter((one) => !settled.has(one))) {
      const column = find(
        each,
        columns.filter((one) => !used.has(one)),
      );
      if (!column) continue;
      settled.add(each); // what has the name is meant, even where it does not fit
      if (!fits(each, column)) continue;
      used.add(column);
      const { unit } = splitName(column.name);
      const converts = unit !== undefined && each.kind === 'number' && unitConverter(each, unit) !== undefined;
      found.set(each.name, { column, by, ...(converts && { unit }) });
    }
  };
  const open = (free: Column[]) => free.filter(({ name }) => !identifiers.has(name));
  pass('name', ({ name }, free) => free.find((column) => column.name === name));
  pass('name', ({ name }, free) => free.find((column) => spelling(column.name) === spelling(name)));
  pass('synonym', (each, free) =>
    only(open(free).filter((column) => fits(each, column) && sameThing(each, column.name))),
  );
  pass('values', (each, free) =>
    each.kind === 'number' ? undefined : only(open(free).filter(speaks(choicesOf(each)))),
  );
  return found;
}

/** Two candidates are as good as none: a person has to say which. */
const only = (columns: Column[]): Column | undefined => (columns.length === 1 ? columns[0] : undefined);

function sameThing({ name, label }: Wanted, local: string): boolean {
  const names = [name, label.en, label.zh];
  const concepts = new Set(names.map(conceptOf));
  concepts.delete(undefined);
  return [local, splitName(local).base].some(
    (own) => names.some((each) => plainName(each) === plainName(own)) || concepts.has(conceptOf(own)),
  );
}

/** Whether nearly all values of a category column are spellings of at least two of the choices. */
const speaks = (choices: readonly Choice[]) => {
  const known = choiceFinder(choices);
  return ({ type, categories }: Column): boolean => {
    if (type !== 'category') return false;
    const places = categories.map(known).filter((place) => place !== undefined);
    return new Set(places).size >= 2 && places.length >= 0.8 * categories.length;
  };
};

/** `weight (lb)` and `glucose_mg_dl` as a name and a unit; the whole name where no known unit ends it. */
function splitName(name: string): { base: string; unit?: string } {
  const bracketed = /^(.*\S)\s*[([]\s*([^()[\]]+?)\s*[)\]]$/u.exec(name);
  const unit = bracketed && unitName(bracketed[2]!);
  if (unit !== null && unit !== undefined) return { base: bracketed![1]!, unit };
  const words = name.split(/[_\s]+/u);
  for (const taken of [2, 1]) {
    if (words.length <= taken) continue;
    const ending = unitName(words.slice(-taken).join('/'));
    if (ending !== undefined) return { base: words.slice(0, -taken).join(' '), unit: ending };
  }
  return { base: name };
}
