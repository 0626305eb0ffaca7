// Runs the commands of docs/audit.md on real evidence, with the tools of the machine.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { decodeUtf8, encodeUtf8 } from '../../shared/wire/canonical.ts';
import { exportedZip, unzipped, writtenLog } from '../support/evidence.ts';
import { keyOf } from '../support/node-log.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { commandsOf, readDocument } from './markdown.ts';

const openssl = spawnSync('openssl', ['version'], { encoding: 'utf8' }).stdout ?? '';
const version = /^OpenSSL (\d+)\./.exec(openssl)?.[1] ?? '0';

/** An unpacked package of one round, with `change` made to its files. */
async function unpacked(change: (files: Map<string, Uint8Array>) => void): Promise<string> {
  const written = writtenLog();
  written.log.founded().round(keyOf(1));
  const files = await unzipped((await exportedZip(written)).zip);
  change(files);
  const folder = temporaryFolder();
  for (const [file, bytes] of files) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), bytes);
  }
  return folder;
}

function byHand(cwd: string): { status: number; lines: string[] } {
  const script = commandsOf(readDocument('docs/audit.md'), 'sh').join('\n');
  const env = { ...process.env, TMPDIR: temporaryFolder() };
  const { status, stdout } = spawnSync('sh', ['-e', '-c', script], { cwd, env, encoding: 'utf8' });
  return { status: status ?? 1, lines: stdout.trimEnd().split('\n') };
}

test('an approval can be checked by hand, from the signature of a person to the root', async ({ skip }) => {
  if (Number(version) < 3 || process.platform === 'win32') skip('needs OpenSSL 3 and GNU tools');
  const verified = 'Signature Verified Successfully';
  const folder = await unpacked(() => {});
  const root = execFileSync('sed', ['-n', '3p', 'checkpoint'], { cwd: folder, encoding: 'utf8' }).trimEnd();
  expect(byHand(folder)).toEqual({ status: 0, lines: [verified, root, root, verified, verified] });
});

test('by hand, too, a changed record or another signature is seen', async ({ skip }) => {
  if (Number(version) < 3 || process.platform === 'win32') skip('needs OpenSSL 3 and GNU tools');
  const changed = (from: RegExp, to: (digit: string) => string) =>
    unpacked((files) => {
      const lines = decodeUtf8(files.get('entries.jsonl')!).split('\n');
      const at = lines.findIndex((line) => line.includes('approval.granted'));
      lines[at] = lines[at]!.replace(from, (_, before: string, digit: string) => `${before}${to(digit)}`);
      files.set('entries.jsonl', encodeUtf8(lines.join('\n')));
    });
  const [, hash, root] = byHand(await changed(/("needed":)(\d)/, () => '1')).lines;
  expect(hash).not.toBe(root);
  const forged = byHand(await changed(/("signature":"\w{30})(\w)/, (digit) => (digit === '0' ? '1' : '0')));
  expect([forged.status, forged.lines.at(-1)]).toEqual([1, 'Signature Verification Failure']);
});
