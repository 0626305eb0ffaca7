// Categories and classes of a study: how a local value is recognised as one of them.
import { spelling } from '../../shared/study/columns.ts';
import type { Choice, Feature, Target } from '../../shared/study/study.ts';
import { numberOf } from './columns.ts';

export const choicesOf = (wanted: Exclude<Feature | Target, { kind: 'number' }>): readonly Choice[] =>
  wanted.kind === 'class' ? wanted.classes : wanted.categories;

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
