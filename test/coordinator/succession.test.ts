// What the coordinator asks of a member whose log goes on under another key.
import { expect, test } from 'vitest';
import { generateEd25519, primitives, signEd25519 } from '../../platform/crypto.ts';
import { rootHash } from '../../shared/transparency/tree.ts';
import { directoryRecord } from '../../shared/records/membership.ts';
import { signedMessage } from '../../shared/records/signed.ts';
import { successorRecord } from '../../shared/records/succession.ts';
import { toHex } from '../../shared/wire/canonical.ts';
import { openParties } from '../../platform/parties.ts';
import { admitted, openConsortium } from '../support/open-consortium.ts';
import { refusalOf } from '../support/signing-member.ts';
import { witnessedLog, type WitnessedLog } from '../support/witnessed-logs.ts';

async function anchored() {
  const consortium = await openConsortium();
  const { store } = consortium.coordinator;
  const member = await admitted(consortium, 'alpha');
  const directory = openParties(store.journal.read);
  const log = witnessedLog('alpha', () => directory(store.consortium, store.keys), {
    keys: member.secrets,
    clock: consortium.clock,
  });
  log.grow(3);
  const checkpointOf = () =>
    log.journal.read.get<{ size: number; root: Buffer; note: Buffer }>('select * from checkpoint order by size desc')!;
  const early = checkpointOf();
  log.grow(4);
  const [request] = log.anchors.requests('coordinator');
  await member.calls.exchangeLetters({
    letters: [{ party: 'coordinator', kind: { case: 'request', value: { body: request!.body } } }],
  });
  const late = checkpointOf();
  const next = generateEd25519();
  const value = {
    v: 1 as const,
    consortium: 'test',
    member: 'alpha',
    predecessor: { origin: log.party.log.name, size: late.size, root: toHex(late.root) },
    log: toHex(next.publicKey),
    decision: '11'.repeat(32),
    at: new Date(consortium.clock.now()).toISOString(),
  };
  /** Signed as it must be, but for what a test changes. */
  const succeed = (
    change: Partial<typeof value> = {},
    by: { member?: Uint8Array; log?: Uint8Array; checkpoint?: Uint8Array } = {},
  ) => {
    const record = successorRecord.encode({ ...value, ...change });
    const message = signedMessage(successorRecord.kind, record);
    return member.calls.succeedLog({
      record,
      memberSignature: signEd25519(by.member ?? member.secrets.member.privateKey, message),
      logSignature: signEd25519(by.log ?? next.privateKey, message),
      checkpoint: by.checkpoint ?? late.note,
    });
  };
  return { consortium, member, log, early, late, next, value, succeed };
}

test('a successor of the log that was cosigned last is taken, once, and everybody is told its key', async () => {
  const { consortium, member, log, succeed, next } = await anchored();
  await succeed();
  await succeed();
  expect(consortium.kinds().filter((kind) => kind === 'member.succeeded')).toHaveLength(1);
  const directories = (await member.events()).filter(({ kind }) => kind.case === 'directory');
  const [alpha] = directoryRecord.decode(directories.at(-1)!.kind.value!.record).members;
  expect(alpha!.keys).toEqual({ ...member.keys, log: toHex(next.publicKey) });
  // The new log is witnessed from its beginning, the old one no more.
  const { store } = consortium.coordinator;
  const directory = openParties(store.journal.read);
  const keys = { ...member.secrets, log: next };
  const parties = () => directory(store.consortium, store.keys);
  const successor = witnessedLog('alpha', parties, { keys, clock: consortium.clock });
  const status = async (asking: WitnessedLog) => {
    asking.grow(2);
    consortium.clock.advance(10_000);
    const [request] = asking.anchors.requests('coordinator');
    const letter = { party: 'coordinator', kind: { case: 'request' as const, value: { body: request!.body } } };
    const { letters } = await member.calls.exchangeLetters({ letters: [letter] });
    return letters.flatMap(({ kind }) => (kind.case === 'answer' ? [kind.value.status] : []));
  };
  expect(await status(successor)).toEqual([200]);
  expect(await status(log)).toEqual([404]);
});

test('rollback to a backup by way of a successor: one that names less than was cosigned is refused', async () => {
  const { succeed, early, log } = await anchored();
  const predecessor = { origin: log.party.log.name, size: early.size, root: toHex(early.root) };
  expect(await refusalOf(succeed({ predecessor }, { checkpoint: early.note }))).toBe('SUCCESSION_INVALID');
});

test('fork by way of a successor: one that names another state of the same size is refused', async () => {
  const { succeed, log, late } = await anchored();
  const fork = witnessedLog('alpha', () => [], { keys: log.keys });
  fork.grow(late.size);
  const { note, root } = fork.journal.read.get<{ note: Buffer; root: Buffer }>('select note, root from checkpoint')!;
  expect(toHex(root)).not.toBe(toHex(rootHash(primitives, log.journal.nodes, late.size)));
  const predecessor = { origin: log.party.log.name, size: late.size, root: toHex(root) };
  expect(await refusalOf(succeed({ predecessor }, { checkpoint: note }))).toBe('SUCCESSION_INVALID');
});

test('what is not signed by both keys, or is of another member, log or checkpoint, is refused', async () => {
  const { consortium, succeed, early, value, log } = await anchored();
  const other = generateEd25519();
  expect(await refusalOf(succeed({}, { member: other.privateKey }))).toBe('SIGNATURE_INVALID');
  expect(await refusalOf(succeed({}, { log: other.privateKey }))).toBe('SIGNATURE_INVALID');
  expect(await refusalOf(succeed({ member: 'beta' }))).toBe('SUCCESSION_INVALID');
  expect(await refusalOf(succeed({ consortium: 'other' }))).toBe('SUCCESSION_INVALID');
  expect(await refusalOf(succeed({ predecessor: { ...value.predecessor, origin: 'assent/other' } }))).toBe(
    'SUCCESSION_INVALID',
  );
  expect(await refusalOf(succeed({}, { checkpoint: early.note }))).toBe('SUCCESSION_INVALID');
  const unsigned = new TextEncoder().encode(
    new TextDecoder().decode(early.note).replaceAll(/\u2014 (\S+) .*/g, '\u2014 $1 AAAAAAAA'),
  );
  const predecessor = { origin: log.party.log.name, size: early.size, root: toHex(early.root) };
  expect(await refusalOf(succeed({ predecessor }, { checkpoint: unsigned }))).toBe('SUCCESSION_INVALID');
  expect(await refusalOf(succeed({}, { checkpoint: new Uint8Array([1]) }))).toBe('CHECKPOINT_INVALID');
  expect(consortium.kinds()).not.toContain('member.succeeded');
});

test('the key of a successor is nobody’s yet', async () => {
  const { succeed, member } = await anchored();
  const { witness } = member.secrets;
  expect(await refusalOf(succeed({ log: member.keys.witness }, { log: witness.privateKey }))).toBe(
    'SUCCESSION_INVALID',
  );
});
