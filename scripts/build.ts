// `npm run build [-- FOLDER]`: the programs, the interface, the desktop app and the verifiers, in dist/ (or another folder of the checkout).
import { createHash } from 'node:crypto';
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { bundle } from './bundle.ts';
import { buildShell } from './electron.ts';
import { buildRenderer } from './renderer.ts';
import { root } from './tools.ts';
import { verifiers } from './verifier.ts';

const programs = {
  'assent-node': 'main/headless.ts',
  'assent-coordinator': 'coordinator/cli.ts',
  'assent-verify': 'platform/assent-verify.ts',
};
// A worker is a file of its own at run time, beside the bundle that starts it.
const workers = { worker: 'main/training/worker.ts', 'pdf-worker': 'main/audit/pdf-worker.ts' };

if (import.meta.main) {
  const dist = path.resolve(root, process.argv[2] ?? 'dist');
  rmSync(dist, { recursive: true, force: true });
  await bundle({ ...programs, ...workers }, dist);
  const renderer = await buildRenderer();
  if (renderer !== path.join(dist, 'renderer')) cpSync(renderer, path.join(dist, 'renderer'), { recursive: true });
  await buildShell({ folder: path.join(dist, 'desktop'), renderer });
  for (const name of Object.keys(programs)) {
    const file = path.join(dist, `${name}.js`);
    if (!existsSync(file)) throw new Error(`${file} was not made.`);
    if (readFileSync(file, 'utf8').includes('ASSENT_CRASH_AT')) throw new Error(`${file} holds crash points.`);
    console.log(path.relative(root, file));
  }
  // Apart from any package of evidence: whoever checks one compares these hashes with those that the project publishes.
  for (const [name, text] of await verifiers()) {
    const file = path.join(dist, name);
    writeFileSync(file, text);
    console.log(`${path.relative(root, file)}  SHA-256 ${createHash('sha256').update(text).digest('hex')}`);
  }
}
