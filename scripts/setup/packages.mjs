// Installs the locked packages without running their install scripts, and puts the project's own commands beside theirs.
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { runNpm, unpackNpmPackage } from './npm.mjs';
import { cacheDirectory, ownNode, root, setUpMark } from './paths.mjs';
import { SetUpError, step } from './say.mjs';

const modules = path.join(root, 'node_modules');

/**
 * @typedef {{ version: string, integrity?: string, optional?: boolean, os?: string | string[], cpu?: string | string[], libc?: string | string[] }} Locked
 *   a package in the lock file
 */

/** Runs `npm ci` when the lock file is not the one that was installed. */
export async function installPackages() {
  const lockText = readFileSync(path.join(root, 'package-lock.json'), 'utf8');
  const lock = createHash('sha256').update(lockText).digest('hex');
  if (readMark() === lock) return;
  const { packages } = JSON.parse(lockText);
  if (!alreadyInstalled(packages)) {
    await step('installing the locked npm packages (up to 270 MB to download, 850 MB on disk)', () =>
      runNpmCi(packages),
    );
  }
  writeFileSync(setUpMark, `${JSON.stringify({ lock })}\n`);
}

/** @param {Record<string, Locked>} packages */
function runNpmCi(packages) {
  const args = ['ci', '--ignore-scripts', '--include=dev', '--include=optional', '--no-audit', '--no-fund'];
  if (!process.stderr.isTTY) args.push('--no-progress');
  const folder = path.join(cacheDirectory(), `node-24.${process.pid}`);
  try {
    if (!runNpm(args, { cwd: root, node: newerNode(packages, folder) })) {
      throw new SetUpError(
        '`npm ci` failed (its reason is above): check the connection to the npm registry and try again',
      );
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * npm leaves out the native parts of tools that do not run on the Node that npm runs on, although they will run on
 * Node 24: so npm runs on it too. It is one of the locked packages; npm has it in its cache when it installs it later.
 * @param {Record<string, Locked>} packages
 * @param {string} folder
 */
function newerNode(packages, folder) {
  const [name = '', ...binary] = ownNode?.split('/') ?? [];
  const locked = packages[`node_modules/${name}`];
  if (!locked?.integrity || Number(process.versions.node.split('.')[0]) >= 24) return undefined;
  unpackNpmPackage({ name, version: locked.version, integrity: locked.integrity }, folder);
  return path.join(folder, ...binary);
}

function readMark() {
  try {
    return JSON.parse(readFileSync(setUpMark, 'utf8')).lock;
  } catch {
    return undefined;
  }
}

/**
 * True when npm has just installed exactly these packages by itself, so that a developer's `npm install` is not repeated.
 * @param {Record<string, Locked>} packages
 */
function alreadyInstalled(packages) {
  const hidden = path.join(modules, '.package-lock.json');
  if (!existsSync(hidden)) return false;
  const installed = JSON.parse(readFileSync(hidden, 'utf8')).packages;
  for (const [name, wanted] of Object.entries(packages)) {
    if (name === '') continue;
    const found = installed[name];
    if (!found && wanted.optional && !isForThisMachine(wanted)) continue;
    if (found?.version !== wanted.version || found.integrity !== wanted.integrity) return false;
  }
  return Object.keys(installed).every((name) => packages[name]);
}

/**
 * True for a native part that must be there: made for this system and processor, and (on Linux) not only for musl.
 * @param {Locked} locked
 */
function isForThisMachine({ os, cpu, libc = [] }) {
  if (!os?.includes(process.platform) || !cpu?.includes(process.arch)) return false;
  return libc.length === 0 || libc.includes('glibc');
}

/** npm links the commands of dependencies only; `npx --no-install assent-verify` looks in the same folder for ours. */
export function linkCommands() {
  const { bin } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const folder = path.join(modules, '.bin');
  mkdirSync(folder, { recursive: true });
  for (const [name, file] of Object.entries(bin)) {
    const target = path.join('..', '..', file);
    if (process.platform === 'win32') {
      writeFileSync(path.join(folder, `${name}.cmd`), `@node "%~dp0\\${target}" %*\r\n`);
    } else if (readLink(path.join(folder, name)) !== target) {
      rmSync(path.join(folder, name), { force: true });
      symlinkSync(target, path.join(folder, name));
      chmodSync(path.join(root, file), 0o755);
    }
  }
}

/** @param {string} file */
function readLink(file) {
  try {
    return readlinkSync(file);
  } catch {
    return undefined;
  }
}
