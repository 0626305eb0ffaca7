import { expect, test } from 'vitest';
import { createChanges } from '../../main/changes.ts';
import { openFeed } from '../../main/watching.ts';
import { handClock } from '../support/hand-clock.ts';

function feed() {
  const clock = handClock();
  const changes = createChanges();
  const now = { a: 1, b: 'x' };
  const { updates } = openFeed({ clock, changes }, () => ({ ...now }));
  const change = (next: Partial<typeof now>) => {
    Object.assign(now, next);
    changes.touch();
  };
  return { clock, change, updates };
}
const START = { run: '', after: 0 };
const NEVER = new AbortController().signal;

test('everything comes first, then only what changed', async () => {
  const { clock, change, updates } = feed();
  const stream = updates(START, NEVER);
  expect((await stream.next()).value).toMatchObject({ sequence: 2, parts: { a: 1, b: 'x' } });
  const next = stream.next();
  change({ a: 2 });
  clock.advance(100);
  expect((await next).value).toMatchObject({ sequence: 3, parts: { a: 2 } });
});

test('many changes within a tenth of a second are one message, with the last of them', async () => {
  const { clock, change, updates } = feed();
  const stream = updates(START, NEVER);
  await stream.next();
  const next = stream.next();
  for (let a = 2; a <= 500; a++) change({ a });
  clock.advance(100);
  expect((await next).value).toMatchObject({ sequence: 3, parts: { a: 500 } });
});

test('a stream that broke goes on where it was; one of another run begins anew', async () => {
  const { change, updates } = feed();
  const first = (await updates(START, NEVER).next()).value!;
  change({ b: 'y' });
  const resumed = await updates({ run: first.run, after: first.sequence }, NEVER).next();
  expect(resumed.value).toEqual({ run: first.run, sequence: 3, parts: { b: 'y' } });
  const idle = await updates({ run: first.run, after: 3 }, NEVER).next();
  expect(idle.value).toEqual({ run: first.run, sequence: 3, parts: {} });
  for (const from of [
    { run: 'another', after: 3 },
    { run: first.run, after: 99 },
  ])
    expect((await updates(from, NEVER).next()).value).toMatchObject({ parts: { a: 1, b: 'y' } });
});

test('what was touched and reads the same is not told again', async () => {
  const { clock, change, updates } = feed();
  const stream = updates(START, NEVER);
  await stream.next();
  let told = false;
  const next = stream.next().then(({ value }) => {
    told = true;
    return value;
  });
  change({});
  clock.advance(100);
  await new Promise(setImmediate);
  expect(told).toBe(false);
  change({ b: 'z' });
  clock.advance(100);
  expect(await next).toMatchObject({ parts: { b: 'z' } });
});

test('the signal ends the stream', async () => {
  const { clock, updates } = feed();
  const stop = new AbortController();
  const stream = updates(START, stop.signal);
  await stream.next();
  const next = stream.next();
  stop.abort();
  clock.advance(100);
  expect((await next).done).toBe(true);
});
