import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readJson } from '../../../shared/study/json-text.ts';

const refusal = (text: string): string => {
  try {
    readJson(text);
  } catch (error) {
    return (error as Error).message.replace('The study is not valid JSON: ', '');
  }
  return 'nothing refused';
};

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

describe('JSON that a person wrote', () => {
  it('is read as JSON.parse reads it', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), fc.constantFrom(0, 2), (text, indent) => {
        const written = JSON.stringify(JSON.parse(text), undefined, indent);
        expect(readJson(written)).toEqual(JSON.parse(written));
      }),
    );
  });

  it('is refused where JSON.parse refuses, whatever single character is broken', () => {
    const text = '{"a": [1, -2.5e+3, true, null, "x\\u00e9\\n"], "b": {}}';
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.string({ maxLength: 2 }), (at, put) => {
        const broken = text.slice(0, at) + put + text.slice(at + 1);
        expect(refusal(broken)).toMatch(isJson(broken) ? /^nothing refused$|given twice/ : /^line \d+, column \d+: /);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['', 'line 1, column 1: expected a value.'],
    ['{\n  "a": 1\n  "b": 2\n}', 'line 3, column 3: expected "," or "}".'],
    ['{"a": 1,}', 'line 1, column 9: expected a field name in double quotes.'],
    ['[1, 2', 'line 1, column 6: expected "," or "]".'],
    ['{"a": 1, "b": 2, "a": 3}', 'line 1, column 18: the field "a" is given twice.'],
    ['{"a" 1}', 'line 1, column 6: expected ":".'],
    ['{"a": "x', 'line 1, column 7: this text does not end, or holds a character that must be escaped.'],
    ['{"a": NaN}', 'line 1, column 7: expected a value.'],
    ['{} {}', 'line 1, column 4: expected the end of the file.'],
    ['['.repeat(1_000_000), 'line 1, column 34: nested deeper than 32 levels.'],
  ])('%.30s is refused with its place', (text, expected) => {
    expect(refusal(text)).toBe(expected);
  });

  it('may start with a byte order mark, and keeps a field of any name', () => {
    expect(readJson('\uFEFF{"__proto__": 1}')).toEqual(JSON.parse('{"__proto__": 1}'));
    expect(Object.keys(readJson('{"__proto__": 1}') as object)).toEqual(['__proto__']);
  });
});
