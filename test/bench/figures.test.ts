import { expect, test } from 'vitest';
import { describe as describeFigures } from '../../bench/figures.ts';

test('the standard deviation is that of a sample', () => {
  expect(describeFigures([1, 2, 3])).toEqual({ mean: 2, sd: 1, min: 1, max: 3 });
});

test('one value has no spread', () => {
  expect(describeFigures([4])).toEqual({ mean: 4, sd: 0, min: 4, max: 4 });
});
