// Makes a fresh checkout ready, with nothing but Node 18: packages, the project's own Node 24, native TensorFlow, commands.
// Quick when all is there. Run by every script of package.json; `node scripts/setup.mjs` runs it alone.
import { pathToFileURL } from 'node:url';
import { installPackages, linkCommands } from './setup/packages.mjs';
import { findNode24 } from './setup/paths.mjs';
import { SetUpError } from './setup/say.mjs';
import { installTensorFlow } from './setup/tensorflow.mjs';

/** Returns when everything is there; ends the process with one line when something is missing. */
export async function setUp() {
  try {
    await installPackages();
    findNode24();
    linkCommands();
    await installTensorFlow();
  } catch (error) {
    if (!(error instanceof SetUpError)) throw error;
    process.stderr.write(`set-up: ${error.message}\n`);
    process.exit(1);
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await setUp();
