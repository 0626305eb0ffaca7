// Builds renderer/ into dist/ under the name of the mode; that of renderer-9 runs in the old shell of the smoke test, too (Chromium 83).
import { svelte } from '@sveltejs/vite-plugin-svelte';
import path from 'node:path';
import { defineConfig, type Plugin } from 'vite';

export default defineConfig(({ mode }) => {
  const old = mode === 'renderer-9';
  const target = old ? 'chrome83' : 'chrome120';
  return {
    root: path.join(import.meta.dirname, 'renderer'),
    base: './',
    plugins: [svelte({ configFile: false, compilerOptions: { runes: true } }), ...(old ? [forTheOldShell()] : [])],
    build: {
      rollupOptions: {
        input: ['renderer/index.html', 'renderer/decision.html'].map((page) => path.join(import.meta.dirname, page)),
      },
      target,
      cssTarget: target,
      outDir: path.join(import.meta.dirname, 'dist', old ? 'renderer-9' : 'renderer'),
      emptyOutDir: true,
      modulePreload: { polyfill: false },
      assetsInlineLimit: 0,
      reportCompressedSize: false,
    },
    logLevel: 'warn',
  };
});

/** Chromium 83 lacks some of the library that Svelte and the pages use, and :where in styles. */
function forTheOldShell(): Plugin {
  return {
    name: 'for-the-old-shell',
    enforce: 'pre',
    transform: (code, id) =>
      /\/renderer\/(?:main|decision)\.ts$/.test(id) ? `import '../test/desktop/old-shell.mjs';\n${code}` : null,
    generateBundle(_options, bundle) {
      for (const file of Object.values(bundle))
        if (file.type === 'asset' && file.fileName.endsWith('.css'))
          file.source = String(file.source).replace(/:where\((\.svelte-[a-z0-9]+)\)/g, '$1');
    },
  };
}
