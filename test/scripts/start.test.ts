// `npm start` as a person gives it: the demo, or the web edition of a fresh installation, opened once by the address that it prints.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { axe, testWindow } from '../desktop/support/browser.ts';
import { temporaryFolder } from '../support/temporary.ts';

const root = path.resolve(import.meta.dirname, '../..');

function start(...args: string[]) {
  const child = spawn(process.execPath, [path.join(root, 'scripts/start.ts'), ...args], { stdio: 'pipe' });
  let said = '';
  let printed = '';
  child.stderr.on('data', (part) => (said += String(part)));
  const ended = new Promise<{ code: number | null; said: string }>((resolve) =>
    child.on('close', (code) => resolve({ code, said })),
  );
  const address = new Promise<string>((resolve) =>
    child.stdout.on('data', (part) => {
      printed += String(part);
      if (printed.includes('\n')) resolve(printed.trim());
    }),
  );
  onTestFinished(async () => {
    child.kill('SIGTERM');
    await ended;
  });
  return { child, ended, address, said: () => said };
}

test('it says what there is to start', async () => {
  const { code, said } = await start('--help').ended;
  expect(code).toBe(0);
  expect(said).toContain('npm start -- --empty');
});

test(
  'the demo opens with rounds that are done and one of each study that waits, and people who sign in by one press',
  { timeout: 180_000 },
  async () => {
    const program = start('--web');
    const address = await Promise.race([
      program.address,
      program.ended.then(({ said }) => Promise.reject(new Error(said))),
    ]);
    const { page, errors } = await testWindow();
    await page.goto(address);
    await page.getByRole('heading', { name: 'This is a demo' }).waitFor();
    expect(await axe(page)).toEqual([]);
    await page.getByRole('button', { name: 'Theo Okafor: Approver' }).click();
    await page.getByText('round 4 of 20').waitFor();
    await page.getByText('round 5 of 200').waitFor();
    expect(await page.getByText('the round has its result').count()).toBe(7);
    expect(errors).toEqual([]);
    program.child.kill('SIGTERM');
    expect((await program.ended).code).toBe(0);
  },
);

test('a fresh installation opens in a browser, and ends when it is told to', async () => {
  const home = path.join(temporaryFolder(), 'home');
  const program = start('--empty', '--web', '--home', home);
  const address = await program.address;
  expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#open=[0-9a-f]{64}$/);
  expect(program.said()).toContain(home);
  const { origin } = new URL(address);
  expect(await (await fetch(origin)).text()).toContain('<title>Assent</title>');
  const store = await fetch(`${origin}/assent.v1.WindowService/GetStore`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  });
  expect(store.status).toBe(401);
  program.child.kill('SIGTERM');
  expect((await program.ended).code).toBe(0);
});
