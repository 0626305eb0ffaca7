import { expect, test, vi } from 'vitest';
import { runRound } from '../../main/round.ts';
import { withdraw } from '../../main/joining.ts';
import { joinedStudyOf, roundOf } from '../../main/store/rounds.ts';
import { verifyEd25519 } from '../../platform/crypto.ts';
import { AssentError } from '../../shared/errors.ts';
import { updateRecord } from '../../shared/records/round.ts';
import { signedMessage } from '../../shared/records/signed.ts';
import { decodeMessage, messageNorm } from '../../shared/wire/update.ts';
import { parameterLayout } from '../../shared/model/layout.ts';
import { decides, KEY, standingPolicy } from '../support/deciding.ts';
import { institution, smallStudy, type Institution } from '../support/institution.ts';
import { leastSquares } from '../support/least-squares-trainer.ts';

const forever = new AbortController().signal;
const stageOf = ({ node }: Institution) => roundOf(node.store.journal.read, KEY);

/** A round has been offered, and the model it starts from is on this machine. */
async function offered(options: Parameters<typeof institution>[0] = {}) {
  const here = await institution(options);
  const plan = here.coordinator.plan(here.study, ['alpha', 'beta']);
  here.take(plan);
  await here.node.store.blobs.put(plan.model);
  return { ...here, plan };
}
const approve = (here: Institution) => decides(here);

test('without an approval nothing is trained and nothing is put into the outbox', async () => {
  const openProblem = vi.fn<typeof leastSquares>(leastSquares);
  const here = await offered({ openProblem });
  await runRound(here.node.rounds, KEY, forever);
  expect(stageOf(here).stage).toBe('awaiting');
  expect(openProblem).not.toHaveBeenCalled();
  expect(here.node.store.journal.read.all("select 1 from outbox where purpose in ('decision', 'update')")).toEqual([]);
});

test('an approved round goes from training to the outbox, with a record for every step', async () => {
  const here = await offered();
  await approve(here);
  await runRound(here.node.rounds, KEY, forever);
  expect(stageOf(here).stage).toBe('sending');
  expect(here.kinds().slice(-6)).toEqual([
    'round.offered',
    'approval.granted',
    'training.started',
    'training.finished',
    'update.sealed',
    'update.intended',
  ]);
});

test('what waits in the outbox is the exact signed statement about the exact bytes, with what the study declares and no more', async () => {
  const here = await offered();
  await approve(here);
  await runRound(here.node.rounds, KEY, forever);
  const { read } = here.node.store.journal;
  const row = read.get<{ bytes: Buffer; signature: Buffer; blob: string; not_after: string }>(
    "select * from outbox where purpose = 'update'",
  )!;
  const statement = updateRecord.decode(row.bytes);
  const key = here.node.store.keys.member.publicKey;
  expect(verifyEd25519(key, signedMessage('update', row.bytes), row.signature)).toBe(true);
  expect(Object.keys(statement.metrics)).toEqual(['loss']);
  expect(statement).toMatchObject({ ...KEY, blob: row.blob, bytes: here.plan.plan.update.bytes, plan: here.plan.hash });
  expect(row.not_after).toBe(here.plan.plan.sendBy);
  const bytes = new Uint8Array(await here.node.store.blobs.read(row.blob));
  const message = decodeMessage(bytes, ['delta'], parameterLayout(here.study.model.layers, 1));
  expect(messageNorm(message)).toBeGreaterThan(0);
});

test('a standing policy lets the round run by itself', async () => {
  const here = await offered();
  await standingPolicy(here);
  await runRound(here.node.rounds, KEY, forever);
  expect(stageOf(here).stage).toBe('sending');
});

test('running a round again does nothing twice', async () => {
  const here = await offered();
  await approve(here);
  await runRound(here.node.rounds, KEY, forever);
  const before = here.kinds();
  await runRound(here.node.rounds, KEY, forever);
  expect(here.kinds()).toEqual(before);
});

test('a round that nobody approved in time lapses, on record', async () => {
  const here = await offered();
  here.clock.advance(30 * 60_000);
  await runRound(here.node.rounds, KEY, forever);
  expect(stageOf(here).stage).toBe('lapsed');
  expect(here.kinds().slice(-1)).toEqual(['round.lapsed']);
});

test('an approval that expires while training is going on lets nothing out', async () => {
  const here = await offered({
    openProblem: async (...args) => {
      here.clock.advance(60 * 60_000);
      return leastSquares(...args);
    },
  });
  await approve(here);
  await runRound(here.node.rounds, KEY, forever);
  expect(stageOf(here).stage).toBe('lapsed');
  expect(here.node.store.journal.read.all("select 1 from outbox where purpose = 'update'")).toEqual([]);
});

test('training that was interrupted runs again under the same approval, and the record says why', async () => {
  const stopped = new AssentError('CANCELED', 'stopped half way');
  let first = true;
  const here = await offered({
    openProblem: async (...args) => {
      if (first) {
        first = false;
        throw stopped;
      }
      return leastSquares(...args);
    },
  });
  await approve(here);
  await runRound(here.node.rounds, KEY, forever);
  expect(stageOf(here).stage).toBe('training');
  await runRound(here.node.rounds, KEY, forever);
  expect(stageOf(here).stage).toBe('sending');
  const started = here.node.store.journal.read.all<{ bytes: Buffer }>(
    "select bytes from record where kind = 'training.started'",
  );
  const why = started.map(
    ({ bytes }) => (JSON.parse(bytes.toString('utf8')) as { detail: { run: number; why: string } }).detail,
  );
  expect(why.map(({ run, why: reason }) => [run, reason])).toEqual([
    [1, 'approved'],
    [2, 'interrupted'],
  ]);
});

test('training that fails ends the round here, on record', async () => {
  const here = await offered({
    openProblem: () => Promise.reject(new AssentError('TRAINING_DIVERGED', 'the loss is NaN')),
  });
  await approve(here);
  await runRound(here.node.rounds, KEY, forever);
  expect(stageOf(here)).toMatchObject({ stage: 'failed', code: 'TRAINING_DIVERGED: the loss is NaN' });
  expect(here.kinds().slice(-1)).toEqual(['training.failed']);
});

test('an approval of rows that were withdrawn since opens nothing; the next approval is for the new snapshot', async () => {
  const here = await offered();
  await approve(here);
  const { dataset, snapshot, rows } = joinedStudyOf(here.node.store.journal.read, 'small');
  const { withdrawn } = await withdraw(here.node, dataset, 'x', ['0', '7.1']);
  await runRound(here.node.rounds, KEY, forever);
  expect(stageOf(here)).toMatchObject({ stage: 'failed', code: expect.stringMatching(/^APPROVAL_MISMATCH: /) });
  expect(here.kinds().slice(-2)).toEqual(['dataset.withdrawn', 'round.failed']);
  const now = joinedStudyOf(here.node.store.journal.read, 'small');
  expect(now.snapshot).not.toBe(snapshot);
  expect([now.rows, withdrawn]).toEqual([rows - withdrawn, 8]);
  const loaded = await here.node.rounds.rows(here.study, now);
  expect(loaded.snapshot).toBe(now.snapshot);
});

test('rows that are withdrawn between offer and approval are not in what is approved and trained on', async () => {
  const here = await offered();
  const { dataset } = joinedStudyOf(here.node.store.journal.read, 'small');
  const { snapshot } = await withdraw(here.node, dataset, 'x', ['0']);
  await approve(here);
  await runRound(here.node.rounds, KEY, forever);
  expect(stageOf(here).stage).toBe('sending');
  const { bytes } = here.node.store.journal.read.get<{ bytes: Buffer }>(
    "select bytes from record where kind = 'training.finished'",
  )!;
  expect(JSON.parse(bytes.toString())).toMatchObject({ detail: { snapshot } });
});

test('an update above the plan’s norm bound does not leave', async () => {
  const here = await offered({ study: smallStudy(['bounds.norm', 0.0001]) });
  await approve(here);
  await runRound(here.node.rounds, KEY, forever);
  expect(stageOf(here).stage).toBe('failed');
  expect(stageOf(here).code).toContain('UPDATE_NORM');
  expect(here.node.store.journal.read.all("select 1 from outbox where purpose = 'update'")).toEqual([]);
});

test('rows are zeroed however training ends', async () => {
  let seen: Float32Array | undefined;
  const here = await offered({
    openProblem: async (study, rows, progress) => {
      seen = rows.train.features;
      expect(seen.some((value) => value !== 0)).toBe(true);
      if (study.rounds === 3) throw new AssentError('TRAINING_FAILED', 'no');
      return leastSquares(study, rows, progress);
    },
  });
  await approve(here);
  await runRound(here.node.rounds, KEY, forever);
  expect(seen!.every((value) => value === 0)).toBe(true);
});

test('a round that the coordinator ended while training went on puts nothing into the outbox', async () => {
  const here = await offered({
    openProblem: async (...args) => {
      const { hash: plan } = here.plan;
      const ended = {
        result: 'aborted' as const,
        reason: 'late',
        participants: [],
        aggregate: null,
        model: null,
        metrics: {},
      };
      here.take(here.coordinator.outcome({ ...KEY, plan, ...ended }));
      return leastSquares(...args);
    },
  });
  await approve(here);
  await runRound(here.node.rounds, KEY, forever);
  expect(stageOf(here)).toMatchObject({ stage: 'failed', result: 'aborted' });
  expect(stageOf(here).code).toContain('ROUND_CLOSED');
  expect(here.node.store.journal.read.all("select 1 from outbox where purpose = 'update'")).toEqual([]);
});

test('nothing is trained under an approval that expired while the model was on its way', async () => {
  const here = await offered();
  await approve(here);
  const { rounds } = here.node;
  const slow: typeof rounds = {
    ...rounds,
    async model(...args) {
      here.clock.advance(2 * 3600_000);
      return rounds.model(...args);
    },
  };
  await runRound(slow, KEY, forever);
  expect(stageOf(here).stage).toBe('lapsed');
  expect(here.kinds()).not.toContain('training.started');
});

test('a round whose model cannot be had now wants to be tried again', async () => {
  const here = await offered();
  await approve(here);
  const gone = () => Promise.reject(new AssentError('COORDINATOR_UNREACHABLE', 'no answer'));
  expect(await runRound({ ...here.node.rounds, model: gone }, KEY, forever)).toBe(false);
  expect(stageOf(here).stage).toBe('approved');
  expect(await runRound(here.node.rounds, KEY, forever)).toBe(true);
  expect(stageOf(here).stage).toBe('sending');
});

test('rows of another snapshot than the approved one are not trained on', async () => {
  const here = await offered();
  await approve(here);
  const { rounds } = here.node;
  const other: typeof rounds = {
    ...rounds,
    rows: async (...args) => ({ ...(await rounds.rows(...args)), snapshot: '0'.repeat(64) }),
  };
  await runRound(other, KEY, forever);
  expect(stageOf(here).code).toContain('APPROVAL_MISMATCH');
});
