import { monitorEventLoopDelay } from 'node:perf_hooks';
import { expect, test } from 'vitest';
import { verifyLog, type CheckedLog, type VerifyStage } from '../../../main/audit/verify.ts';
import { damage, flipBit } from '../../support/damaged-store.ts';
import { writtenLog, type WrittenLog } from '../../support/evidence.ts';
import { ann, keyOf, OWN_KEYS, sam } from '../../support/node-log.ts';

/** A log with a round by people and one by a policy. */
function soundLog(): WrittenLog {
  const written = writtenLog();
  const { log } = written;
  log.founded();
  log.round(keyOf(1));
  log.round(keyOf(2));
  return written;
}

async function check({ journal }: Pick<WrittenLog, 'journal'>, stop = new AbortController()) {
  const stages: VerifyStage[] = [];
  const checked = await verifyLog(
    { journal, keys: OWN_KEYS, witnesses: [] },
    (stage) => stages.push(stage),
    stop.signal,
  );
  return { ...checked, stages };
}

const faults = ({ findings }: CheckedLog) => findings.map(({ fault, position }) => [fault, position]);
const positionOf = ({ journal }: WrittenLog, kind: string) =>
  journal.read.get<{ position: number }>('select position from record where kind = ?', kind)!.position;

test('a sound log: every record, checkpoint, opening, signature and round is counted', async () => {
  const written = soundLog();
  const checked = await check(written);
  const size = written.journal.size();
  expect(checked).toMatchObject({
    found: 0,
    records: size,
    removed: 0,
    sense: { verdict: 'ok', rounds: { ok: 2, notShown: 0, failed: 0 } },
  });
  expect(checked.head!.size).toBe(size);
  expect(checked.sense!.signatures).toBeGreaterThan(10);
  expect(checked.checkpoints).toBeGreaterThan(10);
  expect(checked.openings).toBe(written.journal.read.all('select 1 from opening').length);
  expect(new Set(checked.stages.map(({ stage }) => stage))).toEqual(new Set(['bytes', 'sense']));
});

test('each flipped bit in a record is found and the record named; what the records say is then not judged', async () => {
  const written = soundLog();
  for (const at of [3, 11]) damage(written.journal, flipBit('record', 'bytes', `position = ${at}`));
  const checked = await check(written);
  expect(faults(checked)).toEqual([
    ['record', 3],
    ['record', 11],
  ]);
  expect(checked.sense).toBeUndefined();
});

test.each([
  ['a leaf hash', flipBit('record', 'leaf', 'position = 7'), ['tree', 7]],
  ['a hash of the tree', flipBit('tree', 'hash', 'level = 1 and place = 2'), ['tree', 5]],
  ['the root of a checkpoint', flipBit('checkpoint', 'root', 'size = 5'), ['checkpoint', undefined]],
  ['a signed checkpoint', flipBit('checkpoint', 'note', 'size = 5'), ['checkpoint', undefined]],
] as const)('%s that was changed is found', async (_, change, expected) => {
  const written = soundLog();
  damage(written.journal, change);
  expect(faults(await check(written))[0]).toEqual(expected);
});

test('a record that was taken out, with all its hashes, is missed', async () => {
  const written = soundLog();
  damage(written.journal, (db) => db.exec('delete from record where position = 9'));
  expect(faults(await check(written))).toEqual([['record', 9]]);
  damage(written.journal, (db) => db.exec('delete from record where position >= 9'));
  expect(faults(await check(written))).toEqual([['checkpoint', undefined]]);
});

test('a record that is filed under another kind than it says cannot hide from a filter', async () => {
  const written = soundLog();
  const position = positionOf(written, 'update.sent');
  damage(written.journal, (db) => db.exec(`update record set kind = 'quality.kept' where position = ${position}`));
  expect(faults(await check(written))).toEqual([['filed', position]]);
});

test('a name that was put in the place of another is found, one that was erased is not', async () => {
  const written = soundLog();
  const position = positionOf(written, 'approval.granted');
  damage(written.journal, (db) => db.exec(`delete from opening where value like '%${ann.name}%'`));
  expect((await check(written)).found).toBe(0);
  damage(written.journal, (db) =>
    db.exec(`update opening set value = '"another reason"' where position = ${position}`),
  );
  expect(faults(await check(written))).toEqual([['opening', position]]);
});

test('what people signed is found where it was changed, and where it is missing but was never removed by the rules', async () => {
  const written = soundLog();
  const position = positionOf(written, 'approval.granted');
  const { hash } = written.journal.read.get<{ hash: string }>(
    "select hash from signed_record where kind = 'approval'",
  )!;
  damage(written.journal, flipBit('signed_record', 'bytes', `hash = '${hash}'`));
  expect(faults(await check(written))[0]![0]).toBe('signed');
  damage(written.journal, (db) => db.exec("delete from signed_record where kind = 'approval'"));
  expect(faults(await check(written))[0]).toEqual(['signed', position]);

  const before = '2026-01-01T00:00:00.000Z';
  written.journal.transact('retention', (tx) =>
    tx.append({ kind: 'retention.applied', detail: { before, openings: 0, signed: 4, models: 0, outbound: 0 } }),
  );
  const checked = await check(written);
  expect(checked).toMatchObject({ found: 0, removed: 4, sense: { verdict: 'not-shown', rounds: { failed: 0 } } });
});

test('an update that nobody was entitled to approve is judged as the auditor’s verifier judges it', async () => {
  const written = writtenLog();
  written.log.founded();
  written.log.offered(keyOf(1));
  written.log.carriedOut(written.log.approvedBy(keyOf(1), sam).at(-1)!);
  const checked = await check(written);
  expect(checked.sense).toMatchObject({ verdict: 'failed', rounds: { failed: 1 } });
  expect(new Set(faults(checked).map(([fault]) => fault))).toEqual(new Set(['sense']));
});

test('the program goes on meanwhile, and the check ends when it is cancelled', async () => {
  const written = soundLog();
  written.atOnce(() => {
    for (let round = 3; round < 400; round++) written.log.round(keyOf(round));
  });
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const checked = await check(written);
  delay.disable();
  expect(checked).toMatchObject({ found: 0, sense: { rounds: { ok: 399 } } });
  // Slices are of 10 ms; the machine of a test may do other things, too.
  expect(delay.percentile(95) / 1e6).toBeLessThan(60);
  const stop = new AbortController();
  stop.abort();
  await expect(check(written, stop)).rejects.toMatchObject({ code: 'CANCELED' });
}, 120_000);
