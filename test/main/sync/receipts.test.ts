import { describe, expect, it } from 'vitest';
import { receiptsOf, seenHead } from '../../../main/store/receipts.ts';
import { roundOf } from '../../../main/store/rounds.ts';
import { generateEd25519, primitives, signEd25519 } from '../../../platform/crypto.ts';
import { logKey } from '../../../platform/log-origin.ts';
import { AssentError } from '../../../shared/errors.ts';
import type { AuditEntry } from '../../../shared/records/audit.ts';
import { parseCheckpoint } from '../../../shared/transparency/checkpoint.ts';
import { parseNote, signatureLine, verifyNote } from '../../../shared/transparency/note.ts';
import { readLogged } from '../../../shared/transparency/receipt-file.ts';
import { cosignatureMessage, verifierKey } from '../../../shared/transparency/verifier-key.ts';
import { decodeCanonical, encodeCanonical, encodeUtf8 } from '../../../shared/wire/canonical.ts';
import { institution, smallStudy, type Institution } from '../../support/institution.ts';
import { KEY, sentRound, type Answer, type SentRound } from '../../support/receipt-coordinator.ts';
import { openLog, type Log } from '../../support/receipt-log.ts';

/** The answer that shows these two records of a log. */
function shown(log: Log, accepted: number, aggregated: number, size = log.size()): Answer {
  const logged = (index: number) => ({ record: log.record(index), proof: log.proof(index, size) });
  return { accepted: logged(accepted), aggregated: logged(aggregated), consistency: [] };
}

/** The coordinator logs what is right, and shows it. */
function honest(here: SentRound): { answer: Answer; accepted: number; aggregated: number } {
  const records = here.close();
  here.log.grow(3);
  const accepted = here.log.append(records.accepted());
  here.log.grow(2);
  const aggregated = here.log.append(records.aggregated());
  here.log.grow(1);
  const answer = shown(here.log, accepted, aggregated);
  here.answers.receipt = () => answer;
  return { answer, accepted, aggregated };
}

const stateOf = ({ node }: SentRound) =>
  receiptsOf(node.store.journal.read, KEY).map(({ state, result, code }) => [state, result, code]);
const headOf = ({ node, coordinator }: SentRound) =>
  seenHead(node.store.journal.read, logKey(coordinator.log.publicKey).name);
const refused = (code: string) => [['logged', 'refused', code]];

describe('a receipt that holds', () => {
  it('is verified and on record with the hashes, the weight and where it stands in the coordinator’s log', async () => {
    const here = await sentRound();
    const { accepted, aggregated } = honest(here);
    expect(stateOf(here)).toEqual([['logged', 'due', null]]);
    expect(await here.collect()).toBe(true);
    expect(stateOf(here)).toEqual([['logged', 'verified', null]]);
    const { root } = parseCheckpoint(here.log.head(here.log.size()));
    expect(here.details('receipt.verified')).toEqual([
      {
        plan: here.plan.hash,
        outcome: here.details('round.closed')[0]!['outcome'],
        state: 'logged',
        statement: here.mine.statement,
        weight: here.mine.weight,
        members: 2,
        aggregate: '44'.repeat(32),
        model: '55'.repeat(32),
        index: accepted,
        outcomeIndex: aggregated,
        size: here.log.size(),
        root: Buffer.from(root).toString('hex'),
      },
    ]);
    expect(headOf(here)!.size).toBe(here.log.size());
    expect(here.said).toEqual([]);
  });

  it('is asked for once, and keeps the exact bytes that were shown', async () => {
    const here = await sentRound();
    const { answer } = honest(here);
    for (let look = 0; look < 3; look++) expect(await here.collect()).toBe(true);
    expect(here.asked.seen).toEqual([0]);
    const [row] = receiptsOf(here.node.store.journal.read, KEY);
    const { accepted, aggregated } = readLogged(decodeCanonical(row!.evidence!));
    expect([accepted, aggregated]).toEqual([answer.accepted, answer.aggregated]);
  });

  it('may carry the lines of witnesses, also of unknown ones: they are kept with it', async () => {
    const here = await sentRound();
    honest(here);
    const witness = generateEd25519();
    const key = verifierKey(primitives, 'witness.example', 4, witness.publicKey);
    const size = here.log.size();
    const note = here.log.head(size);
    const signature = new Uint8Array(72);
    new DataView(signature.buffer).setBigUint64(0, 1_700_000_000n);
    const message = cosignatureMessage(1_700_000_000, encodeUtf8(parseNote(note).text));
    signature.set(signEd25519(witness.privateKey, message), 8);
    const cosigned = new Uint8Array(Buffer.concat([note, encodeUtf8(signatureLine(key, signature))]));
    here.answers.receipt = () => ({
      accepted: { record: here.log.record(3), proof: here.log.proof(3, size, cosigned) },
      aggregated: { record: here.log.record(6), proof: here.log.proof(6, size, cosigned) },
    });
    await here.collect();
    expect(stateOf(here)).toEqual([['logged', 'verified', null]]);
    const { signers } = verifyNote(primitives, parseNote(new Uint8Array(headOf(here)!.note)), [key]);
    expect(signers).toMatchObject([{ name: 'witness.example', time: 1_700_000_000 }]);
  });
});

const betaWith = (digits: string) => ({
  member: 'beta',
  statement: digits.repeat(32),
  blob: digits.repeat(32),
  weight: 5,
});

describe('a coordinator that lies', () => {
  type Records = ReturnType<SentRound['close']>;
  const other = 'ab'.repeat(32);
  /** One record of the two is logged otherwise than it was; the log itself is sound. */
  it.each<[string, (records: Records) => [AuditEntry, AuditEntry], RegExp]>([
    ['logs another weight', (r) => [r.accepted({ weight: 7 }), r.aggregated()], /weight 7; it must be/],
    ['logs another statement', (r) => [r.accepted({ statement: other }), r.aggregated()], /statement abab/],
    [
      'logs the update for another round',
      (r) => [r.accepted({}, { round: 2 }), r.aggregated()],
      /round 2; it must be 1/,
    ],
    ['logs another aggregate', (r) => [r.accepted(), r.aggregated({ aggregate: other })], /aggregate abab/],
    ['logs another outcome', (r) => [r.accepted(), r.aggregated({ outcome: other })], /outcome abab/],
    ['logs the aggregate of another attempt', (r) => [r.accepted(), r.aggregated({}, { attempt: 3 })], /attempt 3/],
  ])('and %s is caught', async (_how, records, message) => {
    const here = await sentRound();
    const [first, second] = records(here.close());
    const at = [here.log.append(first), here.log.append(second)] as const;
    here.answers.receipt = () => shown(here.log, ...at);
    expect(await here.collect()).toBe(true);
    expect(stateOf(here)).toEqual(refused('RECEIPT_MISMATCH'));
    expect(here.said.join()).toMatch(message);
    // Its checkpoint was signed all the same, and binds it from now on.
    expect(headOf(here)!.size).toBe(2);
    expect(here.details('receipt.refused')).toMatchObject([{ state: 'logged', code: 'RECEIPT_MISMATCH' }]);
    expect(here.details('receipt.verified')).toEqual([]);
  });

  it('and counts the update only after the aggregate is caught', async () => {
    const here = await sentRound();
    const records = here.close();
    const aggregated = here.log.append(records.aggregated());
    const accepted = here.log.append(records.accepted());
    here.answers.receipt = () => shown(here.log, accepted, aggregated);
    await here.collect();
    expect(stateOf(here)).toEqual(refused('RECEIPT_MISMATCH'));
    expect(here.said.join()).toMatch(/after the aggregate/);
  });

  it.each<[string, string, (here: SentRound, answer: Answer) => Answer]>([
    [
      'shows the proof of another record',
      'RECEIPT_UNPROVEN',
      ({ log }, answer) => ({ ...answer, accepted: { ...answer.accepted, proof: log.proof(0) } }),
    ],
    [
      'shows a record that is not in its log',
      'RECEIPT_UNPROVEN',
      (_here, answer) => {
        const made = { ...(decodeCanonical(answer.accepted.record) as object), at: '2026-01-01T00:00:00.000Z' };
        return { ...answer, accepted: { ...answer.accepted, record: encodeCanonical(made) } };
      },
    ],
    [
      'shows the aggregate’s record in the place of the update’s',
      'RECEIPT_MISMATCH',
      (_here, answer) => ({ ...answer, accepted: answer.aggregated }),
    ],
    [
      'shows proofs under two checkpoints',
      'RECEIPT_UNPROVEN',
      ({ log }, answer) => ({
        ...answer,
        accepted: { ...answer.accepted, proof: log.proof(3, log.size() - 1) },
      }),
    ],
    [
      'shows a proof that is cut short',
      'RECEIPT_UNPROVEN',
      (_here, answer) => ({
        ...answer,
        accepted: { ...answer.accepted, proof: answer.accepted.proof.slice(0, 60) },
      }),
    ],
    [
      'signs the checkpoint with another key',
      'RECEIPT_UNSIGNED',
      ({ log }, answer) => {
        const made = generateEd25519();
        const by = { publicKey: made.publicKey, sign: (m: Uint8Array) => signEd25519(made.privateKey, m) };
        const size = log.size();
        return { ...answer, accepted: { ...answer.accepted, proof: log.proof(3, size, log.head(size, by)) } };
      },
    ],
    [
      'shows a checkpoint with a changed signature',
      'RECEIPT_UNSIGNED',
      ({ log }, answer) => {
        const head = Buffer.from(log.head(log.size())).toString('utf8');
        const changed = head.replace(/.(?=.{40}\n$)/, (letter) => (letter === 'A' ? 'Q' : 'A'));
        const proof = log.proof(3, log.size(), encodeUtf8(changed));
        return { ...answer, accepted: { ...answer.accepted, proof } };
      },
    ],
  ])('and %s is caught', async (_how, code, lie) => {
    const here = await sentRound();
    const { answer } = honest(here);
    here.answers.receipt = () => lie(here, answer);
    await here.collect();
    expect(stateOf(here)).toEqual(refused(code));
    if (code === 'RECEIPT_UNSIGNED') expect(headOf(here)).toBeUndefined();
  });

  it.each<[string, (mine: SentRound['mine']) => object[]]>([
    ['gives it another weight in the outcome', (mine) => [{ ...mine, weight: mine.weight + 1 }]],
    ['names another blob in the outcome', (mine) => [{ ...mine, blob: other }]],
  ])('and %s is caught, though the log says the same', async (_how, participants) => {
    const here = await sentRound();
    const records = here.close({ participants: participants(here.mine) as SentRound['mine'][] });
    const at = [here.log.append(records.accepted()), here.log.append(records.aggregated())] as const;
    here.answers.receipt = () => shown(here.log, ...at);
    await here.collect();
    expect(stateOf(here)).toEqual(refused('RECEIPT_MISMATCH'));
    expect(here.said.join()).toMatch(/once, with its weight/);
  });

  it.each<[string, (mine: SentRound['mine']) => object[]]>([
    ['counts it twice', (mine) => [mine, mine]],
    ['counts another member twice', (mine) => [mine, ...['66', '77'].map(betaWith)]],
    ['counts somebody who is not in the cohort', (mine) => [mine, { ...betaWith('66'), member: 'gamma' }]],
  ])('and %s in the outcome is caught, before anything is asked', async (_how, participants) => {
    const here = await sentRound({ study: smallStudy(['publication', 'members']) });
    here.close({ participants: participants(here.mine) as SentRound['mine'][] });
    await here.collect();
    expect(stateOf(here)).toEqual([
      ['logged', 'refused', 'RECEIPT_MISMATCH'],
      ['recomputed', 'refused', 'RECEIPT_MISMATCH'],
    ]);
    expect(here.said.join()).toMatch(/twice, or it is not in the cohort/);
    expect([here.asked.seen, here.asked.blobs]).toEqual([[], []]);
  });

  it('and takes an update that its outcome then does not count is caught, without being asked', async () => {
    const here = await sentRound();
    here.close({ participants: [{ member: 'beta', statement: other, blob: other, weight: 5 }] });
    await here.collect();
    expect(stateOf(here)).toEqual(refused('RECEIPT_OMITTED'));
    expect(here.asked.seen).toEqual([]);
  });

  it('and tells so while it takes the update is caught too', async () => {
    const onUpdate = (here: Institution) => {
      const { plan } = roundOf(here.node.store.journal.read, KEY);
      const participants = [{ member: 'beta', statement: other, blob: other, weight: 5 }];
      const ended = { participants, aggregate: other, model: other, metrics: {} };
      here.take(here.coordinator.outcome({ ...KEY, plan, result: 'aggregated', reason: '', ...ended }));
    };
    const here = await sentRound({ onUpdate });
    expect(stateOf(here)).toEqual([['logged', 'due', null]]);
    await here.collect();
    expect(stateOf(here)).toEqual(refused('RECEIPT_OMITTED'));
  });

  it('and says that it has no receipt for what it counted is caught', async () => {
    const here = await sentRound();
    here.close();
    await here.collect();
    expect(stateOf(here)).toEqual(refused('RECEIPT_WITHHELD'));
  });

  it('is refused once: the record is not repeated, and the receipt is not asked for again', async () => {
    const here = await sentRound();
    here.close();
    for (let look = 0; look < 3; look++) expect(await here.collect()).toBe(true);
    expect(here.details('receipt.refused')).toHaveLength(1);
    expect(here.asked.seen).toHaveLength(1);
  });
});

describe('the history of the coordinator’s log', () => {
  /** A node that has seen a checkpoint of this size, of a log that the coordinator may now deny. */
  async function hasSeen(size: number) {
    const here = await sentRound();
    const before = openLog(here.coordinator.log, here.clock.now);
    before.grow(size);
    const note = before.head(size);
    here.node.store.journal.transact('receipt.verify', (tx) => {
      const { name } = logKey(here.coordinator.log.publicKey);
      tx.run('insert into coordinator_head (origin, size, note) values (?, ?, ?)', name, size, note);
      tx.append({ kind: 'study.resumed', detail: {} });
    });
    return { here, note };
  }

  it('is followed from checkpoint to checkpoint, and the larger one is kept', async () => {
    const { here } = await hasSeen(3);
    const { answer } = honest(here);
    here.answers.receipt = ({ seen }) => ({
      ...answer,
      consistency: here.log.consistency(Number(seen), here.log.size()),
    });
    await here.collect();
    expect(stateOf(here)).toEqual([['logged', 'verified', null]]);
    expect([here.asked.seen, headOf(here)!.size]).toEqual([[3], here.log.size()]);
  });

  it('may be shown at an earlier checkpoint than the one seen last, which is kept', async () => {
    const here = await sentRound();
    const { accepted, aggregated } = honest(here);
    const size = here.log.size();
    here.log.grow(20);
    const note = here.log.head(here.log.size());
    here.node.store.journal.transact('receipt.verify', (tx) => {
      const { name } = logKey(here.coordinator.log.publicKey);
      tx.run('insert into coordinator_head (origin, size, note) values (?, ?, ?)', name, here.log.size(), note);
      tx.append({ kind: 'study.resumed', detail: {} });
    });
    here.answers.receipt = () => ({
      ...shown(here.log, accepted, aggregated, size),
      consistency: here.log.consistency(size, here.log.size()),
    });
    await here.collect();
    expect(stateOf(here)).toEqual([['logged', 'verified', null]]);
    expect(headOf(here)!.size).toBe(here.log.size());
  });

  it.each<[string, number, (here: SentRound, answer: Answer) => Answer]>([
    [
      'with a log that was rewritten before what was seen',
      5,
      (here, answer) => ({ ...answer, consistency: here.log.consistency(5, here.log.size()) }),
    ],
    ['with another log of the very size that was seen', 8, (_here, answer) => answer],
    ['with a log that lost records, as after a restored backup', 50, (_here, answer) => answer],
    ['without a proof', 3, (_here, answer) => answer],
  ])('that is told otherwise is refused: %s', async (_how, size, lie) => {
    const { here, note } = await hasSeen(size);
    const { answer } = honest(here);
    here.answers.receipt = () => lie(here, answer);
    await here.collect();
    expect(here.log.size()).toBe(8);
    expect(stateOf(here)).toEqual(refused('RECEIPT_HISTORY'));
    expect(here.details('receipt.refused')).toMatchObject([{ code: 'RECEIPT_HISTORY' }]);
    // What was seen before stays the measure, and both signed checkpoints are kept as evidence.
    expect(headOf(here)!.size).toBe(size);
    const [row] = receiptsOf(here.node.store.journal.read, KEY);
    const evidence = readLogged(decodeCanonical(row!.evidence!));
    expect([evidence.seen, evidence.accepted!.proof]).toEqual([note, answer.accepted.proof]);
  });
});

describe('a receipt that does not come', () => {
  it.each([
    ['the coordinator is down', new AssentError('COORDINATOR_UNREACHABLE', 'no answer')],
    ['the clocks differ', new AssentError('CLOCK_SKEW', 'another time')],
    ['something fails inside it', new Error('disk')],
  ])('because %s stays due, and is verified later', async (_why, error) => {
    const here = await sentRound();
    const { answer } = honest(here);
    here.answers.receipt = () => Promise.reject(error);
    expect(await here.collect()).toBe(false);
    expect(stateOf(here)).toEqual([['logged', 'due', null]]);
    here.answers.receipt = () => answer;
    expect(await here.collect()).toBe(true);
    expect(stateOf(here)).toEqual([['logged', 'verified', null]]);
  });

  it('because the answer has not the form of one stays due', async () => {
    const here = await sentRound();
    const { answer } = honest(here);
    here.answers.receipt = () => ({
      ...answer,
      accepted: { record: new Uint8Array(20_000), proof: new Uint8Array(1) },
    });
    expect(await here.collect()).toBe(false);
    expect(stateOf(here)).toEqual([['logged', 'due', null]]);
  });
});

describe('no receipt is owed', () => {
  it('for a round that was aborted', async () => {
    const here = await sentRound();
    here.close({ result: 'aborted', participants: [], aggregate: null, model: null, metrics: {} });
    expect(stateOf(here)).toEqual([]);
  });

  it('for a round in which this institution took no part', async () => {
    const here = await institution();
    const plan = here.coordinator.plan(here.study, ['alpha', 'beta']);
    here.take(plan);
    const beta = { member: 'beta', statement: '22'.repeat(32), blob: '33'.repeat(32), weight: 5 };
    const hashes = { aggregate: '44'.repeat(32), model: '55'.repeat(32) };
    const told = { ...KEY, plan: plan.hash, result: 'aggregated' as const, reason: '', participants: [beta] };
    here.take(here.coordinator.outcome({ ...told, ...hashes, metrics: {} }));
    expect(receiptsOf(here.node.store.journal.read, KEY)).toEqual([]);
  });
});
