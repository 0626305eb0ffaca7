import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { exportFolder, verifyCommand } from '../../platform/assent-verify.ts';
import { encodeVkey, verifierKey } from '../../shared/transparency/verifier-key.ts';
import { toHex } from '../../shared/wire/canonical.ts';
import {
  exported,
  type Files,
  fullExport,
  logKey,
  ORIGIN,
  primitives,
  records,
  treeOfRecords,
  witness,
} from '../support/exported-log.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assent-verify-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function written(files: Files): Promise<string> {
  for (const [path, bytes] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), bytes);
  }
  return folder;
}

const vkey = encodeVkey(logKey);
const root = (count: number) => toHex(treeOfRecords(records(count)).root(count));

describe('assent-verify', () => {
  test('says OK with size, root and signer, for a key given as text or as a file', async () => {
    await written(exported(137));
    const wanted = { code: 0, out: `OK: 137 records of ${ORIGIN}, root ${root(137)}, signed by ${ORIGIN}\n`, err: '' };
    expect(await verifyCommand([folder, '--key', vkey])).toEqual(wanted);
    expect(await verifyCommand(['--key', join(folder, 'log.vkey'), folder])).toEqual(wanted);
  });

  test('says that nobody is authenticated when no key is given', async () => {
    await written(exported(1));
    const words = 'consistent, signer not authenticated (give --key or --policy)';
    expect(await verifyCommand([folder])).toEqual({
      code: 0,
      out: `OK: 1 record of ${ORIGIN}, root ${root(1)}: ${words}\n`,
      err: '',
    });
  });

  test('names the witnesses of a policy and the time of their signatures', async () => {
    await written(fullExport(9));
    const policy = join(folder, '..', `${folder.split('/').at(-1)}.policy`);
    await writeFile(policy, `log ${vkey}\nwitness w ${encodeVkey(witness(7))}\nquorum w\n`);
    const { code, out } = await verifyCommand([folder, '--policy', policy]);
    await rm(policy);
    expect([code, out.slice(out.indexOf('signed by'))]).toEqual([
      0,
      `signed by ${ORIGIN}, witness-7.example at 2027-01-15T08:00:00Z\n`,
    ]);
  });

  test('ends with 1 and the index of the record for a changed record', async () => {
    const files = exported(9);
    files.get('entries.jsonl')![60]! ^= 1;
    await written(files);
    expect(await verifyCommand([folder, '--key', vkey])).toEqual({
      code: 1,
      out: 'FAILED: record 1 does not match its leaf hash in tile/0/000.p/9.\n',
      err: '',
    });
    const json = await verifyCommand([folder, '--json']);
    expect([json.code, JSON.parse(json.out)]).toEqual([
      1,
      { ok: false, where: 'record 1', index: 1, message: expect.any(String) as string },
    ]);
  });

  test('ends with 1 for a key that is not the log’s', async () => {
    await written(exported(9));
    const other = encodeVkey(verifierKey(primitives, ORIGIN, 1, witness(9).publicKey));
    const { code, out } = await verifyCommand([folder, '--key', other]);
    expect([code, out.slice(0, 17)]).toEqual([1, 'FAILED: log.vkey ']);
  });

  test('prints one JSON object with --json', async () => {
    await written(exported(2));
    const { code, out } = await verifyCommand([folder, '--key', vkey, '--json']);
    expect([code, JSON.parse(out)]).toEqual([
      0,
      {
        ok: true,
        size: 2,
        root: root(2),
        origin: ORIGIN,
        authenticated: true,
        signers: [{ name: ORIGIN, keyId: logKey.keyId, type: 1, time: null }],
        unconfirmed: [],
        proofs: 0,
      },
    ]);
  });

  test('does not follow links', async () => {
    await written(exported(2));
    await symlink(join(folder, 'checkpoint'), join(folder, 'link'));
    expect(await verifyCommand([folder])).toMatchObject({ code: 1, out: 'FAILED: link is not a plain file.\n' });
  });

  test.each([
    ['nothing', []],
    ['two folders', ['a', 'b']],
    ['an unknown option', ['a', '--force']],
    ['a key without its value', ['a', '--key']],
    ['both a key and a policy', ['a', '--key', vkey, '--policy', 'p']],
    ['a key twice', ['a', '--key', vkey, '--key', vkey]],
  ])('called with %s shows its usage and ends with 2', async (_, args) => {
    const { code, out, err } = await verifyCommand(args);
    expect([code, out, err.slice(0, 20)]).toEqual([2, '', 'usage: assent-verify']);
  });

  test.each([
    ['a folder that is not there', () => [join(folder, 'none')], 'ENOENT'],
    ['a file for a folder', () => [join(folder, 'checkpoint')], 'not a folder'],
    ['a key file that is not there', () => [folder, '--key', join(folder, 'none')], 'ENOENT'],
    ['a key with a wrong id', () => [folder, '--key', vkey.replace(logKey.keyId, '00000000')], 'Not a verifier key'],
    ['a policy that is none', () => [folder, '--policy', join(folder, 'checkpoint')], 'Trust policy, line 1'],
  ])('called with %s says so and ends with 2', async (_, args, words) => {
    await written(exported(2));
    const { code, err } = await verifyCommand(args());
    expect([code, err]).toEqual([2, expect.stringContaining(words) as string]);
  });

  test('shows its usage on request', async () => {
    expect(await verifyCommand(['--help'])).toMatchObject({
      code: 0,
      out: expect.stringContaining('usage:') as string,
    });
  });

  test('runs as a program of its own', async () => {
    await written(exported(3));
    const program = resolve(import.meta.dirname, '../../platform/assent-verify.ts');
    const run = (...args: string[]) =>
      new Promise<[number, string]>((done) => {
        execFile(process.execPath, [program, ...args], (error, out) =>
          done([error === null ? 0 : Number(error.code), out]),
        );
      });
    expect(await run(folder, '--key', vkey)).toEqual([0, expect.stringMatching(/^OK: 3 records/) as string]);
    await writeFile(join(folder, 'checkpoint'), 'nothing\n');
    expect(await run(folder, '--key', vkey)).toEqual([1, expect.stringMatching(/^FAILED: checkpoint /) as string]);
    expect((await run())[0]).toBe(2);
  });
});

test('a folder is listed with paths relative to it, links and devices apart', async () => {
  await written(exported(2));
  await symlink('/dev/null', join(folder, 'tile', 'null'));
  const listed = (await exportFolder(folder).list()).toSorted((a, b) => (a.path < b.path ? -1 : 1));
  expect(listed.map(({ path, size }) => [path, size])).toEqual([
    ['checkpoint', expect.any(Number)],
    ['entries.jsonl', 96],
    ['log.vkey', expect.any(Number)],
    ['tile/0/000.p/2', 64],
    ['tile/null', -1],
  ]);
});
