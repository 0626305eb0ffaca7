// `npm run build [-- FOLDER]`: bundles the programs into dist/ (or another folder of the checkout), one file each and without crash points. Packages with native parts
// or files of their own stay outside the bundles, in node_modules.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { build, type Plugin } from 'esbuild';
import { root } from './tools.ts';
import { verifiers } from './verifier.ts';

const programs = {
  'assent-node': 'main/headless.ts',
  'assent-coordinator': 'coordinator/cli.ts',
  'assent-verify': 'platform/assent-verify.ts',
};
// A worker is a file of its own at run time, beside the bundle that starts it.
const workers = { worker: 'main/training/worker.ts', 'pdf-worker': 'main/audit/pdf-worker.ts' };
const native = ['@tensorflow/tfjs-node', 'better-sqlite3', '@node-rs/argon2'];
// They read files of their own packages at run time. The fonts are found in theirs by name.
const withFiles = ['pdfmake', 'fontkit'];

/** A build that could be told to kill itself at a named line is for tests only. */
const withoutCrashPoints: Plugin = {
  name: 'without-crash-points',
  setup: ({ onResolve }) => {
    onResolve({ filter: /\/crash-points\.ts$/ }, ({ resolveDir, path: wanted }) => ({
      path: path.join(path.dirname(path.resolve(resolveDir, wanted)), 'crash-points.off.ts'),
    }));
  },
};

/** Source names a worker by its .ts file; beside the bundle it is a .js file. */
const workersBesideTheBundle: Plugin = {
  name: 'workers-beside-the-bundle',
  setup: ({ onLoad }) => {
    onLoad({ filter: /[/\\]main[/\\](training|audit)[/\\][^/\\]+\.ts$/ }, async ({ path: file }) => {
      const text = await readFile(file, 'utf8');
      const contents = text.replaceAll(
        /new URL\('\.\/([\w-]+)\.ts', import\.meta\.url\)/g,
        "new URL('./$1.js', import.meta.url)",
      );
      return { contents, loader: 'ts' };
    });
  },
};

/** Bundles entry points (name to file) into a folder. */
async function bundle(entryPoints: Record<string, string>, outdir: string): Promise<void> {
  await build({
    absWorkingDir: root,
    entryPoints,
    outdir,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    external: [...native, ...withFiles],
    plugins: [withoutCrashPoints, workersBesideTheBundle],
    legalComments: 'linked',
    sourcemap: true,
    logLevel: 'warning',
    // Packages in CommonJS ask for Node's own modules with require, which an ES module has to make for itself.
    banner: {
      js: "import { createRequire as createRequireOf } from 'node:module';\nconst require = createRequireOf(import.meta.url);",
    },
  });
}

if (import.meta.main) {
  const dist = path.resolve(root, process.argv[2] ?? 'dist');
  rmSync(dist, { recursive: true, force: true });
  await bundle({ ...programs, ...workers }, dist);
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
