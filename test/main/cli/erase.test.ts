import { expect, test } from 'vitest';
import { terminal } from '../../support/terminal.ts';

const refused = (why: string) => ({ code: 1, err: expect.stringContaining(why) as string });

test('an admin erases what a person who left is called, with a reason and the own password; nobody else does', async () => {
  const { run, setUp, file } = terminal();
  await setUp();
  const as = (login: string, ...argv: string[]) => run(['--as', login, ...argv]);
  for (const [login, role] of [
    ['sam', 'steward'],
    ['otto', 'auditor'],
  ])
    await as('ada', 'person', 'add', login!, '--name', `${login} of the ward`, '--roles', role!);
  const erase = ['audit', 'erase', '--person', 'sam', '--reason', 'Asked for by letter'];
  for (const login of ['sam', 'otto']) expect(await as(login, ...erase)).toMatchObject(refused('This is for admin'));
  expect(await as('ada', ...erase)).toMatchObject(refused('Deactivate it first'));
  await as('ada', 'person', 'deactivate', 'sam');
  expect(await as('ada', ...erase.slice(0, 4))).toMatchObject({ code: 2 });
  expect(await as('ada', 'audit', 'erase', '--reason', 'x')).toMatchObject({ code: 2 });
  expect(await as('ada', ...erase)).toMatchObject({ code: 0, out: expect.stringContaining('Erased 1 openings') });
  const { out } = await as('ada', 'people');
  expect(out).not.toContain('sam');
  expect(out).toMatch(/(p-[0-9a-f]{16}) +deactivated +\1\n/);
  expect(await as('ada', ...erase)).toMatchObject(refused('There is no account sam here'));
  const wrong = ['--password-file', file('wrong', 'not the password')];
  const other = ['audit', 'erase', '--dataset', 'ds-1', '--reason', 'x', ...wrong];
  expect(await as('ada', ...other)).toMatchObject(refused('PASSWORD_WRONG'));
});

test('for how long things are kept is shown to everybody and changed by an admin, with a reason, never below six years', async () => {
  const { run, setUp } = terminal();
  await setUp();
  const as = (login: string, ...argv: string[]) => run(['--as', login, ...argv]);
  await as('ada', 'person', 'add', 'otto', '--name', 'Otto', '--roles', 'auditor');
  expect((await as('otto', 'retention')).out).toMatch(/Kept for +10 years\nLegal hold +no\n/);
  expect(await as('otto', 'retention', '--years', '8', '--reason', 'x')).toMatchObject(refused('This is for admin'));
  expect(await as('ada', 'retention', '--years', '8')).toMatchObject({ code: 2 });
  expect(await as('ada', 'retention', '--years', '5', '--reason', 'x')).toMatchObject(refused('6 to 100 whole years'));
  const held = await as('ada', 'retention', '--years', '8', '--hold', 'on', '--reason', 'Letter of the court');
  expect(held.out).toMatch(/Kept for +8 years\nLegal hold +yes/);
  const erase = ['audit', 'erase', '--commitment', '00'.repeat(32), '--reason', 'x'];
  expect(await as('ada', ...erase)).toMatchObject(refused('LEGAL_HOLD'));
});
