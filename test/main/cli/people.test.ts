import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { terminal } from '../../support/terminal.ts';

test('nothing but the set-up is done before there are accounts', async () => {
  const { run } = terminal();
  expect(await run(['people', '--as', 'ada'])).toMatchObject({
    code: 1,
    err: expect.stringContaining('STORE_MISSING'),
  });
  const alone = await run(['set-up', '--admin', 'ada', '--name', 'Ada']);
  expect(alone).toMatchObject({ code: 2, err: expect.stringContaining('Two admins are needed') });
});

test('accounts are made, listed, changed and ended by an admin, and refused to others', async () => {
  const { run, setUp } = terminal();
  expect((await setUp()).out).toContain('Approvals a round needs');
  const add = ['person', 'add', 'ann', '--name', 'Ann Ōta', '--roles', 'approver,steward'];
  expect(await run(add)).toMatchObject({ code: 1, err: expect.stringContaining('SESSION_MISSING') });
  expect(await run(['--as', 'ada', ...add])).toMatchObject({ code: 0 });
  expect((await run(['--as', 'ann', 'people'])).out).toMatch(/ann +Ann Ōta +approver, steward +active +p-[0-9a-f]{16}/);
  expect(await run(['--as', 'ann', 'person', 'deactivate', 'ada'])).toMatchObject({
    code: 1,
    err: expect.stringContaining('This is for admin; ann is approver, steward.'),
  });
  expect(await run(['--as', 'ada', 'person', 'roles', 'ann', '--roles', 'admin,approver'])).toMatchObject({
    code: 1,
    err: expect.stringContaining('exclude each other'),
  });
  expect(await run(['--as', 'ada', 'person', 'deactivate', 'ann'])).toMatchObject({ code: 0 });
  expect(await run(['--as', 'ann', 'people'])).toMatchObject({
    code: 1,
    err: expect.stringContaining('PERSON_INACTIVE'),
  });
});

test('the rules are shown to everybody and changed by admins', async () => {
  const { run, setUp } = terminal();
  await setUp();
  const changed = await run(['--as', 'ada', 'rules', '--approvals', '3', '--release', 'always', '--floor-rows', '80']);
  expect(changed.out).toMatch(/Approvals a round needs +3\n.*leaves +always\n.*update +80\n.*metric +5\n/);
  expect((await run(['--as', 'ada', 'rules'])).out).toBe(changed.out);
});

test('somebody signs in once for the commands that follow, while the node runs', async () => {
  const { run, setUp, home } = terminal();
  await setUp();
  expect(await run(['sign-in', 'ada'])).toMatchObject({ code: 2, err: expect.stringContaining('no node runs') });
  const stop = new AbortController();
  let started: () => void = () => {};
  const listening = new Promise<void>((resolve) => (started = resolve));
  const serving = run(['run'], (line) => line.includes('listening on') && started(), stop.signal);
  await listening;
  expect((await run(['sign-in', 'ada'])).out).toBe('Signed in: Ada Admin, admin, steward.\n');
  expect((await run(['people'])).out).toContain('Ada Admin');
  const token = readFileSync(join(home, 'session'), 'utf8');
  expect(await run(['sign-out'])).toMatchObject({ code: 0 });
  expect(await run(['people'])).toMatchObject({ code: 1, err: expect.stringContaining('SESSION_MISSING') });
  expect(token).toMatch(/^[0-9a-f]{64}$/);
  stop.abort();
  expect(await serving).toMatchObject({ code: 0 });
});
