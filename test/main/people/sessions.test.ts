import { expect, test } from 'vitest';
import { changeRoles, issueKey } from '../../../main/people/accounts.ts';
import { unlockPerson } from '../../../main/people/keys.ts';
import { personNamed } from '../../../main/people/people.ts';
import { IDLE_MS, openSessions } from '../../../main/people/sessions.ts';
import { PASSWORD, signerOf } from '../../support/people.ts';
import { peopleStore } from '../../support/people-store.ts';

test('a session names its person until it is closed, and each end is on record', async () => {
  const { deps, records } = await peopleStore({ which: ['ada'] });
  const sessions = openSessions(deps);
  const { token, person } = await sessions.open('ada', PASSWORD);
  expect(sessions.personOf(token)).toEqual(person);
  sessions.close(token, 'locked');
  expect(() => sessions.personOf(token)).toThrow(expect.objectContaining({ code: 'SESSION_MISSING' }));
  expect(records().slice(-2)).toMatchObject([
    { kind: 'session.opened', detail: { person: person.id, roles: ['admin'] } },
    { kind: 'session.closed', detail: { person: person.id, why: 'locked' } },
  ]);
});

test('ten minutes without a request end a session, each request begins them anew', async () => {
  const { deps, clock, records } = await peopleStore({ which: ['ada'] });
  const sessions = openSessions(deps);
  const { token } = await sessions.open('ada', PASSWORD);
  for (let i = 0; i < 3; i++) {
    clock.advance(IDLE_MS);
    expect(sessions.personOf(token).login).toBe('ada');
  }
  clock.advance(IDLE_MS + 1);
  expect(() => sessions.personOf(token)).toThrow(expect.objectContaining({ code: 'SESSION_MISSING' }));
  expect(records().at(-1)).toMatchObject({ kind: 'session.closed', detail: { why: 'expired' } });
});

test('a role removed mid-session is gone at the next request, and a new key ends the session', async () => {
  const { deps, store, clock } = await peopleStore({ which: ['ada', 'sam'] });
  const sessions = openSessions(deps);
  const { token } = await sessions.open('sam', PASSWORD);
  const ada = await signerOf({ store, clock }, 'ada');
  changeRoles(deps, 'sam', ['approver'], ada);
  expect(sessions.personOf(token).roles).toEqual(['approver']);
  await issueKey(deps, 'sam', 'a new password for him', [ada]);
  expect(() => sessions.personOf(token)).toThrow(expect.objectContaining({ code: 'SESSION_MISSING' }));
});

test('a wrong password N times: each is on record, and from the fifth on the next try has to wait twice as long', async () => {
  const { deps, store, clock, records } = await peopleStore({ which: ['ada'] });
  const { id } = personNamed(store.journal.read, 'ada')!;
  const wrong = () => unlockPerson(deps, id, 'not the password');
  for (let i = 1; i <= 5; i++) await expect(wrong()).rejects.toMatchObject({ code: 'PASSWORD_WRONG' });
  expect(records().at(-1)).toMatchObject({ kind: 'session.refused', detail: { person: id, failures: 5 } });
  for (const seconds of [1, 2, 4]) {
    // Not even the right one is tried before.
    await expect(unlockPerson(deps, id, PASSWORD)).rejects.toMatchObject({
      code: 'SIGN_IN_DELAYED',
      detail: { seconds: String(seconds) },
    });
    clock.advance(seconds * 1000);
    await expect(wrong()).rejects.toMatchObject({ code: 'PASSWORD_WRONG' });
  }
  clock.advance(8_000);
  expect((await unlockPerson(deps, id, PASSWORD)).person.login).toBe('ada');
  await expect(wrong()).rejects.toMatchObject({ detail: { failures: '1' } });
});

test('tries made side by side gain nothing', async () => {
  const { deps, store } = await peopleStore({ which: ['ada'] });
  const { id } = personNamed(store.journal.read, 'ada')!;
  const tries = await Promise.allSettled(Array.from({ length: 12 }, () => unlockPerson(deps, id, 'not the password')));
  const codes = tries.map((tried) => (tried as { reason: { code: string } }).reason.code);
  expect(codes.filter((code) => code === 'PASSWORD_WRONG')).toHaveLength(5);
  expect(codes.filter((code) => code === 'SIGN_IN_DELAYED')).toHaveLength(7);
});

test('an unknown login is refused as a wrong password is', async () => {
  const { deps, records } = await peopleStore({ which: ['ada'] });
  const sessions = openSessions(deps);
  await expect(sessions.open('nobody', PASSWORD)).rejects.toMatchObject({ code: 'PASSWORD_WRONG' });
  expect(records().at(-1)).toMatchObject({ kind: 'session.refused', detail: { person: null } });
  for (let i = 0; i < 4; i++) await expect(sessions.open('nobody', PASSWORD)).rejects.toThrow('wrong');
  await expect(sessions.open('nobody', PASSWORD)).rejects.toMatchObject({ code: 'SIGN_IN_DELAYED' });
  expect((await sessions.open('ada', PASSWORD)).person.login).toBe('ada');
});

test('before the first accounts are made nobody signs in', async () => {
  const { deps } = await peopleStore({ which: [] });
  await expect(openSessions(deps).open('ada', PASSWORD)).rejects.toMatchObject({ code: 'NOT_SET_UP' });
});
