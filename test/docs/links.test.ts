// The documents speak of files that exist.
import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { anchors, documents, prose, readDocument, root } from './markdown.ts';

const folders = ['shared', 'platform', 'main', 'coordinator', 'examples', 'test', 'scripts', 'docs', 'bench'];

test.each(documents())('every link in %s leads somewhere', (document) => {
  const links = [...prose(readDocument(document)).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!);
  const broken = links.filter((target) => {
    if (/^(https:|mailto:)/.test(target)) return false;
    const [file = '', anchor] = target.split('#');
    const full = file === '' ? document : path.join(path.dirname(document), file);
    if (full.startsWith('..') || !existsSync(path.join(root, full))) return true;
    return anchor !== undefined && !anchors(readDocument(full)).includes(anchor);
  });
  expect(broken).toEqual([]);
});

test.each(documents())('every file that %s names is there', (document) => {
  const named = [...prose(readDocument(document)).matchAll(/`([^`\n]+)`/g)].map(([, code]) => code!);
  const paths = named.filter((code) => /^[\w.-]+(\/[\w.-]+)*\/?$/.test(code) && folders.includes(code.split('/')[0]!));
  const missing = paths.filter((code) => {
    const full = path.join(root, code);
    return code.includes('/') && !(existsSync(full) && (!code.endsWith('/') || statSync(full).isDirectory()));
  });
  expect(missing).toEqual([]);
});

test('no document names a place that only some machine has', () => {
  const places = /\/(work|home|tmp|root|Users)\//;
  expect(documents().filter((document) => places.test(readDocument(document)))).toEqual([]);
});

test('the tree of the architecture names every folder of shared and main', () => {
  const text = readDocument('docs/architecture.md');
  const held = ['shared', 'main'].flatMap((folder) =>
    readdirSync(path.join(root, folder), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && readdirSync(path.join(root, folder, entry.name)).length > 0)
      .map(({ name }) => `${folder}/${name}/`),
  );
  expect(held.filter((folder) => !text.includes(`| \`${folder}\``))).toEqual([]);
});
