// Builds the interface into dist/renderer when it is not there or older than its sources; quick when all is there.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root, runTool } from './tools.ts';

const SOURCES = ['renderer', 'shared', 'vite.config.ts', 'package-lock.json'];

/** Resolves to the folder. `renderer-9` is what runs in the old shell of a test, too. Throws with what the build said when it failed. */
export async function buildRenderer(say: (line: string) => void = () => {}, name = 'renderer'): Promise<string> {
  const folder = path.join(root, 'dist', name);
  const mark = path.join(folder, '.built-from');
  const now = stamp();
  const isFresh = () => existsSync(mark) && readFileSync(mark, 'utf8') === now;
  if (isFresh()) return folder;
  const unlock = await lock(`${folder}.lock`);
  try {
    if (isFresh()) return folder;
    say('building the interface (a few seconds, once) ...');
    const { ok, output } = await runTool('vite', ['build', '--mode', name]);
    if (!ok) throw new Error(`The interface could not be built:\n${output}`);
    writeFileSync(mark, now);
  } finally {
    unlock();
  }
  return folder;
}

const STALE_MS = 120_000;

/** One build at a time, of several programs that want it. */
async function lock(folder: string): Promise<() => void> {
  mkdirSync(path.dirname(folder), { recursive: true });
  for (;;) {
    try {
      mkdirSync(folder);
      return () => rmSync(folder, { recursive: true, force: true });
    } catch {
      if (existsSync(folder) && Date.now() - statSync(folder).mtimeMs > STALE_MS)
        rmSync(folder, { recursive: true, force: true });
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

/** Of names, sizes and times of the sources: cheaper than reading them, and different whenever one was changed. */
function stamp(): string {
  const hash = createHash('sha256');
  for (const source of SOURCES) {
    const at = path.join(root, source);
    const files = statSync(at).isDirectory()
      ? readdirSync(at, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => path.join(entry.parentPath, entry.name))
          .toSorted()
      : [at];
    for (const file of files) {
      const { size, mtimeMs } = statSync(file);
      hash.update(`${path.relative(root, file)}\0${size}\0${mtimeMs}\n`);
    }
  }
  return hash.digest('hex');
}
