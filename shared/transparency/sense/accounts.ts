// Who may act: accounts and rules, each signed by admins that were entitled at that moment. Everything else rests on it.

import type { Detail } from './forms.ts';
import { readSigned } from './signed-forms.ts';
import { claim, fail, type Knowledge, lack, type Place, signedMessage } from './state.ts';

type Signature = { signer: string; signature: string };

const ACTIONS = {
  'account.changed': 'change-roles',
  'account.deactivated': 'deactivate',
  'account.key-issued': 'issue-key',
} as const;

/** Why these roles may not be held together; undefined when they may. */
function conflict(roles: readonly string[]): string | undefined {
  if (new Set(roles).size !== roles.length) return 'names a role twice';
  if (roles.includes('admin') && roles.includes('approver')) return 'makes an admin an approver';
  if (roles.includes('auditor') && roles.length > 1) return 'gives an auditor another role';
  return undefined;
}

/** The signers are distinct, are those the record names, and enough of them are admins in force. */
function checkAdmins(
  k: Knowledge,
  index: number,
  by: readonly string[],
  signatures: readonly Signature[],
  needed: number,
  what: string,
): void {
  const signers = signatures.map(({ signer }) => signer);
  if (by.join() !== signers.join()) fail(k, index, `${what} names other signers than have signed it`);
  const admins = new Set<string>();
  for (const signer of signers) {
    const id = k.keys.get(signer);
    const person = id === undefined ? undefined : k.people.get(id);
    if (person?.key === signer && person.roles.includes('admin')) admins.add(person.id);
    else lack(k, index, `${what} is signed by the key ${signer.slice(0, 16)}, which is no admin's then`);
  }
  if (new Set(signers).size !== signers.length) fail(k, index, `${what} is signed by one key twice`);
  if (admins.size < needed) lack(k, index, `${what} is signed by ${admins.size} of ${needed} admins that it takes`);
}

export function logSucceeded(k: Knowledge, { index }: Place, detail: Detail<'log.succeeded'>, bytes: Uint8Array): void {
  if (k.log !== null && detail.predecessor.log !== k.log)
    fail(k, index, 'follows another log than the one that it is in');
  if (detail.kept.size > index) fail(k, index, 'keeps more records than there are before it');
  k.log = detail.log;
  const by = detail.signatures.map(({ signer }) => signer);
  checkAdmins(k, index, by, detail.signatures, k.singleAdmin ? 1 : 2, 'the successor log');
  // The bytes come along where the package has them.
  if (bytes.length > 0) claimAll(k, index, 'succession', bytes, detail.signatures);
}

function claimAll(
  k: Knowledge,
  index: number,
  kind: 'account' | 'rules' | 'succession',
  bytes: Uint8Array,
  signatures: readonly Signature[],
): void {
  const message = signedMessage(kind, bytes);
  for (const { signer, signature } of signatures)
    claim(k, { index, what: `${kind} by ${signer.slice(0, 16)}`, key: signer, message, signature });
}

/** The set-up is over with the first record that is not part of it: two admins, or one who said so. */
export function closeSetUp(k: Knowledge, index: number): void {
  if (k.setUp === null) return;
  const { admins, index: last } = k.setUp;
  k.setUp = null;
  if (admins.length === 1 && !k.singleAdmin)
    lack(k, Math.min(last, index), 'is the only admin of the set-up, and no record says that this was chosen');
  if (admins.length > 2) fail(k, last, `is one of ${admins.length} accounts of the set-up; two admins make it`);
}

export function accountAdded(k: Knowledge, { index }: Place, detail: Detail<'account.added'>, bytes: Uint8Array): void {
  const said = readSigned('account', bytes);
  claimAll(k, index, 'account', bytes, detail.signatures);
  const same = said.person === detail.person && said.key === detail.key && said.roles.join() === detail.roles.join();
  if (!same || said.action !== (detail.setUp ? 'set-up' : 'add'))
    fail(k, index, 'does not say what its signed account says');
  if (k.people.has(detail.person)) fail(k, index, `adds ${detail.person}, who has an account already`);
  if (k.keys.has(detail.key)) fail(k, index, 'gives a key to a second person');
  const problem = conflict(detail.roles);
  if (problem !== undefined) fail(k, index, problem);
  if (detail.setUp) {
    // By its own key alone: there is nobody yet who could sign for it.
    if (k.people.size > (k.setUp?.admins.length ?? 0)) fail(k, index, 'is a set-up after accounts were made');
    if (said.by.join() !== detail.key || detail.signatures.length !== 1 || detail.signatures[0]!.signer !== detail.key)
      fail(k, index, 'is a set-up that is not signed by its own key alone');
    if (!detail.roles.includes('admin')) fail(k, index, 'is a set-up of somebody who is no admin');
    k.setUp = { admins: [...(k.setUp?.admins ?? []), detail.person], index };
  } else {
    closeSetUp(k, index);
    checkAdmins(k, index, said.by, detail.signatures, 1, 'the account');
  }
  k.people.set(detail.person, { id: detail.person, key: detail.key, roles: detail.roles, name: detail.name });
  k.keys.set(detail.key, detail.person);
}

export function accountChanged(
  k: Knowledge,
  { index }: Place,
  kind: keyof typeof ACTIONS,
  detail: Detail<'account.changed'> & { retired?: string },
  bytes: Uint8Array,
): void {
  const said = readSigned('account', bytes);
  closeSetUp(k, index);
  claimAll(k, index, 'account', bytes, detail.signatures);
  const same = said.person === detail.person && said.key === detail.key && said.roles.join() === detail.roles.join();
  if (!same || said.action !== ACTIONS[kind]) fail(k, index, 'does not say what its signed account says');
  const issued = kind === 'account.key-issued';
  // Alone, an admin could otherwise take over an approver's account.
  checkAdmins(
    k,
    index,
    said.by,
    detail.signatures,
    issued && !k.singleAdmin ? 2 : 1,
    issued ? 'the new key' : 'the change',
  );
  const problem = conflict(detail.roles);
  if (problem !== undefined) fail(k, index, problem);
  if (kind === 'account.deactivated' && detail.roles.length > 0)
    fail(k, index, 'deactivates an account and leaves it roles');
  const before = k.people.get(detail.person);
  if (before === undefined) {
    lack(k, index, `changes the account of ${detail.person}, whom no record added`);
  } else if (before.key !== (detail.retired ?? detail.key)) {
    lack(k, index, `is about another key than the one that ${detail.person} has`);
  }
  if (issued && k.keys.has(detail.key)) fail(k, index, 'issues a key that somebody had before');
  if (issued && before !== undefined && before.roles.join() !== detail.roles.join())
    lack(k, index, 'changes roles while it issues a key');
  k.people.set(detail.person, { id: detail.person, key: detail.key, roles: detail.roles, name: before?.name ?? '' });
  k.keys.set(detail.key, detail.person);
}

export function singleAdmin(k: Knowledge, { index }: Place, detail: Detail<'account.single-admin'>): void {
  const admins = k.setUp?.admins ?? [];
  if (admins.length !== 1 || admins[0] !== detail.person)
    lack(k, index, 'says that there is one admin, but does not follow the set-up of that one');
  k.singleAdmin = true;
}

export function rulesChanged(k: Knowledge, { index }: Place, detail: Detail<'rules.changed'>, bytes: Uint8Array): void {
  const said = readSigned('rules', bytes);
  closeSetUp(k, index);
  claimAll(k, index, 'rules', bytes, detail.signatures);
  const same =
    said.approvals === detail.approvals &&
    said.release.when === detail.release &&
    said.floor.rows === detail.rows &&
    said.floor.perClass === detail.perClass;
  if (!same) fail(k, index, 'does not say what the signed rules say');
  checkAdmins(k, index, said.by, detail.signatures, k.singleAdmin ? 1 : 2, 'the change of rules');
  const factor = Number(said.release.norm);
  k.rules = { approvals: detail.approvals, release: detail.release, factor, rows: detail.rows };
}
