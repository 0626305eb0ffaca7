// The desktop app out of its sources, and the Electron to run it with.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build, type BuildOptions } from 'esbuild';
import { bundle } from './bundle.ts';
import { root } from './tools.ts';
import { verifiers } from './verifier.ts';

/** What a shell can run: the product's own, and the old one that the smoke test may have to do with. */
type ShellTarget = { main: string; preload: string };
const PRODUCT: ShellTarget = { main: 'node24', preload: 'chrome146' };

/** Writes the app into a folder and returns the path of its main file. The interface in `renderer` goes with it. */
export async function buildShell(o: {
  folder: string;
  renderer: string;
  target?: ShellTarget;
  /** Whether a node can run in the app's own process. */
  withNode?: boolean;
}): Promise<string> {
  const { folder, renderer, target = PRODUCT, withNode = true } = o;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const common: BuildOptions = {
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['electron'],
    legalComments: 'linked',
    logLevel: 'warning',
  };
  const main = path.join(folder, 'index.cjs');
  await build({ ...common, entryPoints: ['main/electron/index.ts'], outfile: main, target: target.main });
  for (const name of ['preload', 'decision-preload']) {
    const outfile = path.join(folder, `${name}.cjs`);
    await build({ ...common, entryPoints: [`main/electron/${name}.ts`], outfile, target: target.preload });
  }
  if (withNode) {
    await bundle(
      {
        'local-node': 'main/electron/local-node.ts',
        worker: 'main/training/worker.ts',
        'pdf-worker': 'main/audit/pdf-worker.ts',
      },
      folder,
    );
    // They go into the evidence that this node exports.
    for (const [name, text] of await verifiers()) writeFileSync(path.join(folder, name), text);
  }
  cpSync(renderer, path.join(folder, 'renderer'), { recursive: true });
  for (const icon of ['icon.png', 'tray.png']) cpSync(path.join(root, 'main/electron', icon), path.join(folder, icon));
  return main;
}

const electron = path.join(root, 'node_modules/electron');
const tried = path.join(root, 'node_modules/.cache/assent/electron-refused');
const DAY_MS = 24 * 60 * 60_000;
const PATIENCE_MS = 120_000;

/** The Electron of the lock file, downloaded at its first use; where that is refused, why. */
export function findElectron(say: (line: string) => void = () => {}): { binary: string } | { missing: string } {
  const found = binaryNow();
  if (found !== undefined) return { binary: found };
  if (existsSync(tried) && Date.now() - statSync(tried).mtimeMs < DAY_MS)
    return { missing: readFileSync(tried, 'utf8') };
  say('downloading Electron (about 110 MB, once) ...');
  const { status, stderr, error } = spawnSync(process.execPath, [path.join(electron, 'install.js')], {
    encoding: 'utf8',
    timeout: PATIENCE_MS,
  });
  const now = binaryNow();
  if (status === 0 && now !== undefined) return { binary: now };
  const reason = (error?.message ?? stderr.split('\n').find((line) => /Error|error/.test(line)) ?? 'no answer').trim();
  const missing = `its download was refused here (${reason.slice(0, 120)})`;
  mkdirSync(path.dirname(tried), { recursive: true });
  writeFileSync(tried, missing);
  return { missing };
}

function binaryNow(): string | undefined {
  const mark = path.join(electron, 'path.txt');
  const name = existsSync(mark) ? readFileSync(mark, 'utf8') : 'electron';
  const { ELECTRON_OVERRIDE_DIST_PATH: elsewhere } = process.env;
  const binary = path.join(elsewhere ?? path.join(electron, 'dist'), name);
  return existsSync(binary) ? binary : undefined;
}
