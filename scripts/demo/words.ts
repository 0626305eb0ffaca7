// The words of a study in the demo's sentences: what its rows and its members are called.
import type { Study } from '../../shared/study/study.ts';

/** English: `{ one: 'hospital', other: 'hospitals' }`. */
export type Noun = Study['nouns']['row']['en'];
export type Nouns = { row: Noun; member: Noun };

export const nounsOf = ({ nouns }: Study): Nouns => ({ row: nouns.row.en, member: nouns.member.en });

const NUMBERS = [
  'no',
  'one',
  'two',
  'three',
  'four',
  'five',
  'six',
  'seven',
  'eight',
  'nine',
  'ten',
  'eleven',
  'twelve',
];

/** A count in words where that is shorter: "four", "20". */
export const inWords = (count: number): string => NUMBERS[count] ?? String(count);

export const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
