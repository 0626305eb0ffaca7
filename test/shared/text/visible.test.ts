import { expect, test } from 'vitest';
import { MOST_CHARACTERS, shortened, visible } from '../../../shared/text/visible.ts';

test.each([
  ['tabs and line breaks become spaces', 'a\tb\r\n\nc', 'a b c'],
  ['NUL stands as its code point', 'a\0b', 'a[U+0000]b'],
  ['an escape sequence does not reach a terminal', '\u001b[31mred', '[U+001B][31mred'],
  ['U+202E turns nothing around', 'invoice\u202efdp.exe', 'invoice[U+202E]fdp.exe'],
  ['isolates and marks of direction stand as code points', '\u2066x\u2069\u200f', '[U+2066]x[U+2069][U+200F]'],
  ['U+2028 ends no line', 'a\u2028b', 'a[U+2028]b'],
  ['a byte order mark is seen', '\ufeffa', '[U+FEFF]a'],
  ['half a character is seen', 'a\ud83d', 'a[U+D83D]'],
  ['emoji, 中文, 한글, עברית and ż stay', '😀 👩‍👩‍👧 中文 한글 עברית ż', '😀 👩‍👩‍👧 中文 한글 עברית ż'],
])('%s', (_, text, shown) => {
  expect(visible(text)).toBe(shown);
});

test('a long text is cut between characters, and how much is missing is said', () => {
  const left = (characters: number) => `+${characters}`;
  expect(shortened('x'.repeat(MOST_CHARACTERS), left)).toBe('x'.repeat(MOST_CHARACTERS));
  expect(shortened('x'.repeat(1_000_000), left)).toBe(`${'x'.repeat(MOST_CHARACTERS)}+${1_000_000 - MOST_CHARACTERS}`);
  expect(shortened(`x${'😀'.repeat(MOST_CHARACTERS)}`, left)).toMatch(/^x(😀){3999}\+\d+$/u);
});
