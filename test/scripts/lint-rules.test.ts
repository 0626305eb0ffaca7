// Plants what the import rules cannot see, globals that send, and sees lint refuse each outside the one place that sends.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/temporary.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const FOLDERS = ['shared/math', 'platform', 'main', 'main/sync', 'main/data', 'coordinator'];
const PLANTED = [
  "await fetch('https://elsewhere.test');",
  "new WebSocket('wss://elsewhere.test');",
  "new EventSource('https://elsewhere.test');",
  "await globalThis.fetch('https://elsewhere.test');",
  "await globalThis['fetch']('https://elsewhere.test');",
  'export const { fetch: send } = globalThis;',
  "process.getBuiltinModule('node:net');",
];

/** Files in which lint finds a restricted name. */
function refused(files: Record<string, string>): string[] {
  const folder = temporaryFolder();
  const config = JSON.parse(readFileSync(join(root, '.oxlintrc.json'), 'utf8')) as { options: object };
  // Types are not needed for this, and there is no project in the folder.
  for (const [path, text] of Object.entries({
    ...files,
    '.oxlintrc.json': JSON.stringify({ ...config, options: {} }),
  })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  let said = '';
  try {
    said = execFileSync(process.execPath, [join(root, 'node_modules/oxlint/bin/oxlint'), '--format', 'unix', '.'], {
      cwd: folder,
      encoding: 'utf8',
    });
  } catch (error) {
    said = (error as { stdout: string }).stdout;
  }
  const found = said.split('\n').filter((line) => line.includes('no-restricted-'));
  return Object.keys(files).filter((path) => found.some((line) => line.includes(path)));
}

test('what sends without an import is refused in every folder of the product', () => {
  const files = Object.fromEntries(
    FOLDERS.flatMap((folder) => PLANTED.map((text, at) => [`${folder}/planted-${at}.ts`, `${text}\n`])),
  );
  expect(refused(files)).toEqual(Object.keys(files));
});

test('what Electron itself could send by is refused in the desktop app', () => {
  const planted = "import { net } from 'electron';\nnet.request('https://elsewhere.test');\n";
  expect(refused({ 'main/electron/planted.ts': planted })).toEqual(['main/electron/planted.ts']);
});

test('the one place that sends takes its fetch from undici, which is no global', () => {
  const file = 'main/sync/outbound.ts';
  expect(refused({ [file]: readFileSync(join(root, file), 'utf8') })).toEqual([]);
});
