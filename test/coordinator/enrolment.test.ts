import { describe, expect, it } from 'vitest';
import { generateEd25519 } from '../../platform/crypto.ts';
import { decodeInvitation, directoryRecord } from '../../shared/records/membership.ts';
import { toHex } from '../../shared/wire/canonical.ts';
import { adminClient } from '../support/admin-client.ts';
import { admitted, openConsortium } from '../support/open-consortium.ts';
import { refusalOf } from '../support/signing-member.ts';

const HOUR = 3600_000;
const invited = async (id = 'alpha') => {
  const consortium = await openConsortium();
  const { invitation, fingerprint } = await consortium.admin.invite({ member: id, name: 'Alpha Hospital' });
  return { ...consortium, consortium, invitation, fingerprint, member: consortium.newMember(id) };
};

describe('enrolment', () => {
  it('takes a member in by invitation, proof of its keys and the fingerprint read aloud', async () => {
    const { admin, invitation, fingerprint, member, kinds } = await invited();
    expect(decodeInvitation(invitation)).toMatchObject({ consortium: 'test', member: 'alpha', name: 'Alpha Hospital' });
    expect((await admin.listMembers({})).fingerprint).toBe(fingerprint);
    await member.enrol(invitation);
    expect(await member.calls.watch({ after: 0, waitSeconds: 0 })).toMatchObject({ events: [], admitted: false });
    await admin.admit({ member: 'alpha', fingerprint: member.fingerprint.replaceAll(' ', '-') });
    const watched = await member.calls.watch({ after: 0, waitSeconds: 0 });
    expect(watched.admitted).toBe(true);
    expect(watched.events.map(({ kind }) => kind.case)).toEqual(['directory']);
    expect(directoryRecord.decode(watched.events[0]!.kind.value!.record).members).toMatchObject([
      { id: 'alpha', keys: member.keys },
    ]);
    expect(kinds()).toEqual(['log.created', 'program.started', 'member.invited', 'member.enrolled', 'member.admitted']);
  });

  it('answers the same request again, but lets nobody else use the token', async () => {
    const { invitation, member, newMember, details } = await invited();
    const { token } = decodeInvitation(invitation);
    const request = member.enrolment(token);
    await member.calls.enrol(request);
    expect(await member.calls.enrol(request)).toMatchObject({ admitted: false });
    const thief = newMember('alpha');
    expect(await refusalOf(thief.enrol(invitation))).toBe('ENROLMENT_TOKEN_USED');
    expect(details('enrolment.refused')).toMatchObject([{ code: 'ENROLMENT_TOKEN_USED' }]);
    expect(details('member.enrolled')).toMatchObject([{ member: 'alpha', keys: member.keys }]);
  });

  it('refuses a token that has expired', async () => {
    const { invitation, member, clock, details } = await invited();
    clock.advance(24 * HOUR);
    expect(await refusalOf(member.enrol(invitation))).toBe('ENROLMENT_TOKEN_EXPIRED');
    expect(details('enrolment.refused')).toMatchObject([{ code: 'ENROLMENT_TOKEN_EXPIRED' }]);
  });

  it('refuses a forged token, a token of another member, and one that a newer invitation replaced', async () => {
    const { admin, invitation, member, newMember, details } = await invited();
    expect(await refusalOf(member.calls.enrol(member.enrolment('0'.repeat(32))))).toBe('ENROLMENT_TOKEN_UNKNOWN');
    expect(await refusalOf(newMember('beta').enrol(invitation))).toBe('ENROLMENT_TOKEN_UNKNOWN');
    const { invitation: newer } = await admin.invite({ member: 'alpha', name: 'Alpha Hospital' });
    expect(await refusalOf(member.enrol(invitation))).toBe('ENROLMENT_TOKEN_UNKNOWN');
    await member.enrol(newer);
    expect(details('enrolment.refused')).toHaveLength(3);
  });

  it('refuses who does not hold the three keys, or uses one of them twice', async () => {
    const { invitation, member, details } = await invited();
    const { token } = decodeInvitation(invitation);
    const strangers = { member: generateEd25519(), log: generateEd25519(), witness: generateEd25519() };
    const [good, bad] = [member.enrolment(token), member.enrolment(token, strangers)];
    for (const name of ['memberSignature', 'logSignature', 'witnessSignature'] as const)
      expect(await refusalOf(member.calls.enrol({ ...good, [name]: bad[name] }))).toBe('ENROLMENT_PROOF_INVALID');
    const one = generateEd25519();
    const name = toHex(one.publicKey);
    const same = member.enrolment(
      token,
      { member: one, log: one, witness: one },
      { member: name, log: name, witness: name },
    );
    expect(await refusalOf(member.calls.enrol(same))).toBe('ENROLMENT_PROOF_INVALID');
    expect(details('enrolment.refused')).toHaveLength(4);
    await member.calls.enrol(good);
  });

  it('does not admit under a wrong fingerprint, nor twice', async () => {
    const { admin, invitation, fingerprint, member } = await invited();
    expect(await refusalOf(admin.admit({ member: 'alpha', fingerprint: member.fingerprint }))).toBe('REQUEST_INVALID');
    await member.enrol(invitation);
    expect(await refusalOf(admin.admit({ member: 'alpha', fingerprint }))).toBe('FINGERPRINT_MISMATCH');
    await admin.admit({ member: 'alpha', fingerprint: member.fingerprint });
    expect(await refusalOf(admin.admit({ member: 'alpha', fingerprint: member.fingerprint }))).toBe('REQUEST_INVALID');
    expect(await refusalOf(admin.invite({ member: 'alpha', name: 'Again' }))).toBe('MEMBER_EXISTS');
  });

  it('cannot be tried again and again to guess a token', async () => {
    const { member, details } = await invited();
    const guess = (i: number) => refusalOf(member.calls.enrol(member.enrolment(i.toString(16).padStart(32, '0'))));
    for (let i = 0; i < 30; i++) expect(await guess(i)).toBe('ENROLMENT_TOKEN_UNKNOWN');
    // The node takes it as an address that does not answer, and waits.
    expect(await guess(30)).toBe('COORDINATOR_UNREACHABLE');
    expect(details('enrolment.refused')).toHaveLength(30);
  });

  it.each(['/Enrol?x', '/%45nrol', '/Enrol?x=/Watch'])('cannot be tried more often as %s', async (path) => {
    const { server, details } = await openConsortium();
    const guess = async () =>
      (
        await fetch(`${server.url}/assent.v1.CoordinatorService${path}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: '{}',
        })
      ).status;
    for (let i = 0; i < 30; i++) expect(await guess()).not.toBe(429);
    expect(await guess()).toBe(429);
    expect(details('enrolment.refused')).toEqual([]);
  });

  it('wakes a member that waits to be admitted', async () => {
    const { admin, invitation, member } = await invited();
    await member.enrol(invitation);
    const waiting = member.calls.watch({ after: 0, waitSeconds: 25 });
    await admin.admit({ member: 'alpha', fingerprint: member.fingerprint });
    expect((await waiting).admitted).toBe(true);
  });

  it('chains the directories and takes a removed member out', async () => {
    const consortium = await openConsortium();
    const alpha = await admitted(consortium, 'alpha');
    const beta = await admitted(consortium, 'beta');
    await consortium.admin.remove({ member: 'beta', reason: 'has left' });
    const directories = (await alpha.events()).map(({ kind }) => directoryRecord.decode(kind.value!.record));
    expect(directories.map(({ sequence, members }) => [sequence, members.map(({ id }) => id)])).toEqual([
      [1, ['alpha']],
      [2, ['alpha', 'beta']],
      [3, ['alpha']],
    ]);
    const hashes = consortium.coordinator.store.journal.read.all<{ hash: string }>(
      'select hash from directory order by sequence',
    );
    expect(directories.map(({ previous }) => previous)).toEqual([null, hashes[0]!.hash, hashes[1]!.hash]);
    expect(await refusalOf(beta.events())).toBe('MEMBER_REMOVED');
  });
});

describe('a request', () => {
  it('is refused when it is unsigned, signed by another, or far from our time', async () => {
    const consortium = await openConsortium();
    const alpha = await admitted(consortium, 'alpha');
    const unsigned = await fetch(`${consortium.server.url}/assent.v1.CoordinatorService/Watch`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    expect(unsigned.status).toBe(403);
    expect(await refusalOf(consortium.newMember('alpha').events())).toBe('SIGNATURE_INVALID');
    expect(await refusalOf(consortium.newMember('nobody').events())).toBe('MEMBER_UNKNOWN');
    expect(await refusalOf(alpha.clientWith(-301).watch({ after: 0, waitSeconds: 0 }))).toBe('CLOCK_SKEW');
    expect(await refusalOf(alpha.clientWith(301).watch({ after: 0, waitSeconds: 0 }))).toBe('CLOCK_SKEW');
    expect(await refusalOf(alpha.clientWith(-299).watch({ after: 0, waitSeconds: 0 }))).toBe('accepted');
  });

  it('says the versions that both sides speak, or that there is none', async () => {
    const { newMember, coordinator } = await openConsortium();
    const { calls } = newMember('anyone');
    const said = await calls.hello({ protocolVersions: [1, 2], schemaVersions: [1] });
    expect(said).toMatchObject({ consortium: 'test', protocolVersion: 1, schemaVersion: 1 });
    expect(said.memberKey).toEqual(new Uint8Array(coordinator.store.member.publicKey));
    expect(await refusalOf(calls.hello({ protocolVersions: [2], schemaVersions: [1] }))).toBe('VERSION_UNSUPPORTED');
  });

  it('of the operator needs the token of the token file', async () => {
    const { home, admin } = await openConsortium();
    await admin.listMembers({});
    expect(await refusalOf(adminClient(home, { token: '0'.repeat(64) }).listMembers({}))).toBe('OPERATOR_ONLY');
    expect(await refusalOf(adminClient(home, { token: '' }).listMembers({}))).toBe('OPERATOR_ONLY');
  });
});
