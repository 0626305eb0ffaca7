// Runs the commands of docs/protocol.md on an export, with the tools of the machine.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { leafHash } from '../../shared/transparency/tree.ts';
import { toHex } from '../../shared/wire/canonical.ts';
import { exported, primitives, records } from '../support/exported-log.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { commandsOf, readDocument } from './markdown.ts';

const openssl = spawnSync('openssl', ['version'], { encoding: 'utf8' }).stdout ?? '';
const version = /^OpenSSL (\d+)\./.exec(openssl)?.[1] ?? '0';

test('a leaf hash and the signature of an export can be checked by hand', ({ skip }) => {
  if (Number(version) < 3 || process.platform === 'win32') skip('needs OpenSSL 3 and GNU tools');
  const folder = temporaryFolder();
  for (const [file, bytes] of exported(3)) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), bytes);
  }
  const script = commandsOf(readDocument('docs/protocol.md'), 'sh').join('\n');
  const env = { ...process.env, TMPDIR: temporaryFolder() };
  const output = execFileSync('sh', ['-e', '-c', script], { cwd: folder, env, encoding: 'utf8' });
  const leaf = toHex(leafHash(primitives, records(1)[0]!));
  expect(output.trimEnd().split('\n')).toEqual([leaf, leaf, 'Signature Verified Successfully']);
});
