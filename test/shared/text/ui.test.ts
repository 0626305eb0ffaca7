// The interface's texts in both languages: complete, of the same shape, and honest.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ERRORS } from '../../../shared/errors.ts';
import { en } from '../../../shared/text/ui/en.ts';
import { zh } from '../../../shared/text/ui/zh.ts';

type Leaf = { path: string; value: unknown };
const leavesOf = (value: unknown, path = ''): Leaf[] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([name, each]) => leavesOf(each, path === '' ? name : `${path}.${name}`))
    : [{ path, value }];
/** What a text reads like; one that takes values is given some. */
const said = ({ value }: Leaf): string =>
  typeof value === 'function' ? String((value as (...a: unknown[]) => unknown)('7', '8', '9', '10')) : String(value);

const [english, chinese] = [leavesOf(en), leavesOf(zh)];

test('every text is there in both languages, and a text that takes values takes them in both', () => {
  const shape = (leaves: Leaf[]) => leaves.map(({ path, value }) => `${path}: ${typeof value}`).toSorted();
  expect(shape(chinese)).toEqual(shape(english));
  expect([...english, ...chinese].filter((leaf) => said(leaf).trim() === '').map(({ path }) => path)).toEqual([]);
});

// Names, signs and what is typed read the same in any language.
const SAME = /^(common\.languages\.|data\.fresh\.values\.|settings\.shell\.urlHint|start\.refused\.command)/;

test('a Chinese text is Chinese', () => {
  const missing = chinese.filter((leaf) => !SAME.test(leaf.path) && !/\p{Script=Han}/u.test(said(leaf)));
  // What is only a value, or a value with a separator, has no words.
  expect(missing.filter((leaf) => !/^[\d\s/，]+$/.test(said(leaf))).map(({ path }) => path)).toEqual([]);
});

test('Chinese texts use full-width punctuation and a space beside Latin letters', () => {
  const odd = chinese.filter((leaf) =>
    /\p{Script=Han}[,;:!?]|\p{Script=Han}[A-Za-z]|[A-Za-z]\p{Script=Han}/u.test(said(leaf)),
  );
  expect(odd.map((leaf) => `${leaf.path}: ${said(leaf)}`)).toEqual([]);
});

test('no text begs, cheers or promises what nothing shows', () => {
  const words = /please|oops|sorry|!|\bsafe and\b|\bprivate\b|anonym|masked|\bhidden\b|ε/i;
  const wrong = [...english, ...chinese].filter((leaf) => words.test(said(leaf)) || /！|掩码|匿名/.test(said(leaf)));
  expect(wrong.map((leaf) => `${leaf.path}: ${said(leaf)}`)).toEqual([]);
});

// The interface's texts are not all: statements, records, errors, what a study's plan says.
test('no text of the product speaks of masks, hiding or ε, since no plan has them', () => {
  const root = join(import.meta.dirname, '../../..');
  const files = readdirSync(join(root, 'shared/text'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const found = [...files, join(root, 'shared/errors.ts')].flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => !/^\s*(?:\/\/|\/?\*)/.test(line) && /masked|\bhidden\b|ε|\bepsilon\b|掩码|隐藏/i.test(line))
      .map((line) => `${file}: ${line}`),
  );
  expect(files.length).toBeGreaterThan(30);
  expect(found).toEqual([]);
});

test('every text is used by a page', () => {
  const folder = join(import.meta.dirname, '../../../renderer');
  const sources = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
    .join('\n');
  // Tables are looked up by a value.
  const TABLES =
    /\.(roles|roleHints|phases|states|happened|values|doubts|types|identifiers|leakage|algorithms|languages|themes|proxies|sections|settings|kinds|metrics|results)\./;
  const names = english.filter(({ path }) => !TABLES.test(path) && !/^errors\.|\.\d+\./.test(path));
  const unused = names.filter(({ path }) => !new RegExp(`\\b${path.split('.').at(-1)!}\\b`).test(sources));
  expect(unused.map(({ path }) => path)).toEqual([]);
});

test('a window’s own words for a refusal are for a code that exists', () => {
  for (const code of Object.keys(en.errors)) expect([code, code in ERRORS]).toEqual([code, true]);
});
