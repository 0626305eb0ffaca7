import { afterAll, expect, test } from 'vitest';
import { createTrainer } from '../../../main/training/trainer.ts';
import type { OpenProblem } from '../../../main/training/trainer.ts';
import { AssentError } from '../../../shared/errors.ts';
import { dense, randomRows, randomWeights, rowsOf, study, studyRows } from './reference.ts';

const settings = { device: 'cpu', threads: 1, memoryLimitMb: 'none' } as const;
const trainer = createTrainer(settings);
afterAll(() => trainer.close());

const model = study([dense(8, 'relu'), dense(1)]);
const rows = studyRows(randomRows(500, 4), randomRows(60, 4, 2, 2));
const start = randomWeights(49);
const shuffle = { seed: 1, labels: ['shuffle'] };
const short = { start, epochs: 2, batchSize: 10, learningRate: 0.1, shuffle };
// Days of work: only a cancel, a divergence or a crash ends it.
const endless = { ...short, epochs: 1_000_000, learningRate: 1e-6 };

const code = (error: unknown): unknown => (error instanceof AssentError ? error.code : error);
const codeOf = (promise: Promise<unknown>): Promise<unknown> => promise.then(() => 'no error', code);
const failureOf = (promise: Promise<unknown>): Promise<AssentError> =>
  promise.then(
    () => expect.fail('no error'),
    (error: AssentError) => error,
  );

async function openCancelling(): Promise<OpenProblem> {
  const problem = await trainer.open(model, rows, { progress: () => problem.cancel() });
  return problem;
}

test('a cancel in the middle of training ends it, and the problem can be used again', async () => {
  const problem = await openCancelling();
  expect(await codeOf(problem.descend(endless))).toBe('CANCELED');
  expect((await problem.evaluate(start)).test.rows).toBe(60);
});

test('a cancel reaches every call made before it and none after', async () => {
  const problem = await trainer.open(model, rows);
  const before = [
    problem.descend(endless),
    problem.gradient(start),
    problem.evaluate(start),
    problem.score(start, 'test'),
  ];
  const codes = Promise.all(before.map(codeOf));
  problem.cancel();
  const after = problem.gradient(start);
  expect(await codes).toEqual(['CANCELED', 'CANCELED', 'CANCELED', 'CANCELED']);
  expect((await after).gradient).toHaveLength(49);
});

test('a cancel of one problem leaves another alone', async () => {
  const [mine, other] = [await trainer.open(model, rows), await trainer.open(model, rows)];
  const work = codeOf(other.descend(short));
  mine.cancel();
  expect(await work).toBe('no error');
});

test('no tensor outlives a call, however it ends', async () => {
  const problem = await openCancelling();
  const quiet = await trainer.open(model, rows);
  const counts: Record<string, number> = { open: await trainer.tensors() };
  const count = async (name: string, promise: Promise<unknown>): Promise<void> => {
    await promise.catch(() => undefined);
    counts[name] = await trainer.tensors();
  };
  await count('gradient', quiet.gradient(start));
  await count('evaluate', quiet.evaluate(start));
  await count('descend', quiet.descend(short));
  await count('proximal and correction', quiet.descend({ ...short, proximal: 0.1, correction: start }));
  await count('cancel', problem.descend(endless));
  await count('divergence', quiet.descend({ ...short, learningRate: 1e30 }));
  await count('wrong start', quiet.descend({ ...short, start: start.slice(1) }));
  await count('wrong correction', quiet.descend({ ...short, proximal: 1, correction: start.slice(1) }));
  await count('not finite', quiet.gradient(start.map(() => NaN)));
  await count('close', problem.close());
  expect(counts).toEqual(Object.fromEntries(Object.keys(counts).map((name) => [name, 0])));
});

test('divergence names the epoch and the learning rate, and says what to do', async () => {
  const problem = await trainer.open(model, rows);
  const failure = await failureOf(problem.descend({ ...short, learningRate: 1e30 }));
  expect(failure).toMatchObject({ code: 'TRAINING_DIVERGED', detail: { epoch: '1', learningRate: '1e+30' } });
  expect(failure.message).toMatch(/epoch 1 at learning rate 1e\+30.*Lower the learning rate/);
  expect(await codeOf(problem.descend(short))).toBe('no error');
});

test('a last step to weights that are not finite is a divergence too', async () => {
  const problem = await trainer.open(study([dense(1)]), studyRows(rowsOf([[1e30]], [1])));
  const options = { start: new Float32Array(2), epochs: 1, batchSize: 'full', learningRate: 1e30, shuffle } as const;
  expect(await codeOf(problem.descend(options))).toBe('TRAINING_DIVERGED');
});

test('weights that are not finite are refused by gradient and evaluate', async () => {
  const problem = await trainer.open(model, rows);
  expect(await codeOf(problem.gradient(start.map(() => NaN)))).toBe('TRAINING_DIVERGED');
  expect(await codeOf(problem.evaluate(start.map(() => Infinity)))).toBe('TRAINING_DIVERGED');
});

test('weights of another model are refused', async () => {
  const problem = await trainer.open(model, rows);
  expect(await failureOf(problem.gradient(start.slice(1)))).toMatchObject({
    code: 'TRAINING_FAILED',
    message: 'The model has 49 parameters, not 48.',
  });
});

test('closing the trainer cancels what runs, and nothing can be asked of it afterwards', async () => {
  const mine = createTrainer(settings);
  const running = Promise.withResolvers<void>();
  const problem = await mine.open(model, rows, { progress: () => running.resolve() });
  const ended = codeOf(problem.descend(endless));
  await running.promise;
  await mine.close();
  expect(await ended).toBe('CANCELED');
  expect(await codeOf(problem.gradient(start))).toBe('TRAINING_FAILED');
  expect(await codeOf(mine.open(model, rows))).toBe('TRAINING_FAILED');
});

test('a closed problem answers no more, and others do', async () => {
  const [mine, other] = [await trainer.open(model, rows), await trainer.open(model, rows)];
  const work = codeOf(mine.descend(endless));
  await mine.close();
  await mine.close();
  expect(await work).toBe('CANCELED');
  expect(await codeOf(mine.gradient(start))).toBe('TRAINING_FAILED');
  expect(await codeOf(other.gradient(start))).toBe('no error');
});

test.each([
  ['ending-worker.ts', /ended with code 3/],
  ['throwing-worker.ts', /out of luck/],
])('when the worker dies (%s) its calls fail, and the next call starts another', async (file, message) => {
  const mine = createTrainer(settings, { workerUrl: new URL(file, import.meta.url) });
  const problem = await mine.open(model, rows);
  const { gradient } = await problem.gradient(start);
  const waiting = [failureOf(problem.descend(short)), failureOf(problem.gradient(start))];
  for (const failure of await Promise.all(waiting)) {
    expect(failure.code).toBe('TRAINING_FAILED');
    expect(failure.message).toMatch(message);
  }
  expect((await problem.gradient(start)).gradient).toEqual(gradient);
  await mine.close();
});

test.each([
  ['worker-without-native.ts', /without its native backend \(found: none\)/],
  ['worker-without-tensorflow.ts', /does not load: libtensorflow.so.2: cannot open shared object file$/],
])('no slower backend takes over silently (%s)', async (file, message) => {
  const mine = createTrainer(settings, { workerUrl: new URL(file, import.meta.url) });
  const failure = await failureOf(mine.open(model, rows));
  expect(failure.code).toBe('TRAINING_BACKEND');
  expect(failure.message).toMatch(message);
  await mine.close();
});

const fine = (): ReturnType<typeof rowsOf> =>
  rowsOf(
    [
      [1, 2],
      [3, 4],
    ],
    [0, 1],
  );
test.each([
  ['no training rows', rowsOf([], [], 2), fine(), /train rows, there are no training rows/],
  [
    'a class beyond the target',
    rowsOf(
      [
        [1, 2],
        [3, 4],
      ],
      [0, 2],
    ),
    fine(),
    /row 1 of the train rows, the class 2 is not one of 0 to 1/,
  ],
  ['a label that is no class', fine(), rowsOf([[1, 2]], [0.5]), /row 0 of the test rows, the class 0.5/],
  [
    'a missing value',
    fine(),
    rowsOf(
      [
        [1, 2],
        [3, NaN],
      ],
      [0, 1],
    ),
    /row 1 of the test rows, column 1 is not a finite number/,
  ],
  ['another width', fine(), rowsOf([[1]], [1]), /test rows, rows have 1 columns, and the training rows 2/],
  ['fewer values than announced', { ...fine(), rows: 3 }, fine(), /train rows, 3 rows of 2 columns are announced/],
])('rows that do not fit are refused: %s', async (_, train, testRows, message) => {
  const failure = await failureOf(trainer.open(study([dense(1)]), studyRows(train, testRows)));
  expect(failure.code).toBe('TRAINING_ROWS');
  expect(failure.message).toMatch(message);
});

test('a model whose outputs are not those of the loss is refused', async () => {
  expect(await failureOf(trainer.open(study([dense(2)]), studyRows(fine())))).toMatchObject({ code: 'TRAINING_ROWS' });
});
