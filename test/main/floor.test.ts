import { expect, test } from 'vitest';
import { aboveFloor } from '../../main/floor.ts';
import { changeRules } from '../../main/people/rules.ts';
import { runRound } from '../../main/round.ts';
import { updateRecord } from '../../shared/records/round.ts';
import { FIRST_RULES } from '../../shared/records/account.ts';
import { consentOf, decides, KEY, rowOf, typing, type Here } from '../support/deciding.ts';
import { institution, smallStudy } from '../support/institution.ts';
import { leastSquares } from '../support/least-squares-trainer.ts';
import { EASY_RULES } from '../support/people.ts';

const forever = new AbortController().signal;

async function approved(options: Parameters<typeof institution>[0] = {}) {
  const here = await institution(options);
  const plan = here.coordinator.plan(here.study, ['alpha', 'beta']);
  here.take(plan);
  await here.node.store.blobs.put(plan.model);
  await decides(here);
  return here;
}
const detailOf = ({ node }: Here, kind: string) =>
  (
    JSON.parse(
      node.store.journal.read.get<{ bytes: Buffer }>('select bytes from record where kind = ?', kind)!.bytes.toString(),
    ) as { detail: Record<string, unknown> }
  ).detail;

test('a new installation lets no update be computed from fewer than 50 rows, no metric from fewer than 5 of a class', () => {
  expect(FIRST_RULES.floor).toEqual({ rows: 50, perClass: 5 });
});

test('with fewer training rows than the floor nothing is trained, on record, and the coordinator is told', async () => {
  const here = await approved();
  const training = here.study.split.train * 40;
  changeRules(consentOf(here), { ...EASY_RULES, floor: { rows: 41, perClass: 1 } }, [await typing(here, 'ada')]);
  await runRound(here.node.rounds, KEY, forever);
  expect(rowOf(here)).toMatchObject({ stage: 'failed', code: expect.stringMatching(/^FLOOR_ROWS: .*fewer than 41/) });
  expect(here.kinds()).not.toContain('training.started');
  expect(detailOf(here, 'round.failed')).toMatchObject({ code: 'FLOOR_ROWS' });
  const decisions = here.node.store.journal.read.all("select 1 from outbox where purpose = 'decision'");
  expect(decisions).toHaveLength(2);
  expect(training).toBeLessThan(41);
});

test('exactly as many rows as the floor are enough', async () => {
  let rows = 0;
  const openProblem: typeof leastSquares = (study, loaded, progress) => {
    rows = loaded.train.rows;
    return leastSquares(study, loaded, progress);
  };
  const first = await approved({ openProblem });
  await runRound(first.node.rounds, KEY, forever);
  const rules = (floor: number) => ({ ...EASY_RULES, floor: { rows: floor, perClass: 1 } });
  const at = await approved({ rules: rules(rows) });
  await runRound(at.node.rounds, KEY, forever);
  expect(rowOf(at).stage).toBe('sending');
});

test('a metric from too few cases of a class leaves as null, and the record names it', async () => {
  const here = await approved();
  changeRules(consentOf(here), { ...EASY_RULES, floor: { rows: 1, perClass: 1000 } }, [await typing(here, 'ada')]);
  await runRound(here.node.rounds, KEY, forever);
  expect(updateRecord.decode(rowOf(here).statement!).metrics).toEqual({ loss: null });
  expect(detailOf(here, 'training.finished')).toMatchObject({ withheld: ['loss'] });

  const enough = await approved({ study: smallStudy() });
  await runRound(enough.node.rounds, KEY, forever);
  expect(updateRecord.decode(rowOf(enough).statement!).metrics['loss']).not.toBeNull();
  expect(detailOf(enough, 'training.finished')).toMatchObject({ withheld: [] });
});

test('the loss is measured by the classes of the training rows, other metrics by those of the test rows', () => {
  const labels = (...counts: number[]) => ({
    labels: Float32Array.from(counts.flatMap((n, k) => new Array<number>(n).fill(k))),
  });
  const rows = (train: number[], test: number[]) =>
    ({ train: labels(...train), test: labels(...test) }) as unknown as Parameters<typeof aboveFloor>[1];
  const metrics = { loss: '1', auc: '2', accuracy: null };
  expect(aboveFloor(metrics, rows([5, 5], [5, 5]), 5)).toEqual({ metrics, withheld: [] });
  expect(aboveFloor(metrics, rows([4, 5], [5, 5]), 5)).toEqual({
    metrics: { ...metrics, loss: null },
    withheld: ['loss'],
  });
  expect(aboveFloor(metrics, rows([5, 5], [5, 4]), 5)).toEqual({
    metrics: { loss: '1', auc: null, accuracy: null },
    withheld: ['auc', 'accuracy'],
  });
  // A class that an institution does not have at all tells of nobody.
  expect(aboveFloor(metrics, rows([0, 5, 6], [5]), 5).withheld).toEqual([]);
});
