import { expect, it } from 'vitest';
import { xoshiro } from '../../shared/math/random.ts';

it('xoshiro128** yields what the reference implementation (prng.di.unimi.it, version 1.1) yields from state 1, 2, 3, 4', () => {
  const state = Uint32Array.of(1, 2, 3, 4);
  expect(Array.from({ length: 10 }, () => xoshiro(state))).toEqual([
    11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
  ]);
});
