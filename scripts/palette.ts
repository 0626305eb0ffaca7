// Screenshots with a palette: a picture of flat colours and letters needs a third of the bytes so, and looks the same.
import { crc32, deflateSync, inflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const MOST_COLOURS = 256;

export type Pixels = { width: number; height: number; /** Three bytes a pixel. */ rgb: Uint8Array };

function chunksOf(png: Buffer): { name: string; body: Buffer }[] {
  const chunks: { name: string; body: Buffer }[] = [];
  for (let at = SIGNATURE.length; at < png.length;) {
    const length = png.readUInt32BE(at);
    chunks.push({ name: png.toString('latin1', at + 4, at + 8), body: png.subarray(at + 8, at + 8 + length) });
    at += 12 + length;
  }
  return chunks;
}

function chunk(name: string, body: Uint8Array): Buffer {
  const named = Buffer.concat([Buffer.from(name, 'latin1'), body]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(body.length);
  check.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, check]);
}

/** What a filtered byte has to be added to: left, above, their mean, or whichever is nearest to left + above - corner. */
function guess(filter: number, left: number, above: number, corner: number): number {
  if (filter === 1) return left;
  if (filter === 2) return above;
  if (filter === 3) return (left + above) >> 1;
  if (filter !== 4) return 0;
  const [a, b, c] = [left, above, corner].map((value) => Math.abs(left + above - corner - value)) as [
    number,
    number,
    number,
  ];
  return a <= b && a <= c ? left : b <= c ? above : corner;
}

/** Reads what browsers write (eight bits a channel, opacity ignored, not interlaced), and what `toPalette` makes of it. */
export function readPng(png: Buffer): Pixels {
  const chunks = chunksOf(png);
  const head = chunks.find(({ name }) => name === 'IHDR')!.body;
  const [width, height, depth, colours, interlaced] = [
    head.readUInt32BE(0),
    head.readUInt32BE(4),
    head[8],
    head[9],
    head[12],
  ];
  const channels = { 2: 3, 3: 1, 6: 4 }[colours!] ?? 0;
  const palette = chunks.find(({ name }) => name === 'PLTE')?.body;
  if (channels === 0 || depth !== 8 || interlaced !== 0) throw new Error('This is no PNG as browsers write them.');
  const data = inflateSync(Buffer.concat(chunks.filter(({ name }) => name === 'IDAT').map(({ body }) => body)));
  const stride = width * channels;
  const rgb = new Uint8Array(width * height * 3);
  let before = new Uint8Array(stride);
  for (let y = 0; y < height; y++) {
    const start = y * (stride + 1);
    const line = Uint8Array.from(data.subarray(start + 1, start + 1 + stride));
    for (let i = 0; i < stride; i++) {
      const [left, corner] = i < channels ? [0, 0] : [line[i - channels]!, before[i - channels]!];
      line[i] = line[i]! + guess(data[start]!, left, before[i]!, corner);
    }
    for (let x = 0; x < width; x++) {
      const pixel = palette ? palette.subarray(line[x]! * 3) : line.subarray(x * channels);
      rgb.set(pixel.subarray(0, 3), (y * width + x) * 3);
    }
    before = line;
  }
  return { width, height, rgb };
}

type Counted = { colour: number; times: number };
const channel = (colour: number, shift: number) => (colour >> shift) & 255;

/** Median cut: the box with the most pixels times its longest side is halved until there are enough; a box becomes its mean. */
function cut(colours: Counted[]): Map<number, number> {
  const measure = (box: Counted[]) => {
    const sides = [16, 8, 0].map((shift) => {
      const values = box.map(({ colour }) => channel(colour, shift));
      return { shift, side: Math.max(...values) - Math.min(...values) };
    });
    const { shift, side } = sides.reduce((most, each) => (each.side > most.side ? each : most));
    return { box, shift, weight: side * Math.sqrt(box.reduce((sum, { times }) => sum + times, 0)) };
  };
  const boxes = [measure(colours)];
  while (boxes.length < MOST_COLOURS) {
    const widest = boxes.reduce((most, each) => (each.weight > most.weight ? each : most));
    if (widest.weight === 0) break;
    const sorted = widest.box.toSorted((a, b) => channel(a.colour, widest.shift) - channel(b.colour, widest.shift));
    const half = sorted.reduce((sum, { times }) => sum + times, 0) / 2;
    let [at, sum] = [0, 0];
    while (at < sorted.length - 1 && (at === 0 || sum + sorted[at]!.times <= half)) sum += sorted[at++]!.times;
    boxes.splice(boxes.indexOf(widest), 1, measure(sorted.slice(0, at)), measure(sorted.slice(at)));
  }
  const to = new Map<number, number>();
  for (const { box } of boxes) {
    const all = box.reduce((sum, { times }) => sum + times, 0);
    // A colour that fills areas is kept as it is.
    const most = box.reduce((most, each) => (each.times > most.times ? each : most));
    const mean = (shift: number) =>
      Math.round(box.reduce((sum, { colour, times }) => sum + channel(colour, shift) * times, 0) / all) << shift;
    const chosen = most.times > all / 2 ? most.colour : mean(16) | mean(8) | mean(0);
    for (const { colour } of box) to.set(colour, chosen);
  }
  return to;
}

/** The same picture with a palette of 256 colours at most: exactly the same where it has no more. */
export function toPalette(png: Buffer): Buffer {
  const { width, height, rgb } = readPng(png);
  const times = new Map<number, number>();
  const colourAt = (i: number) => (rgb[i * 3]! << 16) | (rgb[i * 3 + 1]! << 8) | rgb[i * 3 + 2]!;
  for (let i = 0; i < width * height; i++) times.set(colourAt(i), (times.get(colourAt(i)) ?? 0) + 1);
  const counted = [...times].map(([colour, times]) => ({ colour, times })).toSorted((a, b) => a.colour - b.colour);
  const to = counted.length <= MOST_COLOURS ? new Map(counted.map(({ colour }) => [colour, colour])) : cut(counted);
  const palette = [...new Set(to.values())];
  const place = new Map(palette.map((colour, at) => [colour, at]));
  const lines = Buffer.alloc(height * (width + 1));
  for (let i = 0; i < width * height; i++)
    lines[Math.floor(i / width) * (width + 1) + 1 + (i % width)] = place.get(to.get(colourAt(i))!)!;
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width);
  head.writeUInt32BE(height, 4);
  head.set([8, 3], 8);
  const colours = Buffer.from(palette.flatMap((colour) => [16, 8, 0].map((shift) => channel(colour, shift))));
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', head),
    chunk('PLTE', colours),
    chunk('IDAT', deflateSync(lines, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
