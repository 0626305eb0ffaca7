// Makes the two single-file verifiers that go into evidence packages: verify.mjs for Node, verify.html for a browser.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { build, type BuildOptions } from 'esbuild';
import { root } from './tools.ts';

const MARK = 'Made by `npm run generate` from the source of Assent; do not edit.';

async function bundled(entry: string, options: BuildOptions): Promise<string> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    write: false,
    legalComments: 'inline',
    logLevel: 'warning',
    ...options,
  });
  return outputFiles![0]!.text;
}

/** Texts by file name. */
export async function verifiers(): Promise<Map<string, string>> {
  return new Map([
    ['verify.mjs', await verifyMjs()],
    ['verify.html', await verifyHtml()],
  ]);
}

async function verifyMjs(): Promise<string> {
  const text = await bundled('platform/assent-verify.ts', {
    platform: 'node',
    format: 'esm',
    target: 'node20',
    // The file is a program and nothing else; before Node 24 there is no import.meta.main.
    define: { 'import.meta.main': 'true' },
  });
  return `#!/usr/bin/env node\n// ${MARK}\n// Contains the package canonicalize (Apache-2.0). How to use it: node verify.mjs --help\n${text}`;
}

async function verifyHtml(): Promise<string> {
  const browser: BuildOptions = { platform: 'browser', format: 'iife', target: 'es2022' };
  const worker = await bundled('auditor/worker.ts', browser);
  const page = await bundled('auditor/page.ts', browser);
  const style = readFileSync(path.join(root, 'auditor/verify.css'), 'utf8');
  if (/<\/script|<!--/i.test(worker + page)) throw new Error('A script of the page would end before its end.');
  const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  const policy = [
    "default-src 'none'",
    `script-src ${hash(page)}`,
    `style-src ${hash(style)}`,
    'worker-src blob:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const parts: Record<string, string> = { POLICY: policy, STYLE: style, WORKER: worker, PAGE: page };
  const template = readFileSync(path.join(root, 'auditor/verify.html'), 'utf8');
  const filled = template.replaceAll(/@@(\w+)@@/g, (_, name: string) => parts[name]!);
  return filled.replace('<head>', `<head>\n<!-- ${MARK} -->`);
}
