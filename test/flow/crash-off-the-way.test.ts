// kill -9 at the crash points to which only a bad plan, a missed deadline, failed training, a rule, the passing of time or a lying
// coordinator leads.
import { toBinary } from '@bufbuild/protobuf';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { DAY_MS, openLedger } from '../../main/audit/ledger.ts';
import { importFile } from '../../main/data/import.ts';
import { openNode } from '../../main/node.ts';
import { EventSchema } from '../../shared/gen/assent/v1/coordinator_pb.ts';
import { decides } from '../support/deciding.ts';
import { institution, PASSPHRASE, rowsCsv } from '../support/institution.ts';
import { EASY_RULES } from '../support/people.ts';
import { peopleNode } from '../support/people-node.ts';
import type { Chore, Task } from '../support/off-the-way-process.ts';
import { runToEnd } from '../support/processes.ts';
import { sentRound } from '../support/receipt-coordinator.ts';

/** A store in which the next thing to happen is what the step is for. */
async function before(step: string): Promise<Task> {
  if (step === 'receipt.refuse') return beforeRefusal();
  const asks = { ...EASY_RULES, release: { when: 'always', norm: '3' } } as const;
  const here = await institution(step === 'release.request' ? { rules: asks } : {});
  const { node, clock, coordinator, study, home, take } = here;
  const bad = step === 'round.block';
  const plan = coordinator.plan(study, bad ? ['beta'] : ['alpha', 'beta']);
  const task = { home, passphrase: PASSPHRASE, now: clock.now(), trains: step === 'release.request' };
  if (!bad) {
    take(plan);
    await node.store.blobs.put(plan.model);
  }
  if (step === 'training.fail' || step === 'release.request') await decides(here);
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
  return { home: here.home, passphrase: PASSPHRASE, now: here.clock.now(), trains: false, receipts: true };
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
  ['release.request', 'sealed', 'releasing', 'release.requested'],
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

test(
  'killed at log.checkpoint, the records are covered by a checkpoint, or as they were',
  { timeout: 60_000 },
  async () => {
    for (const side of ['before', 'after'] as const) {
      const task = await untidy('log.checkpoint');
      const file = join(task.home, 'assent.db');
      const run = (env: Record<string, string> = {}) =>
        runToEnd('test/support/off-the-way-process.ts', [JSON.stringify(task)], env);
      expect(house(file).covered).toBe(false);
      expect(await run({ ASSENT_CRASH_AT: `log.checkpoint:${side}` })).toMatchObject({ signal: 'SIGKILL' });
      expect(house(file).covered).toBe(side === 'after');
      expect(await run()).toMatchObject({ code: 0 });
      expect(house(file).covered).toBe(true);
    }
  },
);

const YEAR = 366 * DAY_MS;

/** A store with openings, a message that left, and a row of the ledger. */
async function untidy(chore: Chore): Promise<Task> {
  const { node, clock, home } = await peopleNode();
  const { journal } = node.store;
  const file = join(home, 'rows.csv');
  writeFileSync(file, rowsCsv());
  await importFile(node.data, { path: file, name: 'Rows' });
  const ledger = openLedger({ journal, now: clock.now });
  const id = ledger.intend({ method: 'POST', url: 'https://coordinator.test/x', length: 3 }, { purpose: 'watch' });
  ledger.settle(id, { head: 1, body: 3, sha256: null, status: 200, error: null });
  await node.close();
  const now = clock.now() + (chore === 'retention.apply' ? 11 * YEAR : DAY_MS);
  return { home, passphrase: PASSPHRASE, now, trains: false, chore };
}

function house(file: string) {
  const db = new Database(file, { readonly: true });
  const count = (sql: string) => db.prepare<[], { n: number }>(`select count(*) as n from ${sql}`).get()!.n;
  const found = {
    kinds: db
      .prepare<[], { kind: string }>('select kind from record')
      .all()
      .map(({ kind }) => kind),
    covered: count('checkpoint where size = (select count(*) from record)') === 1,
    days: count('outbound_day'),
    values: count('opening where value = \'"Rows"\''),
    years: db.prepare<[], { years: number }>('select years from retention').get()?.years ?? 10,
  };
  db.close();
  return found;
}

test.each([
  ['ledger.sum', 'ledger.summed', { days: 1 }],
  ['opening.erase', 'opening.erased', { values: 0 }],
  ['retention.set', 'retention.changed', { years: 7 }],
  ['retention.apply', 'retention.applied', { values: 0 }],
] as const)(
  'killed at %s, it is done with its record, or not at all',
  { timeout: 60_000 },
  async (chore, kind, done) => {
    const undone = { days: 0, values: 1, years: 10 };
    for (const side of ['before', 'after'] as const) {
      const task = await untidy(chore);
      const file = join(task.home, 'assent.db');
      const run = (env: Record<string, string> = {}) =>
        runToEnd('test/support/off-the-way-process.ts', [JSON.stringify(task)], env);
      expect(house(file)).toMatchObject(undone);
      expect(await run({ ASSENT_CRASH_AT: `${chore}:${side}` })).toMatchObject({ signal: 'SIGKILL' });
      const crashed = house(file);
      expect(crashed).toMatchObject(side === 'before' ? undone : done);
      expect(crashed.kinds.filter((each) => each === kind)).toHaveLength(side === 'before' ? 0 : 1);
      if (side === 'before') expect(await run()).toMatchObject({ code: 0 });
      expect(house(file)).toMatchObject(done);
      expect(house(file).kinds.filter((each) => each === kind)).toHaveLength(1);
    }
  },
);
