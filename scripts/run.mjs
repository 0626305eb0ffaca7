// run.mjs FILE [ARGUMENTS]: sets the project up if need be, then runs a script of it under its own Node 24.
// For `bench` the first argument names the file in bench/.
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { launch } from './launch.mjs';
import { setUp } from './setup.mjs';
import { root } from './setup/paths.mjs';

let [file = '', ...args] = process.argv.slice(2);
if (file === 'bench') {
  const [name = '', ...rest] = args;
  file = `bench/${path.basename(name)}.ts`;
  args = rest;
  if (!existsSync(path.join(root, file))) {
    const folder = path.join(root, 'bench');
    const names = existsSync(folder) ? readdirSync(folder).filter((entry) => entry.endsWith('.ts')) : [];
    process.stderr.write(
      `npm run bench -- NAME, one of: ${names.map((entry) => path.basename(entry, '.ts')).join(', ')}\n`,
    );
    process.exit(2);
  }
}
await setUp();
launch(file, args);
