// What an update holds, in figures that a person can look at before it leaves: of each part norm, range and histogram.
import { readHeader, floatsAt } from './safetensors.ts';

export type PartFigures = {
  name: string;
  shape: number[];
  bytes: number;
  /** L2 norm, summed in float64. */
  norm: number;
  min: number;
  max: number;
  /** How many values lie in each of BINS bins of equal width from min to max; all in the first where these are one value. */
  histogram: number[];
};

export const BINS = 20;

/** Of a whole file; throws TENSORS_INVALID. */
export function partFigures(bytes: Uint8Array<ArrayBuffer>): PartFigures[] {
  return readHeader(bytes).tensors.map(({ name, shape, begin, end }) => {
    const values = floatsAt(bytes, begin, end);
    let [sum, min, max] = [0, Infinity, -Infinity];
    for (const value of values) {
      sum += value * value;
      if (value < min) min = value;
      if (value > max) max = value;
    }
    return { name, shape, bytes: end - begin, norm: Math.sqrt(sum), min, max, histogram: histogram(values, min, max) };
  });
}

function histogram(values: Float32Array, min: number, max: number): number[] {
  const counts = new Array<number>(BINS).fill(0);
  const scale = max > min ? BINS / (max - min) : 0;
  for (const value of values) counts[Math.min(BINS - 1, Math.floor((value - min) * scale))]! += 1;
  return counts;
}

/** L2 distance of two updates of one form; undefined where their headers differ. */
export function distanceOf(a: Uint8Array<ArrayBuffer>, b: Uint8Array<ArrayBuffer>): number | undefined {
  const [one, other] = [readHeader(a), readHeader(b)];
  if (a.length !== b.length || JSON.stringify(one.tensors) !== JSON.stringify(other.tensors)) return undefined;
  const [x, y] = [floatsAt(a, one.headerBytes, a.length), floatsAt(b, other.headerBytes, b.length)];
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += (x[i]! - y[i]!) ** 2;
  return Math.sqrt(sum);
}
