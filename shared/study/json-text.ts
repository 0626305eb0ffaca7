// Reads JSON that a person wrote: says line and column of a mistake, and refuses a field given twice and deep nesting.
import { AssentError } from '../errors.ts';

const DEEPEST = 32;

const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const STRING = /"(?:[^"\\\u0000-\u001F]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const WORD = /true|false|null/y;

/** The value of a JSON text (RFC 8259). Throws STUDY_INVALID; its detail has `line` and `column`, counted from 1. */
export function readJson(text: string): unknown {
  // Some editors start a file with a byte order mark.
  let at = text.startsWith('\uFEFF') ? 1 : 0;

  const fail = (problem: string, position = at): never => {
    const before = text.slice(0, position).split('\n');
    const [line, column] = [String(before.length), String(before.at(-1)!.length + 1)];
    throw new AssentError('STUDY_INVALID', `The study is not valid JSON: line ${line}, column ${column}: ${problem}.`, {
      line,
      column,
    });
  };

  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) at += found.length;
    return found;
  };

  const takeMark = (mark: string): boolean => {
    take(SPACE);
    if (text[at] !== mark) return false;
    at++;
    return true;
  };

  const takeString = (what: string): string => {
    take(SPACE);
    const found = take(STRING);
    if (found !== undefined) return JSON.parse(found) as string;
    return fail(
      text[at] === '"' ? 'this text does not end, or holds a character that must be escaped' : `expected ${what}`,
    );
  };

  const readMembers = (depth: number): Record<string, unknown> => {
    const members = new Map<string, unknown>();
    if (takeMark('}')) return {};
    do {
      take(SPACE);
      const start = at;
      const key = takeString('a field name in double quotes');
      if (members.has(key)) fail(`the field ${JSON.stringify(key)} is given twice`, start);
      if (!takeMark(':')) fail('expected ":"');
      members.set(key, readValue(depth));
    } while (takeMark(','));
    if (!takeMark('}')) fail('expected "," or "}"');
    // fromEntries defines own fields, so that "__proto__" is a field like any other (and an unknown one).
    return Object.fromEntries(members);
  };

  const readElements = (depth: number): unknown[] => {
    const elements: unknown[] = [];
    if (takeMark(']')) return elements;
    do elements.push(readValue(depth));
    while (takeMark(','));
    if (!takeMark(']')) fail('expected "," or "]"');
    return elements;
  };

  const readValue = (depth: number): unknown => {
    if (depth > DEEPEST) fail(`nested deeper than ${DEEPEST} levels`);
    if (takeMark('{')) return readMembers(depth + 1);
    if (takeMark('[')) return readElements(depth + 1);
    if (text[at] === '"') return takeString('a text');
    const plain = take(NUMBER) ?? take(WORD);
    return plain === undefined ? fail('expected a value') : (JSON.parse(plain) as unknown);
  };

  const value = readValue(0);
  take(SPACE);
  if (at < text.length) fail('expected the end of the file');
  return value;
}
