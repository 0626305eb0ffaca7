import { expect, test } from 'vitest';
import { findMnist } from '../support/mnist.ts';

test('the MNIST digits are the published ones', ({ skip }) => {
  const mnist = findMnist();
  if ('missing' in mnist) return skip(mnist.missing);
  expect([...mnist.train.labels.subarray(0, 10)]).toEqual([5, 0, 4, 1, 9, 2, 1, 3, 1, 4]);
  expect([...mnist.test.labels.subarray(0, 10)]).toEqual([7, 2, 1, 0, 4, 1, 4, 9, 5, 9]);
  expect(mnist.train.images.length).toBe(60_000 * 28 * 28);
});
