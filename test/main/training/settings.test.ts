import { afterAll, expect, test } from 'vitest';
import { estimateMb } from '../../../main/training/settings.ts';
import { createTrainer } from '../../../main/training/trainer.ts';
import type { Trainer, TrainingSettings } from '../../../main/training/trainer.ts';
import { dense, randomRows, rowsOf, study, studyRows } from './reference.ts';

const trainers: Trainer[] = [];
afterAll(() => Promise.all(trainers.map((trainer) => trainer.close())));

const defaults = { device: 'auto', threads: 2, memoryLimitMb: 'none' } as const;
const model = study([dense(1)]);
const rows = studyRows(randomRows(10, 3));

const open = (settings: Partial<TrainingSettings>): ReturnType<Trainer['open']> => {
  const trainer = createTrainer({ ...defaults, ...settings });
  trainers.push(trainer);
  return trainer.open(model, rows);
};

test('says what training really ran with', async () => {
  const { environment } = await open({});
  expect(environment).toEqual({
    tensorflow: expect.stringMatching(/^2\.\d+\.\d+$/),
    tfjs: '4.22.0',
    device: expect.stringMatching(/^[cg]pu$/),
    threads: 2,
    memoryLimitMb: null,
  });
  expect((await open({ device: 'cpu', threads: 'auto', memoryLimitMb: 5000 })).environment).toEqual({
    ...environment,
    device: 'cpu',
    memoryLimitMb: 5000,
  });
});

test('a GPU that is not there is refused, not replaced', async () => {
  await expect(open({ device: 'gpu' })).rejects.toMatchObject({
    code: 'TRAINING_SETTINGS',
    detail: { setting: 'device' },
  });
});

test('another number of threads needs another process', async () => {
  await open({});
  await expect(open({ threads: 1 })).rejects.toThrow(
    'TensorFlow runs with 2 threads in this process and cannot change to 1',
  );
});

test.each([0, 1.5, -1, NaN, 5000])('%s is no number of threads', async (threads) => {
  await expect(open({ threads })).rejects.toMatchObject({ code: 'TRAINING_SETTINGS', detail: { setting: 'threads' } });
});

test('work above the memory limit is refused before it starts, with the figure', async () => {
  await expect(open({ memoryLimitMb: 100 })).rejects.toMatchObject({
    code: 'TRAINING_MEMORY',
    message: expect.stringMatching(/^Training needs about \d+ MB and this node allows 100 MB\./),
  });
});

test('the memory estimate grows with rows and parameters', () => {
  const spec = (count: number, units: number): Parameters<typeof estimateMb>[0] => ({
    layers: [dense(units), dense(1)],
    loss: 'sigmoidCrossEntropy',
    classes: 2,
    rows: { train: { ...rowsOf([], [], 1000), rows: count }, validation: rows.validation, test: rows.test },
    canceled: new Int32Array(new SharedArrayBuffer(4)),
  });
  // 100,000 x 1,001 values of 4 bytes are 400 MB; 10 million parameters at 40 bytes another 400.
  expect(estimateMb(spec(100_000, 1)) - estimateMb(spec(0, 1))).toBeGreaterThanOrEqual(400);
  expect(estimateMb(spec(0, 10_000)) - estimateMb(spec(0, 1))).toBeGreaterThanOrEqual(400);
});
