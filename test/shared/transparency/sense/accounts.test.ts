// Accounts and rules: who made whom, with whose signature.
import { expect, test } from 'vitest';
import type { AuditEntry } from '../../../../shared/records/audit.ts';
import type { Role } from '../../../../shared/records/account.ts';
import { expectSound, expectWrong, judged } from '../../../support/judging.ts';
import {
  actor,
  ada,
  ann,
  ben,
  bob,
  cyd,
  keyOf,
  OWN_KEYS,
  hashOf,
  type NodeLog,
  sam,
} from '../../../support/node-log.ts';

const eve = actor('Eve', 'approver');
const begun = (log: NodeLog) => {
  log.created();
  log.account('set-up', ada, [ada]);
  log.account('set-up', ben, [ben]);
  log.rules(2, [ada, ben]);
};

test('admins change roles and deactivate by one signature', async () => {
  await expectSound((log) => {
    begun(log);
    log.account('add', eve, [ben]);
    log.account('change-roles', { ...eve, roles: ['auditor'] }, [ada]);
    log.account('deactivate', { ...eve, roles: [] }, [ben]);
  }, []);
});

test('a set-up by one admin without the record that says so fails', async () => {
  await expectWrong(
    (log) => {
      log.created();
      log.account('set-up', ada, [ada]);
      log.account('add', eve, [ada]);
    },
    'account.added',
    'no record says that this was chosen',
  );
});

test.each<[string, (log: NodeLog) => void, string, string]>([
  [
    'by three',
    (log) => ['c', 'd'].map((n) => log.account('set-up', actor(n, 'admin'), [actor(n)])),
    'account.added',
    'after accounts were made',
  ],
  [
    'signed by another than itself',
    (log) => log.account('set-up', eve, [ada]),
    'account.added',
    'not signed by its own key alone',
  ],
])('a set-up later on, %s, fails', async (_, act, kind, words) => {
  const { result } = await judged((log) => {
    begun(log);
    act(log);
  });
  const found = result.ok ? [] : (result.sense?.findings ?? []);
  expect([result.ok, kind, found.map(({ message }) => message).join('; ')]).toEqual([
    false,
    kind,
    expect.stringContaining(words) as string,
  ]);
});

test.each<[string, Role[], string]>([
  ['admin and approver', ['admin', 'approver'], 'makes an admin an approver'],
  ['auditor and steward', ['auditor', 'steward'], 'gives an auditor another role'],
])('an account that is %s fails, made or changed', async (_, roles, words) => {
  await expectWrong((log) => (begun(log), log.account('add', { ...eve, roles }, [ada])), 'account.added', words);
  await expectWrong(
    (log) => {
      begun(log);
      log.account('add', eve, [ada]);
      log.account('change-roles', { ...eve, roles }, [ada]);
    },
    'account.changed',
    words,
  );
});

test.each<[string, (log: NodeLog) => void, string, string]>([
  ['an account added by an approver', (log) => log.account('add', eve, [ann]), 'account.added', 'which is no admin'],
  ['an account added by nobody known', (log) => log.account('add', eve, [eve]), 'account.added', 'which is no admin'],
  ['an account added twice', (log) => log.account('add', ann, [ada]), 'account.added', 'has an account already'],
  [
    'an account with the key of another',
    (log) => log.account('add', { ...eve, key: ann.key }, [ada]),
    'account.added',
    'a key to a second person',
  ],
  [
    'a change of a stranger’s account',
    (log) => log.account('change-roles', eve, [ada]),
    'account.changed',
    'whom no record added',
  ],
  [
    'a change under another key',
    (log) => log.account('change-roles', { ...ann, key: bob.key }, [ada]),
    'account.changed',
    'another key than',
  ],
  [
    'a deactivation that leaves roles',
    (log) => log.account('deactivate', ann, [ada]),
    'account.deactivated',
    'leaves it roles',
  ],
  [
    'a change that names another signer than signed',
    (log) => log.account('change-roles', ann, [ada], { signedBy: [ben] }),
    'account.changed',
    'names other signers',
  ],
  [
    'a key issued by one admin alone',
    (log) => log.account('issue-key', { ...eve, id: ann.id }, [ada], { retired: ann.key }),
    'account.key-issued',
    '1 of 2 admins',
  ],
  [
    'a key issued by one admin twice',
    (log) => log.account('issue-key', { ...eve, id: ann.id }, [ada, ada], { retired: ann.key }),
    'account.key-issued',
    'one key twice',
  ],
  [
    'a key issued that is somebody’s',
    (log) => log.account('issue-key', { ...ann, key: bob.key }, [ada, ben], { retired: ann.key }),
    'account.key-issued',
    'somebody had before',
  ],
  [
    'a key issued in place of another than it had',
    (log) => log.account('issue-key', { ...eve, id: ann.id }, [ada, ben], { retired: bob.key }),
    'account.key-issued',
    'another key than',
  ],
  ['rules changed by one admin', (log) => log.rules(1, [ada]), 'rules.changed', '1 of 2 admins'],
  [
    'rules changed by an admin and an approver',
    (log) => log.rules(1, [ada, ann]),
    'rules.changed',
    'which is no admin',
  ],
  [
    'a single admin who was not alone',
    (log) => log.singleAdmin(ada),
    'account.single-admin',
    'does not follow the set-up',
  ],
])('%s fails', (_, act, kind, words) => expectWrong((log) => act(log.founded()), kind, words));

test('a deactivated admin signs nothing any more', async () => {
  await expectWrong(
    (log) => {
      log.founded();
      log.account('add', actor('Gus', 'admin'), [ada]);
      log.account('deactivate', { ...ben, roles: [] }, [ada]);
      log.account('add', eve, [ben]);
    },
    'account.added',
    'which is no admin',
  );
});

test('a record of an account that says another role, person or number than was signed fails', async () => {
  const changing = (kind: AuditEntry['kind'], change: Record<string, unknown>) => (entry: AuditEntry) =>
    entry.kind === kind && (entry.detail as { person?: string }).person !== ada.id
      ? ({ ...entry, detail: { ...entry.detail, ...change } } as AuditEntry)
      : entry;
  const added = (change: Record<string, unknown>) =>
    expectWrong(
      (log) => void log.founded(),
      'account.added',
      'does not say what its signed account says',
      changing('account.added', change),
    );
  await added({ roles: ['approver'] });
  await added({ setUp: true });
  await expectWrong(
    (log) => void log.founded(),
    'rules.changed',
    'does not say what the signed rules say',
    changing('rules.changed', { approvals: 1 }),
  );
});

test('joining is a steward’s, and for this institution', async () => {
  const started = (log: NodeLog) => {
    begun(log);
    for (const person of [sam, ann, bob, cyd]) log.account('add', person, [ada]);
    log.enrolled();
  };
  await expectWrong((log) => (started(log), log.decideStudy('join', 'small', ann)), 'study.joined', 'no steward');
  await expectWrong((log) => (started(log), log.decideStudy('leave', 'small', sam)), 'study.left', 'was not joined');
  await expectSound(
    (log) => {
      log.founded();
      log.round(keyOf(1));
      log.decideStudy('leave', 'small', sam);
    },
    [[1, 'sent']],
  );
});

test('enrolling with other keys than those of whose log this is fails', async () => {
  const swapped = (entry: AuditEntry): AuditEntry =>
    entry.kind === 'enrolment.requested'
      ? { ...entry, detail: { ...entry.detail, keys: { ...OWN_KEYS, member: hashOf('another') } } }
      : entry;
  await expectWrong((log) => void log.founded(), 'enrolment.requested', 'other keys than keys.json', swapped);
});
