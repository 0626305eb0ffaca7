// Plants one import against each rule of .dependency-cruiser.mjs in a small tree, and sees each rule fire.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { cruise, type ICruiseResult, type IFlattenedRuleSet } from 'dependency-cruiser';
import { afterAll, expect, test } from 'vitest';
import config from '../../.dependency-cruiser.mjs';

// What a tree that keeps all promises looks like, in small.
const innocent: Record<string, string> = {
  'shared/errors.ts': 'export const code = 1;',
  'shared/algorithms/catalog.ts': "export * from './fedavg.ts';",
  'shared/algorithms/fedavg.ts': 'export const fedavg = 1;',
  'shared/study/study.ts': 'export type Study = { id: string };',
  'shared/transparency/tree.ts': "export { code } from '../errors.ts';",
  'shared/gen/node_pb.ts': 'export const node = 1;',
  'platform/crypto.ts': "export { createHash } from 'node:crypto';",
  'platform/sqlite.ts': "import Database from 'better-sqlite3';\nexport const open = Database;",
  'platform/assent-verify.ts': "import '../shared/transparency/tree.ts';\nimport './crypto.ts';\nimport 'node:fs';",
  'auditor/worker.ts': "import '../shared/transparency/tree.ts';",
  'main/stages.ts': "export type { Study } from '../shared/study/study.ts';",
  'main/store/open.ts': "export { open } from '../../platform/sqlite.ts';",
  'main/audit/log.ts': "export { open } from '../store/open.ts';",
  'main/data/rows.ts': "export { open } from '../store/open.ts';\nexport type { Study } from '../stages.ts';",
  'main/training/train.ts': 'export type Trained = { rows: number };',
  'main/sync/send.ts': "export type { Study } from '../stages.ts';",
  'main/sync/outbound.ts': "export { fetch } from 'undici';",
  'main/sync/network.ts': "export { Agent } from 'undici';\nexport { rootCertificates } from 'node:tls';",
  'main/sync/client.ts': "export { createConnectTransport } from '@connectrpc/connect-web';",
  'main/serve.ts': "import 'fastify';\nimport '@connectrpc/connect-fastify';",
  'platform/local-client.ts': "export { createConnectTransport } from '@connectrpc/connect-web';",
  'platform/remote-client.ts':
    "export { createConnectTransport } from '@connectrpc/connect-web';\nexport { Agent } from 'undici';",
  'main/door.ts': "import 'fastify';",
  'main/node.ts': "import './round.ts';",
  'coordinator/blob-plane.ts': "export type { FastifyInstance } from 'fastify';",
  'main/round.ts':
    "export * from './data/rows.ts';\nexport * from './sync/send.ts';\nexport * from './training/train.ts';",
  'main/electron/window.ts': "export { app } from 'electron';",
  'main/electron/remote.ts': "export { request } from 'node:https';\nexport { connect } from 'node:tls';",
  'main/electron/index.ts': "import './remote.ts';",
  'coordinator/server.ts':
    "export { open } from '../platform/sqlite.ts';\nimport 'fastify';\nimport '@fastify/rate-limit';",
  'renderer/view.ts':
    "export { node } from '../shared/gen/node_pb.ts';\nexport * from '../shared/algorithms/catalog.ts';",
  'scripts/setup.ts': "export { createHash } from 'node:crypto';",
  'test/catalog.test.ts': "import '../shared/algorithms/catalog.ts';",
};

const SENDERS = ['net', 'tls', 'http', 'https', 'http2', 'dgram', 'dns', 'dns/promises'].concat([
  'child_process',
  'cluster',
  'inspector',
]);

// One file each; `type` imports are planted where a promise is about types too.
const violations: { rule: string; file: string; text: string }[] = [
  { rule: 'shared-runs-anywhere', file: 'shared/math/a.ts', text: "import '../../platform/sqlite.ts';" },
  { rule: 'shared-runs-anywhere', file: 'shared/math/b.ts', text: "import '../../main/stages.ts';" },
  {
    rule: 'shared-runs-anywhere',
    file: 'shared/math/c.ts',
    text: "import type { open } from '../../coordinator/server.ts';",
  },
  { rule: 'shared-runs-anywhere', file: 'shared/math/d.ts', text: "import '@tensorflow/tfjs-node';" },
  { rule: 'shared-needs-no-node', file: 'shared/math/e.ts', text: "import 'node:fs';" },
  {
    rule: 'institution-does-not-contain-the-coordinator',
    file: 'main/a.ts',
    text: "import '../coordinator/server.ts';",
  },
  {
    rule: 'coordinator-does-not-contain-an-institution',
    file: 'coordinator/a.ts',
    text: "import '../main/stages.ts';",
  },
  { rule: 'platform-serves-both-sides', file: 'platform/a.ts', text: "import '../main/stages.ts';" },
  { rule: 'platform-serves-both-sides', file: 'platform/b.ts', text: "import '../coordinator/server.ts';" },
  {
    rule: 'steps-meet-only-in-the-round',
    file: 'main/consent/a.ts',
    text: "import type { Trained } from '../training/train.ts';",
  },
  { rule: 'steps-meet-only-in-the-round', file: 'main/model/a.ts', text: "import '../sync/send.ts';" },
  { rule: 'steps-meet-only-in-the-round', file: 'main/consent/b.ts', text: "import '../round.ts';" },
  { rule: 'stages-know-no-step', file: 'main/stages.ts', text: "export type { Trained } from './training/train.ts';" },
  { rule: 'audit-and-store-stand-below-the-steps', file: 'main/store/a.ts', text: "import '../training/train.ts';" },
  {
    rule: 'audit-and-store-stand-below-the-steps',
    file: 'main/audit/a.ts',
    text: "import type { Trained } from '../training/train.ts';",
  },
  { rule: 'what-leaves-cannot-reach-rows', file: 'main/update/a.ts', text: "import '../reach.ts';" },
  ...SENDERS.flatMap((name, at) => [
    { rule: 'one-place-sends', file: `main/sync/with-${at}.ts`, text: `import 'node:${name}';` },
    { rule: 'one-place-sends', file: `platform/without-${at}.ts`, text: `import '${name}';` },
  ]),
  { rule: 'one-place-sends', file: 'main/sync/deliver.ts', text: "import type { Dispatcher } from 'undici';" },
  { rule: 'one-place-sends', file: 'main/data/fetch.ts', text: "import 'node-fetch';" },
  { rule: 'one-place-sends', file: 'main/audit/socket.ts', text: "void import('node:net');" },
  { rule: 'one-place-sends', file: 'coordinator/socket.ts', text: "import 'ws';" },
  { rule: 'one-place-sends', file: 'main/serve.ts', text: "import 'node:http';" },
  { rule: 'one-place-sends', file: 'main/electron/local-node.ts', text: "import 'node:tls';" },
  { rule: 'a-node-calls-no-other-node', file: 'main/node.ts', text: "import './far.ts';" },
  { rule: 'a-node-calls-no-other-node', file: 'main/electron/local-node.ts', text: "import './remote.ts';" },
  { rule: 'a-node-calls-no-other-node', file: 'main/serve.ts', text: "import './electron/index.ts';" },
  {
    rule: 'modules-are-imported',
    file: 'main/training/other.ts',
    text: "import { createRequire } from 'node:module';",
  },
  { rule: 'calls-are-made-in-three-places', file: 'main/sync/watch.ts', text: "import '@connectrpc/connect-node';" },
  { rule: 'calls-are-made-in-three-places', file: 'main/g.ts', text: "import '@connectrpc/connect-web';" },
  { rule: 'three-files-listen', file: 'main/audit/door.ts', text: "import 'fastify';" },
  { rule: 'three-files-listen', file: 'platform/door.ts', text: "import '@connectrpc/connect-fastify';" },
  { rule: 'only-the-shell-knows-electron', file: 'main/b.ts', text: "import 'electron';" },
  { rule: 'auditor-runs-only-the-log-code', file: 'platform/assent-verify.ts', text: "import './sqlite.ts';" },
  { rule: 'auditor-runs-only-the-log-code', file: 'auditor/worker.ts', text: "import '../shared/study/study.ts';" },
  {
    rule: 'auditor-trusts-no-schema-of-the-product',
    file: 'shared/transparency/sense.ts',
    text: "import type { Study } from '../study/study.ts';",
  },
  { rule: 'page-runs-in-a-browser', file: 'auditor/page.ts', text: "import 'node:fs';" },
  { rule: 'page-runs-in-a-browser', file: 'auditor/files.ts', text: "import '../platform/crypto.ts';" },
  {
    rule: 'renderer-decides-nothing',
    file: 'renderer/a.ts',
    text: "import type { Study } from '../shared/study/study.ts';",
  },
  { rule: 'renderer-decides-nothing', file: 'renderer/b.ts', text: "import '../main/stages.ts';" },
  {
    rule: 'renderer-decides-nothing',
    file: 'renderer/C.svelte',
    text: '<script lang="ts">import "../platform/crypto.ts";</script>',
  },
  { rule: 'cryptography-is-in-one-file', file: 'main/c.ts', text: "import 'node:crypto';" },
  { rule: 'cryptography-is-in-one-file', file: 'coordinator/c.ts', text: "import 'crypto';" },
  { rule: 'one-folder-opens-sqlite', file: 'coordinator/d.ts', text: "import 'better-sqlite3';" },
  { rule: 'product-stands-without-its-tests', file: 'main/d.ts', text: "import '../scripts/setup.ts';" },
  { rule: 'every-algorithm-is-tested', file: 'shared/algorithms/untested.ts', text: 'export const untested = 1;' },
  { rule: 'no-cycles', file: 'main/e.ts', text: "import type { F } from './f.ts';\nexport type E = F;" },
];
const accomplices: Record<string, string> = {
  'main/far.ts': "export type * from '../platform/remote-client.ts';",
  'main/reach.ts': "import './data/rows.ts';",
  'main/f.ts': "import type { E } from './e.ts';\nexport type F = E;",
};

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

/** Writes the tree and returns what the rules say: `rule: file`. */
async function broken(planted: { file: string; text: string }[], others: Record<string, string>): Promise<string[]> {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'assent-imports-')));
  folders.push(folder);
  const files: Record<string, string> = { ...innocent, ...others };
  for (const { file, text } of planted) files[file] = `${files[file] ?? ''}\n${text}\n`;
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), text);
  }
  const { tsConfig: _, ...options } = config.options ?? {};
  const roots = ['shared', 'auditor', 'platform', 'main', 'coordinator', 'renderer', 'scripts', 'test'];
  const ruleSet = { forbidden: config.forbidden } as IFlattenedRuleSet;
  const result = await cruise(roots, { ...options, baseDir: folder, validate: true, ruleSet, outputType: 'json' });
  const { summary } = (typeof result.output === 'string' ? JSON.parse(result.output) : result.output) as ICruiseResult;
  return summary.violations.map(
    ({ rule, from, to }) => `${rule.name}: ${rule.name === 'every-algorithm-is-tested' ? to : from}`,
  );
}

test('a tree that keeps the promises breaks no rule', async () => {
  expect(await broken([], {})).toEqual([]);
});

test('every import that breaks a promise is reported under the name of that promise', async () => {
  const found = await broken(violations, accomplices);
  expect(violations.filter(({ rule, file }) => !found.includes(`${rule}: ${file}`))).toEqual([]);
});

// What a component imports of types alone is gone before dependency-cruiser sees it; oxlint reads the component itself.
test.each([
  ["import type { Study } from '../shared/study/study.ts';", true],
  ["import type { Store } from '../main/store/open.ts';", true],
  ["import type { Sha256 } from '../../platform/crypto.ts';", true],
  ["import { readFileSync } from 'node:fs';", true],
  ["import type { Round } from '../shared/gen/node_pb.ts';", false],
  ["import type { AssentError } from '../shared/errors.ts';", false],
])('in a component, %s is refused: %s', (line, refused) => {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'assent-lint-')));
  folders.push(folder);
  const root = path.resolve(import.meta.dirname, '../..');
  const rules = JSON.parse(readFileSync(path.join(root, '.oxlintrc.json'), 'utf8')) as object;
  // Rules that need types would need the packages, too.
  writeFileSync(path.join(folder, '.oxlintrc.json'), JSON.stringify({ ...rules, options: {} }));
  mkdirSync(path.join(folder, 'renderer'));
  writeFileSync(path.join(folder, 'renderer/Planted.svelte'), `<script lang="ts">\n  ${line}\n</script>\n`);
  const { stdout } = spawnSync(process.execPath, [path.join(root, 'node_modules/oxlint/bin/oxlint'), 'renderer'], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect(stdout.includes('renderer-decides-nothing')).toBe(refused);
});

test('every rule has a planted violation', () => {
  const names = new Set((config.forbidden ?? []).map(({ name }) => name));
  expect(new Set(violations.map(({ rule }) => rule))).toEqual(names);
});
