// Bundles programs with esbuild: one file each, without crash points; packages with native parts or files of their own
// stay outside, in node_modules.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { build, type Plugin } from 'esbuild';
import { root } from './tools.ts';

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

/** Bundles entry points (name to file) into a folder, as ES modules for Node 24. */
export async function bundle(entryPoints: Record<string, string>, outdir: string): Promise<void> {
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
