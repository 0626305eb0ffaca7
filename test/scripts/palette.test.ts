// Pictures with a palette: what is drawn stays as it is.
import { deflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { readPng, toPalette } from '../../scripts/palette.ts';

function chunk(name: string, body: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, Buffer.from(name, 'latin1'), body, Buffer.alloc(4)]);
}

/** As a browser writes it: RGB, every line filtered by `filter`. */
function png(width: number, height: number, colour: (x: number, y: number) => number[], filter: number): Buffer {
  const value = (i: number, y: number) => (i < 0 || y < 0 ? 0 : colour(Math.floor(i / 3), y)[i % 3]!);
  const lines: number[] = [];
  for (let y = 0; y < height; y++) {
    lines.push(filter);
    for (let i = 0; i < width * 3; i++) {
      const [left, above, corner] = [value(i - 3, y), value(i, y - 1), i < 3 ? 0 : value(i - 3, y - 1)];
      const nearest = [left, above, corner].toSorted((a, b) => {
        const far = (one: number) => Math.abs(left + above - corner - one);
        return far(a) - far(b);
      })[0]!;
      const guessed = [0, left, above, (left + above) >> 1, nearest][filter]!;
      lines.push((value(i, y) - guessed) & 255);
    }
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width);
  head.writeUInt32BE(height, 4);
  head.set([8, 2], 8);
  return Buffer.concat([
    Buffer.alloc(8),
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(Buffer.from(lines))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** The colours of a picture with a palette, in the order of its pixels. */
function colours(picture: Buffer): number[][] {
  const { rgb } = readPng(picture);
  return Array.from({ length: rgb.length / 3 }, (_, i) => [...rgb.subarray(i * 3, i * 3 + 3)]);
}

test.each([0, 1, 2, 3, 4])('a picture of few colours stays exactly the same (lines filtered by %s)', (filter) => {
  const colour = (x: number, y: number) => [(x * 40) & 255, (y * 70) & 255, x === y ? 255 : 10];
  const picture = png(6, 3, colour, filter);
  const wanted = Array.from({ length: 18 }, (_, i) => colour(i % 6, Math.floor(i / 6)));
  expect(colours(picture)).toEqual(wanted);
  expect(colours(toPalette(picture))).toEqual(wanted);
});

test('of many colours, what fills areas stays the same and nothing else is far off', () => {
  const colour = (x: number, y: number) => (y < 40 ? [244, 245, 247] : [x * 4, y * 4, 128]);
  const picture = png(60, 60, colour, 0);
  const [before, after] = [colours(picture), colours(toPalette(picture))];
  expect(after.slice(0, 40 * 60)).toEqual(before.slice(0, 40 * 60));
  expect(new Set(after.map(String)).size).toBeLessThanOrEqual(256);
  const off = before.map((channels, i) => Math.max(...channels.map((value, at) => Math.abs(value - after[i]![at]!))));
  expect(Math.max(...off)).toBeLessThan(24);
});

test('what no browser writes is refused', () => {
  const grey = png(2, 2, () => [1, 1, 1], 0);
  grey[8 + 8 + 9] = 0;
  expect(() => readPng(grey)).toThrow('no PNG as browsers write them');
});
