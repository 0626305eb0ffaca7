// A witness with a real store: what it keeps, what it puts on record, and that it keeps before it answers.
import { expect, test } from 'vitest';
import { parseCheckpoint } from '../../shared/transparency/checkpoint.ts';
import { verifyNote } from '../../shared/transparency/note.ts';
import { consistencyProof, rootHash } from '../../shared/transparency/tree.ts';
import { encodeAddCheckpoint } from '../../shared/transparency/witness.ts';
import { decodeUtf8 } from '../../shared/wire/canonical.ts';
import { primitives } from '../../platform/crypto.ts';
import { alarmsOf, witnessedLogs } from '../../platform/witness.ts';
import type { Party } from '../../platform/parties.ts';
import { newKeys, witnessedLog, type WitnessedLog } from '../support/witnessed-logs.ts';

function pair() {
  const parties: Party[] = [];
  const [owner, witness] = ['owner', 'witness'].map((id) => {
    const log = witnessedLog(id, () => parties);
    parties.push(log.party);
    return log;
  }) as [WitnessedLog, WitnessedLog];
  return { owner, witness, parties };
}

/** A request for the latest checkpoint of a log, from an old size. */
function request({ journal }: WitnessedLog, oldSize: number): Uint8Array {
  const { size, note } = journal.read.get<{ size: number; note: Buffer }>(
    'select size, note from checkpoint order by size desc limit 1',
  )!;
  const proof = consistencyProof(primitives, journal.nodes, Math.min(oldSize, size), size);
  return encodeAddCheckpoint({ oldSize, proof, checkpoint: note });
}
const judge = (witness: WitnessedLog, body: Uint8Array, from = 'owner') => witness.witness.judge([{ from, body }])[0]!;

test('what is cosigned is kept before the answer, with the log’s signature and its own', () => {
  const { owner, witness } = pair();
  owner.grow(3);
  const answer = judge(witness, request(owner, 0));
  expect(answer.status).toBe(200);
  const [kept] = witness.journal.read.all<{ note: Buffer; size: number; member: string }>('select * from witnessed');
  expect(kept).toMatchObject({ size: 3, member: 'owner' });
  const note = parseCheckpoint(new Uint8Array(kept!.note)).note;
  const { signers } = verifyNote(primitives, note, [owner.party.log, witness.party.witness]);
  expect(signers.map(({ name }) => name)).toEqual([owner.party.log.name, 'test/witness']);
  expect(decodeUtf8(new Uint8Array(kept!.note)).endsWith(decodeUtf8(answer.body))).toBe(true);
  expect(witnessedLogs(witness.journal.read)).toMatchObject([{ member: 'owner', size: 3 }]);
  // Witnessing is not on record: each word of it would have to be witnessed in turn.
  expect(witness.kinds()).toEqual([]);
});

test('witness race: of two requests from the same size exactly one wins, and the other is told the new size', () => {
  const { owner, witness } = pair();
  owner.grow(3);
  owner.grow(2);
  const first = request(owner, 3);
  owner.grow(4);
  const second = request(owner, 3);
  for (const [a, b] of [
    [first, second],
    [second, first],
  ] as const) {
    const fresh = witnessedLog('witness', () => [owner.party], { keys: witness.keys });
    judge(fresh, presented(owner, 3));
    const answers = fresh.witness.judge([
      { from: 'owner', body: a },
      { from: 'owner', body: b },
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 409]);
    const won = a === first ? 5 : 9;
    expect(decodeUtf8(answers[1]!.body)).toBe(`${won}\n`);
    expect(witnessedLogs(fresh.journal.read)).toMatchObject([{ size: won }]);
  }
});

/** The checkpoint of an earlier size, for a witness that has seen nothing yet. */
function presented({ journal }: WitnessedLog, size: number): Uint8Array {
  const { note } = journal.read.get<{ note: Buffer }>('select note from checkpoint where size = ?', size)!;
  return encodeAddCheckpoint({ oldSize: 0, proof: [], checkpoint: note });
}

test('a refusal comes with what was cosigned, so that the owner need not believe a number', () => {
  const { owner, witness } = pair();
  owner.grow(3);
  judge(witness, request(owner, 0));
  owner.grow(1);
  const refused = judge(witness, request(owner, 0));
  expect(refused).toMatchObject({ status: 409, contentType: 'text/x.tlog.size' });
  const held = parseCheckpoint(refused.checkpoint);
  expect([held.size, held.root]).toEqual([3, rootHash(primitives, owner.journal.nodes, 3)]);
  expect(verifyNote(primitives, held.note, [owner.party.log]).signers).toHaveLength(1);
});

test('rollback to a backup, seen by a witness: refused, and an alarm on record once', () => {
  const { owner, witness } = pair();
  owner.grow(3);
  const early = request(owner, 0);
  owner.grow(4);
  judge(witness, request(owner, 0));
  for (let i = 0; i < 3; i++) expect(judge(witness, early).status).toBe(409);
  expect(witness.kinds()).toEqual(['log.alarm']);
  expect(alarmsOf(witness.journal.read)).toMatchObject([{ member: 'owner', why: 'smaller' }]);
  expect(witness.said).toEqual([
    'ALARM: the log of owner shows 3 records where 7 were cosigned before. It was not cosigned.',
  ]);
});

test('fork, seen by a witness: two logs under one key are told apart, each kind on record once', () => {
  const { owner, witness, parties } = pair();
  const fork = witnessedLog('owner', () => parties, { keys: owner.keys });
  owner.grow(5);
  fork.clock.advance(1000);
  fork.grow(5);
  judge(witness, request(owner, 0));
  expect(judge(witness, request(fork, 0))).toMatchObject({ status: 409 });
  expect(judge(witness, request(fork, 5))).toMatchObject({ status: 409 });
  fork.grow(2);
  expect(judge(witness, request(fork, 5))).toMatchObject({ status: 422 });
  expect(judge(witness, request(fork, 5))).toMatchObject({ status: 422 });
  expect(
    alarmsOf(witness.journal.read)
      .map(({ why }) => why)
      .toSorted(),
  ).toEqual(['fork', 'inconsistent']);
  expect(witness.kinds()).toEqual(['log.alarm', 'log.alarm']);
  // Both checkpoints are kept: each is signed by the log.
  for (const row of witness.journal.read.all<{ known: Buffer; seen: Buffer }>('select known, seen from log_alarm'))
    for (const bytes of [row.known, row.seen]) {
      const { note } = parseCheckpoint(new Uint8Array(bytes));
      expect(verifyNote(primitives, note, [owner.party.log]).signers).toHaveLength(1);
    }
  // The honest branch goes on.
  owner.grow(1);
  expect(judge(witness, request(owner, 5)).status).toBe(200);
});

test('a log is presented by its owner alone, and one that is not in the directory by nobody', () => {
  const { owner, witness, parties } = pair();
  owner.grow(2);
  expect(judge(witness, request(owner, 0), 'stranger').status).toBe(404);
  expect(witness.witness.judge([{ from: 'owner', body: request(owner, 0) }])[0]!.status).toBe(200);
  parties.splice(parties.indexOf(owner.party), 1);
  owner.grow(2);
  expect(judge(witness, request(owner, 2)).status).toBe(404);
});

test('a known key with a bad signature gets nothing, and nothing is kept', () => {
  const { owner, witness } = pair();
  const impostor = witnessedLog('owner', () => [], { keys: { ...newKeys(), witness: owner.keys.witness } });
  impostor.grow(2);
  // Under the owner's name, by another key.
  const body = decodeUtf8(request(impostor, 0)).replaceAll(impostor.party.log.name, owner.party.log.name);
  expect(judge(witness, new TextEncoder().encode(body)).status).toBe(403);
  expect(witnessedLogs(witness.journal.read)).toEqual([]);
});

test('clock set back: a later head is never said to be older than an earlier one', () => {
  const { owner, witness } = pair();
  owner.grow(2);
  judge(witness, request(owner, 0));
  const [before] = witnessedLogs(witness.journal.read);
  witness.clock.advance(-3_600_000);
  owner.grow(2);
  const answer = judge(witness, request(owner, 2));
  expect(answer.status).toBe(200);
  expect(witnessedLogs(witness.journal.read)).toMatchObject([{ size: 4, at: before!.at }]);
});

test('many requests are one transaction', () => {
  const parties: Party[] = [];
  const witness = witnessedLog('witness', () => parties);
  const owners = Array.from({ length: 20 }, (_, i) => witnessedLog(`owner-${i}`, () => parties));
  parties.push(witness.party, ...owners.map(({ party }) => party));
  for (const owner of owners) owner.grow(2);
  let steps = 0;
  witness.journal.guard(() => void steps++);
  const answers = witness.witness.judge(owners.map((owner) => ({ from: owner.id, body: request(owner, 0) })));
  expect(answers.every(({ status }) => status === 200)).toBe(true);
  expect(steps).toBe(1);
});
