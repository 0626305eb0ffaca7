// Text for a PDF: cut into runs of one font each, and whatever no font has shown as its code point.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { create, type Font } from 'fontkit';
import type { Run } from 'pdfmake';
import type { Language } from '../../shared/text/told.ts';
import { codePoint } from '../../shared/text/visible.ts';

type FontName = 'latin' | 'chinese';

const inPackage = (name: string, file: string) => fileURLToPath(new URL(`../fonts/${file}`, import.meta.resolve(name)));

/** Noto Sans (SIL Open Font License) and Noto Sans Hans (Apache License, as its file says; the package's: OFL). */
const FILES: Record<FontName, { normal: string; bold: string }> = {
  latin: {
    normal: inPackage('@embedpdf/fonts-latin', 'NotoSans-Regular.ttf'),
    bold: inPackage('@embedpdf/fonts-latin', 'NotoSans-Bold.ttf'),
  },
  chinese: {
    normal: inPackage('@embedpdf/fonts-sc', 'NotoSansHans-Regular.otf'),
    bold: inPackage('@embedpdf/fonts-sc', 'NotoSansHans-Bold.otf'),
  },
};

/** The fonts by name, and what stands under these names: read once, not for every volume. */
export function openFonts(): {
  fonts: Record<FontName, { normal: string; bold: string }>;
  files: { name: string; bytes: Buffer }[];
} {
  const named = (font: FontName) => ({ normal: `${font}-normal`, bold: `${font}-bold` });
  const files = (['latin', 'chinese'] as const).flatMap((font) =>
    (['normal', 'bold'] as const).map((weight) => ({
      name: named(font)[weight],
      bytes: readFileSync(FILES[font][weight]),
    })),
  );
  return { fonts: { latin: named('latin'), chinese: named('chinese') }, files };
}

/** Quotation marks, dashes and the like are in both fonts, and wider among Chinese characters. */
const FIRST_PUNCTUATION = 0x2000;
/** A word that goes on for longer may be broken here: the layout takes a time that grows with the square of a word. */
const LONGEST_WORD = 80;
const MAY_BREAK = '\u200b';
const UNCOVERED = '#8a4b00';

const charactersOf = (file: string): ReadonlySet<number> => new Set((create(readFileSync(file)) as Font).characterSet);
let covered: Record<FontName, ReadonlySet<number>> | undefined;

/** Throws when a font cannot be read. */
export function openRuns(language: Language): (text: string) => Run[] {
  const fonts = (covered ??= {
    latin: charactersOf(FILES.latin.normal),
    chinese: charactersOf(FILES.chinese.normal),
  });
  const fontOf = (point: number): FontName | undefined => {
    const order: FontName[] =
      language === 'zh' && point >= FIRST_PUNCTUATION ? ['chinese', 'latin'] : ['latin', 'chinese'];
    return order.find((font) => fonts[font].has(point));
  };

  return (text) => {
    const runs: Run[] = [];
    const add = (part: string, font: FontName, color?: string) => {
      const last = runs.at(-1);
      if (last && last.font === font && last.color === color) last.text += part;
      else runs.push({ text: part, font, ...(color !== undefined && { color }) });
    };
    let word = 0;
    for (const character of text.normalize('NFC')) {
      word = /\s/.test(character) ? 0 : word + 1;
      if (word > LONGEST_WORD) {
        add(MAY_BREAK, 'latin');
        word = 1;
      }
      // A line break is the layout's; what has no width would be there unseen.
      const font = /\p{Cf}/u.test(character) ? undefined : fontOf(character.codePointAt(0)!);
      if (character === '\n') add(character, 'latin');
      else if (font === undefined) add(codePoint(character), 'latin', UNCOVERED);
      else add(character, font);
    }
    return runs;
  };
}
