import { expect, test } from 'vitest';
import { policyInForce } from '../../main/consent/in-force.ts';
import { deleteDataset, listDatasets } from '../../main/data/datasets.ts';
import { checkDocuments, type Document } from '../../main/documents.ts';
import { joinStudy, participationStatement } from '../../main/joining.ts';
import { leaveStatement, leaveStudy } from '../../main/leaving.ts';
import { addPerson, changeRoles } from '../../main/people/accounts.ts';
import { changeRules } from '../../main/people/rules.ts';
import { runRound } from '../../main/round.ts';
import { openedText } from '../../main/store/openings.ts';
import { proposersOf } from '../../main/store/participation.ts';
import { roundOf } from '../../main/store/rounds.ts';
import { signedBytes } from '../../main/store/signed.ts';
import { sha256, verifyEd25519 } from '../../platform/crypto.ts';
import { participationRecord } from '../../shared/records/consent.ts';
import { joinRecord, leaveRecord } from '../../shared/records/membership.ts';
import { signedMessage } from '../../shared/records/signed.ts';
import { encodeUtf8, fromHex, toHex } from '../../shared/wire/canonical.ts';
import {
  ACCEPTS,
  consentOf,
  decides,
  delivers,
  KEY,
  rowOf,
  standingPolicy,
  typing,
  type Here,
} from '../support/deciding.ts';
import { institution, type Institution } from '../support/institution.ts';
import { callsWithin, EASY_RULES, PASSWORD } from '../support/people.ts';

const SUGGESTED = { text: '', version: 0 };
const forever = new AbortController().signal;
const LEAVE = { reason: 'the board asks us to', locale: 'en' } as const;

const detailOf = ({ node }: Here, kind: string) =>
  (
    JSON.parse(
      node.store.journal.read
        .get<{ bytes: Buffer }>('select bytes from record where kind = ? order by position desc', kind)!
        .bytes.toString('utf8'),
    ) as { detail: Record<string, string> }
  ).detail;
const outbox = ({ node }: Here, purpose: string) =>
  node.store.journal.read.all<{ bytes: Buffer; state: string; record: string }>(
    'select * from outbox where purpose = ? order by id',
    purpose,
  );
async function leaves(here: Institution, login: 'sam' | 'ann' = 'sam') {
  leaveStudy(here.node, await typing(here, login), 'small', LEAVE);
}
async function rejoins(here: Institution, documents: Document[] = []) {
  const [dataset] = listDatasets(here.node.data);
  return joinStudy(here.node, await typing(here, 'sam'), 'small', dataset!.id, SUGGESTED, { documents, locale: 'zh' });
}

test('joining is signed by a steward, with documents by hash and their names as commitments', async () => {
  const here = await institution();
  await leaves(here);
  const agreed = { name: 'board decision.pdf', sha256: toHex(sha256(encodeUtf8('the board agrees'))), bytes: 16 };
  await rejoins(here, [
    { kind: 'ethics-approval', ...agreed },
    { kind: 'contract', ...agreed },
  ]);
  const { read } = here.node.store.journal;
  const detail = detailOf(here, 'study.joined');
  const bytes = signedBytes(read, detail['decision']!);
  const record = participationRecord.decode(bytes);
  const [dataset] = listDatasets(here.node.data);
  const sam = await typing(here, 'sam');
  expect(record).toMatchObject({
    decision: 'join',
    study: 'small',
    member: 'alpha',
    dataset: dataset!.id,
    snapshot: dataset!.snapshot,
    rows: 40,
    meaning: participationStatement(here.node, 'join', 'small', dataset!.id, 2, 'zh'),
    signer: { person: sam.person.id, key: sam.person.key, role: 'steward', method: 'password' },
  });
  expect(record.meaning).toMatch(/^发送内容：现在仅告知/);
  expect(record.documents.map(({ name: _name, ...document }) => document)).toEqual(
    ['ethics-approval', 'contract'].map((kind) => ({ kind, sha256: agreed.sha256, bytes: 16 })),
  );
  expect(record.documents.map(({ name }) => openedText(read, name))).toEqual([
    'board decision.pdf',
    'board decision.pdf',
  ]);
  expect(bytes.includes(Buffer.from('board') as never)).toBe(false);
  expect(detail).toMatchObject({ documents: 2, person: sam.person.id, signer: sam.person.key });
  const message = signedMessage('participation', bytes);
  expect(verifyEd25519(fromHex(sam.person.key), message, fromHex(detail['signature']!))).toBe(true);
  // What the coordinator is told names the study and the member alone.
  expect(joinRecord.decode(outbox(here, 'join').at(-1)!.bytes)).toMatchObject({ study: 'small', member: 'alpha' });
});

test('a document of no known kind is none, and there are twenty at most', () => {
  const document = { name: 'a', sha256: '00'.repeat(32), bytes: 1 };
  expect(checkDocuments([{ kind: 'other', ...document }])).toEqual([{ kind: 'other', ...document }]);
  const refused = expect.objectContaining({ code: 'REQUEST_INVALID' }) as Error;
  expect(() => checkDocuments([{ kind: 'rumour', ...document }])).toThrow(refused);
  expect(() => checkDocuments(Array.from({ length: 21 }, () => ({ kind: 'other', ...document })))).toThrow(refused);
});

test('only a steward joins and leaves, also where the role goes while the mapping is tried', async () => {
  const here = await institution();
  await expect(leaves(here, 'ann')).rejects.toMatchObject({ code: 'ROLE_MISSING' });
  await leaves(here);
  const admin = await typing(here, 'ada');
  const joining = rejoins(here);
  await new Promise((resolve) => setImmediate(resolve));
  changeRoles(consentOf(here), 'sam', ['approver'], admin);
  await expect(joining).rejects.toMatchObject({ code: 'ROLE_MISSING' });
});

test('a data set with fewer training rows than the institution’s floor does not join', async () => {
  const here = await institution();
  await leaves(here);
  const floor = (rows: number) => ({ ...EASY_RULES, floor: { rows, perClass: 1 } });
  changeRules(consentOf(here), floor(41), [await typing(here, 'ada')]);
  await expect(rejoins(here)).rejects.toMatchObject({ code: 'FLOOR_ROWS', detail: { floor: '41' } });
  changeRules(consentOf(here), floor(20), [await typing(here, 'ada')]);
  expect((await rejoins(here)).rows).toBe(40);
});

async function offered() {
  const here = await institution();
  const plan = here.coordinator.plan(here.study, ['alpha', 'beta']);
  here.take(plan);
  await here.node.store.blobs.put(plan.model);
  return { ...here, ...plan };
}

test('leaving says what cannot be taken back, ends open rounds and policies, and tells the coordinator', async () => {
  const here = await offered();
  const { read } = here.node.store.journal;
  await standingPolicy(here);
  expect(leaveStatement(read, here.study, 'en')).toContain('No update of this study has left.');
  await leaves(here);
  expect(rowOf(here)).toMatchObject({ stage: 'revoked', code: 'STUDY_LEFT' });
  expect(policyInForce(consentOf(here), 'small')).toBeUndefined();
  expect(here.kinds().slice(-3)).toEqual(['round.failed', 'policy.revoked', 'study.left']);
  const told = leaveRecord.decode(outbox(here, 'leave')[0]!.bytes);
  expect(told).toMatchObject({ study: 'small', member: 'alpha' });
  const detail = detailOf(here, 'study.left');
  expect(detail['record']).toBe(outbox(here, 'leave')[0]!.record);
  expect(openedText(read, detail['reason']!)).toBe(LEAVE.reason);
  await runRound(here.node.rounds, KEY, forever);
  expect(here.kinds()).not.toContain('training.started');
  await expect(decides(here)).rejects.toMatchObject({ code: 'ROUND_STATE' });
  await expect(leaves(here)).rejects.toMatchObject({ code: 'STUDY_LEFT' });
  const [dataset] = listDatasets(here.node.data);
  deleteDataset(here.node.data, dataset!.id); // nothing needs it any more
});

test('leaving withdraws an update that has not left, and counts the one that has', async () => {
  const here = await offered();
  await decides(here);
  await runRound(here.node.rounds, KEY, forever);
  await leaves(here);
  expect(outbox(here, 'update')).toMatchObject([{ state: 'refused', code: 'STUDY_LEFT' }]);
  const { upload: _upload, submitUpdate: _submit, ...others } = ACCEPTS;
  await delivers(here, others);
  expect(outbox(here, 'leave')).toMatchObject([{ state: 'delivered' }]);

  const sent = await offered();
  await decides(sent);
  await runRound(sent.node.rounds, KEY, forever);
  await delivers(sent, ACCEPTS);
  await leaves(sent);
  const bytes = signedBytes(sent.node.store.journal.read, detailOf(sent, 'study.left')['decision']!);
  expect(participationRecord.decode(bytes).meaning).toContain('One update has left before');
  expect(rowOf(sent).stage).toBe('sent');
});

test('a plan that comes for a study that was left is blocked', async () => {
  const here = await institution();
  await leaves(here);
  here.take(here.coordinator.plan(here.study, ['alpha', 'beta']));
  expect(roundOf(here.node.store.journal.read, KEY)).toMatchObject({
    stage: 'blocked',
    code: expect.stringMatching(/^STUDY_LEFT/),
  });
});

test('whoever joins again is offered rounds without having been told of those in between', async () => {
  const here = await offered();
  await decides(here);
  await leaves(here);
  // What was decided before can still be looked at.
  const { planHash } = await callsWithin(here.node).getRound({ name: KEY });
  expect(planHash).toBe(here.hash);
  await rejoins(here);
  here.take(here.coordinator.plan(here.study, ['alpha', 'beta'], { round: 3 }));
  const third = { study: 'small', round: 3, attempt: 1 };
  expect(rowOf(here, third).stage).toBe('awaiting');
  expect(await decides(here, 'ann', {}, third)).toMatchObject({ complete: true });
});

test('after leaving, another steward may join, and whoever joined before may approve', async () => {
  const here = await institution();
  const admin = await typing(here, 'ada');
  await leaves(here);
  await addPerson(consentOf(here), { login: 'kim', name: 'Kim', roles: ['steward'], password: PASSWORD }, admin);
  const [dataset] = listDatasets(here.node.data);
  await joinStudy(here.node, await typing(here, 'kim'), 'small', dataset!.id, SUGGESTED);
  const { id } = (await typing(here, 'kim')).person;
  expect([...proposersOf(here.node.store.journal.read, 'small')]).toEqual([id]);
  changeRoles(consentOf(here), 'sam', ['approver'], admin);
  const plan = here.coordinator.plan(here.study, ['alpha', 'beta']);
  here.take(plan);
  expect(await decides(here, 'sam')).toMatchObject({ complete: true });
});
