// What differs between the columns that two studies ask for. Columns, categories and classes are told apart by their names.
import { changed, minus, reordered, type Was } from './difference-values.ts';
import type { Choice, Feature, NumberFeature, Study, Target } from './schema.ts';

type CategoryFeature = Extract<Feature, { kind: 'category' }>;
type At<T> = { column: string } & T;

export type SchemaChange =
  | At<{ code: 'feature-added' | 'feature-removed'; label: Choice['label'] }>
  | { code: 'features-order' }
  | At<{ code: 'feature-kind' } & Was<Feature['kind']>>
  | At<{ code: 'feature-range' } & Was<number[]>>
  | At<{ code: 'feature-mean' | 'feature-sd' | 'feature-missing-value' } & Was<number>>
  | At<{ code: 'feature-missing-indicator' } & Was<boolean>>
  | At<{ code: 'feature-missing-codes' } & Was<number[] | null>>
  | At<{ code: 'feature-unit' | 'feature-substance' | 'feature-source' } & Was<string | null>>
  | At<{ code: 'column-label' } & Was<Choice['label']>>
  | At<{ code: 'choice-added' | 'choice-removed'; choice: string }>
  | At<{ code: 'choices-order' }>
  | At<{ code: 'choice-label'; choice: string } & Was<Choice['label']>>
  | At<{ code: 'choice-accepts'; choice: string } & Was<string[]>>
  | ({ code: 'target-name' } & Was<string>)
  | At<{ code: 'target-kind' } & Was<string>>;

type Compare<T> = { [K in keyof T]-?: (before: T[K], after: T[K], column: string) => SchemaChange[] };

export const schemaChanges = (before: Study['schema'], after: Study['schema']): SchemaChange[] => [
  ...featureChanges(before.features, after.features),
  ...changed('target-name', before.target.name, after.target.name),
  ...fieldChanges(TARGET, before.target, after.target, after.target.name),
];

function featureChanges(before: readonly Feature[], after: readonly Feature[]): SchemaChange[] {
  const names = (features: readonly Feature[]) => features.map(({ name }) => name);
  const named = (features: readonly Feature[], wanted: string) => features.find(({ name }) => name === wanted)!;
  const only = (code: 'feature-added' | 'feature-removed', these: readonly Feature[], those: readonly Feature[]) =>
    minus(names(these), names(those)).map((column) => ({ code, column, label: named(these, column).label }));
  const both = names(after).filter((name) => names(before).includes(name));
  return [
    ...only('feature-added', after, before),
    ...only('feature-removed', before, after),
    ...reordered('features-order', names(before), names(after)),
    ...both.flatMap((name) => featureChange(named(before, name), named(after, name))),
  ];
}

function featureChange(before: Feature, after: Feature): SchemaChange[] {
  const column = after.name;
  if (before.kind === 'number' && after.kind === 'number') return fieldChanges(NUMBER, before, after, column);
  if (before.kind === 'category' && after.kind === 'category') return fieldChanges(CATEGORY, before, after, column);
  return at(column, changed('feature-kind', before.kind, after.kind));
}

const at = <T extends object>(column: string, changes: readonly T[]): At<T>[] =>
  changes.map((change) => ({ column, ...change }));

const NUMBER: Compare<Omit<NumberFeature, 'name' | 'kind'>> = {
  range: (before, after, column) => at(column, changed<'feature-range', number[]>('feature-range', before, after)),
  mean: (before, after, column) => at(column, changed('feature-mean', before, after)),
  sd: (before, after, column) => at(column, changed('feature-sd', before, after)),
  missing: (before, after, column) => [
    ...at(column, changed('feature-missing-value', before.value, after.value)),
    ...at(column, changed('feature-missing-indicator', before.indicator, after.indicator)),
  ],
  treatAsMissing: (before, after, column) =>
    at(column, changed('feature-missing-codes', before ?? null, after ?? null)),
  unit: (before, after, column) => at(column, changed('feature-unit', before ?? null, after ?? null)),
  substance: (before, after, column) =>
    at(column, changed<'feature-substance', string | null>('feature-substance', before ?? null, after ?? null)),
  source: (before, after, column) => at(column, changed('feature-source', before ?? null, after ?? null)),
  label: (before, after, column) => at(column, changed('column-label', before, after)),
};

const CATEGORY: Compare<Omit<CategoryFeature, 'name' | 'kind'>> = {
  categories: choicesChange,
  missing: (before, after, column) =>
    at(column, changed('feature-missing-indicator', before.indicator, after.indicator)),
  label: (before, after, column) => at(column, changed('column-label', before, after)),
};

const TARGET: Compare<Omit<Target, 'name'>> = {
  classes: choicesChange,
  kind: (before, after, column) => at(column, changed<'target-kind', string>('target-kind', before, after)),
  label: (before, after, column) => at(column, changed('column-label', before, after)),
};

function choicesChange(before: readonly Choice[], after: readonly Choice[], column: string): SchemaChange[] {
  const values = (choices: readonly Choice[]) => choices.map(({ value }) => value);
  const only = (code: 'choice-added' | 'choice-removed', these: readonly Choice[], those: readonly Choice[]) =>
    at(
      column,
      minus(values(these), values(those)).map((choice) => ({ code, choice })),
    );
  const known = new Map(before.map((choice) => [choice.value, choice]));
  return [
    ...only('choice-added', after, before),
    ...only('choice-removed', before, after),
    ...at(column, reordered('choices-order', values(before), values(after))),
    ...after.flatMap(({ value: choice, label, accepts = [] }) => {
      const was = known.get(choice);
      if (!was) return [];
      const changes = [
        ...changed('choice-label', was.label, label),
        ...changed('choice-accepts', was.accepts ?? [], accepts),
      ];
      return at(
        column,
        changes.map((change) => ({ ...change, choice })),
      );
    }),
  ];
}

function fieldChanges<T>(compare: Compare<T>, before: T, after: T, column: string): SchemaChange[] {
  return (Object.keys(compare) as (keyof T)[]).flatMap((field) => compare[field](before[field], after[field], column));
}
