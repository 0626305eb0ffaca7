// Gives @tensorflow/tfjs-node its native library: from the cache, else by its own installer, else from TensorFlow's Python wheel.
// There is no slower backend to fall back to: where no way works, set-up says what is missing and stops.
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheDirectory, findNode24, root } from './paths.mjs';
import { SetUpError, say, step } from './say.mjs';
import { runOwnInstaller } from './tensorflow-installer.mjs';
import { buildFromWheel } from './tensorflow-wheel.mjs';

const packageFolder = path.join(root, 'node_modules/@tensorflow/tfjs-node');
const binding = 'lib/napi-v8/tfjs_binding.node';
const library = {
  linux: 'deps/lib/libtensorflow.so.2',
  darwin: 'deps/lib/libtensorflow.2.dylib',
  win32: 'deps/lib/tensorflow.dll',
};
// Raise the recipe when what lies in the cache must be made anew.
const recipe = 1;

/** @param {string} folder */
function isComplete(folder) {
  const wanted = library[/** @type {keyof typeof library} */ (process.platform)] ?? library.linux;
  return existsSync(path.join(folder, binding)) && existsSync(path.join(folder, wanted));
}

export async function installTensorFlow() {
  if (isComplete(packageFolder)) return;
  const cached = path.join(cacheDirectory(), `tfjs-node-4.22.0-${process.platform}-${process.arch}-${recipe}`);
  if (!isComplete(cached)) await step('getting native TensorFlow', () => fillCache(cached));
  for (const part of ['deps', 'lib']) {
    rmSync(path.join(packageFolder, part), { recursive: true, force: true });
    placeTree(path.join(cached, part), path.join(packageFolder, part));
  }
  try {
    proveItAdds();
  } catch (error) {
    // What does not load must not be found again next time.
    for (const folder of [cached, path.join(packageFolder, 'deps'), path.join(packageFolder, 'lib')])
      rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

/** @param {string} cached */
async function fillCache(cached) {
  const work = `${cached}.${process.pid}`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  try {
    const refused = await runOwnInstaller(packageFolder, work);
    if (refused !== undefined) {
      say(`TensorFlow's own installer: ${refused}`);
      buildFromWheel(packageFolder, work, refused);
    }
    rmSync(cached, { recursive: true, force: true });
    renameSync(work, cached);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/**
 * Hard links cost no space and survive an emptied cache; on another file system the library is linked by name instead.
 * @param {string} from
 * @param {string} to
 */
function placeTree(from, to) {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const source = path.join(from, entry.name);
    const target = path.join(to, entry.name);
    if (entry.isDirectory()) placeTree(source, target);
    else if (entry.isSymbolicLink()) symlinkSync(readlinkSync(source), target);
    else placeFile(source, target);
  }
}

/**
 * @param {string} source
 * @param {string} target
 */
function placeFile(source, target) {
  try {
    linkSync(source, target);
  } catch {
    if (process.platform === 'win32') copyFileSync(source, target);
    else symlinkSync(source, target);
  }
}

function proveItAdds() {
  const script = fileURLToPath(new URL('./tensorflow-proof.mjs', import.meta.url));
  const result = spawnSync(findNode24(), [script], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2' },
  });
  if (result.status === 0 && result.stdout.trim().endsWith('[4,6]')) return;
  const reason =
    result.stderr
      .trim()
      .split('\n')
      .find((line) => line.includes('Error')) ??
    result.signal ??
    `exit ${result.status}`;
  throw new SetUpError(`native TensorFlow does not load on this machine: ${reason}`);
}
