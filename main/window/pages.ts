// The built interface as it is served: files read once, by exact name, under a policy that runs nothing but them.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';

export type Page = { body: Buffer; type: string; cache: string };
/** By path (`/index.html`). */
export type Pages = ReadonlyMap<string, Page>;

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
};

export const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types svelte-trusted-html";

export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), usb=(), serial=(), hid=(), payment=()',
};

/**
 * What the window that begins with `first` is made of; a path that is not among it does not exist, whatever it spells. Empty
 * where nothing was built.
 */
export function readPages(folder: string, first: 'index.html' | 'decision.html' = 'index.html'): Pages {
  if (!existsSync(join(folder, first))) return new Map();
  const pages = filesIn(folder).flatMap((file): [string, Page][] => {
    const path = `/${relative(folder, file).split(sep).join('/')}`;
    const type = TYPES[extname(file)];
    // Vite puts the hash of what it holds into the name of every file but the first.
    const cache = path.startsWith('/assets/') ? 'max-age=31536000, immutable' : 'no-store';
    if (extname(file) === '.html' && path !== `/${first}`) return [];
    return type === undefined ? [] : [[path, { body: readFileSync(file), type, cache }]];
  });
  const all = new Map(pages);
  all.set('/', all.get(`/${first}`)!);
  return all;
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesIn(path) : entry.isFile() ? [path] : [];
  });
}
