// The verifier that goes into every evidence package: one file for Node and one for a browser, made by `npm run generate`.
import { readFile } from 'node:fs/promises';
import { PROGRAM_FILES } from '../shared/transparency/layout.ts';

/** Beside a packaged program; in a checkout where they are generated. */
const PLACES = ['./', './gen/'];

export async function evidencePrograms(): Promise<{ path: string; bytes: Uint8Array }[]> {
  return Promise.all(PROGRAM_FILES.map(async (path) => ({ path, bytes: await readFirst(path) })));
}

async function readFirst(name: string): Promise<Uint8Array> {
  let missing: unknown;
  for (const place of PLACES)
    try {
      return await readFile(new URL(`${place}${name}`, import.meta.url));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      missing = error;
    }
  throw missing;
}
