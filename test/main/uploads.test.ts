import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openUploads } from '../../main/uploads.ts';
import { temporaryFolder } from '../support/temporary.ts';

const bytes = (text: string) => Buffer.from(text);
const filesIn = (home: string) => (existsSync(join(home, 'uploads')) ? readdirSync(join(home, 'uploads')) : []);
const code = (expected: string) => expect.objectContaining({ code: expected }) as Error;

test('a file comes in pieces under its own name, for its owner alone, and goes when it was imported', () => {
  const home = temporaryFolder();
  const uploads = openUploads(home);
  const id = uploads.begin('rows of März.csv', 10);
  expect(uploads.add(id, 0, bytes('x,y\n1'))).toEqual({ received: 5, path: undefined });
  const { path } = uploads.add(id, 5, bytes(',2\n3,'));
  expect(path!.endsWith('/rows of März.csv')).toBe(true);
  expect(readFileSync(path!, 'utf8')).toBe('x,y\n1,2\n3,');
  expect(statSync(path!).mode & 0o077).toBe(0);
  expect(uploads.holds(path!)).toBe(true);
  uploads.imported(path!);
  expect([filesIn(home), uploads.holds(path!)]).toEqual([[], false]);
});

test('an upload that skips, repeats, overruns or stops making sense is given up', () => {
  const home = temporaryFolder();
  const uploads = openUploads(home);
  for (const broken of [
    (id: string) => uploads.add(id, 1, bytes('a')),
    (id: string) => uploads.add(id, 0, bytes('aaaaa')),
    (id: string) => uploads.add(id, 0, bytes('')),
  ]) {
    const id = uploads.begin('rows.csv', 4);
    expect(() => broken(id)).toThrow(code('UPLOAD_INVALID'));
    expect(() => uploads.add(id, 0, bytes('a'))).toThrow(code('UPLOAD_INVALID'));
  }
  expect(filesIn(home)).toEqual([]);
});

test('a name is never a path, and a file larger than there is room for does not begin', () => {
  const home = temporaryFolder();
  const uploads = openUploads(home);
  for (const name of ['', '.', '..', '../rows.csv', '/etc/passwd', 'a\\b', 'a\0b', 'x'.repeat(256)])
    expect(() => uploads.begin(name, 4)).toThrow(code('UPLOAD_INVALID'));
  expect(() => uploads.begin('rows.csv', 2 ** 50)).toThrow(code('UPLOAD_SIZE'));
  expect(() => uploads.begin('rows.csv', 0)).toThrow(code('UPLOAD_INVALID'));
  expect(filesIn(home)).toEqual([]);
});

test('no upload outlives the node, even one that was killed, and no more than eight wait', () => {
  const home = temporaryFolder();
  mkdirSync(join(home, 'uploads/left'), { recursive: true });
  writeFileSync(join(home, 'uploads/left/rows.csv'), 'x\n1\n');
  const uploads = openUploads(home);
  expect(filesIn(home)).toEqual([]);
  const ids = Array.from({ length: 9 }, (_, i) => uploads.begin(`${i}.csv`, 4));
  expect(filesIn(home)).toHaveLength(8);
  expect(() => uploads.add(ids[0]!, 0, bytes('a'))).toThrow(code('UPLOAD_INVALID'));
  uploads.close();
  expect(filesIn(home)).toEqual([]);
});

test('only what came by an upload is removed after an import', () => {
  const home = temporaryFolder();
  const uploads = openUploads(home);
  const own = join(home, 'own.csv');
  writeFileSync(own, 'x\n1\n');
  for (const path of [own, join(home, 'uploads/../own.csv')]) uploads.imported(path);
  expect(existsSync(own)).toBe(true);
});
