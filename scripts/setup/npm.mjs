// npm as set-up uses it: to install, and to fetch one package, checked against its pinned hash, without installing it.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { SetUpError } from './say.mjs';

/**
 * Runs the npm that started us, else the one on the PATH, and shows what it says; true when it went well.
 * @param {string[]} args
 * @param {{ cwd: string, node?: string | undefined }} where `node`: the Node that npm itself runs on
 */
export function runNpm(args, { cwd, node = process.execPath }) {
  const env = {
    ...process.env,
    PATH: [path.dirname(node), process.env.PATH].join(path.delimiter),
    npm_config_loglevel: 'error',
  };
  /** @type {import('node:child_process').SpawnSyncOptions} */
  const options = { cwd, stdio: ['ignore', 2, 2], env };
  const cli = process.env.npm_execpath;
  const result = cli?.endsWith('npm-cli.js')
    ? spawnSync(node, [cli, ...args], options)
    : spawnSync('npm', args, { ...options, shell: process.platform === 'win32' });
  if (result.error) {
    throw new SetUpError(`npm could not be started (${result.error.message}): install Node 18 or newer with npm`);
  }
  return result.status === 0;
}

/**
 * Fetches a package and writes its files to a folder.
 * @param {{ name: string, version: string, integrity: string }} source
 * @param {string} folder
 */
export function unpackNpmPackage({ name, version, integrity }, folder) {
  mkdirSync(folder, { recursive: true });
  const wanted = `${name}@${version}`;
  if (
    !runNpm(
      [
        'pack',
        wanted,
        '--ignore-scripts',
        '--silent',
        '--fetch-retries=1',
        '--fetch-timeout=120000',
        '--pack-destination',
        folder,
      ],
      {
        cwd: folder,
      },
    )
  ) {
    throw new SetUpError(`npm could not fetch ${wanted}: check the connection to the npm registry and try again`);
  }
  const archive = path.join(folder, readdirSync(folder).find((entry) => entry.endsWith('.tgz')) ?? '');
  const packed = readFileSync(archive);
  rmSync(archive);
  const found = `sha512-${createHash('sha512').update(packed).digest('base64')}`;
  if (found !== integrity) throw new SetUpError(`${wanted} is not the pinned package: its hash is ${found}`);
  for (const { file, mode, bytes } of tarFiles(gunzipSync(packed))) {
    // Every path in a package starts with one folder, mostly `package/`.
    const target = path.join(folder, file.slice(file.indexOf('/') + 1));
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, bytes);
    chmodSync(target, mode & 0o100 ? 0o755 : 0o644);
  }
}

/**
 * The files of a plain tar: headers of 512 bytes (name at 0, octal mode at 100 and size at 124), contents padded to 512.
 * @param {Uint8Array} tar
 */
function* tarFiles(tar) {
  const text = (/** @type {number} */ from, /** @type {number} */ length) =>
    Buffer.from(tar.subarray(from, from + length))
      .toString('latin1')
      .replace(/\0.*$/s, '');
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0;) {
    const size = Number.parseInt(text(at + 124, 12), 8);
    const kind = text(at + 156, 1);
    const bytes = tar.subarray(at + 512, at + 512 + size);
    if (kind === '0' || kind === '') yield { file: text(at, 100), mode: Number.parseInt(text(at + 100, 8), 8), bytes };
    at += 512 + Math.ceil(size / 512) * 512;
  }
}
