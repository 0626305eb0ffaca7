// kill -9 at the crash points to which only a bad plan, a missed deadline, failed training or a lying coordinator leads.
import { toBinary } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { decide } from '../../main/consent/approval.ts';
import { openNode } from '../../main/node.ts';
import { offeredOf, roundOf } from '../../main/store/rounds.ts';
import { EventSchema } from '../../shared/gen/assent/v1/coordinator_pb.ts';
import { institution, PASSPHRASE } from '../support/institution.ts';
import type { Task } from '../support/off-the-way-process.ts';
import { runToEnd } from '../support/processes.ts';
import { sentRound } from '../support/receipt-coordinator.ts';

const KEY = { study: 'small', round: 1, attempt: 1 };

/** A store in which the next thing to happen is what the step is for. */
async function before(step: string): Promise<Task> {
  if (step === 'receipt.refuse') return beforeRefusal();
  const here = await institution();
  const { node, clock, coordinator, study, home, take } = here;
  const bad = step === 'round.block';
  const plan = coordinator.plan(study, bad ? ['beta'] : ['alpha', 'beta']);
  const task = { home, passphrase: PASSPHRASE, now: clock.now() };
  if (!bad) {
    take(plan);
    await node.store.blobs.put(plan.model);
  }
  if (step === 'training.fail') {
    const { planHash } = offeredOf(roundOf(node.store.journal.read, KEY));
    const request = {
      planHash,
      decision: 'approve' as const,
      reason: 'fine',
      passphrase: PASSPHRASE,
      locale: 'en' as const,
    };
    await decide({ store: node.store, now: clock.now }, KEY, request);
  }
  await node.close();
  if (bad) return { ...task, event: Buffer.from(toBinary(EventSchema, plan.event)).toString('base64') };
  return step === 'round.lapse' ? { ...task, now: task.now + 31 * 60_000 } : task;
}

/** The coordinator acknowledged the update, and does not count it. */
async function beforeRefusal(): Promise<Task> {
  const here = await sentRound();
  const hash = '22'.repeat(32);
  here.close({ participants: [{ member: 'beta', statement: hash, blob: hash, weight: 5 }] });
  await here.node.close();
  return { home: here.home, passphrase: PASSPHRASE, now: here.clock.now(), receipts: true };
}

async function look({ home, now }: Task): Promise<{ stage: string; kinds: string[] }> {
  const node = await openNode({ home, passphrase: PASSPHRASE, clock: { now: () => now, at: () => ({ cancel() {} }) } });
  const { read } = node.store.journal;
  const stage = read.get<{ stage: string }>('select stage from round')?.stage ?? 'unknown';
  const kinds = read.all<{ kind: string }>('select kind from record order by position').map(({ kind }) => kind);
  await node.close();
  return { stage, kinds };
}

test.each([
  ['round.block', 'unknown', 'blocked', 'round.blocked'],
  ['round.lapse', 'awaiting', 'lapsed', 'round.lapsed'],
  ['training.fail', 'training', 'failed', 'training.failed'],
  ['receipt.refuse', 'sent', 'sent', 'receipt.refused'],
])(
  'killed at %s, the round is as it was or as it should be, and goes on',
  { timeout: 60_000 },
  async (step, stageBefore, stageAfter, kind) => {
    for (const side of ['before', 'after'] as const) {
      const task = await before(step);
      const run = (env: Record<string, string> = {}) =>
        runToEnd('test/support/off-the-way-process.ts', [JSON.stringify(task)], env);
      expect(await run({ ASSENT_CRASH_AT: `${step}:${side}` })).toMatchObject({ signal: 'SIGKILL' });
      const crashed = await look(task);
      expect(crashed.stage).toBe(side === 'before' ? stageBefore : stageAfter);
      expect(crashed.kinds.filter((found) => found === kind)).toHaveLength(side === 'before' ? 0 : 1);
      expect(await run()).toMatchObject({ code: 0 });
      const ended = await look(task);
      expect(ended.stage).toBe(stageAfter);
      expect(ended.kinds.filter((found) => found === kind)).toHaveLength(1);
    }
  },
);
