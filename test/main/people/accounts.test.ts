import { expect, test } from 'vitest';
import { addPerson, changeRoles, deactivate, issueKey, setUp } from '../../../main/people/accounts.ts';
import { changePassword, unlockPerson } from '../../../main/people/keys.ts';
import { holderOf, listPeople, personNamed } from '../../../main/people/people.ts';
import { rulesOf } from '../../../main/people/rules.ts';
import { signedBytes } from '../../../main/store/signed.ts';
import { verifyEd25519 } from '../../../platform/crypto.ts';
import { accountRecord, type Role } from '../../../shared/records/account.ts';
import { signedMessage } from '../../../shared/records/signed.ts';
import { fromHex } from '../../../shared/wire/canonical.ts';
import { PASSWORD, signerOf } from '../../support/people.ts';
import { peopleStore } from '../../support/people-store.ts';

const admin = (login: string, more: Partial<{ roles: Role[]; password: string; name: string }> = {}) => ({
  login,
  name: `Name of ${login}`,
  roles: ['admin'] as Role[],
  password: PASSWORD,
  ...more,
});

test('two admins make the first accounts, each signed by its own key, and the rules signed by both', async () => {
  const { deps, store, records } = await peopleStore({ which: [] });
  await setUp(deps, [admin('ada'), admin('ben')], { singleAdmin: false });
  const { read } = store.journal;
  expect(listPeople(read).map(({ login, name, roles, state }) => ({ login, name, roles, state }))).toEqual([
    { login: 'ada', name: 'Name of ada', roles: ['admin'], state: 'active' },
    { login: 'ben', name: 'Name of ben', roles: ['admin'], state: 'active' },
  ]);
  expect(rulesOf(read)).toMatchObject({ approvals: 2, floor: { rows: 50, perClass: 5 } });
  const made = records().slice(1);
  expect(made.map(({ kind }) => kind)).toEqual(['account.added', 'account.added', 'rules.changed']);
  for (const { detail } of made.slice(0, 2)) {
    const [signature] = detail['signatures'] as { signer: string; signature: string }[];
    const bytes = signedBytes(read, detail['account'] as string);
    expect(signature!.signer).toBe(detail['key']);
    expect(
      verifyEd25519(fromHex(signature!.signer), signedMessage('account', bytes), fromHex(signature!.signature)),
    ).toBe(true);
    expect(accountRecord.decode(bytes)).toMatchObject({ action: 'set-up', by: [detail['key']], roles: ['admin'] });
  }
  expect(made[2]!.detail['signatures']).toHaveLength(2);
  await expect(setUp(deps, [admin('eve')], { singleAdmin: true })).rejects.toMatchObject({ code: 'SET_UP_BEFORE' });
});

test('a single admin is chosen in so many words, and that is on record', async () => {
  const { deps, records } = await peopleStore({ which: [] });
  await expect(setUp(deps, [admin('ada')], { singleAdmin: false })).rejects.toMatchObject({ code: 'ACCOUNT_INVALID' });
  await setUp(deps, [admin('ada')], { singleAdmin: true });
  expect(records().map(({ kind }) => kind)).toContain('account.single-admin');
});

test.each<[string, Role[]]>([
  ['admin and approver', ['admin', 'approver']],
  ['auditor and steward', ['auditor', 'steward']],
  ['auditor and approver', ['auditor', 'approver']],
  ['auditor and admin', ['auditor', 'admin']],
  ['no role', []],
  ['a role twice', ['steward', 'steward']],
])('an account with %s is refused, when it is made and when it is changed', async (_what, roles) => {
  const { deps, store, clock } = await peopleStore({ which: ['ada', 'sam'] });
  const ada = await signerOf({ store, clock }, 'ada');
  const before = listPeople(store.journal.read);
  await expect(addPerson(deps, admin('eve', { roles }), ada)).rejects.toMatchObject({ code: 'ACCOUNT_INVALID' });
  expect(() => changeRoles(deps, 'sam', roles, ada)).toThrow(expect.objectContaining({ code: 'ACCOUNT_INVALID' }));
  expect(listPeople(store.journal.read)).toEqual(before);
});

test.each([
  ['a login twice', { login: 'ada' }],
  ['a login with spaces', { login: 'a b' }],
  ['an empty name', { name: ' ' }],
  ['a name with control characters', { name: 'A\u0007da' }],
])('%s is refused', async (_what, change) => {
  const { deps, store, clock } = await peopleStore({ which: ['ada'] });
  const person = { ...admin('eve', { roles: ['steward'] }), ...change };
  await expect(addPerson(deps, person, await signerOf({ store, clock }, 'ada'))).rejects.toMatchObject({
    code: 'ACCOUNT_INVALID',
  });
});

test('a short password is refused', async () => {
  const { deps, store, clock } = await peopleStore({ which: ['ada'] });
  const person = admin('eve', { roles: ['steward'], password: 'short' });
  await expect(addPerson(deps, person, await signerOf({ store, clock }, 'ada'))).rejects.toMatchObject({
    code: 'PASSWORD_WEAK',
  });
});

test('who is no admin makes and changes no account, also after being one', async () => {
  const { deps, store, clock } = await peopleStore({ which: ['ada', 'sam'] });
  const sam = await signerOf({ store, clock }, 'sam');
  await expect(addPerson(deps, admin('eve', { roles: ['steward'] }), sam)).rejects.toMatchObject({
    code: 'ROLE_MISSING',
  });
  expect(() => changeRoles(deps, 'sam', ['admin'], sam)).toThrow(expect.objectContaining({ code: 'ROLE_MISSING' }));
  const ada = await signerOf({ store, clock }, 'ada');
  await addPerson(deps, admin('ben'), ada);
  const ben = await signerOf({ store, clock }, 'ben' as 'ada');
  changeRoles(deps, 'ada', ['steward'], ben);
  expect(() => deactivate(deps, 'sam', ada)).toThrow(expect.objectContaining({ code: 'ROLE_MISSING' }));
});

test('the last admin stays one', async () => {
  const { deps, store, clock } = await peopleStore({ which: ['ada'] });
  const ada = await signerOf({ store, clock }, 'ada');
  expect(() => deactivate(deps, 'ada', ada)).toThrow(expect.objectContaining({ code: 'ADMINS_NEEDED' }));
  expect(() => changeRoles(deps, 'ada', ['steward'], ada)).toThrow(expect.objectContaining({ code: 'ADMINS_NEEDED' }));
  expect(personNamed(store.journal.read, 'ada')).toMatchObject({ state: 'active', roles: ['admin'] });
});

test('a deactivated account opens nothing and stays in history', async () => {
  const { deps, store, clock, records } = await peopleStore({ which: ['ada', 'ann'] });
  deactivate(deps, 'ann', await signerOf({ store, clock }, 'ada'));
  await expect(signerOf({ store, clock }, 'ann')).rejects.toMatchObject({ code: 'PERSON_INACTIVE' });
  expect(listPeople(store.journal.read)[1]).toMatchObject({ login: 'ann', name: 'Ann Approver', roles: [] });
  expect(records().at(-1)).toMatchObject({ kind: 'account.deactivated', detail: { roles: [] } });
});

test('a forgotten password: two admins issue a new key, and the old one is known as retired', async () => {
  const { deps, store, clock, records } = await peopleStore({ which: [] });
  await setUp(deps, [admin('ada'), admin('ben')], { singleAdmin: false });
  const here = { store, clock };
  const [ada, ben] = [await signerOf(here, 'ada'), await signerOf(here, 'ben' as 'ada')];
  await addPerson(deps, admin('ann', { roles: ['approver'] }), ada);
  const { key: old } = personNamed(store.journal.read, 'ann')!;
  const fresh = 'another password of hers';
  for (const alone of [[ada], [ada, ada]])
    await expect(issueKey(deps, 'ann', fresh, alone)).rejects.toMatchObject({ code: 'ADMINS_NEEDED' });
  await issueKey(deps, 'ann', fresh, [ada, ben]);
  const ann = personNamed(store.journal.read, 'ann')!;
  expect(ann.key).not.toBe(old);
  expect(holderOf(store.journal.read, old)).toEqual({ person: ann, current: false });
  expect(holderOf(store.journal.read, ann.key)).toEqual({ person: ann, current: true });
  await expect(signerOf(here, 'ann')).rejects.toMatchObject({ code: 'PASSWORD_WRONG' });
  expect((await signerOf(here, 'ann', fresh)).person.login).toBe('ann');
  const { kind, detail } = records().find((record) => record.kind === 'account.key-issued')!;
  expect(detail).toMatchObject({ retired: old, key: ann.key });
  expect(detail['signatures']).toHaveLength(2);
  expect(kind).toBe('account.key-issued');
});

test('a changed password opens the same key, the old one no more', async () => {
  const { deps, store, clock } = await peopleStore({ which: ['ada'] });
  const { id, key } = personNamed(store.journal.read, 'ada')!;
  await changePassword(deps, id, PASSWORD, 'quite another password');
  await expect(signerOf({ store, clock }, 'ada')).rejects.toMatchObject({ code: 'PASSWORD_WRONG' });
  expect((await unlockPerson(deps, id, 'quite another password')).person.key).toBe(key);
});

test('no name, no login and no password is in the log', async () => {
  const { store, records } = await peopleStore({ which: ['ada', 'sam'] });
  const log = JSON.stringify(records());
  for (const secret of ['Ada', 'Sam', PASSWORD, 'sam']) expect(log).not.toContain(secret);
  expect(personNamed(store.journal.read, 'sam')!.name).toBe('Sam Steward');
});
