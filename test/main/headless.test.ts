import { createServer } from 'node:http';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { main } from '../../main/headless.ts';
import { addressFile } from '../../main/store/open.ts';
import { printable } from '../../platform/cli.ts';
import { temporaryFolder } from '../support/temporary.ts';

const said = () => {
  const out: string[] = [];
  const io = {
    out: (line: string) => void out.push(line),
    err: (line: string) => void out.push(line),
    env: {},
    ask: undefined,
    signal: new AbortController().signal,
  };
  return { out, io };
};

test('a command tells nothing to whoever listens where a node that died did', async () => {
  const folder = temporaryFolder();
  const home = join(folder, 'home');
  const passphrase = join(folder, 'passphrase');
  writeFileSync(passphrase, 'correct horse battery');
  mkdirSync(home);
  let asked = 0;
  const stranger = createServer((_request, response) => {
    asked += 1;
    response.end();
  });
  await new Promise<void>((listening) => stranger.listen(0, '127.0.0.1', listening));
  onTestFinished(() => void stranger.close());
  const { port } = stranger.address() as { port: number };
  writeFileSync(addressFile(home), JSON.stringify({ url: `http://127.0.0.1:${port}`, token: '00' }));
  const { out, io } = said();
  const command = ['--home', home, '--passphrase-file', passphrase];
  const password = join(folder, 'password');
  writeFileSync(password, 'a long enough password');
  const admin = ['--admin', 'ada', '--name', 'Ada', '--single-admin', '--password-file', password];
  expect(await main([...command, 'set-up', ...admin], io)).toBe(0);
  expect(out.join('')).toContain('Accounts were made for ada');
  expect(asked).toBe(0);
});

test('a mistyped folder is not made a store', async () => {
  const home = join(temporaryFolder(), 'mistyped');
  const { out, io } = said();
  expect(await main(['--home', home, 'status'], io)).toBe(1);
  expect(out.join('')).toContain('STORE_MISSING');
  expect(existsSync(home)).toBe(false);
});

test('an unknown command is named, without a page of help', async () => {
  const { out, io } = said();
  expect(await main(['--home', temporaryFolder(), 'statuss'], io)).toBe(2);
  expect(out).toEqual(['There is no command statuss. See: assent-node help\n']);
});

test('what others wrote cannot repaint the terminal', () => {
  expect(printable('fine\n\tnext \u001b[2Jgone \u202eback')).toBe('fine\n\tnext \ufffd[2Jgone \ufffdback');
});
