// The installer that comes with @tensorflow/tfjs-node, with time limits: a firewall often hangs instead of refusing.
import { spawn } from 'node:child_process';
import { cpSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { findNode24, root } from './paths.mjs';
import { megabytes, say } from './say.mjs';

const connectSeconds = 15;
const installSeconds = 900;

/**
 * Runs the installer in the package and moves what it made to `work`.
 * @param {string} packageFolder
 * @param {string} work
 * @returns {Promise<string | undefined>} why it did not work, if so
 */
export async function runOwnInstaller(packageFolder, work) {
  const address = libraryAddress(packageFolder);
  if (!address) return `it has no library for ${process.platform}-${process.arch}`;
  say(`asking for TensorFlow's own download (up to ${connectSeconds} s)`);
  const size = await askSize(address);
  if (typeof size === 'string') return `its download is refused here (${size})`;
  say(`downloading TensorFlow with its own installer: ${megabytes(size)}`);
  const manifest = path.join(packageFolder, 'package.json');
  const before = readFileSync(manifest);
  try {
    const failed = await runLimited(['scripts/install.js'], packageFolder);
    if (failed) return failed;
    if (!existsSync(path.join(packageFolder, 'lib/napi-v8/tfjs_binding.node')))
      return 'it ended without making the binding';
    for (const part of ['deps', 'lib']) renameOrCopy(path.join(packageFolder, part), path.join(work, part));
    return undefined;
  } finally {
    // The installer rewrites its own manifest and leaves it so when it fails.
    writeFileSync(manifest, before);
    for (const part of ['deps', 'lib']) rmSync(path.join(packageFolder, part), { recursive: true, force: true });
  }
}

/**
 * The address that the installer will use, put together the way it does.
 * @param {string} packageFolder
 */
function libraryAddress(packageFolder) {
  const load = createRequire(path.join(packageFolder, 'package.json'));
  const host =
    process.env.TFJS_NODE_CDN_STORAGE ||
    process.env.CDN_STORAGE ||
    `${new URL(load('./package.json').binary.host).origin}/`;
  const machine = `${process.platform}-${process.arch}`;
  if (machine === 'darwin-arm64') return `${host}tf-builds/libtensorflow_r2_7_darwin_arm64_cpu.tar.gz`;
  if (machine === 'linux-arm64') return `${host}tf-builds/libtensorflow_r2_7_linux_arm64.tar.gz`;
  /** @type {Record<string, string>} */
  const systems = { 'linux-x64': 'linux', 'darwin-x64': 'darwin', 'win32-x64': 'windows' };
  const system = systems[machine];
  if (!system) return undefined;
  const { LIBTENSORFLOW_VERSION: version, PLATFORM_EXTENSION: extension } = load('./scripts/deps-constants.js');
  const base = process.env.TFJS_NODE_BASE_URI || `${host}tensorflow/libtensorflow/libtensorflow-`;
  return `${base}cpu-${system}-x86_64-${version}.${extension}`;
}

/**
 * Asked under Node 24, whose fetch can be told to use the proxy of the environment.
 * @param {string} address
 * @returns {Promise<number | string>} bytes, or why there is no answer
 */
function askSize(address) {
  const question = `
    fetch(process.argv[1], { method: 'HEAD', signal: AbortSignal.timeout(${connectSeconds * 1000}) }).then(
      (reply) => console.log(reply.ok ? Number(reply.headers.get('content-length')) : 'answer ' + reply.status),
      (error) => console.log(error.cause?.code ?? error.cause?.message ?? (error.name === 'TimeoutError' ? 'no answer in ${connectSeconds} s' : error.name)),
    );`;
  return new Promise((resolve) => {
    const child = spawn(findNode24(), ['-e', question, address], {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, NODE_USE_ENV_PROXY: '1' },
      timeout: (connectSeconds + 5) * 1000,
    });
    let answer = '';
    child.stdout.on('data', (chunk) => (answer += chunk));
    child.on('close', () => {
      const text = answer.trim() || 'no answer';
      resolve(/^[1-9]\d*$/.test(text) ? Number(text) : text);
    });
  });
}

/**
 * @param {string[]} args
 * @param {string} cwd
 * @returns {Promise<string | undefined>} why it failed, if so
 */
function runLimited(args, cwd) {
  return new Promise((resolve) => {
    const node = findNode24();
    const bins = [path.dirname(node), path.join(root, 'node_modules/.bin'), process.env.PATH].join(path.delimiter);
    // A group of its own, so that the time limit ends what the installer started too.
    const group = process.platform !== 'win32';
    const child = spawn(node, args, {
      cwd,
      detached: group,
      stdio: ['ignore', 2, 2],
      env: { ...process.env, PATH: bins },
    });
    const timer = setTimeout(() => {
      if (group && child.pid) process.kill(-child.pid, 'SIGKILL');
      else child.kill('SIGKILL');
    }, installSeconds * 1000);
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve(code === 0 ? undefined : signal ? `stopped after ${installSeconds} s` : `it failed (exit ${code})`);
    });
  });
}

/**
 * @param {string} from
 * @param {string} to
 */
function renameOrCopy(from, to) {
  try {
    renameSync(from, to);
  } catch {
    cpSync(from, to, { recursive: true, verbatimSymlinks: true });
  }
}
