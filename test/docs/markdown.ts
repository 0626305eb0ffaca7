// Reads the project's own Markdown: which files there are, their code blocks, links and headings.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '../..');

const inFolder = (folder: string): string[] =>
  readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => path.join(folder, name))
    .sort();

/** Paths of all documents, relative to the root. */
export const documents = (): string[] => ['README.md', 'CHANGELOG.md', ...inFolder('docs'), ...inFolder('examples')];

export const readDocument = (document: string): string => readFileSync(path.join(root, document), 'utf8');

/** The lines of every block marked as `language`, in order; a line that ends with a backslash goes on in the next. */
export function commandsOf(text: string, language: string): string[] {
  const blocks = [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)];
  return blocks
    .filter(([, mark]) => mark === language)
    .flatMap(([, , body]) => body!.replaceAll('\\\n', ' ').trimEnd().split('\n'));
}

/** The text without its code blocks. */
export const prose = (text: string): string => text.replaceAll(/^```[\s\S]*?^```$/gm, '');

/** Where the headings of a document can be linked to, as GitHub makes the names. */
export const anchors = (text: string): string[] =>
  [...prose(text).matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
    title!
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-'),
  );
