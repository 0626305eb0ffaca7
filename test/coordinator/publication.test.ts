import { describe, expect, it } from 'vitest';
import { sha256 } from '../../platform/crypto.ts';
import type { Study } from '../../shared/study/study.ts';
import { encodeCanonical, toHex } from '../../shared/wire/canonical.ts';
import { admitted, gradientBytes, openConsortium, startedStudy, tinyStudy } from '../support/open-consortium.ts';
import type { SigningMember } from '../support/signing-member.ts';

const PUBLISHED: [string, unknown] = ['publication', 'members'];
const sent = (at: number) => gradientBytes(at + 1, 2);
const hashOf = (bytes: Uint8Array) => toHex(sha256(bytes));

async function consortiumOf(study: Study) {
  const consortium = await openConsortium();
  const members = await startedStudy(consortium, study, ['alpha', 'beta']);
  const [alpha, beta] = members;
  return { consortium, members, alpha: alpha!, beta: beta!, announced: await alpha!.plan() };
}

/** Whether a member can read the update that `sent` gives for another one: by GET, whole and in part, and by HEAD. */
async function canRead(member: SigningMember, at: number): Promise<boolean> {
  const url = member.blobUrl(hashOf(sent(at)));
  const [whole, part, head] = await Promise.all([
    member.request(url),
    member.request(url, { headers: { range: 'bytes=0-3' } }),
    member.request(url, { method: 'HEAD' }),
  ]);
  const answers = [whole.status, part.status, head.status];
  if (whole.ok) expect(new Uint8Array(await whole.arrayBuffer())).toEqual(sent(at));
  expect([
    [200, 206, 200],
    [404, 404, 404],
  ]).toContainEqual(answers);
  return whole.ok;
}

describe('an update of another member', () => {
  it('cannot be read while its round is open, and can by the cohort once it is aggregated', async () => {
    const { consortium, alpha, beta, announced } = await consortiumOf(tinyStudy(PUBLISHED));
    await alpha.contribute(announced, sent(0));
    expect(await canRead(beta, 0)).toBe(false);
    await beta.contribute(announced, sent(1));
    await consortium.idle();
    expect([await canRead(beta, 0), await canRead(alpha, 1)]).toEqual([true, true]);
    // Also its own: who computes the round again needs all of them.
    expect((await alpha.request(alpha.blobUrl(hashOf(sent(0))))).status).toBe(200);
  });

  it.each([
    ['says so', tinyStudy(['publication', 'none'])],
    ['does not speak of it', tinyStudy()],
  ])('cannot be read where nothing is published, whether the study %s', async (_how, study) => {
    const { consortium, alpha, beta, announced } = await consortiumOf(study);
    for (const [at, member] of [alpha, beta].entries()) await member.contribute(announced, sent(at));
    await consortium.idle();
    expect(consortium.kinds()).toContain('round.aggregated');
    expect([await canRead(beta, 0), await canRead(alpha, 1)]).toEqual([false, false]);
    expect((await alpha.request(alpha.blobUrl(hashOf(sent(0))))).status).toBe(404);
  });

  it('cannot be read by who joined the study after the round, or is in another study', async () => {
    const study = tinyStudy(PUBLISHED);
    const { consortium, members, announced } = await consortiumOf(study);
    for (const [at, member] of members.entries()) await member.contribute(announced, sent(at));
    await consortium.idle();
    const late = await admitted(consortium, 'late');
    expect(await canRead(late, 0)).toBe(false);
    await late.join(study);
    await consortium.idle();
    expect(await canRead(late, 0)).toBe(false);
    // The model of that round is another matter: it joined the study.
    const model = consortium.details('round.aggregated')[0]!['model'] as string;
    expect((await late.request(late.blobUrl(model))).status).toBe(200);

    const other = tinyStudy(PUBLISHED, ['id', 'other'], ['cohort', { least: 2, quorum: 1 }]);
    await consortium.admin.startStudy({ definition: Buffer.from(encodeCanonical(other)).toString('utf8') });
    const stranger = await admitted(consortium, 'stranger');
    await stranger.join(other);
    expect(await canRead(stranger, 0)).toBe(false);
  });

  it('can be read by who was in the cohort and sent nothing', async () => {
    const study = tinyStudy(PUBLISHED, ['cohort', { least: 3, quorum: 2 }]);
    const consortium = await openConsortium();
    const [alpha, beta, gamma] = await startedStudy(consortium, study, ['alpha', 'beta', 'gamma']);
    const announced = await alpha!.plan();
    await gamma!.decide(announced, 'decline');
    for (const [at, member] of [alpha!, beta!].entries()) await member.contribute(announced, sent(at));
    await consortium.idle();
    expect(await canRead(gamma!, 0)).toBe(true);
  });

  it('of a round that was aborted cannot be read', async () => {
    const { consortium, alpha, beta, announced } = await consortiumOf(tinyStudy(PUBLISHED));
    await alpha.contribute(announced, sent(0));
    await beta.decide(announced, 'decline');
    await consortium.idle();
    expect(consortium.kinds()).toContain('round.aborted');
    expect(await canRead(beta, 0)).toBe(false);
  });

  it('that was dropped with its sender, who was removed, cannot be read; and who was removed reads nothing', async () => {
    const { consortium, alpha, beta, announced } = await consortiumOf(
      tinyStudy(PUBLISHED, ['cohort', { least: 2, quorum: 1 }]),
    );
    await alpha.contribute(announced, sent(0));
    await consortium.admin.remove({ member: 'alpha', reason: '' });
    await beta.contribute(announced, sent(1));
    await consortium.idle();
    expect(consortium.details('round.aggregated')).toMatchObject([{ members: 1 }]);
    expect(await canRead(beta, 0)).toBe(false);
    expect((await alpha.request(alpha.blobUrl(hashOf(sent(1))))).status).toBe(403);
  });
});
