import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { describeDataset } from '../../main/data/datasets.ts';
import { importFile } from '../../main/data/import.ts';
import { openJoined, saveMapping } from '../../main/data/saved-mappings.ts';
import { withdraw } from '../../main/joining.ts';
import { moveStudy } from '../../main/moving.ts';
import { runRound } from '../../main/round.ts';
import { joinedStudyOf, roundOf } from '../../main/store/rounds.ts';
import { decides, KEY, standingPolicy, typing } from '../support/deciding.ts';
import { institution, rowsCsv, type Institution } from '../support/institution.ts';
import { leastSquares } from '../support/least-squares-trainer.ts';

const IN_USE = { text: '', version: 0 };
const forever = new AbortController().signal;
const joined = ({ node }: Institution) => joinedStudyOf(node.store.journal.read, 'small');
const stageOf = ({ node }: Institution) => roundOf(node.store.journal.read, KEY);

async function bring({ node, home }: Institution, name: string, csv: string): Promise<string> {
  const path = join(home, `${name}.csv`);
  writeFileSync(path, csv);
  return (await importFile(node.data, { path, name, again: true })).id;
}

/** A joined study with a round on offer, and a newer file of 60 rows beside the 40 that it was joined with. */
async function offered(options: Parameters<typeof institution>[0] = {}) {
  const here = await institution(options);
  const plan = here.coordinator.plan(here.study, ['alpha', 'beta']);
  here.take(plan);
  await here.node.store.blobs.put(plan.model);
  const newer = await bring(here, 'newer', rowsCsv(60));
  const move = async (dataset = newer, choice = IN_USE) =>
    moveStudy(here.node, 'small', dataset, choice, await typing(here, 'sam'), 'en');
  return { ...here, plan, newer, move };
}
const approve = (here: Institution) => decides(here);
const recorded = ({ node }: Institution, kind: string) =>
  node.store.journal.read
    .all<{ bytes: Buffer }>('select bytes from record where kind = ? order by position', kind)
    .map(({ bytes }) => (JSON.parse(bytes.toString('utf8')) as { detail: Record<string, unknown> }).detail);
/** What a step of a round would write, without its work. */
const set = ({ node }: Institution, change: string) =>
  node.store.journal.transact('dataset.stage', (tx) => tx.run(`update round set ${change}`));

test('a study is moved on record, and the next round is approved for and trained on the new rows', async () => {
  const here = await offered();
  const before = joined(here);
  const { person: sam } = await typing(here, 'sam');
  expect(await here.move()).toEqual({ rows: 60, usable: 60, policyEnded: false });
  const now = joined(here);
  const { snapshot } = describeDataset(here.node.data, here.newer);
  expect([now.dataset, now.snapshot, now.rows]).toEqual([here.newer, snapshot, 60]);
  expect(recorded(here, 'study.moved')).toEqual([
    {
      definition: before.hash,
      from: { dataset: before.dataset, snapshot: before.snapshot },
      to: { dataset: here.newer, snapshot },
      mapping: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      rows: 60,
      decision: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      signature: expect.stringMatching(/^[0-9a-f]{128}$/) as string,
      signer: sam.key,
      person: sam.id,
    },
  ]);
  await approve(here);
  await runRound(here.node.rounds, KEY, forever);
  expect(stageOf(here).stage).toBe('sending');
  expect(recorded(here, 'training.finished')).toMatchObject([{ snapshot }]);
});

test('an approval of the data set before the move opens nothing any more', async () => {
  const here = await offered();
  await approve(here);
  await here.move();
  await runRound(here.node.rounds, KEY, forever);
  expect(stageOf(here)).toMatchObject({ stage: 'failed', code: expect.stringMatching(/^APPROVAL_MISMATCH: /) });
  expect(here.kinds().slice(-2)).toEqual(['study.moved', 'round.failed']);
  expect(here.kinds()).not.toContain('training.started');
});

describe('while a round is between training and sent', () => {
  test('a study is not moved, and nothing is changed', async () => {
    const here = await offered();
    const before = joined(here);
    for (const stage of ['training', 'trained', 'sealed', 'sending']) {
      set(here, `stage = '${stage}'`);
      await expect(here.move()).rejects.toMatchObject({
        code: 'ROUND_STATE',
        message: `Round 1 of small is ${stage}; move the study when its update was sent or the round is over.`,
      });
      expect(joined(here)).toEqual(before);
    }
    expect(here.kinds()).not.toContain('study.moved');
    set(here, "stage = 'sent'");
    await here.move();
    expect(joined(here).dataset).toBe(here.newer);
  });

  test('it is, once the coordinator has ended the round', async () => {
    const here = await offered();
    set(here, "stage = 'training', outcome = 'x', result = 'aborted'");
    await here.move();
    expect(joined(here).dataset).toBe(here.newer);
  });

  test('rows in memory are those that were approved: a move in the middle of training is refused', async () => {
    let refusal: unknown;
    const here: Awaited<ReturnType<typeof offered>> = await offered({
      openProblem: async (...args) => {
        refusal = await here.move().catch((error: unknown) => error);
        return leastSquares(...args);
      },
    });
    await approve(here);
    await runRound(here.node.rounds, KEY, forever);
    expect(refusal).toMatchObject({ code: 'ROUND_STATE' });
    expect(stageOf(here).stage).toBe('sending');
  });
});

test('a standing policy ends with the data set it was signed for: the next round waits for a person', async () => {
  const here = await offered();
  const { policyHash } = await standingPolicy(here);
  expect(await here.move()).toMatchObject({ policyEnded: true });
  expect(recorded(here, 'policy.revoked')).toMatchObject([{ policy: policyHash, replacedBy: null }]);
  await runRound(here.node.rounds, KEY, forever);
  expect(stageOf(here).stage).toBe('awaiting');
});

describe('the mapping', () => {
  const renamed = rowsCsv(30).replace('x,y', 'ex,why');
  const columns = { x: { column: 'ex' }, y: { column: 'why' } };

  test('is the one in use, one that was saved, or one that is given, and is tried on every row', async () => {
    const here = await offered();
    const other = await bring(here, 'other', renamed);
    await expect(here.move(other)).rejects.toThrow('columns.x.column: the data set has no column "x".');
    saveMapping(here.node.data, { version: 1, study: 'small', columns });
    expect(await here.move(other, { text: '', version: 1 })).toMatchObject({ rows: 30, usable: 30 });
    expect(openJoined(here.node.data, 'small', joined(here).mapping).columns).toEqual(columns);
    const text = JSON.stringify({ version: 1, study: 'small', columns: { x: { column: 'x' }, y: { column: 'y' } } });
    await here.move(here.newer, { text, version: 0 });
    expect(joined(here).dataset).toBe(here.newer);
  });

  test('under which no row can be used moves nothing', async () => {
    const here = await offered();
    const before = joined(here);
    const strange = await bring(here, 'strange', 'x,y\n1,perhaps\n2,hardly\n');
    await expect(here.move(strange)).rejects.toThrow('Under this mapping none of the 2 rows can be used.');
    await expect(here.move('ds-0')).rejects.toMatchObject({ code: 'DATASET_UNKNOWN' });
    expect(joined(here)).toEqual(before);
    expect(here.kinds()).not.toContain('study.moved');
  });

  test('may change for the same rows, but not under an approval of these rows', async () => {
    const here = await offered();
    const { dataset } = joined(here);
    const clipped = { text: '', version: saveMapping(here.node.data, clip([2, 8])).version };
    await approve(here);
    await expect(here.move(dataset, clipped)).rejects.toThrow('Round 1 of small is approved; move the study when');
    const twin = await bring(here, 'twin', rowsCsv());
    await expect(here.move(twin, clipped)).rejects.toMatchObject({ code: 'ROUND_STATE' });
    await here.move(twin); // the same rows under the same mapping
    await runRound(here.node.rounds, KEY, forever);
    expect(stageOf(here).stage).toBe('sending');
    set(here, "stage = 'sent'");
    await here.move(twin, clipped);
    expect(openJoined(here.node.data, 'small', joined(here).mapping)).toEqual(clip([2, 8]));
  });

  const clip = (range: [number, number]) => ({
    version: 1 as const,
    study: 'small',
    columns: { x: { column: 'x', clip: range }, y: { column: 'y' } },
  });
});

test('a study that is not joined, is over, or is there already is not moved', async () => {
  const here = await offered();
  await expect(here.move(joined(here).dataset)).rejects.toThrow('under this mapping already');
  const { transact } = here.node.store.journal;
  transact('dataset.stage', (tx) => tx.run("update study set phase = 'finished'"));
  await expect(here.move()).rejects.toMatchObject({ code: 'STUDY_STATE' });
  transact('dataset.stage', (tx) => tx.run("update study set phase = 'running', stage = 'offered'"));
  await expect(here.move()).rejects.toThrow('This institution has not joined small.');
});

test('rows that are withdrawn while a move is being checked are not what the study uses', async () => {
  for (let turns = 0; turns < 6; turns++) {
    const here = await offered();
    const moving = here.move().catch((error: unknown) => error);
    for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
    await withdraw(here.node, here.newer, 'x', ['0']);
    const refused = await moving;
    if (refused instanceof Error) expect(refused).toMatchObject({ code: 'SNAPSHOT_CHANGED' });
    if (refused instanceof Error) await here.move();
    expect([turns, joined(here).snapshot]).toEqual([turns, describeDataset(here.node.data, here.newer).snapshot]);
  }
});
