// Runs a TypeScript file under the project's Node 24 as if it were this process: same terminal, signals and exit code.
// The child ends with this process however this one ends: the channel between them closes even on SIGKILL, and
// follow-parent.cjs, loaded first in the child, then ends it.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { findNode24, root, setUpMark } from './setup/paths.mjs';
import { SetUpError } from './setup/say.mjs';

const followParent = fileURLToPath(new URL('./follow-parent.cjs', import.meta.url));

/**
 * @param {string} file relative to the checkout
 * @param {string[]} args
 */
export function launch(file, args) {
  if (!existsSync(setUpMark)) stop('assent is not set up yet: run `node scripts/setup.mjs` in its folder');
  const node = findNode24OrStop();
  const child = spawn(node, ['--require', followParent, path.resolve(root, file), ...args], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: {
      ...process.env,
      // Tools that start `node` get the same one.
      PATH: [path.dirname(node), process.env.PATH].join(path.delimiter),
      // The native library reads this when it loads: its banner says nothing to our users.
      TF_CPP_MIN_LOG_LEVEL: process.env.TF_CPP_MIN_LOG_LEVEL ?? '2',
      ASSENT_PARENT: String(process.pid),
      // Halves the time that a command takes to start: the sources are stripped of their types once.
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? path.join(root, 'node_modules/.cache/assent/compile'),
    },
  });
  /** @type {NodeJS.Signals[]} */
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) {
    process.on(signal, () => {
      // A terminal sends Ctrl-C to both processes; a second one would read as impatience.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.on('error', (error) => stop(`${node} could not be started: ${error.message}`));
  child.on('exit', (code, signal) => {
    for (const name of signals) process.removeAllListeners(name);
    if (signal) process.kill(process.pid, signal);
    else process.exit(code ?? 1);
  });
}

function findNode24OrStop() {
  try {
    return findNode24();
  } catch (error) {
    if (error instanceof SetUpError) return stop(error.message);
    throw error;
  }
}

/**
 * @param {string} message
 * @returns {never}
 */
function stop(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
