import { expect, test } from 'vitest';
import { tilePath, tileWidth } from '../../../shared/transparency/layout.ts';

// The example index of C2SP tlog-tiles, and its example tree of 70,000 records: 273 full tiles and one of width 112.
test('tiles lie where the specification has them', () => {
  expect(tilePath(0, 256)).toBe('tile/0/000');
  expect(tilePath(1234067, 256)).toBe('tile/0/x001/x234/067');
  expect(tilePath(999, 256)).toBe('tile/0/999');
  expect(tilePath(1000, 256)).toBe('tile/0/x001/000');
  expect(tilePath(273, tileWidth(273, 70_000))).toBe('tile/0/273.p/112');
  expect([272, 273, 274].map((tile) => tileWidth(tile, 70_000))).toEqual([256, 112, 0]);
  expect([tileWidth(0, 256), tileWidth(1, 256), tileWidth(0, 0)]).toEqual([256, 0, 0]);
});
