import Database from 'better-sqlite3';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { primitives } from '../../platform/crypto.ts';
import { logKey } from '../../platform/log-origin.ts';
import { trustLog } from '../../shared/transparency/policy.ts';
import { parseProof, verifyProof } from '../../shared/transparency/proof.ts';
import { parseCheckpoint } from '../../shared/transparency/checkpoint.ts';
import { cosignatureMessage, verifierKey } from '../../shared/transparency/verifier-key.ts';
import { parseNote, signatureLine } from '../../shared/transparency/note.ts';
import { verifyConsistency } from '../../shared/transparency/tree-proofs.ts';
import { decodeUtf8, encodeUtf8, fromHex } from '../../shared/wire/canonical.ts';
import { generateEd25519, signEd25519 } from '../../platform/crypto.ts';
import { gradientBytes, openConsortium, startedStudy, tinyStudy, type Consortium } from '../support/open-consortium.ts';
import { refusalOf, type SigningMember } from '../support/signing-member.ts';

const FIRST = { study: 'tiny', round: 1, attempt: 1 };

async function playRound(consortium: Consortium, members: readonly SigningMember[]): Promise<void> {
  const announced = await members[0]!.plan();
  for (const [at, member] of members.entries())
    await member.contribute(announced, gradientBytes(at + 1, announced.plan.round / 10), { examples: 10 + at });
  await consortium.idle();
}

async function afterRounds(rounds: number) {
  const consortium = await openConsortium();
  const members = await startedStudy(consortium, tinyStudy(['rounds', 20]), ['alpha', 'beta']);
  for (let round = 0; round < rounds; round++) await playRound(consortium, members);
  const key = logKey(fromHex(consortium.coordinator.store.keys.log));
  return { consortium, members, alpha: members[0]!, beta: members[1]!, key };
}

type Told = { kind: string; round: number; detail: Record<string, unknown> };
const recordOf = ({ record }: { record: Uint8Array }) => JSON.parse(decodeUtf8(record)) as Told;
const headOf = ({ proof }: { proof: Uint8Array }) => parseCheckpoint(parseProof(proof).checkpoint);

describe('a receipt', () => {
  it('holds the record that counts the caller’s update and that of the aggregate, each proven under one checkpoint', async () => {
    const { alpha, beta, key } = await afterRounds(1);
    for (const [member, weight] of [
      [alpha, 10],
      [beta, 11],
    ] as const) {
      const { accepted, aggregated, consistency } = await member.calls.getReceipt(FIRST);
      expect(recordOf(accepted!)).toMatchObject({
        kind: 'update.accepted',
        round: 1,
        detail: { member: member.id, weight },
      });
      expect(recordOf(aggregated!)).toMatchObject({ kind: 'round.aggregated', round: 1, detail: { members: 2 } });
      for (const { record, proof } of [accepted!, aggregated!])
        expect(verifyProof(primitives, proof, record, trustLog(key))).toMatchObject({ ok: true });
      expect(headOf(accepted!).note.text).toBe(headOf(aggregated!).note.text);
      expect(consistency).toEqual([]);
    }
  });

  it('of an earlier round stands under the newest checkpoint, which goes on from any that was seen', async () => {
    const { consortium, members, alpha } = await afterRounds(1);
    const before = headOf((await alpha.calls.getReceipt(FIRST)).accepted!);
    for (let round = 2; round <= 5; round++) await playRound(consortium, members);
    const { accepted, consistency } = await alpha.calls.getReceipt({ ...FIRST, seen: BigInt(before.size) });
    const now = headOf(accepted!);
    expect(now.size).toBeGreaterThan(before.size);
    const claim = { oldSize: before.size, oldRoot: before.root, newSize: now.size, newRoot: now.root };
    expect(verifyConsistency(primitives, { ...claim, proof: consistency })).toBe(true);
    expect(parseProof(accepted!.proof).hashes.length).toBeLessThanOrEqual(Math.ceil(Math.log2(now.size)));
  });

  it('is the caller’s own, of a round that was aggregated', async () => {
    const { consortium, alpha, beta } = await afterRounds(1);
    const announced = await alpha.plan();
    await alpha.contribute(announced, gradientBytes(1, 1));
    const second = { study: 'tiny', round: 2, attempt: 1 };
    expect(await refusalOf(alpha.calls.getReceipt(second))).toBe('RECEIPT_UNKNOWN');
    await beta.decide(announced, 'decline');
    await consortium.idle();
    expect(consortium.kinds()).toContain('round.aborted');
    expect(await refusalOf(alpha.calls.getReceipt(second))).toBe('RECEIPT_UNKNOWN');
    expect(await refusalOf(alpha.calls.getReceipt({ ...FIRST, attempt: 2 }))).toBe('RECEIPT_UNKNOWN');
    const stranger = consortium.newMember('gamma');
    await stranger.enrol((await consortium.admin.invite({ member: 'gamma', name: 'G' })).invitation);
    expect(await refusalOf(stranger.calls.getReceipt(FIRST))).toBe('NOT_ADMITTED');
    await consortium.admin.admit({ member: 'gamma', fingerprint: stranger.fingerprint });
    expect(await refusalOf(stranger.calls.getReceipt(FIRST))).toBe('RECEIPT_UNKNOWN');
  });

  it('stands under a checkpoint that somebody has cosigned where there is one, with that line; also where it is not the newest', async () => {
    const { consortium, members, alpha, key } = await afterRounds(1);
    const witness = generateEd25519();
    const name = verifierKey(primitives, 'witness.example', 4, witness.publicKey);
    const { journal } = consortium.coordinator.store;
    journal.transact('anchor.keep', (tx) => {
      const { size, note } = tx.get<{ size: number; note: Buffer }>('select * from checkpoint order by size desc')!;
      const time = 1_700_000_000;
      const signature = new Uint8Array(72);
      new DataView(signature.buffer).setBigUint64(0, BigInt(time));
      const text = encodeUtf8(parseNote(note).text);
      signature.set(signEd25519(witness.privateKey, cosignatureMessage(time, text)), 8);
      tx.run(
        'insert into cosignature (size, witness, key, line, time) values (?, ?, ?, ?, ?)',
        size,
        name.name,
        witness.publicKey,
        signatureLine(name, signature),
        time,
      );
    });
    for (let round = 2; round <= 3; round++) await playRound(consortium, members);
    const seen = journal.size();
    const { accepted, consistency } = await alpha.calls.getReceipt({ ...FIRST, seen: BigInt(seen) });
    const trust = { ...trustLog(key), witnesses: [name] };
    expect(verifyProof(primitives, accepted!.proof, accepted!.record, trust)).toMatchObject({
      ok: true,
      signers: [{ name: key.name }, { name: 'witness.example', time: 1_700_000_000 }],
    });
    // Who has seen a larger log is shown that this one is its beginning.
    const { size, root } = headOf(accepted!);
    expect(size).toBeLessThan(seen);
    const newest = await alpha.calls.getReceipt({ study: 'tiny', round: 3, attempt: 1 });
    const head = headOf(newest.accepted!);
    const claim = { oldSize: size, oldRoot: root, newSize: head.size, newRoot: head.root };
    const proof = (await alpha.calls.getReceipt({ ...FIRST, seen: BigInt(head.size) })).consistency;
    expect(verifyConsistency(primitives, { ...claim, proof })).toBe(true);
    expect(consistency.length).toBeGreaterThan(0);
  });

  it('to a member that has seen more than there is comes without a proof, which there cannot be', async () => {
    const { alpha } = await afterRounds(1);
    expect((await alpha.calls.getReceipt({ ...FIRST, seen: 10_000n })).consistency).toEqual([]);
  });

  it('is there for rounds of a store that was made before there were receipts', async () => {
    const { consortium, alpha } = await afterRounds(2);
    const before = await alpha.calls.getReceipt(FIRST);
    await consortium.restart(() => {
      const db = new Database(join(consortium.home, 'coordinator.db'));
      db.exec(`drop table cosignature; drop table past_log; drop table log_conflict; drop table witnessed; drop table log_alarm;
               drop table successor; drop table published; drop index statement_round; create index statement_round on statement (study, round, attempt);
               alter table statement drop column position; alter table round drop column position; pragma user_version = 5`);
      db.close();
    });
    const after = await alpha.calls.getReceipt(FIRST);
    expect([after.accepted!.record, after.aggregated!.record]).toEqual([
      before.accepted!.record,
      before.aggregated!.record,
    ]);
  });
});
