// The owner of a log among its witnesses: what it asks, what it keeps, and what it believes of an answer.
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { anchorState, listAnchors } from '../../platform/anchor-state.ts';
import { primitives, sha256 } from '../../platform/crypto.ts';
import type { Answer } from '../../platform/letters.ts';
import { findConflict, guardLog } from '../../platform/log-conflict.ts';
import { cosignaturesOf } from '../../platform/own-logs.ts';
import { witnessesOf, type Party } from '../../platform/parties.ts';
import { parseCheckpoint } from '../../shared/transparency/checkpoint.ts';
import { noteBytes } from '../../shared/transparency/cosignature.ts';
import { verifyNote } from '../../shared/transparency/note.ts';
import { parseAddCheckpoint } from '../../shared/transparency/witness.ts';
import { decodeUtf8, encodeUtf8, toHex } from '../../shared/wire/canonical.ts';
import { handClock } from '../support/hand-clock.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { correspond, newKeys, witnessedLog, type WitnessedLog } from '../support/witnessed-logs.ts';

const HOUR = 3_600_000;

/** An owner and three witnesses that share a clock. */
function four() {
  const parties: Party[] = [];
  const clock = handClock();
  const file = join(temporaryFolder(), 'owner.db');
  const owner = witnessedLog('owner', () => parties, { clock, file });
  const witnesses = ['coordinator', 'east', 'west'].map((id) => witnessedLog(id, () => parties, { clock }));
  parties.push(owner.party, ...witnesses.map(({ party }) => party));
  return { owner, witnesses, parties, clock, file };
}
const state = ({ journal, party, clock }: WitnessedLog, parties: readonly Party[]) =>
  anchorState({
    read: journal.read,
    logPublicKey: party.log.publicKey,
    witnesses: witnessesOf({ id: party.id, origin: party.log.name }, parties),
    now: clock.now(),
  });
const origin = ({ party }: WitnessedLog) => party.log.name;

test('the cosignatures of all witnesses are kept, and verify under the checkpoint', () => {
  const { owner, witnesses, parties } = four();
  owner.grow(3);
  correspond(owner, witnesses);
  expect(state(owner, parties)).toMatchObject({ size: 3, by: ['coordinator', 'east', 'west'], of: 3, stale: false });
  const { note } = owner.journal.read.get<{ note: Buffer }>('select note from checkpoint where size = 3')!;
  const lines = cosignaturesOf(owner.journal.read, 3).map(({ line }) => line);
  const cosigned = parseCheckpoint(
    noteBytes(parseCheckpoint(new Uint8Array(note)).note.text, [
      `${decodeUtf8(new Uint8Array(note)).trimEnd().split('\n').at(-1)}\n`,
      ...lines,
    ]),
  );
  const keys = parties.map(({ witness }) => witness);
  expect(verifyNote(primitives, cosigned.note, [owner.party.log, ...keys]).signers).toHaveLength(4);
  expect(listAnchors(owner.journal.read, 10)).toMatchObject([
    { size: 3, by: ['test/coordinator', 'test/east', 'test/west'] },
  ]);
  // Nothing of it is on record.
  expect(owner.kinds()).toEqual(['program.started', 'program.started', 'log.exported']);
  expect(owner.anchors.requests()).toEqual([]);
});

test('witnesses that are away are asked again, ever more seldom, and about the latest state', () => {
  const { owner, witnesses, parties, clock } = four();
  owner.grow(2);
  correspond(owner, witnesses.slice(0, 2));
  expect(state(owner, parties)).toMatchObject({ by: ['coordinator', 'east'], of: 3 });
  const asked: number[] = [];
  const start = clock.now();
  for (let next = owner.anchors.nextRequest()!; next < start + 2 * HOUR; next = owner.anchors.nextRequest()!) {
    clock.advance(next - clock.now());
    expect(owner.anchors.requests().map(({ to }) => to)).toEqual(['west']);
    asked.push((clock.now() - start) / 1000);
  }
  expect(asked.slice(0, 9)).toEqual([5, 15, 35, 75, 155, 315, 635, 1235, 1835]);
  expect(asked.length).toBeLessThan(20);
  clock.advance(10 * 60_000);
  owner.grow(1);
  const requests = owner.anchors.requests('west');
  expect(requests.map(({ body }) => parseAddCheckpoint(body).checkpoint.size)).toEqual([3]);
});

test('a log that grows fast is asked about once a second, and each question costs as many hashes as the log has bits', () => {
  const { owner, witnesses, clock } = four();
  let questions = 0;
  let most = 0;
  for (let i = 0; i < 300; i++) {
    owner.grow(1);
    clock.advance(100);
    for (const { to, body } of owner.anchors.requests()) {
      questions++;
      most = Math.max(most, parseAddCheckpoint(body).proof.length);
      const [answer] = witnesses.find(({ id }) => id === to)!.witness.judge([{ from: 'owner', body }]);
      owner.anchors.take(to, answer!);
    }
  }
  // 30 seconds, three witnesses.
  expect(questions).toBeLessThanOrEqual(3 * 31);
  expect(most).toBeLessThanOrEqual(2 * Math.ceil(Math.log2(300)));
});

test('a log that does not grow is shown again after twelve hours, so that its anchor stays fresh', () => {
  const { owner, witnesses, parties, clock } = four();
  owner.grow(2);
  correspond(owner, witnesses);
  clock.advance(11 * HOUR);
  expect(correspond(owner, witnesses)).toEqual([]);
  clock.advance(2 * HOUR);
  expect(correspond(owner, witnesses)).toHaveLength(3);
  expect(state(owner, parties)).toMatchObject({ size: 2, stale: false });
  clock.advance(23 * HOUR);
  expect(state(owner, parties).stale).toBe(false);
  clock.advance(HOUR);
  expect(state(owner, parties).stale).toBe(true);
});

test('a log that nobody has ever cosigned is stale a day after its first checkpoint, and one without witnesses is not', () => {
  const { owner, parties, clock } = four();
  expect(state(owner, parties)).toMatchObject({ size: 0, by: [], of: 3, at: undefined, stale: false });
  owner.grow(1);
  clock.advance(24 * HOUR);
  expect(state(owner, parties).stale).toBe(true);
  expect(state(owner, [owner.party])).toMatchObject({ of: 0, stale: false });
});

test('records that nobody relies on get a checkpoint after ten minutes, to be cosigned', () => {
  const { owner, witnesses, clock } = four();
  owner.grow(2);
  correspond(owner, witnesses);
  owner.journal.transact('test', (tx) =>
    tx.append({ kind: 'program.started', detail: { software: 'assent', node: 'v24', platform: 'linux' } }),
  );
  expect(owner.anchors.nextRequest()).toBe(clock.now() + 10 * 60_000);
  clock.advance(10 * 60_000 - 1);
  expect(correspond(owner, witnesses)).toEqual([]);
  clock.advance(1);
  expect(correspond(owner, witnesses).map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(owner.anchors.nextRequest()).toBeGreaterThan(clock.now() + HOUR);
});

test('an answer that was lost costs one more question: the witness says what it has, and that is compared', () => {
  const { owner, witnesses, parties, clock } = four();
  const [coordinator] = witnesses as [WitnessedLog];
  owner.grow(3);
  for (const { to, body } of owner.anchors.requests())
    witnesses.find(({ id }) => id === to)!.witness.judge([{ from: 'owner', body }]);
  expect(owner.anchors.compared('coordinator')).toBe(false);
  clock.advance(5_000);
  owner.grow(2);
  const answers = correspond(owner, [coordinator]);
  expect(answers.map(({ status }) => status)).toEqual([409, 200]);
  expect(state(owner, parties)).toMatchObject({ size: 5, by: ['coordinator'] });
  expect(owner.anchors.compared('coordinator')).toBe(true);
  expect(owner.anchors.compared('east')).toBe(false);
});

test('an export has its very size cosigned, however the log grows meanwhile', () => {
  const { owner, witnesses, parties } = four();
  owner.grow(2);
  correspond(owner, witnesses);
  owner.grow(2);
  const pin = owner.anchors.pin(4);
  owner.grow(5);
  correspond(owner, witnesses);
  expect(state(owner, parties)).toMatchObject({ size: 4, by: ['coordinator', 'east', 'west'] });
  pin.release();
  owner.clock.advance(1000);
  correspond(owner, witnesses);
  expect(state(owner, parties)).toMatchObject({ size: 9, by: ['coordinator', 'east', 'west'] });
});

/** The owner's store as it was at one time. */
function backupOf(file: string, restored: string): void {
  for (const end of ['', '-wal', '-shm']) cpSync(`${file}${end}`, `${restored}${end}`, { force: true });
}

test('rollback to a backup: the store finds itself behind, says so once on record, and signs no more', () => {
  const { owner, witnesses, parties, clock, file } = four();
  owner.grow(4);
  correspond(owner, witnesses);
  const restored = join(temporaryFolder(), 'owner.db');
  backupOf(file, restored);
  owner.grow(6);
  clock.advance(1000);
  correspond(owner, witnesses);

  const back = witnessedLog('owner', () => parties, { clock, file: restored, keys: owner.keys });
  expect(back.journal.size()).toBe(4);
  expect(back.anchors.compared('coordinator')).toBe(false);
  expect(correspond(back, witnesses).map(({ status }) => status)).toEqual([409, 409, 409]);
  expect(back.anchors.compared('coordinator')).toBe(true);
  expect(back.fellBehind()).toBe(1);
  const conflict = findConflict(back.journal.read, origin(back))!;
  expect({ ...conflict, root: toHex(conflict.root) }).toMatchObject({
    size: 10,
    witness: 'test/coordinator',
  });
  expect(back.kinds().filter((kind) => kind === 'log.behind')).toHaveLength(1);
  const [record] = back.journal.read.all<{ bytes: Buffer }>("select bytes from record where kind = 'log.behind'");
  expect(JSON.parse(record!.bytes.toString('utf8'))).toMatchObject({
    detail: { why: 'behind', anchored: { size: 10 }, own: { size: 4 } },
  });
  // Another checkpoint under this key would be a fork.
  const before = back.journal.read.all('select size from checkpoint');
  back.grow(3);
  expect(back.journal.read.all('select size from checkpoint')).toEqual(before);

  guardLog(back.journal, () => findConflict(back.journal.read, origin(back)));
  const refused = expect.objectContaining({ code: 'LOG_BEHIND' }) as Error;
  for (const step of ['approval.grant', 'study.join', 'update.intend', 'training.start', 'whatever.comes'])
    expect(() => back.journal.transact(step, () => {})).toThrow(refused);
  expect(() => back.journal.transact('witness.judge', () => {})).not.toThrow();
});

test('fork: a store that went on from a backup finds its own records beside the anchored ones', () => {
  const { owner, witnesses, parties, clock, file } = four();
  owner.grow(4);
  correspond(owner, witnesses);
  const restored = join(temporaryFolder(), 'owner.db');
  backupOf(file, restored);
  owner.grow(3);
  clock.advance(1000);
  correspond(owner, witnesses);
  const back = witnessedLog('owner', () => parties, { clock, file: restored, keys: owner.keys });
  clock.advance(1000);
  back.grow(20);
  expect(correspond(back, witnesses).map(({ status }) => status)).toEqual([409, 409, 409]);
  const [record] = back.journal.read.all<{ bytes: Buffer }>("select bytes from record where kind = 'log.behind'");
  expect(JSON.parse(record!.bytes.toString('utf8'))).toMatchObject({
    detail: { why: 'forked', anchored: { size: 7 }, own: { size: 24 } },
  });
});

test('truncation: a store whose last records were taken away is behind', () => {
  const { owner, witnesses, parties, clock, file } = four();
  owner.grow(4);
  const restored = join(temporaryFolder(), 'owner.db');
  backupOf(file, restored);
  owner.grow(1);
  correspond(owner, witnesses);
  const cut = witnessedLog('owner', () => parties, { clock, file: restored, keys: owner.keys });
  correspond(cut, witnesses);
  expect(findConflict(cut.journal.read, origin(cut))).toMatchObject({ size: 5 });
});

test('of several witnesses the one that holds most counts', () => {
  const { owner, witnesses, parties, clock, file } = four();
  owner.grow(2);
  correspond(owner, witnesses);
  const restored = join(temporaryFolder(), 'owner.db');
  backupOf(file, restored);
  clock.advance(1000);
  owner.grow(2);
  correspond(owner, witnesses.slice(0, 1));
  clock.advance(10_000);
  owner.grow(2);
  correspond(owner, witnesses.slice(1, 2));
  const back = witnessedLog('owner', () => parties, { clock, file: restored, keys: owner.keys });
  correspond(back, witnesses);
  expect(findConflict(back.journal.read, origin(back))).toMatchObject({ size: 6, witness: 'test/east' });
  expect(back.fellBehind()).toBe(1);
});

const answerTo = (body: Uint8Array, change: Partial<Answer>): Answer => ({
  request: toHex(sha256(body)),
  status: 409,
  contentType: 'text/x.tlog.size',
  body: encodeUtf8('99\n'),
  checkpoint: new Uint8Array(),
  ...change,
});

test('a relay that lies can keep back, and nothing else: sizes without proof, other keys, and lines for other heads change nothing', () => {
  const { owner, witnesses, parties } = four();
  const [coordinator, east] = witnesses as [WitnessedLog, WitnessedLog];
  owner.grow(3);
  const [first] = owner.anchors.requests('coordinator');
  const { body } = first!;
  // It says that more was cosigned, and shows nothing, or what another log has signed.
  const stranger = witnessedLog('owner', () => parties, { keys: newKeys() });
  stranger.grow(9);
  const { note } = stranger.journal.read.get<{ note: Buffer }>('select note from checkpoint')!;
  const renamed = encodeUtf8(
    decodeUtf8(new Uint8Array(note)).replaceAll(stranger.party.log.name, owner.party.log.name),
  );
  for (const checkpoint of [new Uint8Array(), new Uint8Array(note), renamed, encodeUtf8('no checkpoint')])
    owner.anchors.take('coordinator', answerTo(body, { checkpoint }));
  expect(findConflict(owner.journal.read, origin(owner))).toBeUndefined();
  // It answers for one witness with the line of another, or with an answer to another question.
  const [toEast] = owner.anchors.requests('east');
  const [byEast] = east.witness.judge([{ from: 'owner', body: toEast!.body }]);
  const [byCoordinator] = coordinator.witness.judge([{ from: 'owner', body }]);
  owner.anchors.take('coordinator', { ...byEast!, request: byCoordinator!.request });
  owner.anchors.take('west', byCoordinator!);
  owner.anchors.take('nobody', byCoordinator!);
  owner.anchors.take('coordinator', { ...byCoordinator!, request: '00'.repeat(32) });
  expect(state(owner, parties).by).toEqual([]);
  owner.anchors.take('east', byEast!);
  owner.anchors.take('east', byEast!);
  expect(state(owner, parties).by).toEqual(['east']);
});

test('a witness that each time says another size is not asked again and again', () => {
  const { owner } = four();
  owner.grow(9);
  let asked = 0;
  for (let turn = 0; turn < 100; turn++)
    for (const { body } of owner.anchors.requests('coordinator')) {
      asked++;
      owner.anchors.take('coordinator', answerTo(body, { body: encodeUtf8(`${turn % 9}\n`) }));
    }
  expect(asked).toBeLessThan(6);
});

test('clock set back: a cosignature for a time to come is not taken, and questions do not wait for the old time', () => {
  const { owner, parties, clock } = four();
  const ahead = witnessedLog('west', () => parties, { clock: handClock(clock.now() + HOUR) });
  parties[parties.findIndex(({ id }) => id === 'west')] = ahead.party;
  owner.grow(2);
  expect(correspond(owner, [ahead]).map(({ status }) => status)).toEqual([200]);
  expect(state(owner, parties).by).toEqual([]);
  clock.advance(-24 * HOUR);
  expect(owner.anchors.requests('east')).toHaveLength(1);
});

test('in a large consortium a log has the coordinator and fifteen others as witnesses, the same for everybody who looks', () => {
  const parties = Array.from({ length: 200 }, (_, i) => partyNamed(i === 0 ? 'coordinator' : `member-${i}`));
  const chosen = witnessesOf({ id: 'member-7', origin: 'assent/abc' }, parties).map(({ id }) => id);
  expect(chosen).toHaveLength(16);
  expect(chosen[0]).toBe('coordinator');
  expect(chosen).not.toContain('member-7');
  expect(witnessesOf({ id: 'member-7', origin: 'assent/abc' }, parties.toReversed()).map(({ id }) => id)).toEqual(
    chosen,
  );
  expect(witnessesOf({ id: 'member-8', origin: 'assent/def' }, parties).map(({ id }) => id)).not.toEqual(chosen);
});

const key = newKeys();
const partyNamed = (id: string): Party => ({
  id,
  log: { name: `assent/${id}`, keyId: '00000000', type: 1, publicKey: key.log.publicKey },
  witness: { name: `test/${id}`, keyId: '00000000', type: 4, publicKey: key.witness.publicKey },
});
