// Text that others wrote, made safe to show in a line: nothing in it acts on the reader's screen, and nothing is hidden.

/** As much of a name or free text as a view shows; the evidence holds all of it. */
export const MOST_CHARACTERS = 8_000;

/** How a character stands that cannot be shown: by its code point, as Unicode writes it. */
export const codePoint = (character: string): string =>
  `[U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}]`;

/** Controls, marks and overrides of direction, separators of lines, the byte order mark, and halves of a pair. */
const UNSHOWN = /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb]/gu;

/** On one line: line breaks and tabs become spaces, what else would act on a screen stands as its code point. */
export const visible = (text: string): string => text.replaceAll(/[\t\n\r\v\f]+/g, ' ').replaceAll(UNSHOWN, codePoint);

/** The beginning of a long text; how much is left out is said by `left`. */
export function shortened(text: string, left: (characters: number) => string): string {
  if (text.length <= MOST_CHARACTERS) return text;
  // Not between the halves of a character.
  const end = /[\ud800-\udbff]/.test(text[MOST_CHARACTERS - 1]!) ? MOST_CHARACTERS - 1 : MOST_CHARACTERS;
  return `${text.slice(0, end)}${left(text.length - end)}`;
}
